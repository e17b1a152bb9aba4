"""A job's own key: what came in for it, and what became of each row, is encrypted under it.

The key is random, wrapped under ``vault-kek``. Names and keys that a row must get again when it
is done a second time (after a kill) are derived from it, so that nobody can guess them.
"""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from keys import envelope
from keys.provider import KeyProvider
from keys.sm3 import hmac_sm3

_KEK = "vault-kek"
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class JobKey:
    """The open key of one job, 16 bytes, and the job's name."""

    name: str
    key: bytes = field(repr=False)

    def seal(self, purpose: str, value: object, random_bytes: Callable[[int], bytes]) -> bytes:
        """Encrypt a JSON value, packed."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return envelope.encrypt(
            self.key, zlib.compress(text, _LEVEL), _context(purpose, self.name), random_bytes
        )

    def open(self, purpose: str, sealed: bytes) -> Any:
        """Open what ``seal`` made.

        Raises:
            EnvelopeBrokenError: changed, or of another job or purpose.
        """
        packed = envelope.decrypt(self.key, sealed, _context(purpose, self.name))
        return json.loads(zlib.decompress(packed))

    def derive(self, purpose: str, row: int, length: int) -> bytes:
        """Return bytes that are always the same for a row, at most 32."""
        return hmac_sm3(self.key, _context(f"{purpose}/{row}", self.name))[:length]


def new_job_key(
    keys: KeyProvider, name: str, random_bytes: Callable[[int], bytes]
) -> tuple[JobKey, bytes]:
    """Make the key of a new job; return it open and as its row keeps it."""
    key = envelope.new_key(random_bytes)
    return JobKey(name, key), keys.wrap(_KEK, key, _context("job-key", name))


def open_job_key(keys: KeyProvider, name: str, wrapped: bytes) -> JobKey:
    """Open a job's key.

    Raises:
        EnvelopeBrokenError: the row was changed, or is another job's.
    """
    return JobKey(name, keys.unwrap(_KEK, wrapped, _context("job-key", name)))


def _context(purpose: str, name: str) -> bytes:
    return "\0".join(("license-vault/1", "job", purpose, name)).encode()
