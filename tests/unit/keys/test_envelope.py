import secrets

import pytest

from keys import envelope
from keys.errors import EnvelopeBrokenError, InvalidKeyError

KEY = bytes(range(16))


def test_the_form_is_version_nonce_ciphertext_tag() -> None:
    # RFC 8998, A.1: SM4-GCM, its plaintext under its key and nonce; the tag differs, since our
    # version stands before the authenticated data.
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    nonce = bytes.fromhex("00001234567800000000abcd")
    plaintext = b"".join(bytes((octet,)) * 8 for octet in b"\xaa\xbb\xcc\xdd\xee\xff\xee\xaa")
    sealed = envelope.encrypt(key, plaintext, b"", lambda _: nonce)
    ciphertext = (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    )
    assert sealed[:-16].hex() == "01" + nonce.hex() + ciphertext


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 100_000])
def test_what_is_sealed_opens(size: int) -> None:
    plaintext = secrets.token_bytes(size)
    sealed = envelope.encrypt(KEY, plaintext, b"context", secrets.token_bytes)
    assert len(sealed) == size + envelope.OVERHEAD_BYTES
    assert envelope.decrypt(KEY, sealed, b"context") == plaintext


def test_any_flipped_bit_any_cut_and_any_addition_breaks_it() -> None:
    sealed = envelope.encrypt(KEY, b"plaintext", b"context", secrets.token_bytes)
    broken = [sealed[:size] for size in range(len(sealed))] + [sealed + b"\0", b"\0" + sealed]
    for position in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[position // 8] ^= 1 << position % 8
        broken.append(bytes(changed))
    for each in broken:
        with pytest.raises(EnvelopeBrokenError):
            envelope.decrypt(KEY, each, b"context")


def test_another_key_or_context_does_not_open_it() -> None:
    sealed = envelope.encrypt(KEY, b"plaintext", b"context", secrets.token_bytes)
    for key, context in ((KEY[::-1], b"context"), (KEY, b""), (KEY, b"context\0")):
        with pytest.raises(EnvelopeBrokenError):
            envelope.decrypt(key, sealed, context)


def test_the_same_plaintext_is_sealed_differently_each_time() -> None:
    sealed = {envelope.encrypt(KEY, b"p", b"c", secrets.token_bytes) for _ in range(50)}
    assert len(sealed) == 50


@pytest.mark.parametrize("size", [0, 15, 17, 32])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(InvalidKeyError):
        envelope.encrypt(bytes(size), b"p", b"c", secrets.token_bytes)
    with pytest.raises(InvalidKeyError):
        envelope.decrypt(bytes(size), bytes(40), b"c")


def test_a_new_key_is_what_the_source_gave() -> None:
    assert envelope.new_key(lambda size: b"k" * size) == b"k" * 16
