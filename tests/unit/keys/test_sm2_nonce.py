"""How k is drawn (docs/attacks.md C12): whoever can predict or repeat one k has the private key."""

import math
import os
import random

import pytest

from keys import sm2
from keys.sm3 import sm3

N = sm2.CURVE_ORDER
SCALAR = 0x1F2E3D4C5B6A79880123456789ABCDEFFEDCBA98765432100F1E2D3C4B5A6978
COUNT = 2000


def nonce(signature: bytes) -> int:
    """Recompute k from a signature by the known key: s = (1 + d)^-1 (k - rd)."""
    r, s = sm2.split_signature(signature)
    return (s * (1 + SCALAR) + r * SCALAR) % N


@pytest.fixture(scope="module")
def nonces() -> list[int]:
    key = sm2.PrivateKey.from_scalar(SCALAR)
    return [nonce(key.sign(b"one message")) for _ in range(COUNT)]


def test_the_nonce_recomputed_is_the_one_that_was_used() -> None:
    # The printed example has d and k both, so this shows that nonce() measures the right thing.
    scalar, k = (
        0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8,
        (0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21),
    )
    r, s = sm2.split_signature(sm2.EXAMPLE_SIGNATURE)
    assert (s * (1 + scalar) + r * scalar) % N == k


def test_no_nonce_comes_twice_or_small(nonces: list[int]) -> None:
    assert len(set(nonces)) == COUNT
    # 2000 uniform nonces below 2^216 have a probability under 2^-28.
    assert min(nonces) > 1 << 216
    assert min(N - k for k in nonces) > 1 << 216


@pytest.mark.parametrize("bit", [*range(0, 32), *range(32, 224, 7), *range(224, 255)])
def test_every_bit_of_the_nonce_is_as_often_one_as_zero(nonces: list[int], bit: int) -> None:
    ones = sum(k >> bit & 1 for k in nonces)
    assert abs(ones - COUNT / 2) / (math.sqrt(COUNT) / 2) < 5.5


def test_nonces_of_neighbouring_signatures_share_no_half(nonces: list[int]) -> None:
    halves = [k >> 128 for k in nonces] + [k & (1 << 128) - 1 for k in nonces]
    assert len(set(halves)) == 2 * COUNT


def test_seeding_pythons_generator_changes_nothing() -> None:
    key = sm2.PrivateKey.from_scalar(SCALAR)
    state = random.getstate()
    try:
        signatures = []
        for _ in range(2):
            random.seed(1)
            signatures.append(key.sign(b"one message"))
    finally:
        random.setstate(state)
    assert nonce(signatures[0]) != nonce(signatures[1])


def test_forked_processes_draw_different_nonces() -> None:
    key = sm2.PrivateKey.from_scalar(SCALAR)
    key.sign(b"the generator is in use before the fork")
    read_end, write_end = os.pipe()
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            # Nothing of pytest may run here, so nothing is raised.
            try:
                made = [key.sign(b"m") for _ in range(20)]
                held = all(_verifies(key.public_point, each) for each in made)
                text = "".join(f"{nonce(each):064x}\n" for each in made) if held else "x\n"
                os.write(write_end, text.encode())
            finally:
                os._exit(0)
        children.append(child)
    os.close(write_end)
    with os.fdopen(read_end) as lines:
        drawn = lines.read().split()
    for child in children:
        os.waitpid(child, 0)
    drawn += [f"{nonce(key.sign(b'm')):064x}" for _ in range(20)]
    assert len(drawn) == 100
    assert len(set(drawn)) == 100


def _verifies(point: bytes, signature: bytes) -> bool:
    sm2.verify(point, b"m", signature)
    return True


def test_e_is_hashed_with_the_signer_so_equal_messages_of_two_keys_differ() -> None:
    first, second = sm2.PrivateKey.generate(), sm2.PrivateKey.generate()
    digests = {sm3(sm2.signer_digest(key.public_point), b"m") for key in (first, second)}
    assert len(digests) == 2
