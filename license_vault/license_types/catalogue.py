"""The catalogue of license types (GB/T 36902): versioned folders of plain files, read lazily.

``<directory>/<type code>/<version>/type.yaml`` and ``face.yaml``. An operator adds a type by
adding a folder, without code and without a restart: listing looks at folder names only, and a
file is read when its type is asked for, and again when it has changed. The catalogue does not
decide who may issue a type.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from license_vault.errors import (
    LicenseTypeBrokenError,
    LicenseTypeNotPublishedError,
    LicenseTypeUnknownError,
)
from license_vault.license_types.faces import face_problems, layout_problems
from license_vault.license_types.files import CatalogueProblem, Problems
from license_vault.license_types.license_type import FACE_NAME, FieldSpec, LicenseType, TypeState
from license_vault.license_types.reader import FILE_NAME, read_license_type

__all__ = ["SHIPPED_TYPES", "Catalogue", "CatalogueProblem", "FieldSpec", "LicenseType"]

SHIPPED_TYPES: Final = Path(__file__).parent

_CODE: Final = re.compile(r"[0-9A-Z]{18}[0-9]{3}")
_VERSION: Final = re.compile(r"v[1-9][0-9]{0,3}")

# What tells a changed file from the one read before: modification time in ns, size.
_Stamp = tuple[int, int]


class Catalogue:
    """License types in one or several directories; may be asked from many threads.

    A later directory adds types to the earlier ones; a version that two of them hold is a
    problem that ``check`` names, and the first directory's is used.
    """

    def __init__(self, directories: Sequence[Path]) -> None:
        self._directories = tuple(directories)
        self._read: dict[Path, tuple[_Stamp, LicenseType]] = {}

    def codes(self) -> tuple[str, ...]:
        """Return all type codes, sorted; opens no file."""
        folders = (entry for top in self._directories for entry in _folders(top))
        return tuple(sorted({folder.name for folder in folders if _CODE.fullmatch(folder.name)}))

    def versions(self, code: str) -> tuple[str, ...]:
        """Return the versions of a type, oldest first; opens no file.

        Raises:
            LicenseTypeUnknownError: there is no folder of that name.
        """
        # The code may come from outside: only a code becomes part of a path.
        if not _CODE.fullmatch(code):
            raise LicenseTypeUnknownError(code)
        folders = (entry for top in self._directories for entry in _folders(top / code))
        names = {folder.name for folder in folders if _VERSION.fullmatch(folder.name)}
        if not names:
            raise LicenseTypeUnknownError(code)
        return tuple(sorted(names, key=lambda name: int(name[1:])))

    def get(self, code: str, version: str | None = None) -> LicenseType:
        """Return a version of a type in any state; without a version, the newest published.

        Raises:
            LicenseTypeUnknownError: no such type or version.
            LicenseTypeNotPublishedError: no version was asked for, and none is published.
            LicenseTypeBrokenError: its file cannot be used.
        """
        versions = self.versions(code)
        if version is not None:
            if version not in versions:
                raise LicenseTypeUnknownError(code, version)
            return self._load(code, version)
        newest = None
        for name in reversed(versions):
            license_type = self._load(code, name)
            if license_type.state is TypeState.PUBLISHED:
                return license_type
            newest = newest or license_type
        assert newest is not None
        raise LicenseTypeNotPublishedError(code, newest.version, newest.state)

    def for_issuing(self, code: str, version: str | None = None) -> LicenseType:
        """Return the version to issue by: the one asked for, else the newest published.

        Raises:
            LicenseTypeUnknownError: no such type or version.
            LicenseTypeNotPublishedError: it is a draft, only reviewed, or withdrawn.
            LicenseTypeBrokenError: its file cannot be used.
        """
        license_type = self.get(code, version)
        if license_type.state is not TypeState.PUBLISHED:
            raise LicenseTypeNotPublishedError(code, license_type.version, license_type.state)
        return license_type

    def check(self) -> tuple[CatalogueProblem, ...]:
        """Return every problem of every file, in the order of paths and lines."""
        seen: dict[tuple[str, str], Path] = {}
        problems = [p for top in self._directories for p in _check_directory(top, seen)]
        return tuple(sorted(problems, key=lambda p: (p.path, p.line, p.code)))

    def _load(self, code: str, version: str) -> LicenseType:
        path = self._path(code, version)
        try:
            status = path.stat()
        except OSError as error:
            raise LicenseTypeBrokenError(code, (f"{path}: {error.strerror}",)) from error
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._read.get(path)
        if known and known[0] == stamp:
            return known[1]
        problems = Problems(path)
        license_type = read_license_type(path, problems)
        if license_type is not None:
            _check_names(license_type, path, problems)
        if license_type is None or problems.found:
            raise LicenseTypeBrokenError(code, tuple(map(str, problems.found)))
        self._read[path] = (stamp, license_type)
        return license_type

    def _path(self, code: str, version: str) -> Path:
        paths = [top / code / version / FILE_NAME for top in self._directories]
        return next((path for path in paths if path.parent.is_dir()), paths[0])


def _folders(directory: Path) -> Iterator[Path]:
    """Yield the folders in a directory, sorted; hidden ones are not the catalogue's."""
    if directory.is_dir():
        entries = sorted(directory.iterdir())
        yield from (e for e in entries if e.is_dir() and not e.name.startswith((".", "__")))


