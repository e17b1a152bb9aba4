import json
from pathlib import Path

import pytest

from keys import sm3

PRINTED = json.loads((Path(__file__).parents[2] / "vectors/sm2/printed.json").read_text())


@pytest.mark.parametrize("vector", PRINTED["sm3"], ids=lambda v: v["source"])
def test_digests_are_the_printed_ones(vector: dict) -> None:
    message = vector["message"].encode() * vector["times"]
    assert sm3.sm3(message).hex() == vector["digest"]
    other = sm3.PycaHash()
    other.update(message)
    assert other.digest().hex() == vector["digest"]


@pytest.mark.parametrize("vector", PRINTED["hmac_sm3"], ids=lambda v: v["mac"][:8])
def test_message_codes_are_the_printed_ones(vector: dict) -> None:
    key, message = bytes.fromhex(vector["key"]), bytes.fromhex(vector["message"])
    assert sm3.hmac_sm3(key, message).hex() == vector["mac"]


def test_a_key_longer_than_a_block_is_hashed_first() -> None:
    key = bytes(range(65))
    assert sm3.hmac_sm3(key, b"m") == sm3.hmac_sm3(sm3.sm3(key), b"m")
    assert sm3.hmac_sm3(key[:64], b"m") != sm3.hmac_sm3(sm3.sm3(key[:64]), b"m")


@pytest.mark.parametrize("make", [sm3.new, sm3.PycaHash])
def test_a_copy_goes_its_own_way_and_a_digest_ends_nothing(make) -> None:
    running = make()
    running.update(b"ab")
    copy = running.copy()
    copy.update(b"c")
    assert running.digest() == sm3.sm3(b"ab")
    running.update(b"d")
    assert copy.digest() == sm3.sm3(b"a", b"bc")
    assert running.digest() == sm3.sm3(b"abd")
