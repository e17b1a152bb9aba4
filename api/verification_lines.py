"""The lines of a batch that is sent as NDJSON: each one thing to verify, or what is wrong with it.

A line is a number, {"identifier", "check_code"}, or a file, {"name", "file_base64"}. One that is
neither spoils none of the others.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Final

from api.errors import ApiError, RequestInvalidError, RequestUnreadableError
from api.limits import strict_json

MEDIA_TYPE: Final = "application/x-ndjson"
LONGEST_NUMBER: Final = 200
_LONGEST_NAME: Final = 255
_NUMBER, _FILE = frozenset({"identifier", "check_code"}), frozenset({"name", "file_base64"})


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """One thing to verify, from 0 in ``position``: a file, or a number with its check code.

    ``fault``: it is neither, and this is why.
    """

    position: int
    name: str
    file: bytes | None = field(default=None, repr=False)
    number: tuple[str, str] | None = field(default=None, repr=False)
    fault: ApiError | None = None


def entries_in(data: bytes, max_depth: int) -> tuple[BatchEntry, ...]:
    """Return the entries of NDJSON in their order; blank lines count for nothing."""
    lines = [line for line in data.split(b"\n") if line.strip()]
    return tuple(_entry(position, line, max_depth) for position, line in enumerate(lines))


def _entry(position: int, line: bytes, max_depth: int) -> BatchEntry:
    try:
        return _read(position, strict_json(line, max_depth))
    except (RequestInvalidError, RequestUnreadableError) as error:
        return BatchEntry(position, "", fault=error)


def _read(position: int, said: Any) -> BatchEntry:
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise _neither()
    if said.keys() == _NUMBER:
        identifier, check_code = said["identifier"].strip(), said["check_code"].strip()
        if not identifier or not check_code or len(identifier) + len(check_code) > LONGEST_NUMBER:
            raise _neither()
        return BatchEntry(position, identifier, number=(identifier, check_code))
    if said.keys() != _FILE:
        raise _neither()
    try:
        content = base64.b64decode(said["file_base64"], validate=True)
    except ValueError as error:
        raise RequestInvalidError(
            "/file_base64", "wrong-format", "应为 base64。", "This must be base64."
        ) from error
    return BatchEntry(position, said["name"][:_LONGEST_NAME], file=content)


def _neither() -> RequestInvalidError:
    return RequestInvalidError(
        "",
        "wrong-format",
        '每行应为 {"identifier", "check_code"} 或 {"name", "file_base64"}。',
        'A line is {"identifier", "check_code"} or {"name", "file_base64"}.',
    )
