"""Reading many rows from a stream: NDJSON and CSV, of any size, one row at a time.

A row comes out as the JSON object that issuing takes, or with the code of what is wrong with its
line; it is never looked at here what its values mean. Each row says at which byte the next one
begins, so that reading can go on there.

CSV: comma, quotes doubled, UTF-8 with or without a byte order mark. The first line names the
members by dotted paths (``holders.0.name``, ``fields.address``); an empty cell is no member; a
cell of ``[…]`` or ``{…}`` is JSON.

Source: RFC 8259 (JSON); RFC 4180 (CSV).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO, Final

from license_vault.bulk.errors import InputUnreadableError

MAXIMUM_ROW_BYTES: Final = 256 * 1024
MAXIMUM_COLUMNS: Final = 512

_BOM: Final = b"\xef\xbb\xbf"


class Layout(StrEnum):
    """How rows are written."""

    NDJSON = "ndjson"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class InputRow:
    """One row: its number from 1, its members, or the code of what is wrong with its line.

    ``end`` is the offset of the byte behind it.
    """

    number: int
    body: dict[str, Any] | None = field(repr=False)
    problem: str | None
    end: int


def layout_of(name: str) -> Layout:
    """Return how a file is written, by its name.

    Raises:
        InputUnreadableError: "layout-unknown".
    """
    ending = name.rpartition(".")[2].lower()
    known = {"ndjson": Layout.NDJSON, "jsonl": Layout.NDJSON, "csv": Layout.CSV}
    if ending not in known:
        raise InputUnreadableError("layout-unknown")
    return known[ending]


def read_rows(
    stream: BinaryIO, layout: Layout, start: int = 0, after: int = 0
) -> Iterator[InputRow]:
    """Yield rows; blank lines are none.

    Args:
        stream: seekable.
        start: the byte to go on at, an ``end`` of before; 0 for the beginning.
        after: how many rows were read before.

    Raises:
        InputUnreadableError: the header of a CSV cannot be used.
    """
    if layout is Layout.NDJSON:
        return _ndjson(stream, start, after)
    return _csv(stream, start, after)


# --- NDJSON --------------------------------------------------------------------------------


def _ndjson(stream: BinaryIO, start: int, number: int) -> Iterator[InputRow]:
    stream.seek(start)
    end = start
    for line, length in _lines(stream):
        end += length
        text = line.removeprefix(_BOM) if end == length else line
        if not text.strip():
            continue
        number += 1
        body, problem = _object(text) if length <= MAXIMUM_ROW_BYTES else (None, "row-too-long")
        yield InputRow(number, body, problem, end)


def _lines(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield lines with their lengths; of one that is too long only the beginning.

    Such a beginning leaves a quote open exactly if the whole line does.
    """
    while line := stream.readline(MAXIMUM_ROW_BYTES + 1):
        length, quotes = len(line), 0
        while not line.endswith(b"\n") and (more := stream.readline(MAXIMUM_ROW_BYTES)):
            length += len(more)
            quotes += more.count(b'"')
            if more.endswith(b"\n"):
                break
        yield line + b'"' * (quotes % 2), length


def _object(line: bytes) -> tuple[dict[str, Any] | None, str | None]:
    try:
        value = _parsed(line.decode("utf-8"))
    except UnicodeDecodeError:
        return None, "row-not-utf-8"
    except _DoubleMemberError:
        return None, "row-double-member"
    except (ValueError, RecursionError):
        return None, "row-not-json"
    return (value, None) if isinstance(value, dict) else (None, "row-not-object")


def _parsed(text: str) -> Any:
    """Return what JSON says that can be written again; half a surrogate, NaN and 1e999 cannot.

    Raises:
        ValueError, RecursionError, _DoubleMemberError: it is none.
    """
    value = json.loads(text, object_pairs_hook=_without_doubles)
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return value


class _DoubleMemberError(Exception):
    """An object names a member twice: nobody could say which counts."""


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _DoubleMemberError
    return members


# --- CSV -----------------------------------------------------------------------------------


