"""The object store in a folder: the embedded default, with the promises of the real one.

An object is written to a temporary file, synced, and linked to its name; linking refuses a
name that is taken, where renaming would replace it. Then the folder is synced: the file is
there after a power cut, whole or not at all. Folders are 0700, files 0600.

For one machine. Several nodes need a store they all see (``store.s3``).
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from license_vault.errors import ObjectExistsError, PathUnusableError, StoreUnavailableError
from license_vault.store.object_store import check_key

_INCOMING = ".incoming"


class DirectoryStore:
    """Objects as files below one folder, which is made if it is not there."""

    def __init__(self, directory: Path) -> None:
        """Take a folder, and make it.

        Raises:
            PathUnusableError: it cannot be made here.
        """
        self._root = directory
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            (directory / _INCOMING).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise PathUnusableError(str(directory), error.strerror or "") from error

    def put_new(self, key: str, data: bytes, media_type: str) -> None:  # noqa: ARG002
        """Store an object; see ObjectStore. The media type is not kept in a folder."""
        check_key(key)
        try:
            self._put_new(key, data)
        except OSError as error:
            raise StoreUnavailableError(_reason(error)) from error

    def find(self, key: str) -> bytes | None:
        """Return an object's bytes or None; see ObjectStore."""
        check_key(key)
        try:
            return (self._root / key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreUnavailableError(_reason(error)) from error

    def all_keys(self) -> Iterator[str]:
        """Yield the key of every object; files half written are none."""
        for folder, names, files in os.walk(self._root):
            if Path(folder) == self._root:
                names.remove(_INCOMING)
            for name in files:
                yield (Path(folder) / name).relative_to(self._root).as_posix()

    def _put_new(self, key: str, data: bytes) -> None:
        target = self._root / key
        self._make_folders(target.parent)
        incoming = self._root / _INCOMING / secrets.token_hex(16)
        try:
            _write_synced(incoming, data)
            taken = _link_if_free(incoming, target)
        finally:
            with suppress(FileNotFoundError):
                incoming.unlink()
        if taken and target.read_bytes() != data:
            raise ObjectExistsError(key)
        # Also when the name was taken by the same bytes: who put them may not have come here.
        _sync_folder(target.parent)

    def _make_folders(self, folder: Path) -> None:
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for new in reversed(missing):
            new.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(new.parent)


def _write_synced(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _link_if_free(source: Path, target: Path) -> bool:
    """Link a file to a second name; return whether that name was taken."""
    try:
        os.link(source, target)
    except FileExistsError:
        return True
    return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    return f"{type(error).__name__} {error.errno}"
