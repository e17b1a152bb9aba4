"""Writes signatures.json and keys.json: SM2 signatures and keys, right and wrong ones.

The arithmetic is this file's own and slow, so that the vectors owe nothing to the engine they
test. Run it by hand; the result is kept in the repository and does not change (no randomness).

    python tests/vectors/sm2/make_vectors.py
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

# GB/T 32918.5-2017, 2.
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
# Annex A of the same: the private key of the printed example.
D = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
MESSAGE = b"message digest"
DEFAULT_ID = b"1234567812345678"

Point = tuple[int, int] | None
FOLDER = Path(__file__).parent


def add(left: Point, right: Point) -> Point:
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    if left == right:
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def times(scalar: int, point: Point) -> Point:
    total: Point = None
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def x_of(scalar: int) -> int:
    point = times(scalar, G)
    assert point is not None
    return point[0]


PUBLIC = times(D, G)
assert PUBLIC is not None


def octets(value: int) -> bytes:
    return value.to_bytes(32, "big")


def uncompressed(point: tuple[int, int], first: int = 4) -> bytes:
    return bytes((first,)) + octets(point[0]) + octets(point[1])


def e_of(message: bytes, signer_id: bytes | None = DEFAULT_ID, name: str = "sm3") -> int:
    z = b""
    if signer_id is not None:
        bits = (8 * len(signer_id)).to_bytes(2, "big")
        constants = b"".join(map(octets, (A, B, *G, *PUBLIC)))
        z = hashlib.new(name, bits + signer_id + constants).digest()
    return int.from_bytes(hashlib.new(name, z + message).digest(), "big")


def sm2(e: int, k: int) -> tuple[int, int]:
    r = (e + x_of(k)) % N
    return r, pow(1 + D, -1, N) * (k - r * D) % N


def ecdsa(e: int, k: int) -> tuple[int, int]:
    r = x_of(k) % N
    return r, pow(k, -1, N) * (e + r * D) % N


def length(size: int) -> bytes:
    return bytes((size,)) if size < 128 else bytes((0x81, size))


def integer(value: int, tag: int = 2) -> bytes:
    size = (value if value >= 0 else ~value).bit_length() // 8 + 1
    return bytes((tag, size)) + value.to_bytes(size, "big", signed=True)


def sequence(*parts: bytes, tag: int = 0x30) -> bytes:
    body = b"".join(parts)
    return bytes((tag,)) + length(len(body)) + body


def der(r: int, s: int) -> bytes:
    return sequence(integer(r), integer(s))


def k_where(fits) -> tuple[int, int]:
    """Sign with the first k = 1, 2, … whose signature fits."""
    e = e_of(MESSAGE)
    return next(pair for k in range(1, 5000) if fits(pair := sm2(e, k)))


def wrapped() -> tuple[int, int]:
    e = e_of(MESSAGE)
    return next(sm2(e, k) for k in range(1, 5000) if e + x_of(k) >= N)


def signatures() -> list[tuple[str, bytes, bool]]:
    e = e_of(MESSAGE)
    r, s = sm2(e, K)
    good = der(r, s)
    t = pow(2, 200) - 1
    infinite = -t * D % N
    return [
        ("the printed example", good, True),
        ("another k", der(*sm2(e, 0xC0FFEE)), True),
        ("r shorter than 32 octets", der(*k_where(lambda p: p[0] < 1 << 247)), True),
        ("s shorter than 32 octets", der(*k_where(lambda p: p[1] < 1 << 247)), True),
        ("r and s without a leading zero", der(*k_where(lambda p: max(p) < 1 << 255)), True),
        ("e + x1 beyond n", der(*wrapped()), True),
        ("r = 0", der(0, s), False),
        ("s = 0", der(r, 0), False),
        ("r = 0 and s = 0", der(0, 0), False),
        ("r = n", der(N, s), False),
        ("s = n", der(r, N), False),
        ("r + n", der(r + N, s), False),
        ("s + n", der(r, s + N), False),
        ("r - n", der(r - N, s), False),
        ("s - n", der(r, s - N), False),
        ("-r", der(-r, s), False),
        ("-s", der(r, -s), False),
        ("n - r", der(N - r, s), False),
        ("n - s", der(r, N - s), False),
        ("r + s = n", der(r, N - r), False),
        ("r + s = n, made by the owner of the key", der(5, N - 5), False),
        ("sG + tP at infinity", der((t - infinite) % N, infinite), False),
        ("r and s swapped", der(s, r), False),
        ("r = 5, s = 7", der(5, 7), False),
        ("r = 1, s = 1", der(1, 1), False),
        ("r = n - 1, s = n - 1", der(N - 1, N - 1), False),
        ("r of 956 bits", der(r + (N << 700), s), False),
        ("ECDSA by the same key", der(*ecdsa(e, K)), False),
        ("ECDSA by the same key, without Z", der(*ecdsa(e_of(MESSAGE, None), K)), False),
        ("no Z", der(*sm2(e_of(MESSAGE, None), K)), False),
        ("empty signer id", der(*sm2(e_of(MESSAGE, b""), K)), False),
        ("another signer id", der(*sm2(e_of(MESSAGE, b"ALICE123@YAHOO.COM"), K)), False),
        ("SHA-256 in place of SM3", der(*sm2(e_of(MESSAGE, DEFAULT_ID, "sha256"), K)), False),
        ("another message", der(*sm2(e_of(b"message digesu"), K)), False),
        ("last bit flipped", good[:-1] + bytes((good[-1] ^ 1,)), False),
        ("empty", b"", False),
        ("one octet", b"\x30", False),
        ("cut by one octet", good[:-1], False),
        ("octet after the sequence", good + b"\0", False),
        ("octet inside the sequence", sequence(integer(r), integer(s), b"\0"), False),
        ("a third integer", sequence(integer(r), integer(s), integer(1)), False),
        ("r only", sequence(integer(r)), False),
        ("empty sequence", sequence(), False),
        ("outer length in long form", b"\x30\x81" + good[1:], False),
        ("outer length with leading zero", b"\x30\x82\0" + good[1:], False),
        ("inner length in long form", sequence(b"\x02\x81" + integer(r)[1:], integer(s)), False),
        ("indefinite length", b"\x30\x80" + good[2:] + b"\0\0", False),
        ("r padded with zero", sequence(b"\x02\x22\0" + integer(r)[2:], integer(s)), False),
        ("s padded with zero", sequence(integer(r), b"\x02\x22\0" + integer(s)[2:]), False),
        ("r without its sign octet", sequence(b"\x02\x20" + octets(r), integer(s)), False),
        ("r empty", sequence(b"\x02\0", integer(s)), False),
        ("a set", sequence(integer(r), integer(s), tag=0x31), False),
        ("a primitive sequence", sequence(integer(r), integer(s), tag=0x10), False),
        ("r as ENUMERATED", sequence(integer(r, 10), integer(s)), False),
        ("s as OCTET STRING", sequence(integer(r), b"\x04\x20" + octets(s)), False),
        ("sequence in a sequence", sequence(good), False),
        ("raw r || s", octets(r) + octets(s), False),
        ("raw 04 || r || s", b"\x04" + octets(r) + octets(s), False),
        ("hexadecimal text of the DER", good.hex().encode(), False),
    ]


def small_x_point() -> tuple[int, int]:
    for x in range(1, 1000):
        square = (x**3 + A * x + B) % P
        y = pow(square, (P + 1) // 4, P)
        if y * y % P == square:
            return x, y
    raise AssertionError


def off_the_curve() -> tuple[int, int]:
    """A point of the twist: its x has no y on the curve."""
    x = next(x for x in range(1, 1000) if pow((x**3 + A * x + B) % P, (P - 1) // 2, P) != 1)
    return x, 1


def points() -> list[tuple[str, bytes, bool]]:
    x, y = PUBLIC
    small_x, small_y = small_x_point()
    secp256r1 = bytes.fromhex(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    )
    return [
        ("the printed example", uncompressed(PUBLIC), True),
        ("a small x", uncompressed((small_x, small_y)), True),
        ("one bit off the curve", uncompressed((x, y ^ 1)), False),
        ("(0, 0)", uncompressed((0, 0)), False),
        ("infinity", b"\0", False),
        ("infinity, padded", bytes(65), False),
        ("compressed", bytes((2 + y % 2,)) + octets(x), False),
        ("hybrid", uncompressed(PUBLIC, 6 + y % 2), False),
        ("hybrid of the wrong sign", uncompressed(PUBLIC, 7 - y % 2), False),
        ("x + p", uncompressed((small_x + P, small_y)), False),
        ("a point of the twist", uncompressed(off_the_curve()), False),
        ("the base point of P-256", secp256r1, False),
        ("without the first octet", uncompressed(PUBLIC)[1:], False),
        ("an octet more", uncompressed(PUBLIC) + b"\0", False),
        ("empty", b"", False),
    ]


def scalars() -> list[tuple[str, int, bool]]:
    return [
        ("1", 1, True),
        ("n - 2", N - 2, True),
        ("0", 0, False),
        ("n - 1: 1 + d has no inverse", N - 1, False),
        ("n", N, False),
        ("n + 1", N + 1, False),
        ("2**256 - 1", (1 << 256) - 1, False),
    ]


def write(name: str, content: dict) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (FOLDER / name).write_text(text + "\n", encoding="utf-8")


def main() -> None:
    write(
        "signatures.json",
        {
            "origin": "made by make_vectors.py; the first is printed in GB/T 32918.5-2017, annex A",
            "point": uncompressed(PUBLIC).hex(),
            "message": MESSAGE.decode(),
            "signatures": [
                {"what": what, "der": value.hex(), "valid": valid}
                for what, value, valid in signatures()
            ],
        },
    )
    write(
        "keys.json",
        {
            "origin": "made by make_vectors.py",
            "points": [
                {"what": what, "point": value.hex(), "valid": valid}
                for what, value, valid in points()
            ],
            "scalars": [
                {"what": what, "scalar": octets(value).hex(), "valid": valid}
                for what, value, valid in scalars()
            ],
        },
    )


if __name__ == "__main__":
    main()
