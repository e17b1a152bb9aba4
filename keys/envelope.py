"""Envelopes: bytes encrypted and authenticated with SM4-GCM under a 16-byte key.

One envelope format for everything we keep secret at rest: objects under their data key, data keys
under the holder's, those under the key-encryption key. The context (what it is, where it lies,
which key version) is authenticated but not stored, so an envelope moved elsewhere does not open.
Where keys come from and how long they live is not decided here.

Source: GB/T 32907-2016 (SM4); GB/T 36624-2018 (GCM); RFC 8998, appendix A.1 (both together).
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from keys.errors import EnvelopeBrokenError, InvalidKeyError

KEY_BYTES = 16

_VERSION = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
OVERHEAD_BYTES = len(_VERSION) + _NONCE_BYTES + _TAG_BYTES


def new_key(random_bytes: Callable[[int], bytes]) -> bytes:
    """Return a new random SM4 key, 16 bytes."""
    return random_bytes(KEY_BYTES)


def encrypt(
    key: bytes, plaintext: bytes, context: bytes, random_bytes: Callable[[int], bytes]
) -> bytes:
    """Seal a plaintext into an envelope.

    Args:
        key: 16 bytes. With random nonces of 96 bits it serves at most 2**32 envelopes
            (NIST SP 800-38D, 8.3).
        context: what must be said again to open it; authenticated, not stored.
        random_bytes: a cryptographic source, ``secrets.token_bytes``.

    Returns:
        01 || nonce (12) || ciphertext || tag (16).

    Raises:
        InvalidKeyError: the key is not 16 bytes.
    """
    nonce = random_bytes(_NONCE_BYTES)
    running = Cipher(_algorithm(key), GCM(nonce)).encryptor()
    # The version is authenticated too, or a later format could be passed off as this one.
    running.authenticate_additional_data(_VERSION + context)
    ciphertext = running.update(plaintext) + running.finalize()
    return _VERSION + nonce + ciphertext + running.tag


def decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Open an envelope.

    Raises:
        EnvelopeBrokenError: changed, cut, of another version, key or context; not told apart.
        InvalidKeyError: the key is not 16 bytes.
    """
    algorithm = _algorithm(key)
    if len(sealed) < OVERHEAD_BYTES or sealed[:1] != _VERSION:
        raise EnvelopeBrokenError
    nonce, body, tag = sealed[1:13], sealed[13:-_TAG_BYTES], sealed[-_TAG_BYTES:]
    running = Cipher(algorithm, GCM(nonce, tag)).decryptor()
    running.authenticate_additional_data(_VERSION + context)
    try:
        return running.update(body) + running.finalize()
    except InvalidTag as error:
        raise EnvelopeBrokenError from error


def _algorithm(key: bytes) -> SM4:
    if len(key) != KEY_BYTES:
        raise InvalidKeyError("an SM4 key is 16 bytes")
    return SM4(key)
