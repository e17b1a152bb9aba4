"""An SM2 signature value as files carry it: DER, or 64 bytes, and nothing else."""

import pytest

from keys import sm2
from signing import der
from signing.cms.sm2_value import signature_der
from signing.errors import MalformedDerError

N = sm2.CURVE_ORDER
KEY = sm2.PrivateKey.generate()


def joined(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def pair(r: int, s: int) -> bytes:
    return der.sequence(der.integer(r), der.integer(s))


def test_der_stays_as_it_is() -> None:
    signature = KEY.sign(b"message")
    assert signature_der(signature) == (signature, None)


def test_64_bytes_are_r_and_s_joined() -> None:
    signature = KEY.sign(b"message")
    r, s = sm2.split_signature(signature)
    assert signature_der(joined(r, s)) == (signature, "signature-raw")
    assert signature_der(joined(5, 7)) == (pair(5, 7), "signature-raw")


def test_64_bytes_are_never_der() -> None:
    # r and s so short that their DER has 64 bytes: the length decides, so it is read as numbers.
    short = pair(1 << 230, 1 << 230)
    assert len(short) == 64
    assert signature_der(short)[1] == "signature-raw"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"", "der-truncated"),
        (joined(1, 2)[1:], "der-unexpected-tag"),
        (joined(1, 2) + b"\0", "der-unexpected-tag"),
        (pair(1, 2) + b"\0", "der-trailing-bytes"),
        (der.sequence(der.integer(1)), "der-truncated"),
        (der.sequence(*(der.integer(1),) * 3), "der-third-number"),
        (der.sequence(der.tlv(4, b"\1"), der.integer(1)), "der-unexpected-tag"),
        (der.sequence(b"\2\2\0\1", der.integer(1)), "der-integer-not-minimal"),
        (b"\x30\x81\x06\2\1\1\2\1\1", "der-length-not-minimal"),
        (pair(0, 1), "der-r-zero"),
        (pair(1, 0), "der-s-zero"),
        (pair(-1, 1), "der-r-negative"),
        (pair(1, -1), "der-s-negative"),
        (pair(N, 1), "der-r-is-the-order"),
        (pair(1, N), "der-s-is-the-order"),
        (pair(N + 1, 1), "der-r-too-large"),
        (pair(1, N + 1), "der-s-too-large"),
        (pair(1, N - 1), "der-sum-is-the-order"),
        (bytes(64), "der-r-zero"),
        (joined(1, 0), "der-s-zero"),
        (joined(N, 1), "der-r-is-the-order"),
        (joined(1, N + 1), "der-s-too-large"),
        (joined(N - 1, 1), "der-sum-is-the-order"),
    ],
)
def test_what_is_neither_or_out_of_range_is_named(value: bytes, code: str) -> None:
    with pytest.raises(MalformedDerError) as refused:
        signature_der(value)
    assert refused.value.code == code
