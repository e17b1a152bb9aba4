"""SM3 (GB/T 32905-2016) and HMAC-SM3 (GM/T 0042), without the signing engine.

Taken from Python's own hashlib where its OpenSSL has SM3, else from pyca. Both are C; the
pure-Python SM3 of gmssl needs 18 s a megabyte and is never used.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from cryptography.hazmat.primitives import hashes

DIGEST_BYTES = 32

_BLOCK_BYTES = 64
_INNER_PAD = bytes(octet ^ 0x36 for octet in range(256))
_OUTER_PAD = bytes(octet ^ 0x5C for octet in range(256))


class Hash(Protocol):
    """A running SM3 computation."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""
        ...

    def digest(self) -> bytes:
        """Return the digest of what was taken in so far, 32 bytes."""
        ...

    def copy(self) -> Hash:
        """Return an independent computation in the same state."""
        ...


class PycaHash:
    """SM3 of pyca behind the interface of hashlib."""

    def __init__(self, running: hashes.Hash | None = None) -> None:
        self._running = hashes.Hash(hashes.SM3()) if running is None else running

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""
        self._running.update(data)

    def digest(self) -> bytes:
        """Return the digest of what was taken in so far, 32 bytes."""
        return self._running.copy().finalize()

    def copy(self) -> PycaHash:
        """Return an independent computation in the same state."""
        return PycaHash(self._running.copy())


def _from_hashlib() -> Hash:
    return hashlib.new("sm3")


new = _from_hashlib if "sm3" in hashlib.algorithms_available else PycaHash


def sm3(*parts: bytes) -> bytes:
    """Return the SM3 digest of the parts joined, 32 bytes.

    Source: GB/T 32905-2016.
    """
    running = new()
    for part in parts:
        running.update(part)
    return running.digest()


def hmac_sm3(key: bytes, message: bytes) -> bytes:
    """Return HMAC-SM3 of a message, 32 bytes. Compare with ``hmac.compare_digest``.

    Source: GM/T 0042-2015, annex D; RFC 2104 with SM3's block of 64 bytes.
    """
    if len(key) > _BLOCK_BYTES:
        key = sm3(key)
    block = key.ljust(_BLOCK_BYTES, b"\0")
    return sm3(block.translate(_OUTER_PAD), sm3(block.translate(_INNER_PAD), message))
