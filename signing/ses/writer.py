"""Writes the kinds of fields that seals and their signatures are made of, as DER.

Source: GB/T 38540-2020; X.690, 10 and 11.
"""

from datetime import UTC, datetime

from signing import der
from signing.ses.reader import fault


def write_ia5(name: str, text: str) -> bytes:
    """Return an IA5String; MalformedSealError names the field if the text is not ASCII."""
    if not text.isascii():
        raise fault(name, "not-ia5")
    return der.tlv(der.IA5_STRING, text.encode("ascii"))


def write_bits(octets: bytes) -> bytes:
    """Return a BIT STRING of whole octets."""
    return der.tlv(der.BIT_STRING, b"\0", octets)


def write_time(moment: datetime) -> bytes:
    """Return a GeneralizedTime of an aware instant: UTC, whole seconds."""
    text = moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
    return der.tlv(der.GENERALIZED_TIME, text.encode("ascii"))
