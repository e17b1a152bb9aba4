"""SM2 arithmetic by hand, to make signatures that no library makes: ECDSA on the curve, other ids.

Slow, not constant in time, for tests only: what it makes must be refused.

Source: GB/T 32918.2-2016, 5.5 and 6.1; GB/T 32918.5-2017, 2.
"""

from __future__ import annotations

import secrets

from keys.sm2 import CURVE_A, CURVE_B, CURVE_ORDER, FIELD_PRIME, PrivateKey
from keys.sm3 import sm3

_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_BEFORE_SCALAR = b"\x02\x01\x01\x04\x20"
_Point = tuple[int, int] | None


def _add(left: _Point, right: _Point) -> _Point:
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % FIELD_PRIME == 0:
        return None
    over, under = (3 * x1 * x1 + CURVE_A, 2 * y1) if left == right else (y2 - y1, x2 - x1)
    slope = over * pow(under, -1, FIELD_PRIME)
    x3 = (slope * slope - x1 - x2) % FIELD_PRIME
    return x3, (slope * (x1 - x3) - y1) % FIELD_PRIME


def _times(scalar: int) -> tuple[int, int]:
    total: _Point = None
    point: _Point = _G
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point, scalar = _add(point, point), scalar >> 1
    assert total is not None
    return total


def scalar_of(key: PrivateKey) -> int:
    """The private number of a key of the tests."""
    encoded = key.to_pkcs8()
    at = encoded.index(_BEFORE_SCALAR) + len(_BEFORE_SCALAR)
    return int.from_bytes(encoded[at : at + 32], "big")


def hashed(scalar: int, message: bytes, signer_id: bytes | None) -> int:
    """e: the hash of Z and the message; of the message alone if there is no id."""
    z = b""
    if signer_id is not None:
        constants = (CURVE_A, CURVE_B, *_G, *_times(scalar))
        length = (8 * len(signer_id)).to_bytes(2, "big")
        z = sm3(length, signer_id, b"".join(each.to_bytes(32, "big") for each in constants))
    return int.from_bytes(sm3(z, message), "big")


def sm2(e: int, scalar: int) -> tuple[int, int]:
    """An SM2 signature over a hash."""
    k = 1 + secrets.randbelow(CURVE_ORDER - 2)
    r = (e + _times(k)[0]) % CURVE_ORDER
    return r, pow(1 + scalar, -1, CURVE_ORDER) * (k - r * scalar) % CURVE_ORDER


def ecdsa(e: int, scalar: int) -> tuple[int, int]:
    """An ECDSA signature over a hash, on the curve of SM2 with the same key."""
    k = 1 + secrets.randbelow(CURVE_ORDER - 2)
    r = _times(k)[0] % CURVE_ORDER
    return r, pow(k, -1, CURVE_ORDER) * (e + r * scalar) % CURVE_ORDER
