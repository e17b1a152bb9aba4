"""SM2 certificates and revocation lists: read strictly, verified one link at a time.

Accepts X.509 v3 with an SM2 key, signed SM2-with-SM3 under the default signer id, in DER. Bytes
are kept as received and signatures are checked over them, never over a re-encoding. Building a
chain, periods, revocation and what a certificate may be used for are judged by ``verification``.

Whatever the bytes, the only error is ``CertificateUnreadableError``.

Source: GM/T 0015-2023 and GB/T 20518-2018 (profile); RFC 5280, 4 and 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from keys import certificate_extensions as extensions
from keys import der, oids, sm2
from keys.certificate_extensions import Extensions, read_extensions
from keys.distinguished_name import COMMON_NAME, ORGANIZATION, read_name
from keys.errors import CertificateUnreadableError, InvalidKeyError, InvalidSignatureError

_MAX_SERIAL_OCTETS = 20
_V3, _CRL_V2 = 2, 1
_NULL = b"\x05\x00"

# RFC 5280, 5.3.1. removeFromCRL (8) stands in delta lists only, which are not read.
REASONS = {
    0: "unspecified",
    1: "keyCompromise",
    2: "cACompromise",
    3: "affiliationChanged",
    4: "superseded",
    5: "cessationOfOperation",
    6: "certificateHold",
    9: "privilegeWithdrawn",
    10: "aACompromise",
}


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as read. Instants are UTC; key identifiers and DER are bytes as received."""

    der: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    subject_der: bytes = field(repr=False)
    issuer_der: bytes = field(repr=False)
    subject: str
    issuer: str
    common_name: str
    organization: str
    serial: int
    public_point: bytes
    not_before: datetime
    not_after: datetime
    is_ca: bool
    path_length: int | None
    key_usages: frozenset[str]
    extended_key_usages: frozenset[str]
    subject_key_id: bytes | None
    authority_key_id: bytes | None
    unknown_critical: tuple[str, ...]
    crl_urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RevokedEntry:
    """One withdrawn certificate; ``reason`` is a name of RFC 5280, 5.3.1."""

    serial: int
    revoked_at: datetime
    reason: str = "unspecified"


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A complete revocation list as read, by serial number."""

    der: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    issuer_der: bytes = field(repr=False)
    authority_key_id: bytes | None
    number: int | None
    this_update: datetime
    next_update: datetime
    revoked: Mapping[int, RevokedEntry]


@lru_cache(maxsize=1024)
def read_certificate(encoded: bytes) -> Certificate:
    """Read a certificate.

    Args:
        encoded: DER.

    Raises:
        CertificateUnreadableError: not strict DER, not version 3, another key or algorithm, a
            serial number of more than 20 octets, an extension twice, a point off the curve.
    """
    try:
        tbs, signature, algorithm = split_signed(encoded)
        return _read_tbs(encoded, tbs, signature, algorithm)
    except (der.DerError, InvalidKeyError) as error:
        raise CertificateUnreadableError(str(error)) from error


@lru_cache(maxsize=64)
def read_revocation_list(encoded: bytes) -> RevocationList:
    """Read a complete revocation list, version 2.

    Raises:
        CertificateUnreadableError: as for certificates; also a delta or partial list, an unknown
            critical extension, or one without a next update.
    """
    try:
        tbs, signature, algorithm = split_signed(encoded)
        return _read_list_tbs(encoded, tbs, signature, algorithm)
    except der.DerError as error:
        raise CertificateUnreadableError(str(error)) from error


def verify_issued_by(certificate: Certificate, issuer: Certificate) -> None:
    """Check that a certificate was issued under another; a root is issued under itself.

    Raises:
        InvalidSignatureError: names or key identifiers differ, the issuer is no CA or may not
            sign certificates, or the signature over the received bytes does not hold.

    Source: RFC 5280, 6.1.3 a and 6.1.4 k, n.
    """
    if certificate.issuer_der != issuer.subject_der:
        raise InvalidSignatureError("issuer-name-differs")
    _check_issuer(certificate.authority_key_id, issuer, "keyCertSign")
    _verify_once(issuer.public_point, certificate.tbs, certificate.signature)


def verify_revocation_list(crl: RevocationList, issuer: Certificate) -> None:
    """Check that a revocation list is by the CA itself.

    Raises:
        InvalidSignatureError: as ``verify_issued_by``, with the usage cRLSign.

    Source: RFC 5280, 6.3.3 f and g.
    """
    if crl.issuer_der != issuer.subject_der:
        raise InvalidSignatureError("issuer-name-differs")
    _check_issuer(crl.authority_key_id, issuer, "cRLSign")
    _verify_once(issuer.public_point, crl.tbs, crl.signature)


def _check_issuer(authority_key_id: bytes | None, issuer: Certificate, usage: str) -> None:
    if None not in (authority_key_id, issuer.subject_key_id) and (
        authority_key_id != issuer.subject_key_id
    ):
        raise InvalidSignatureError("key-identifier-differs")
    if not issuer.is_ca:
        raise InvalidSignatureError("issuer-not-a-ca")
    if usage not in issuer.key_usages:
        raise InvalidSignatureError("issuer-may-not-sign")


@lru_cache(maxsize=1024)
def _verify_once(point: bytes, tbs: bytes, signature: bytes) -> None:
    # The same few CA links stand under every seal; only what holds is remembered.
    sm2.verify(point, tbs, signature)


def split_signed(encoded: bytes) -> tuple[der.Element, bytes, bytes]:
    """Return the part that is signed, the signature value and the outer algorithm.

    Certificates, revocation lists and requests share this frame (RFC 5280, 4.1.1).

    Raises:
        DerError: not this frame in strict DER, or not signed with SM2 and SM3.
    """
    reader = der.Reader(der.only(encoded, der.SEQUENCE).content)
    tbs = reader.next(der.SEQUENCE)
    algorithm = reader.next(der.SEQUENCE)
    signature = der.whole_octets(reader.next(der.BIT_STRING))
    reader.finish()
    _check_algorithm(algorithm)
    return tbs, signature, algorithm.encoded


def _check_algorithm(element: der.Element) -> None:
    reader = der.Reader(element.content)
    if der.object_identifier(reader.next(der.OBJECT_IDENTIFIER)) != oids.SM2_WITH_SM3:
        raise der.DerError("not signed with SM2 and SM3")
    if not reader.at_end and reader.next().encoded != _NULL:
        raise der.DerError("parameters of SM2 with SM3")
    reader.finish()


def _read_tbs(encoded: bytes, tbs: der.Element, signature: bytes, algorithm: bytes) -> Certificate:
    reader = der.Reader(tbs.content)
    if der.integer(der.only(reader.next(0xA0).content, der.INTEGER)) != _V3:
        raise der.DerError("not version 3")
    serial = _read_serial(reader.next(der.INTEGER))
    if reader.next(der.SEQUENCE).encoded != algorithm:
        raise der.DerError("inner and outer algorithm differ")
    issuer_element = reader.next(der.SEQUENCE)
    not_before, not_after = _read_period(reader.next(der.SEQUENCE))
    subject_element = reader.next(der.SEQUENCE)
    point = read_public_point(reader.next(der.SEQUENCE).encoded)
    for unique_id in (0x81, 0x82):
        reader.optional(unique_id)
    found = _read_tagged_extensions(reader, 0xA3)
    reader.finish()
    subject, issuer = read_name(subject_element), read_name(issuer_element)
    if not issuer.attributes:
        raise der.DerError("no issuer")
    is_ca, path_length = extensions.read_basic_constraints(
        found.value(extensions.BASIC_CONSTRAINTS)
    )
    return Certificate(
        der=encoded,
        tbs=tbs.encoded,
        signature=signature,
        subject_der=subject_element.encoded,
        issuer_der=issuer_element.encoded,
        subject=subject.text,
        issuer=issuer.text,
        common_name=subject.last(COMMON_NAME),
        organization=subject.last(ORGANIZATION),
        serial=serial,
        public_point=point,
        not_before=not_before,
        not_after=not_after,
        is_ca=is_ca,
        path_length=path_length,
        key_usages=extensions.read_key_usages(found.value(extensions.KEY_USAGE)),
        extended_key_usages=extensions.read_extended_key_usages(
            found.value(extensions.EXTENDED_KEY_USAGE)
        ),
        subject_key_id=extensions.read_subject_key_id(found.value(extensions.SUBJECT_KEY_ID)),
        authority_key_id=extensions.read_authority_key_id(found.value(extensions.AUTHORITY_KEY_ID)),
        unknown_critical=found.unknown_critical(),
        crl_urls=extensions.read_crl_urls(found.value(extensions.CRL_POINTS)),
    )


def _read_serial(element: der.Element) -> int:
    serial = der.integer(element)
    if serial <= 0 or len(element.content) > _MAX_SERIAL_OCTETS:
        raise der.DerError("serial number not positive or longer than 20 octets")
    return serial


def _read_period(element: der.Element) -> tuple[datetime, datetime]:
    reader = der.Reader(element.content)
    not_before, not_after = der.instant(reader.next()), der.instant(reader.next())
    reader.finish()
    return not_before, not_after


def read_public_point(spki: bytes) -> bytes:
    """Return the point of a SubjectPublicKeyInfo; DerError or InvalidKeyError if it has none.

    Besides id-ecPublicKey with the curve, some CAs write the curve's identifier as the algorithm.

    Source: GB/T 35276-2017, 7.1.
    """
    reader = der.Reader(der.only(spki, der.SEQUENCE).content)
    algorithm = der.Reader(reader.next(der.SEQUENCE).content)
    named = [der.object_identifier(algorithm.next(der.OBJECT_IDENTIFIER))]
    if algorithm.peek() == der.OBJECT_IDENTIFIER:
        named.append(der.object_identifier(algorithm.next()))
    elif not algorithm.at_end and algorithm.next().encoded != _NULL:
        raise der.DerError("parameters of the public key")
    algorithm.finish()
    if named not in (
        [oids.EC_PUBLIC_KEY, oids.SM2_CURVE],
        [oids.SM2_CURVE, oids.SM2_CURVE],
        [oids.SM2_CURVE],
    ):
        raise der.DerError("not an SM2 public key")
    point = der.whole_octets(reader.next(der.BIT_STRING))
    reader.finish()
    sm2.check_public_point(point)
    return point


def _read_tagged_extensions(reader: der.Reader, tag: int) -> Extensions:
    tagged = reader.optional(tag)
    return read_extensions(None if tagged is None else der.only(tagged.content, der.SEQUENCE))


_UNDERSTOOD_IN_LISTS = frozenset((extensions.AUTHORITY_KEY_ID, extensions.CRL_NUMBER))
_PARTIAL_LIST = (extensions.DELTA_CRL, extensions.ISSUING_POINT)
_UNDERSTOOD_IN_ENTRIES = frozenset((extensions.REASON_CODE, extensions.INVALIDITY_DATE))


def _read_list_tbs(
    encoded: bytes, tbs: der.Element, signature: bytes, algorithm: bytes
) -> RevocationList:
    reader = der.Reader(tbs.content)
    if der.integer(reader.next(der.INTEGER)) != _CRL_V2:
        raise der.DerError("not a version 2 list")
    if reader.next(der.SEQUENCE).encoded != algorithm:
        raise der.DerError("inner and outer algorithm differ")
    issuer = reader.next(der.SEQUENCE)
    read_name(issuer)
    this_update, next_update = der.instant(reader.next()), der.instant(reader.next())
    entries = reader.optional(der.SEQUENCE)
    found = _read_tagged_extensions(reader, 0xA0)
    reader.finish()
    if found.unknown_critical(_UNDERSTOOD_IN_LISTS) or any(map(found.value, _PARTIAL_LIST)):
        raise der.DerError("a delta or partial list, or an unknown critical extension")
    return RevocationList(
        der=encoded,
        tbs=tbs.encoded,
        signature=signature,
        issuer_der=issuer.encoded,
        authority_key_id=extensions.read_authority_key_id(found.value(extensions.AUTHORITY_KEY_ID)),
        number=extensions.read_number(found.value(extensions.CRL_NUMBER)),
        this_update=this_update,
        next_update=next_update,
        revoked=_read_entries(entries),
    )


def _read_entries(element: der.Element | None) -> Mapping[int, RevokedEntry]:
    revoked: dict[int, RevokedEntry] = {}
    for each in der.elements(element.content) if element is not None else ():
        entry = _read_entry(der.only(each.encoded, der.SEQUENCE))
        known = revoked.get(entry.serial)
        # Listed twice: the earlier date counts, since nothing sealed after it may stand.
        if known is None or entry.revoked_at < known.revoked_at:
            revoked[entry.serial] = entry
    return MappingProxyType(revoked)


def _read_entry(element: der.Element) -> RevokedEntry:
    reader = der.Reader(element.content)
    serial = _read_serial(reader.next(der.INTEGER))
    revoked_at = der.instant(reader.next())
    found = read_extensions(reader.optional(der.SEQUENCE))
    reader.finish()
    # certificateIssuer would make it an entry of another CA (an indirect list).
    if found.unknown_critical(_UNDERSTOOD_IN_ENTRIES) or found.value(extensions.ENTRY_ISSUER):
        raise der.DerError("an entry of another CA, or an unknown critical extension")
    code = found.value(extensions.REASON_CODE)
    number = 0 if code is None else der.integer(der.only(code, der.ENUMERATED))
    if number not in REASONS:
        raise der.DerError("no such revocation reason")
    return RevokedEntry(serial, revoked_at, REASONS[number])
