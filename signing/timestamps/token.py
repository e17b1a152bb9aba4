"""Time-stamp tokens (RFC 3161, GB/T 20520): the protocol of who makes them, and the strict reader.

A token says that bytes with a certain SM3 imprint existed at a time. The reader checks that the
token agrees with itself (its digest covers its own statement, its signer is enclosed); whether
its signature holds and its authority is trusted is judged in ``verification``.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from keys.certificate import read_certificate
from keys.errors import KeyCustodyError
from keys.sm3 import sm3
from signing import der, identifiers
from signing.cms.signed_data import Attribute, SignedData, SignerInfo, read_signed_data
from signing.der import DerReader
from signing.errors import MalformedCmsError, MalformedDerError, MalformedTimestampError

_SM3_ALGORITHMS = (identifiers.SM3_ALGORITHM, identifiers.SM3_ALGORITHM_NULL)
_SIGNATURE_ALGORITHMS = tuple(
    der.sequence(identifier, parameters)
    for identifier in (identifiers.SM2_WITH_SM3, identifiers.SM2_SIGNATURE)
    for parameters in (b"", b"\x05\x00")
)
_DIGEST_BYTES = 32
# RFC 5652, 5.1: version 3 because the content is not data; GB/T 35275 always writes 1.
_VERSIONS = {identifiers.SIGNED_DATA: 3, identifiers.GM_SIGNED_DATA: 1}


class Timestamper(Protocol):
    """Makes time-stamp tokens. May be called from many threads at once."""

    @property
    def for_production(self) -> bool:
        """Whether an authority other than this service stands behind the time."""
        ...

    @property
    def largest_token(self) -> int:
        """The size in bytes that no token exceeds, so that room can be reserved."""
        ...

    def timestamp(self, imprint: bytes) -> bytes:
        """Return a DER TimeStampToken over an SM3 imprint (32 bytes).

        The token has been read back: it names the imprint asked for. Asking again for the same
        imprint is harmless.

        Raises:
            TimestampUnavailableError: there is no usable token now.
        """
        ...


@dataclass(frozen=True, slots=True)
class TimestampToken:
    """What a token says, and what is needed to check it.

    ``generated_at`` is aware UTC, whole seconds (fractions cut off). The SM2 signature is over
    ``signed_attributes`` (DER SET OF) by the key of ``authority_certificate``.
    """

    der: bytes
    generated_at: datetime
    imprint: bytes
    serial: int
    nonce: int | None
    policy: str
    authority_certificate: bytes
    certificates: tuple[bytes, ...]
    signed_attributes: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class _Statement:
    imprint: bytes
    serial: int
    generated_at: datetime
    nonce: int | None
    policy: str


def read_timestamp_token(data: bytes) -> TimestampToken:
    """Return what a time-stamp token says.

    Raises:
        MalformedTimestampError: it is not a token with SM3 and SM2, or contradicts itself.

    Source: RFC 3161, 2.4.2; GB/T 20520-2006.
    """
    try:
        return _read(data)
    except MalformedDerError as error:
        raise MalformedTimestampError(f"timestamp-{error.code}", error.where) from error
    except MalformedCmsError as error:
        raise MalformedTimestampError(f"timestamp-{error.code}", error.detail) from error


def _read(data: bytes) -> TimestampToken:
    parts = read_signed_data(data)
    _check_envelope(parts)
    content = parts.content or b""
    statement = _read_statement(content)
    certificate = _authority_certificate(parts)
    _check_signed_attributes(parts.signer, content, certificate)
    if parts.signer.unsigned_attributes is not None:
        raise MalformedTimestampError("timestamp-unsigned-attributes")
    return TimestampToken(
        der=data,
        generated_at=statement.generated_at,
        imprint=statement.imprint,
        serial=statement.serial,
        nonce=statement.nonce,
        policy=statement.policy,
        authority_certificate=certificate,
        certificates=parts.certificates,
        signed_attributes=parts.signer.to_be_signed,
        signature=parts.signer.signature,
    )


def _check_envelope(parts: SignedData) -> None:
    """Check the unsigned parts around the statement: one value each, or nothing is free."""
    signer = parts.signer
    if parts.version != _VERSIONS[parts.outer_type] or signer.version != 1:
        raise MalformedTimestampError("timestamp-version")
    if parts.content_type != identifiers.TST_INFO or parts.content is None:
        raise MalformedTimestampError("timestamp-not-a-statement")
    algorithms = (*parts.digest_algorithms, signer.digest_algorithm)
    if len(algorithms) != 2 or algorithms[0] != algorithms[1]:
        raise MalformedTimestampError("timestamp-digest-algorithms-differ")
    if signer.digest_algorithm not in _SM3_ALGORITHMS:
        raise MalformedTimestampError("timestamp-digest-not-sm3")
    if signer.signature_algorithm not in _SIGNATURE_ALGORITHMS:
        raise MalformedTimestampError("timestamp-signature-algorithm-not-accepted")


def _read_statement(content: bytes) -> _Statement:
    """Walk TSTInfo. Source: RFC 3161, 2.4.2."""
    outer = DerReader(content)
    body = outer.enter(der.SEQUENCE, "statement")
    outer.finish("statement")
    if body.integer("statement version") != 1:
        raise MalformedTimestampError("timestamp-statement-version")
    policy = der.dotted(body.contents(der.OBJECT_IDENTIFIER, "policy"))
    imprint = _read_imprint(body.enter(der.SEQUENCE, "imprint"))
    serial = body.integer("serial number")
    generated_at = read_generalized_time(body.contents(der.GENERALIZED_TIME, "time"))
    nonce = _read_optional(body)
    body.finish("statement")
    return _Statement(imprint, serial, generated_at, nonce, policy)


def _read_imprint(reader: DerReader) -> bytes:
    if reader.element(der.SEQUENCE, "imprint algorithm") not in _SM3_ALGORITHMS:
        raise MalformedTimestampError("timestamp-imprint-not-sm3")
    imprint = reader.contents(der.OCTET_STRING, "imprint")
    reader.finish("imprint")
    if len(imprint) != _DIGEST_BYTES:
        raise MalformedTimestampError("timestamp-imprint-length")
    return imprint


def _read_optional(body: DerReader) -> int | None:
    """Return the nonce; step over accuracy, ordering and the authority's name."""
    if body.next_tag() == der.SEQUENCE:
        body.element(der.SEQUENCE, "accuracy")
    if body.next_tag() == der.BOOLEAN and body.contents(der.BOOLEAN, "ordering") != b"\xff":
        raise MalformedTimestampError("timestamp-ordering")  # FALSE is the default: left out
    nonce = body.integer("nonce") if body.next_tag() == der.INTEGER else None
    if body.next_tag() == der.context(0):
        body.element(der.context(0), "authority name")
    if body.next_tag() == der.context(1):
        raise MalformedTimestampError("timestamp-extensions")
    return nonce


