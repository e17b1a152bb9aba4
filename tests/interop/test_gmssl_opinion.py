"""PyPI gmssl and libcrypto are two programs by different people: they must agree."""

import json
import secrets
from pathlib import Path

import pytest

from keys import second_opinion, sm2
from keys.errors import InvalidSignatureError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/sm2/signatures.json").read_text())


def holds(point: bytes, message: bytes, signature: bytes) -> bool:
    try:
        sm2.verify(point, message, signature)
    except InvalidSignatureError:
        return False
    return True


@pytest.mark.parametrize("vector", VECTORS["signatures"], ids=lambda vector: vector["what"])
def test_gmssl_agrees_with_libcrypto_on_every_malformed_signature(vector: dict) -> None:
    point, message = bytes.fromhex(VECTORS["point"]), VECTORS["message"].encode()
    signature = bytes.fromhex(vector["der"])
    opinion = second_opinion.agrees_valid(point, message, signature)
    assert opinion is holds(point, message, signature) is vector["valid"]


def test_gmssl_agrees_with_libcrypto_on_random_signatures_right_and_wrong() -> None:
    for _ in range(40):
        key = sm2.PrivateKey.generate()
        message = secrets.token_bytes(secrets.randbelow(200))
        signature = key.sign(message)
        assert second_opinion.agrees_valid(key.public_point, message, signature)
        flipped = bytearray(signature)
        position = secrets.randbelow(len(flipped) * 8)
        flipped[position // 8] ^= 1 << position % 8
        for bad_message, bad in ((message, bytes(flipped)), (message + b"\0", signature)):
            assert not holds(key.public_point, bad_message, bad)
            assert not second_opinion.agrees_valid(key.public_point, bad_message, bad)


@pytest.mark.slow
def test_gmssl_agrees_with_libcrypto_on_two_thousand_keys() -> None:
    for _ in range(2000):
        key = sm2.PrivateKey.generate()
        assert second_opinion.agrees_valid(key.public_point, b"m", key.sign(b"m"))
