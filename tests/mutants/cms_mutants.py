"""Attacks on the CMS of a sealed PDF: the structures of docs/attacks.md C1, C3, C4 and C5.

Many are signed anew with the seal's own key, so that only the one thing that is wrong can be the
reason. Each gives the DER that stands in /Contents instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mutants.world import World, content, draw
from pki import OWNER_CODE, OWNER_NAME, SEAL_CODE, VALID_FROM, VALID_UNTIL, Period

from keys import certificate_authority as authority
from keys.certificate import read_certificate
from keys.certificate_authority import CertificateOrder, Subject, build_certificate
from keys.sm3 import sm3
from signing import der, identifiers
from signing.cms.signed_data import (
    Attribute,
    SignedData,
    attributes_to_sign,
    encode_signed_data,
    read_signed_data,
)

CURVE_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
SHA256_ALGORITHM = der.sequence(identifiers.SHA256)
MD5_ALGORITHM = der.sequence(der.object_identifier("1.2.840.113549.2.5"))
ECDSA_ALGORITHM = der.sequence(der.object_identifier("1.2.840.10045.4.3.2"))
SM2_ALGORITHM = der.sequence(identifiers.SM2_SIGNATURE)
_HOLE = re.compile(rb"(?<=/Contents <)[0-9A-F]+(?=>)")


class Roomy:
    """A time-stamper that asks for a larger hole, so that larger values fit."""

    for_production = False

    def __init__(self, inner: Any, room: int) -> None:
        self._inner = inner
        self.largest_token = inner.largest_token + room
        self.timestamp = inner.timestamp


class CmsMutants:
    """Takes one sealed document apart and puts it together wrongly.

    ``drawn`` is the document to seal, by default that of the world; ``room`` are bytes of the hole
    beyond what the right value needs.
    """

    _made: dict[str, bytes] = {}  # noqa: RUF012 - replaced, never changed

    def __init__(self, world: World, drawn: bytes | None = None, room: int = 6000) -> None:
        self.world, self.pki = world, world.pki
        inner = world.pki.timestamper
        world.pki.timestamper = lambda: Roomy(inner(), room)  # type: ignore[method-assign, assignment]
        self.document = world.put_seal(drawn or draw(content()))
        world.pki.timestamper = inner  # type: ignore[method-assign]
        self._stamper = inner()
        hole = _HOLE.findall(self.document)[-1]
        held = bytes.fromhex(hole.decode())
        self.value = der.DerReader(held).element(None, "value")
        self.parts = read_signed_data(self.value)
        self._digits = len(hole)

    def embed(self, value: bytes) -> bytes:
        """Put another value into the hole of the document."""
        digits = value.hex().upper().encode().ljust(self._digits, b"0")
        assert len(digits) == self._digits
        found = list(_HOLE.finditer(self.document))[-1]
        return self.document[: found.start()] + digits + self.document[found.end() :]

    def all(self) -> dict[str, bytes]:
        """Every mutant by name, as documents."""
        return {name: self.embed(value) for name, value in self.made_values().items()}

    def made_values(self) -> dict[str, bytes]:
        """Every mutant by name, as values alone; made once."""
        if not self._made:
            self._made = {
                **self.attributes(),
                **self.certificates(),
                **self.algorithms(),
                **self.values(),
            }
        return self._made

    def with_signature(self, signature: bytes) -> bytes:
        """The value with another signature value, time-stamped."""
        token = self._stamper.timestamp(sm3(signature))
        unsigned = (Attribute(identifiers.SIGNATURE_TIMESTAMP, (token,)),)
        return self._with_signer(signature=signature, unsigned_attributes=unsigned)

    def with_certificate(self, certificate: bytes) -> bytes:
        """The value signed anew for a certificate that stands in the place of the signer's."""
        by_type = {entry.type: entry for entry in self.parts.signer.signed_attributes or ()}
        hashed = der.sequence(
            identifiers.SM3_ALGORITHM, der.tlv(der.OCTET_STRING, sm3(certificate))
        )
        named = (der.sequence(der.sequence(hashed)),)
        attributes = [
            by_type[identifiers.CONTENT_TYPE],
            by_type[identifiers.MESSAGE_DIGEST],
            Attribute(identifiers.SIGNING_CERTIFICATE_V2, named),
        ]
        own = self.world.seal.certificate
        kept = (entry for entry in self.parts.certificates if entry != own)
        parts = replace(self.parts, certificates=(certificate, *kept))
        return self._signed(parts, attributes_to_sign(attributes))

    def without_token(self) -> bytes:
        """The value without its time-stamp: not forged, but its time is only claimed."""
        return self._with_signer(unsigned_attributes=None)

    # --- joining --------------------------------------------------------------------------------

    def _sign(self, message: bytes, label: str | None = None) -> bytes:
        return self.pki.keys.sign(label or self.world.seal.key_label, message)

    def _signed(self, parts: SignedData, message: bytes, label: str | None = None) -> bytes:
        """Sign a message as the attributes and stamp the signature."""
        signature = self._sign(message, label)
        token = self._stamper.timestamp(sm3(signature))
        unsigned = (Attribute(identifiers.SIGNATURE_TIMESTAMP, (token,)),)
        signer = replace(
            parts.signer, to_be_signed=message, signature=signature, unsigned_attributes=unsigned
        )
        return encode_signed_data(replace(parts, signer=signer))

    def _with_attributes(self, attributes: list[Attribute]) -> bytes:
        return self._signed(self.parts, attributes_to_sign(attributes))

    def _with_signer(self, **changed: Any) -> bytes:
        return encode_signed_data(replace(self.parts, signer=replace(self.parts.signer, **changed)))

    # --- C1 -------------------------------------------------------------------------------------

    def attributes(self) -> dict[str, bytes]:
        """Signed attributes missing, twice, moved, unsorted, of the wrong value."""
        found = self.parts.signer.signed_attributes or ()
        kind, digest, certificate = sorted(found, key=lambda entry: len(entry.type))[:3]
        by_type = {entry.type: entry for entry in found}
        kind = by_type[identifiers.CONTENT_TYPE]
        digest = by_type[identifiers.MESSAGE_DIGEST]
        certificate = by_type[identifiers.SIGNING_CERTIFICATE_V2]
        wrong = Attribute(identifiers.MESSAGE_DIGEST, (der.tlv(der.OCTET_STRING, sm3(b"other")),))
        short = Attribute(identifiers.MESSAGE_DIGEST, (der.tlv(der.OCTET_STRING, bytes(20)),))
        other_kind = Attribute(identifiers.CONTENT_TYPE, (identifiers.TST_INFO,))
        twice = replace(digest, values=(*digest.values, *wrong.values))
        time = Attribute(identifiers.SIGNING_TIME, (der.tlv(0x17, b"260601040000Z"),))
        unsorted = b"".join(entry.encode() for entry in (certificate, digest, kind))
        made = {
            "no-message-digest": [kind, certificate],
            "no-content-type": [digest, certificate],
            "no-signing-certificate": [kind, digest],
            "content-type-other": [other_kind, digest, certificate],
            "content-type-twice": [kind, other_kind, digest, certificate],
            "message-digest-twice": [kind, digest, wrong, certificate],
            "message-digest-two-values": [kind, twice, certificate],
            "message-digest-wrong": [kind, wrong, certificate],
            "message-digest-short": [kind, short, certificate],
            "signing-time-added": [kind, digest, certificate, time],
            "nothing-but-kind": [kind],
        }
        values = {name: self._with_attributes(entries) for name, entries in made.items()}
        values["not-sorted"] = self._signed(self.parts, der.tlv(der.SET, unsorted))
        values["no-signed-attributes"] = self._with_signer(signed_attributes=None, to_be_signed=b"")
        values["no-signed-attributes-signed"] = self._signed(self.parts, b"")
        unsigned = self.parts.signer.unsigned_attributes or ()
        for name, moved in (("message-digest", digest), ("signing-certificate", certificate)):
            rest = [entry for entry in (kind, digest, certificate) if entry is not moved]
            message = attributes_to_sign(rest)
            values[f"{name}-moved"] = self._with_signer(
                to_be_signed=message,
                signature=self._sign(message),
                unsigned_attributes=(*unsigned, moved),
            )
        return values

    # --- C3 -------------------------------------------------------------------------------------

    def _certificate(self, name: str, point: bytes, serial: int) -> bytes:
        order = CertificateOrder(
            authority.SEAL,
            Subject(name, f"{OWNER_CODE}{OWNER_NAME}"),
            point,
            serial,
            VALID_FROM,
            VALID_UNTIL,
        )
        return build_certificate(
            order, self.pki.ca("ca/seal"), lambda message: self._sign(message, "ca/seal")
        )

    def certificates(self) -> dict[str, bytes]:
        """The signer's certificate replaced, its hash wrong, others missing or smuggled in."""
        own = read_certificate(self.world.seal.certificate)
        others = [entry for entry in self.parts.certificates if entry != own.der]
        other_key = self.pki.keys.create("seal/other")
        same_key = self._certificate("99999999999999", own.public_point, own.serial)
        same_name = self._certificate(SEAL_CODE, other_key, own.serial)
        extra = self.pki.certify(
            "seal/extra", authority.SEAL, Subject("extra"), "ca/seal", Period()
        )
        by_type = {entry.type: entry for entry in self.parts.signer.signed_attributes or ()}
        kept = [by_type[identifiers.CONTENT_TYPE], by_type[identifiers.MESSAGE_DIGEST]]

        def named(*body: bytes, kind: bytes = identifiers.SIGNING_CERTIFICATE_V2) -> bytes:
            value = der.sequence(der.sequence(der.sequence(*body)))
            return self._with_attributes([*kept, Attribute(kind, (value,))])

        def holding(*certificates: bytes) -> bytes:
            return encode_signed_data(replace(self.parts, certificates=certificates))

        octets = der.OCTET_STRING
        return {
            "same-key-other-name": holding(same_key, *others),
            "same-name-other-key": holding(same_name, *others),
            "same-name-other-key-signed": self._signed(
                replace(self.parts, certificates=(same_name, *others)),
                self.parts.signer.to_be_signed,
                "seal/other",
            ),
            "certificate-hash-wrong": named(identifiers.SM3_ALGORITHM, der.tlv(octets, bytes(32))),
            "certificate-hash-sha256": named(der.tlv(octets, bytes(32))),
            "certificate-hash-v1": named(
                der.tlv(octets, bytes(20)), kind=identifiers.SIGNING_CERTIFICATE
            ),
            "extra-certificate": holding(*self.parts.certificates, extra),
            "own-certificate-missing": holding(*others),
            "certificates-missing": holding(),
            "signed-by-another-key": self._signed(
                self.parts, self.parts.signer.to_be_signed, "seal/other"
            ),
            "root-enclosed-and-unneeded": holding(*self.parts.certificates, self.pki.tsa_ca),
        }

    # --- C4 -------------------------------------------------------------------------------------

    def algorithms(self) -> dict[str, bytes]:
        """Other algorithms named, outside and inside the signer; other versions and shapes."""

        def whole(**changed: Any) -> bytes:
            return encode_signed_data(replace(self.parts, **changed))

        null = der.sequence(identifiers.SM2_WITH_SM3, b"\x05\x00")
        return {
            "digest-sha256": whole(digest_algorithms=(SHA256_ALGORITHM,)),
            "digest-md5": whole(digest_algorithms=(MD5_ALGORITHM,)),
            "digests-two": whole(digest_algorithms=(identifiers.SM3_ALGORITHM, SHA256_ALGORITHM)),
            "digests-none": whole(digest_algorithms=()),
            "digest-null": whole(digest_algorithms=(identifiers.SM3_ALGORITHM_NULL,)),
            "signer-digest-sha256": self._with_signer(digest_algorithm=SHA256_ALGORITHM),
            "signer-digest-md5": self._with_signer(digest_algorithm=MD5_ALGORITHM),
            "signer-digest-null": self._with_signer(
                digest_algorithm=identifiers.SM3_ALGORITHM_NULL
            ),
            "signature-ecdsa": self._with_signer(signature_algorithm=ECDSA_ALGORITHM),
            "signature-sm2-alone": self._with_signer(signature_algorithm=SM2_ALGORITHM),
            "signature-null": self._with_signer(signature_algorithm=null),
            "version-3": whole(version=3),
            "signer-version-3": self._with_signer(version=3),
            "content-enclosed": whole(content=b"enclosed"),
            "content-type-token": whole(content_type=identifiers.TST_INFO),
            "outer-type-gm": whole(outer_type=identifiers.GM_SIGNED_DATA),
        }

    # --- C5 and the shape of the whole ----------------------------------------------------------

    def values(self) -> dict[str, bytes]:
        """The signature value, the time-stamp, and the encoding of the whole."""
        signature = self.parts.signer.signature
        reader = der.DerReader(signature).enter(der.SEQUENCE, "signature")
        r, s = reader.integer("r"), reader.integer("s")

        def valued(r: int, s: int) -> bytes:
            value = der.sequence(der.integer(r), der.integer(s))
            return self._with_signer(signature=value)

        stamp = (self.parts.signer.unsigned_attributes or ())[0]
        other = Attribute(stamp.type, (self._stamper.timestamp(sm3(b"another")),))
        strange = Attribute(identifiers.SIGNING_TIME, (der.tlv(0x17, b"260601040000Z"),))
        whole = self.value
        body = whole[4:]
        made: dict[str, Callable[[], bytes]] = {
            "s-negated": lambda: valued(r, CURVE_ORDER - s),
            "r-plus-n": lambda: valued(r + CURVE_ORDER, s),
            "r-zero": lambda: valued(0, s),
            "s-zero": lambda: valued(r, 0),
            "r-s-swapped": lambda: valued(s, r),
            "signature-raw": lambda: self._with_signer(
                signature=r.to_bytes(32, "big") + s.to_bytes(32, "big")
            ),
            "signature-trailing": lambda: self._with_signer(signature=signature + b"\0"),
            "signature-empty": lambda: self._with_signer(signature=b""),
            "stamp-of-another": lambda: self._with_signer(unsigned_attributes=(other,)),
            "stamps-two": lambda: self._with_signer(unsigned_attributes=(stamp, other)),
            "stamp-two-values": lambda: self._with_signer(
                unsigned_attributes=(replace(stamp, values=(*stamp.values, *other.values)),)
            ),
            "stamp-and-another": lambda: self._with_signer(unsigned_attributes=(stamp, strange)),
            "stamp-empty": lambda: self._with_signer(
                unsigned_attributes=(replace(stamp, values=(der.sequence(),)),)
            ),
            "length-not-shortest": lambda: b"\x30\x83\x00" + whole[2:4] + body,
            "length-indefinite": lambda: b"\x30\x80" + body + b"\0\0",
            "behind-the-value": lambda: whole + b"\x01",
            "cut-short": lambda: whole[:-1],
            "no-signer": lambda: self._without_signers(),
        }
        return {name: make() for name, make in made.items()}

    def _without_signers(self) -> bytes:
        parts = self.parts
        body = der.sequence(
            der.integer(parts.version),
            der.set_of(parts.digest_algorithms),
            der.sequence(parts.content_type),
            der.set_of(parts.certificates, der.context(0)),
            der.tlv(der.SET, b""),
        )
        return der.sequence(parts.outer_type, der.tlv(der.context(0), body))
