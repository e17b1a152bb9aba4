"""Keys that remember what was signed through them: for the record of one sealing.

The key port's own count is the keeper's and is compared with the records; this is what goes into
the records.
"""

from keys.provider import KeyProvider
from keys.sm3 import sm3


class SignedMessages:
    """A key provider in front of another, for one piece of work of one thread."""

    def __init__(self, keys: KeyProvider) -> None:
        self._keys = keys
        self._signed: list[tuple[str, bytes]] = []

    @property
    def for_production(self) -> bool:
        """Whether the keys behind are kept where nobody can copy them out."""
        return self._keys.for_production

    def of(self, label: str) -> tuple[bytes, ...]:
        """Return SM3 of every message that was signed under a label, in order."""
        return tuple(digest for name, digest in self._signed if name == label)

    def public_point(self, label: str) -> bytes:
        """Return the public point of a signing key."""
        return self._keys.public_point(label)

    def sign(self, label: str, message: bytes) -> bytes:
        """Sign a message, and note it.

        A signature that failed is not noted. Whether its keeper has counted it is not known; the
        record that it was begun leaves room for it.
        """
        signature = self._keys.sign(label, message)
        self._signed.append((label, sm3(message)))
        return signature

    def uses(self, label: str) -> tuple[bytes, ...]:
        """Return the keeper's own record."""
        return self._keys.uses(label)

    def mac(self, label: str, message: bytes) -> bytes:
        """Return HMAC-SM3 of a message."""
        return self._keys.mac(label, message)

    def wrap(self, label: str, plaintext: bytes, context: bytes) -> bytes:
        """Encrypt under a secret key."""
        return self._keys.wrap(label, plaintext, context)

    def unwrap(self, label: str, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt what ``wrap`` made."""
        return self._keys.unwrap(label, wrapped, context)
