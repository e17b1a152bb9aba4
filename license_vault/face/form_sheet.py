"""A filled form as a document: a table of label, value and source, on as many A4 pages as needed.

It is no license: it has no claims, no QR code and no check code, and nothing is attached. It is
drawn by the presses that draw faces and sealed afterwards, if at all, with the applicant's own
seal, for which the last page keeps a place.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from license_vault.face.errors import FaceOverflowError
from license_vault.face.fonts import Fonts
from license_vault.face.ornaments import rectangle_path
from license_vault.face.pdf import FaceDocument
from license_vault.face.placed_face import Box, PlacedFace, PlacedPath, PlacedRun
from license_vault.face.typesetting import TextFrame, TextStyle, Words, set_text

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
MAXIMUM_PAGES: Final = 200
SEAL_MM: Final = 42.0

_LEFT, _RIGHT = 20.0, 190.0
_FIRST_TOP, _NEXT_TOP, _BOTTOM = 56.0, 24.0, 268.0
_END_MM: Final = 52.0  # declaration and seal after the last row
_PAD, _HEAD_MM = 2.0, 8.5
_COLUMNS: Final = ((20.0, 42.0), (62.0, 88.0), (150.0, 40.0))  # x, width
_HEADINGS: Final = ("项目 Item", "内容 Value", "来源 Source")
_INK, _PALE, _LINE = "#1f2d3d", "#eef2f7", "#8a9bb0"
_STYLES: Final = (
    TextStyle("serif", 3.8, 3.8, vertical="top", leading=1.35, colour=_INK, weight_mm=0.03),
    TextStyle("body", 3.8, 3.8, vertical="top", leading=1.35),
    TextStyle("sans", 2.7, 2.7, vertical="top", leading=1.35, colour="#5a6b7f"),
)
_TITLE: Final = TextStyle("serif", 8.0, 3.0, align="centre", colour=_INK, weight_mm=0.2)
_CAPTION: Final = TextStyle("serif", 4.0, 2.0, vertical="top", leading=1.3, colour=_INK)
_SMALL: Final = TextStyle("sans", 2.8, 2.0, align="centre", colour="#5a6b7f")
_TALL_MM: Final = 20_000.0  # a cell is set without an end and cut into pages afterwards
_NO_QR: Final = PlacedPath("")
_DECLARATION: Final = "本表内容由申请人核对确认。 The applicant has checked what stands here."


@dataclass(frozen=True, slots=True)
class FormSheet:
    """A filled form; each row is label, value and where the value came from (may be empty)."""

    title: str
    item_name: str
    case_number: str
    rows: tuple[tuple[str, str, str], ...]


# The lines of one cell: each its runs, set as if the cell began at the top of the page.
_Lines = tuple[tuple[PlacedRun, ...], ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of a row, or of what is left of it on the next page."""

    cells: tuple[_Lines, ...]

    @property
    def height_mm(self) -> float:
        """Return how high the row is with its padding."""
        return 2 * _PAD + max(_height(at, len(lines)) for at, lines in enumerate(self.cells))

    def split(self, free_mm: float) -> tuple["_Row", "_Row"]:
        """Return the lines that have room, and those that have not."""
        counts = [_lines_in(at, free_mm - 2 * _PAD) for at in range(len(self.cells))]
        pairs = list(zip(self.cells, counts, strict=True))
        return (
            _Row(tuple(lines[:count] for lines, count in pairs)),
            _Row(tuple(lines[count:] for lines, count in pairs)),
        )


@dataclass(frozen=True, slots=True)
class _Page:
    """The rows of a page and the height at which the table begins."""

    top: float
    rows: tuple[_Row, ...]

    @property
    def end(self) -> float:
        """Return the height at which the table ends."""
        return self.top + _HEAD_MM + sum(row.height_mm for row in self.rows)


def set_form_sheet(sheet: FormSheet, fonts: Fonts, created_at: datetime.datetime) -> FaceDocument:
    """Return a filled form, ready for the PDF press or the OFD press.

    The seal's place is ``pages[-1].seal_box`` of what is returned.

    Raises:
        GlyphMissingError: no font has a character; names the row by its label.
        CharacterNotSettableError: a character needs shaping, or is a control.
        FaceOverflowError: the title, item name or case number is too long for its line, or
            ("rows") there are over ``MAXIMUM_PAGES``.
    """
    rows = tuple(_row(cells, fonts) for cells in sheet.rows)
    pages = tuple(_pages(rows))
    if len(pages) > MAXIMUM_PAGES:
        raise FaceOverflowError("rows")
    faces = [
        _face(page, _furniture(sheet, number, len(pages), fonts), fonts)
        for number, page in enumerate(pages, 1)
    ]
    faces[-1] = _with_end(faces[-1], pages[-1], fonts)
    return FaceDocument(
        face=faces[0],
        claims=b"",
        data_index=b"",
        xmp={},
        title=sheet.title,
        author=sheet.item_name,
        created_at=created_at,
        more_pages=tuple(faces[1:]),
    )


def _row(cells: tuple[str, str, str], fonts: Fonts) -> _Row:
    return _Row(
        tuple(_cell(text, at, cells[0] or f"row {at}", fonts) for at, text in enumerate(cells))
    )


def _cell(text: str, at: int, name: str, fonts: Fonts) -> _Lines:
    x, width = _COLUMNS[at]
    box = Box(x + _PAD, 0.0, width - 2 * _PAD, _TALL_MM)
    runs = set_text(Words(text, name), TextFrame(box, _STYLES[at], 10_000), fonts)
    return tuple(tuple(line) for _, line in groupby(runs, key=lambda run: run.baseline_mm))


