"""A folder only its owner may read, of files that are written once and never changed.

What the software keys stand on: every file is 0600 in a folder that is 0700, checked at each
reading; a file appears whole or not at all, and the first writer wins. A log is the one exception:
records are added to its end and never changed. It knows nothing of keys.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from keys.errors import KeyFileDamagedError, KeyFileUnsafeError, KeyUnavailableError

_MAX_FILE_BYTES = 16 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class PrivateFolder:
    """One such folder. It need not exist before the first file is written."""

    def __init__(self, path: Path) -> None:
        """Check the folder if it is there.

        Raises:
            KeyFileUnsafeError: others may enter it, it is not ours, or it is no folder.
        """
        self.path = path
        self.check()

    def check(self) -> None:
        """Check that the folder, if it exists, is a folder of ours that is closed to others."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return
        except OSError as error:
            raise KeyUnavailableError(f"{self.path}: {error.strerror}") from error
        _check_ours(self.path, found, stat.S_ISDIR(found.st_mode))

    def names(self) -> tuple[str, ...]:
        """Return the names of all files, sorted; none if the folder is not there yet."""
        self.check()
        try:
            return tuple(sorted(os.listdir(self.path)))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise KeyUnavailableError(f"{self.path}: {error.strerror}") from error

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or None if there is no such file.

        Raises:
            KeyFileUnsafeError: folder or file is open to others, not ours, or not a plain file.
            KeyFileDamagedError: it is larger than any file written here.
        """
        self.check()
        path = self.path / name
        descriptor = _open_ours(path, os.O_RDONLY | os.O_NONBLOCK)
        if descriptor is None:
            return None
        try:
            data = os.read(descriptor, _MAX_FILE_BYTES + 1)
        except OSError as error:
            raise _unreadable(path, error) from error
        finally:
            os.close(descriptor)
        if len(data) > _MAX_FILE_BYTES:
            raise KeyFileDamagedError(path, "too large")
        return data

    def read_whole(self, name: str) -> bytes | None:
        """Return the bytes of a log, however long it is, or None if there is none.

        Raises:
            KeyFileUnsafeError: folder or file is open to others, not ours, or not a plain file.
        """
        self.check()
        path = self.path / name
        descriptor = _open_ours(path, os.O_RDONLY | os.O_NONBLOCK)
        if descriptor is None:
            return None
        try:
            with os.fdopen(descriptor, "rb") as file:
                return file.read()
        except OSError as error:
            raise _unreadable(path, error) from error

    def append(self, name: str, record: bytes) -> None:
        """Add a record to the end of a log, which begins with its first one; not synced.

        Raises:
            KeyFileUnsafeError: the file is open to others, not ours, or not a plain file.
            KeyUnavailableError: the disk does not take it.
        """
        self.check()
        path = self.path / name
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK
        descriptor = _open_ours(path, flags)
        if descriptor is None:
            raise KeyUnavailableError(f"{self.path}: the folder is not there")
        try:
            written = os.write(descriptor, record)
        except OSError as error:
            raise KeyUnavailableError(f"{path}: {error.strerror}") from error
        finally:
            os.close(descriptor)
        if written != len(record):
            raise KeyUnavailableError(f"{path}: the disk is full")

    def write_new(self, name: str, data: bytes, token: str) -> bool:
        """Write a file that is not there yet; when this returns True, it is durable.

        Args:
            token: random text that no other writer uses, for the temporary name.

        Returns:
            False if the file exists already; nothing was changed then.

        Raises:
            KeyUnavailableError: the disk does not take it; nothing is left behind.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.check()
            return self._write_new(name, data, self.path / f".{token}.tmp")
        except OSError as error:
            raise KeyUnavailableError(f"{self.path}: {error.strerror}") from error

    def _write_new(self, name: str, data: bytes, temporary: Path) -> bool:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            # Unlike rename, link never replaces: of two writers at once one is told.
            os.link(temporary, self.path / name)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
        self._sync_folder()
        return True

    def _sync_folder(self) -> None:
        for folder in (self.path, self.path.parent):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _open_ours(path: Path, flags: int) -> int | None:
    """Open a plain file that is only ours; None if it, or with O_CREAT its folder, is not there."""
    try:
        # O_NOFOLLOW: a link could point at a file that somebody else may change.
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        found = os.fstat(descriptor)
        _check_ours(path, found, stat.S_ISREG(found.st_mode))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check_ours(path: Path, found: os.stat_result, right_kind: bool) -> None:
    if not right_kind or found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
        raise KeyFileUnsafeError(path, stat.S_IMODE(found.st_mode))


def _unreadable(path: Path, error: OSError) -> KeyFileUnsafeError | KeyUnavailableError:
    if path.is_symlink():
        return KeyFileUnsafeError(path, stat.S_IMODE(path.lstat().st_mode))
    return KeyUnavailableError(f"{path}: {error.strerror}")
