"""What was signed with the keys of seals: SM3 of each message, in the order it was signed.

The key port's own count, which ``fsck`` holds against the seal uses that are recorded and the
documents that are sealed: a signature that nobody intended shows. One file a label in the key
folder (0600), 32 bytes a signature, only ever added to. A record is written before the signature
is made, so there is none that is not counted; whoever cannot count does not sign.

Several processes may add at once and may be killed at any moment: an O_APPEND write of 32 bytes
lies within one page and is there whole or not at all. It is not synced to disk with each use: a
power cut may take the last ones, and ``fsck`` then names the documents they belong to.
"""

from __future__ import annotations

from keys.errors import KeyFileDamagedError
from keys.private_folder import PrivateFolder
from keys.sm3 import sm3

COUNTED = "seal/"
_SUFFIX = ".uses"
_RECORD_BYTES = 32


class UseLog:
    """The logs of one folder. Use from many threads and processes."""

    def __init__(self, folder: PrivateFolder) -> None:
        self._folder = folder

    def add(self, label: str, message: bytes) -> None:
        """Count that a message is going to be signed under a label, if its uses are counted.

        Raises:
            KeyUnavailableError: it cannot be written; nothing may be signed.
            KeyFileUnsafeError: the log is open to others, or is not a plain file of ours.
        """
        if label.startswith(COUNTED):
            self._folder.append(file_name(label), sm3(message))

    def of(self, label: str) -> tuple[bytes, ...]:
        """Return SM3 of every message that was signed under a label, 32 bytes each, in order.

        Raises:
            KeyFileDamagedError: the log is not whole records.
            KeyFileUnsafeError: as for ``add``.
        """
        name = file_name(label)
        log = self._folder.read_whole(name) or b""
        if len(log) % _RECORD_BYTES:
            raise KeyFileDamagedError(self._folder.path / name, "not whole records")
        return tuple(log[at : at + _RECORD_BYTES] for at in range(0, len(log), _RECORD_BYTES))


def file_name(label: str) -> str:
    """Return the name of a label's log."""
    # As the file of the key beside it; '_' is in no label.
    return label.replace("/", "__") + _SUFFIX