def _pages(rows: Sequence[_Row]) -> Iterator[_Page]:
    """Yield the pages; the last one has room for the declaration and the seal."""
    page = _Page(_FIRST_TOP, ())
    for row in rows:
        rest = row
        while rest.height_mm > _BOTTOM - page.end:
            shown, left = rest.split(_BOTTOM - page.end)
            # A row is cut only if it would fill most of a page: others begin on the next one.
            if page.rows and row.height_mm <= (_BOTTOM - _NEXT_TOP) / 2:
                shown, left = _Row(((), (), ())), rest
            if any(shown.cells):
                page = replace(page, rows=(*page.rows, shown))
            yield page
            page, rest = _Page(_NEXT_TOP, ()), left
            if not any(left.cells):
                break
        else:
            page = replace(page, rows=(*page.rows, rest))
    if page.end + _END_MM > _BOTTOM:
        yield page
        page = _Page(_NEXT_TOP, ())
    yield page


def _height(at: int, lines: int) -> float:
    return lines * _STYLES[at].size_mm * _STYLES[at].leading


def _lines_in(at: int, height_mm: float) -> int:
    return max(0, int(height_mm / (_STYLES[at].size_mm * _STYLES[at].leading)))


def _furniture(sheet: FormSheet, number: int, count: int, fonts: Fonts) -> tuple[PlacedRun, ...]:
    """Return what stands around the table: titles on the first page, the page's number on each."""
    footer = f"{sheet.title} · 第 {number} 页，共 {count} 页 · Page {number} of {count}"
    runs = _line(footer, "title", Box(_LEFT, 280.0, _RIGHT - _LEFT, 5.0), _SMALL, fonts)
    if number > 1:
        return runs
    head = (
        (sheet.title, "title", Box(_LEFT, 20.0, _RIGHT - _LEFT, 12.0), _TITLE),
        (f"事项：{sheet.item_name}", "item_name", Box(_LEFT, 38.0, 170.0, 6.0), _CAPTION),
        (f"办件编号：{sheet.case_number}", "case_number", Box(_LEFT, 46.0, 170.0, 6.0), _CAPTION),
    )
    placed = (_line(text, name, box, style, fonts) for text, name, box, style in head)
    return tuple(run for line in (*placed, runs) for run in line)


def _line(text: str, name: str, box: Box, style: TextStyle, fonts: Fonts) -> tuple[PlacedRun, ...]:
    return set_text(Words(text, name), TextFrame(box, style), fonts)


def _face(page: _Page, furniture: tuple[PlacedRun, ...], fonts: Fonts) -> PlacedFace:
    runs = [*furniture]
    paths: list[PlacedPath] = []
    if page.rows:
        header = Box(_LEFT, page.top, _RIGHT - _LEFT, _HEAD_MM)
        paths.append(PlacedPath(rectangle_path(header), _PALE))
        for (x, width), text in zip(_COLUMNS, _HEADINGS, strict=True):
            box = Box(x + _PAD, page.top, width - 2 * _PAD, _HEAD_MM)
            runs += _line(text, text, box, replace(_STYLES[0], vertical="middle"), fonts)
        runs += _placed_rows(page)
        paths += _ruling(page)
    return PlacedFace(
        width_mm=WIDTH_MM,
        height_mm=HEIGHT_MM,
        runs=tuple(runs),
        paths=tuple(paths),
        qr=_NO_QR,
        qr_box=Box(0.0, 0.0, 0.0, 0.0),
        seal_boxes=(),
        values={},
    )


def _placed_rows(page: _Page) -> Iterator[PlacedRun]:
    """Yield the runs of the rows, moved to where they stand on the page."""
    top = page.top + _HEAD_MM
    for row in page.rows:
        for at, lines in enumerate(row.cells):
            pitch, first = _STYLES[at].size_mm * _STYLES[at].leading, top + _PAD
            for number, line in enumerate(lines):
                # A cell that goes on from the page before begins anew at its top.
                baseline = first + number * pitch + 0.88 * _STYLES[at].size_mm
                yield from (replace(run, baseline_mm=baseline) for run in line)
        top += row.height_mm


def _ruling(page: _Page) -> Iterator[PlacedPath]:
    frame = Box(_LEFT, page.top, _RIGHT - _LEFT, page.end - page.top)
    heights = [page.top + _HEAD_MM]
    for row in page.rows[:-1]:
        heights.append(heights[-1] + row.height_mm)
    lines = [f"M {_LEFT} {y:.3f} L {_RIGHT} {y:.3f}" for y in heights]
    lines += [f"M {x} {page.top} L {x} {page.end:.3f}" for x, _ in _COLUMNS[1:]]
    yield PlacedPath(" ".join(lines), None, _LINE, 0.15)
    yield PlacedPath(rectangle_path(frame), None, _LINE, 0.35)


def _with_end(face: PlacedFace, page: _Page, fonts: Fonts) -> PlacedFace:
    """Return the last page with the declaration, and the place for the applicant's seal."""
    top = (page.end if page.rows else page.top) + 6.0
    said = _line(_DECLARATION, "declaration", Box(_LEFT, top, 112.0, 6.0), _CAPTION, fonts)
    signed = _line("申请人（盖章）", "seal", Box(_LEFT, top + 12.0, 112.0, 6.0), _CAPTION, fonts)
    seal = Box(_RIGHT - SEAL_MM - 4.0, top, SEAL_MM, SEAL_MM)
    return replace(face, runs=(*face.runs, *said, *signed), seal_boxes=(seal,))
