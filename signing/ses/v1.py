"""What only the seals and signatures of GM/T 0031-2014 (version 1) have; read, never written.

The maker signs certificate and algorithm too; the time of a signature is a BIT STRING in which
stands a time-stamp token, an encoded time or a text.

Source: GM/T 0031-2014; files of that version as makers write them (docs/standards.md).
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from signing import der
from signing.der import DerReader
from signing.errors import MalformedDerError
from signing.ses.reader import MAX_TIMESTAMP_BYTES, SesReader, fault, parse_time

V1 = 1
TIME_WITHOUT_ZONE = "ses-time-without-zone"

_TEXT_FORMAT = "%Y-%m-%d %H:%M:%S"
_TEXT_BYTES = 19
# The makers that write a time without a zone write the civil time of their own country.
_CIVIL_ZONE = timezone(timedelta(hours=8))


class MakerSignature(NamedTuple):
    """How a seal is signed by its maker; fields as those of ``ses.seal.SESeal``."""

    signed_bytes: bytes
    maker_certificate: bytes
    signature_algorithm: str
    signature: bytes
    signature_value: bytes
    timestamp: bytes | None


def read_v1_signature(reader: SesReader, information: bytes) -> MakerSignature:
    """Walk SES_SignInfo; signed is SEQUENCE {information, certificate, algorithm}.

    Args:
        information: the DER of SES_SealInfo as received.
    """
    inner = reader.enter("sign-info")
    certificate = inner.certificate("maker-certificate")
    algorithm = inner.algorithm("seal-algorithm")
    signature, value = inner.signature("seal-signature")
    inner.finish("sign-info")
    signed = der.sequence(
        information, der.tlv(der.OCTET_STRING, certificate), der.object_identifier(algorithm)
    )
    return MakerSignature(signed, certificate, algorithm, signature, value, None)


def read_v1_time(reader: SesReader) -> tuple[datetime | None, bytes | None]:
    """Return the time that is claimed, or the time-stamp token, whichever stands there."""
    found = reader.bits("time", MAX_TIMESTAMP_BYTES)
    tag = found[0]
    if tag == der.SEQUENCE:
        return None, found
    if tag in (der.UTC_TIME, der.GENERALIZED_TIME):
        return parse_time("time", tag, _only(found, tag)), None
    if len(found) == _TEXT_BYTES:
        reader.note(TIME_WITHOUT_ZONE)
        return _read_text(found), None
    by_length = der.UTC_TIME if len(found) == 13 else der.GENERALIZED_TIME
    return parse_time("time", by_length, found), None


def _only(encoded: bytes, tag: int) -> bytes:
    try:
        reader = DerReader(encoded)
        found = reader.contents(tag, "time")
        reader.finish("time")
    except MalformedDerError as error:
        raise fault("time", error.code.removeprefix("der-")) from error
    return found


def _read_text(text: bytes) -> datetime:
    try:
        civil = datetime.strptime(text.decode("ascii"), _TEXT_FORMAT)  # noqa: DTZ007
    except ValueError as error:
        raise fault("time", "not-a-time") from error
    if civil.strftime(_TEXT_FORMAT).encode("ascii") != text:
        raise fault("time", "not-a-time")
    return civil.replace(tzinfo=_CIVIL_ZONE).astimezone(UTC)