def _check_directory(top: Path, seen: dict[tuple[str, str], Path]) -> Iterator[CatalogueProblem]:
    if not top.is_dir():
        zh, en = "目录不存在。", "There is no such directory."
        yield CatalogueProblem(top, 1, "no-directory", zh, en)
    for folder in _folders(top):
        if not _CODE.fullmatch(folder.name):
            zh = f"文件夹名 {folder.name} 不是证照类型代码。"
            en = f"The folder's name {folder.name} is no license type code."
            yield CatalogueProblem(folder, 1, "folder-not-a-code", zh, en)
            continue
        versions = tuple(_folders(folder))
        if not versions:
            zh, en = "没有任何版本文件夹。", "There is no folder of a version."
            yield CatalogueProblem(folder, 1, "no-version", zh, en)
        for version in versions:
            yield from _check_version(version, seen)


def _check_version(folder: Path, seen: dict[tuple[str, str], Path]) -> tuple[CatalogueProblem, ...]:
    path = folder / FILE_NAME
    problems = Problems(path)
    if not _VERSION.fullmatch(folder.name):
        zh = f"版本文件夹名 {folder.name} 应如 v1。"
        en = f"The version folder's name {folder.name} must be like v1."
        problems.add(1, "folder-not-a-version", zh, en)
    license_type = read_license_type(path, problems)
    if license_type is None:
        return (*problems.found, *layout_problems(folder / FACE_NAME))
    _check_names(license_type, path, problems)
    first = seen.setdefault((license_type.code, license_type.version), path)
    if first != path:
        zh = f"代码和版本与 {first} 重复。"
        en = f"Code and version are those of {first} too."
        problems.add(1, "duplicate-code", zh, en)
    return (*problems.found, *face_problems(license_type))


def _check_names(license_type: LicenseType, path: Path, problems: Problems) -> None:
    """Check that the folders are named by code and version of the file inside."""
    code, version = path.parent.parent.name, path.parent.name
    if license_type.code != code:
        zh = f"代码 {license_type.code} 与文件夹名 {code} 不一致。"
        en = f"The code {license_type.code} is not the folder's name {code}."
        problems.add(1, "folder-disagrees", zh, en)
    if license_type.version != version:
        zh = f"版本 {license_type.version} 与文件夹名 {version} 不一致。"
        en = f"The version {license_type.version} is not the folder's name {version}."
        problems.add(1, "folder-disagrees", zh, en)