def read_generalized_time(contents: bytes) -> datetime:
    """Return the instant of a GeneralizedTime, whole seconds; UTC with a Z is the only form.

    Source: RFC 3161, 2.4.2: fractions may follow the seconds and do not end in 0.
    """
    digits, _, fraction = contents[:-1].partition(b".")
    well_formed = (
        contents[-1:] == b"Z"
        and len(digits) == 14
        and digits.isdigit()
        and (b"." not in contents or (fraction.isdigit() and not fraction.endswith(b"0")))
    )
    if not well_formed:
        raise MalformedTimestampError("timestamp-time-malformed")
    try:
        return datetime.strptime(digits.decode("ascii"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedTimestampError("timestamp-time-malformed") from error


def _authority_certificate(parts: SignedData) -> bytes:
    """Return the one enclosed certificate that the signer names."""
    wanted = (parts.signer.issuer, parts.signer.serial)
    found = []
    for encoded in parts.certificates:
        try:
            certificate = read_certificate(encoded)
        except KeyCustodyError as error:
            raise MalformedTimestampError("timestamp-certificate-unreadable") from error
        if (certificate.issuer_der, certificate.serial) == wanted:
            found.append(encoded)
    if len(found) != 1:
        raise MalformedTimestampError("timestamp-authority-certificate-missing")
    return found[0]


def _check_signed_attributes(signer: SignerInfo, content: bytes, certificate: bytes) -> None:
    attributes = signer.signed_attributes
    if attributes is None or not signer.signed_attributes_sorted:
        raise MalformedTimestampError("timestamp-signed-attributes")
    values = {attribute.type: attribute.values for attribute in attributes}
    if len(values) != len(attributes):
        raise MalformedTimestampError("timestamp-signed-attribute-twice")
    if values.get(identifiers.CONTENT_TYPE) != (identifiers.TST_INFO,):
        raise MalformedTimestampError("timestamp-content-type")
    if values.get(identifiers.MESSAGE_DIGEST) != (der.tlv(der.OCTET_STRING, sm3(content)),):
        raise MalformedTimestampError("timestamp-message-digest")
    _check_certificate_named(attributes, certificate)


def _check_certificate_named(attributes: tuple[Attribute, ...], certificate: bytes) -> None:
    """Check signing-certificate-v2, which binds the signature to one certificate.

    Source: RFC 5816, 2.2.1: the hash is SM3, or SHA-256, which is the default and then unnamed.
    The SHA-1 form of RFC 3161 is not accepted.
    """
    for attribute in attributes:
        if attribute.type == identifiers.SIGNING_CERTIFICATE_V2 and len(attribute.values) == 1:
            outer = DerReader(attribute.values[0]).enter(der.SEQUENCE, "signing certificate")
            entry = outer.enter(der.SEQUENCE, "identifiers").enter(der.SEQUENCE, "identifier")
            if _read_certificate_hash(entry, certificate):
                return
    raise MalformedTimestampError("timestamp-signing-certificate")


def _read_certificate_hash(entry: DerReader, certificate: bytes) -> bool:
    """Return whether an ESSCertIDv2 names the certificate."""
    if entry.next_tag() == der.OCTET_STRING:
        wanted = hashlib.sha256(certificate).digest()
    elif entry.element(der.SEQUENCE, "hash algorithm") in _SM3_ALGORITHMS:
        wanted = sm3(certificate)
    else:
        return False
    return entry.contents(der.OCTET_STRING, "certificate hash") == wanted
