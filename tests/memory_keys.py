"""A KeyProvider whose keys live in this process: real SM2, HMAC and SM4, no key files.

What is signed with the keys of seals is counted as the software keys do it: in a folder if one
is given (so that another process, or one that comes after a kill, counts on), else in memory.
"""

import secrets
from collections import defaultdict
from pathlib import Path

from keys import envelope
from keys.errors import KeyNotFoundError
from keys.private_folder import PrivateFolder
from keys.sm2 import PrivateKey
from keys.sm3 import hmac_sm3, sm3
from keys.use_log import COUNTED, UseLog, file_name


class MemoryKeys:
    """Makes signing keys by ``create``; secret keys come into being when first used."""

    for_production = False

    def __init__(self, uses_in: Path | None = None) -> None:
        self._signing: dict[str, PrivateKey] = {}
        self._secret: dict[str, bytes] = {}
        self._uses: dict[str, list[bytes]] = defaultdict(list)
        self._log: UseLog | None = None
        if uses_in is not None:
            self.keep_uses_in(uses_in)

    def keep_uses_in(self, folder: Path) -> None:
        """Count on in a folder, as other processes do too."""
        folder.mkdir(mode=0o700, exist_ok=True)
        kept = PrivateFolder(folder)
        for label, uses in self._uses.items():
            for digest in uses:
                kept.append(file_name(label), digest)
        self._uses.clear()
        self._log = UseLog(kept)

    def copy(self) -> "MemoryKeys":
        """The same keys, counting on by themselves."""
        other = MemoryKeys()
        other._signing, other._secret = dict(self._signing), dict(self._secret)
        for label, uses in self._uses.items():
            other._uses[label] = list(uses)
        return other

    def create(self, label: str) -> bytes:
        """Make a signing key under a label; return its public point."""
        self._signing[label] = PrivateKey.generate()
        return self._signing[label].public_point

    def _key(self, label: str) -> PrivateKey:
        try:
            return self._signing[label]
        except KeyError:
            raise KeyNotFoundError(label) from None

    def pkcs8(self, label: str) -> bytes:
        """A signing key as its holder would have it in a file."""
        return self._key(label).to_pkcs8()

    def public_point(self, label: str) -> bytes:
        return self._key(label).public_point

    def sign(self, label: str, message: bytes) -> bytes:
        key = self._key(label)
        if self._log is not None:
            self._log.add(label, message)
        elif label.startswith(COUNTED):
            self._uses[label].append(sm3(message))
        return key.sign(message)

    def uses(self, label: str) -> tuple[bytes, ...]:
        return tuple(self._uses[label]) if self._log is None else self._log.of(label)

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
