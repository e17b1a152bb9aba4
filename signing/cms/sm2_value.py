"""An SM2 signature value as files carry it, brought to DER.

Two encodings are in use: DER of r and s, and r and s joined. Which one it is, its length says;
nothing is tried out, so one value has one meaning. Whether the signature holds is not asked here.

Source: GB/T 35276-2017, 7.3 (SM2Signature); GB/T 32918.2-2016, 7.1 (ranges of r and s).
"""

from keys.sm2 import CURVE_ORDER
from signing import der
from signing.der import DerReader
from signing.errors import MalformedDerError

SIGNATURE_RAW = "signature-raw"
_NUMBER_BYTES = 32


def signature_der(value: bytes) -> tuple[bytes, str | None]:
    """Return an SM2 signature as DER, and the deviation if it was not written so.

    Args:
        value: DER of SEQUENCE {r, s}; or exactly 64 bytes, r and s joined, big-endian.

    Raises:
        MalformedDerError: neither, or r or s is out of range; the code says what is wrong.
    """
    if len(value) == 2 * _NUMBER_BYTES:
        r, s = (int.from_bytes(half, "big") for half in (value[:32], value[32:]))
        _check_range(r, s)
        return der.sequence(der.integer(r), der.integer(s)), SIGNATURE_RAW
    reader = DerReader(value)
    pair = reader.enter(der.SEQUENCE, "signature value")
    reader.finish("signature value")
    r, s = pair.integer("r"), pair.integer("s")
    if not pair.at_end:
        raise MalformedDerError("der-third-number", "signature value")
    _check_range(r, s)
    return value, None


def _check_range(r: int, s: int) -> None:
    """Check r and s. Source: GB/T 32918.2-2016, 7.1, B1, B2 and B5."""
    for name, number in (("r", r), ("s", s)):
        if number == 0:
            raise MalformedDerError(f"der-{name}-zero", "signature value")
        if number < 0:
            raise MalformedDerError(f"der-{name}-negative", "signature value")
        if number >= CURVE_ORDER:
            rule = "is-the-order" if number == CURVE_ORDER else "too-large"
            raise MalformedDerError(f"der-{name}-{rule}", "signature value")
    if r + s == CURVE_ORDER:
        raise MalformedDerError("der-sum-is-the-order", "signature value")
