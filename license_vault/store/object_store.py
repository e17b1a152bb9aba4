"""Where sealed, encrypted files lie: immutable objects, and the first writer wins.

A store is not trusted with secrets (what it gets is ciphertext) nor with integrity (every
read is checked against the row by ``license_vault.vault``). It is trusted with one thing
only, that it never lets a second writer replace an object; ``prove_conditional_put`` makes
it show that when the service starts. There is no way to delete.
"""

import re
from collections.abc import Callable, Iterator
from typing import Protocol

from license_vault.errors import ObjectExistsError, ObjectKeyInvalidError, StoreOverwritesError

PROBE_KEY = "probe/first-writer-wins"
MAX_KEY_LENGTH = 512

_KEY = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*(/[0-9A-Za-z][0-9A-Za-z._-]*)*")


class ObjectStore(Protocol):
    """A store of immutable objects. All methods may be called from many threads."""

    def put_new(self, key: str, data: bytes, media_type: str) -> None:
        """Store an object; when this returns, it is durable.

        Storing the same bytes under the same key again succeeds and changes
        nothing, so a step that died half-way can simply be run again.

        Raises:
            ObjectExistsError: the key holds other bytes.
            StoreUnavailableError: no answer; whether it took effect is not known.
        """
        ...

    def find(self, key: str) -> bytes | None:
        """Return an object's bytes, or None if the key holds nothing.

        Raises:
            StoreUnavailableError: no answer, or bytes that contradict the checksum the
                store itself keeps.
        """
        ...


class ListingStore(ObjectStore, Protocol):
    """A store that can also say what it holds, for ``fsck``; no request path needs it."""

    def all_keys(self) -> Iterator[str]:
        """Yield the key of every object, in no particular order."""
        ...


def check_key(key: str) -> None:
    """Check that a text can name an object: segments of letters, digits, ``.``, ``_``, ``-``.

    A segment begins with a letter or a digit, so ``..`` and hidden files cannot be named.

    Raises:
        ObjectKeyInvalidError: it cannot.
    """
    if len(key) > MAX_KEY_LENGTH or not _KEY.fullmatch(key):
        raise ObjectKeyInvalidError(key)


def prove_conditional_put(store: ObjectStore, random_bytes: Callable[[int], bytes]) -> None:
    """Make a store show that a second writer is refused and changes nothing.

    Some stores accept ``If-None-Match: *`` and overwrite all the same (rclone, JuiceFS and
    s3rver did when they were tried). The probe always has the same key, so it leaves one
    object however often the service starts.

    Raises:
        StoreOverwritesError: it let the second writer win.
        StoreUnavailableError: it did not answer.
    """
    first, second = random_bytes(32), random_bytes(32)
    try:
        store.put_new(PROBE_KEY, first, "application/octet-stream")
    except ObjectExistsError:
        first = store.find(PROBE_KEY) or b""
    try:
        store.put_new(PROBE_KEY, second, "application/octet-stream")
    except ObjectExistsError:
        if store.find(PROBE_KEY) == first:
            return
    raise StoreOverwritesError("the store let a second writer replace an object")
