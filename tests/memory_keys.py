"""A KeyProvider whose keys live in this process: real SM2, HMAC and SM4, no files."""

import secrets

from keys import envelope
from keys.errors import KeyNotFoundError
from keys.sm2 import PrivateKey
from keys.sm3 import hmac_sm3


class MemoryKeys:
    """Makes signing keys by ``create``; secret keys come into being when first used."""

    for_production = False

    def __init__(self) -> None:
        self._signing: dict[str, PrivateKey] = {}
        self._secret: dict[str, bytes] = {}

    def create(self, label: str) -> bytes:
        """Make a signing key under a label; return its public point."""
        self._signing[label] = PrivateKey.generate()
        return self._signing[label].public_point

    def _key(self, label: str) -> PrivateKey:
        try:
            return self._signing[label]
        except KeyError:
            raise KeyNotFoundError(label) from None

    def public_point(self, label: str) -> bytes:
        return self._key(label).public_point

    def sign(self, label: str, message: bytes) -> bytes:
        return self._key(label).sign(message)

    def mac(self, label: str, message: bytes) -> bytes:
        return hmac_sm3(self._secret_key(label, 32), message)

    def wrap(self, label: str, plaintext: bytes, context: bytes) -> bytes:
        return envelope.encrypt(
            self._secret_key(label, 16), plaintext, context, secrets.token_bytes
        )

    def unwrap(self, label: str, wrapped: bytes, context: bytes) -> bytes:
        return envelope.decrypt(self._secret_key(label, 16), wrapped, context)

    def _secret_key(self, label: str, size: int) -> bytes:
        return self._secret.setdefault(label, secrets.token_bytes(size))