class _CountedLines:
    """Gives the lines of a stream to the CSV reader, as text, and counts their bytes."""

    def __init__(self, stream: BinaryIO, start: int) -> None:
        stream.seek(start)
        self._stream = stream
        self.end = start
        self.begin_row()

    def begin_row(self) -> None:
        """Forget the lines of the row before."""
        self.undecodable = False
        self.too_long = False
        self.first_end = 0

    def __iter__(self) -> Iterator[str]:
        for line, length in _lines(self._stream):
            text = line.removeprefix(_BOM) if self.end == 0 else line
            self.end += length
            self.first_end = self.first_end or self.end
            self.too_long |= length > MAXIMUM_ROW_BYTES
            try:
                yield text.decode("utf-8")
            except UnicodeDecodeError:
                self.undecodable = True
                yield text.decode("utf-8", errors="replace")


def _csv(stream: BinaryIO, start: int, number: int) -> Iterator[InputRow]:
    header, first = _header(stream)
    csv.field_size_limit(MAXIMUM_ROW_BYTES)
    lines = _CountedLines(stream, max(start, first))
    reader = csv.reader(lines, strict=True)
    while (cells := _cells(lines, reader)) is not None:
        if cells and not any(cell.strip() for cell in cells):
            continue
        number += 1
        problem = _line_problem(lines, cells, header)
        if problem and lines.end != lines.first_end:
            # A quote that nobody closed takes whole rows in: bad is only the line it began in.
            lines = _CountedLines(stream, lines.first_end)
            reader = csv.reader(lines, strict=True)
        body, inner = (None, None) if problem else _nested(header, cells)
        yield InputRow(number, body, problem or inner, lines.end)


def _cells(lines: _CountedLines, reader: Iterator[list[str]]) -> list[str] | None:
    """Return the cells of the next row, none at all if it is no CSV; None at the end."""
    lines.begin_row()
    try:
        return next(reader) or [""]
    except StopIteration:
        return None
    except csv.Error:
        return []


def _line_problem(lines: _CountedLines, cells: list[str], header: list[str]) -> str | None:
    if lines.too_long:
        return "row-too-long"
    if lines.undecodable:
        return "row-not-utf-8"
    if not cells:
        return "row-not-csv"
    return None if len(cells) == len(header) else "row-other-columns"


def _header(stream: BinaryIO) -> tuple[list[str], int]:
    lines = _CountedLines(stream, 0)
    try:
        names = [name.strip() for name in next(csv.reader(lines, strict=True), [])]
    except csv.Error as error:
        raise InputUnreadableError("header-missing", 1) from error
    if not names or lines.undecodable or len(names) > MAXIMUM_COLUMNS:
        raise InputUnreadableError("header-missing", 1)
    for column, name in enumerate(names, start=1):
        if not name or not all(name.split(".")):
            raise InputUnreadableError("header-unknown", column)
        if names.index(name) != column - 1:
            raise InputUnreadableError("header-double", column)
    return names, lines.end


def _nested(header: list[str], cells: list[str]) -> tuple[dict[str, Any] | None, str | None]:
    """Return the object that paths and cells describe."""
    root: dict[str, Any] = {}
    for path, cell in zip(header, cells, strict=True):
        text = cell.strip()
        if not text:
            continue
        value, problem = _cell(text)
        if problem or not _put(root, path.split("."), value):
            return None, problem or "row-other-columns"
    listed = _listed(root)
    return (listed, None) if isinstance(listed, dict) else (None, "row-not-object")


def _cell(text: str) -> tuple[Any, str | None]:
    if text[0] not in "[{":
        return text, None
    try:
        return _parsed(text), None
    except (ValueError, RecursionError, _DoubleMemberError):
        return None, "row-not-json"


def _put(root: dict[str, Any], path: list[str], value: Any) -> bool:
    """Put a value at a path; False if something else stands in the way."""
    at = root
    for name in path[:-1]:
        inner = at.setdefault(name, {})
        if not isinstance(inner, dict):
            return False
        at = inner
    return at.setdefault(path[-1], value) is value


def _listed(value: Any) -> Any:
    """Return objects whose names are 0, 1, 2 … as lists."""
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(member) for name, member in value.items()}
    if inner and set(inner) == {str(number) for number in range(len(inner))}:
        return [inner[str(number)] for number in range(len(inner))]
    return inner
