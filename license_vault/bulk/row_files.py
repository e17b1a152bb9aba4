"""The files that a row names: found in the job's folder, nowhere else, and judged."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from keys.sm3 import sm3
from license_vault.bulk.errors import RowRefusedError
from license_vault.bulk.judgement import FileJudgement, Judge
from license_vault.vault import OFD, PDF

KEPT_FORMS: Final = (PDF, OFD)
MAXIMUM_FILE_BYTES: Final = 20 * 1024 * 1024
_FILE: Final = "/file"


@dataclass(frozen=True, slots=True)
class RowFile:
    """A file of a row, and what the verifier said of it."""

    data: bytes = field(repr=False)
    sm3: bytes
    judgement: FileJudgement

    @property
    def form(self) -> str:
        """Return what the file is."""
        return self.judgement.form


def file_names(value: object) -> tuple[str, ...]:
    """Return the names that a row's member ``file`` gives: one text, or a list of texts.

    Raises:
        RowRefusedError: "file-missing", it gives none.
    """
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise RowRefusedError("file-missing", _FILE)
    return tuple(names)


def read_file(folder: str | None, name: str) -> bytes:
    """Read a file of a folder.

    Raises:
        RowRefusedError: "file-outside-folder", "file-missing", "file-too-large".
    """
    path = PurePosixPath(name)
    if folder is None or path.is_absolute() or ".." in path.parts or "\0" in name:
        raise RowRefusedError("file-outside-folder", _FILE)
    try:
        # Links are followed no further than the folder itself goes.
        top = Path(folder).resolve(strict=True)
        place = (top / path).resolve(strict=True)
        if not place.is_relative_to(top) or not place.is_file():
            raise RowRefusedError("file-outside-folder", _FILE)
        with place.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MAXIMUM_FILE_BYTES:
                raise RowRefusedError("file-too-large", _FILE)
            return file.read(MAXIMUM_FILE_BYTES + 1)
    except OSError as error:
        raise RowRefusedError("file-missing", _FILE) from error


def judged(data: bytes, judge: Judge) -> RowFile:
    """Judge a file that is to be kept.

    Raises:
        RowRefusedError: "file-altered", "form-not-kept", "file-unreadable".
    """
    judgement = judge(data)
    if judgement.form not in KEPT_FORMS:
        raise RowRefusedError("form-not-kept", _FILE)
    if judgement.trust_level is None:
        raise RowRefusedError("file-altered", _FILE)
    return RowFile(data, sm3(data), judgement)


def require_one_each(files: tuple[RowFile, ...], identifier: str | None) -> None:
    """Check that files can be the forms of one license.

    Raises:
        RowRefusedError: "form-not-kept", two of one form; "file-names-another", one says that it
            is another license.
    """
    if len({file.form for file in files}) != len(files):
        raise RowRefusedError("form-not-kept", _FILE)
    named = {file.judgement.identifier for file in files} - {""}
    if len(named | ({identifier} if identifier else set())) > 1:
        raise RowRefusedError("file-names-another", _FILE)
