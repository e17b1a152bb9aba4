"""The sheet of a receipt: a title, rows of label and value, and a code with its address; one A4.

It is for reading and filing. What counts is the signed receipt, which the sheet names by number
and digest; it is no license and carries no claims.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from license_vault.face.fonts import Fonts
from license_vault.face.ornaments import rectangle_path
from license_vault.face.pdf import FaceDocument
from license_vault.face.placed_face import Box, PlacedFace, PlacedPath, PlacedRun
from license_vault.face.qr_code import qr_outline
from license_vault.face.typesetting import TextFrame, TextStyle, Words, set_text

_WIDTH_MM, _HEIGHT_MM = 210.0, 297.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 20.0, 190.0, 72.0, 262.0
_LABEL_MM: Final = 46.0
_QR: Final = Box(156.0, 18.0, 34.0, 34.0)
_PAD: Final = 1.6
_LONGEST: Final = 400  # characters of one value; the signed receipt has all of it
_MOST_LINES: Final = 12
_INK, _QUIET, _LINE = "#1f2d3d", "#5a6b7f", "#c3ccd6"
_TITLE: Final = TextStyle("serif", 7.4, 4.0, colour=_INK, weight_mm=0.18)
_LEAD: Final = TextStyle("serif", 4.6, 2.6, vertical="top", leading=1.4, colour=_INK)
_LABEL: Final = TextStyle("sans", 3.0, 2.0, vertical="top", leading=1.45, colour=_QUIET)
_VALUE: Final = TextStyle("body", 3.4, 2.2, vertical="top", leading=1.4, colour=_INK)
_SMALL: Final = TextStyle("sans", 2.8, 2.0, vertical="top", leading=1.5, colour=_QUIET)


@dataclass(frozen=True, slots=True)
class ReceiptSheet:
    """What a sheet says: title, the sentence, rows of label and value, and what stands below.

    ``address`` is where the receipt can be had again; it stands in the code.
    """

    title: str
    sentence: str
    rows: tuple[tuple[str, str], ...]
    note: str
    address: str
    author: str


def set_receipt_sheet(
    sheet: ReceiptSheet, fonts: Fonts, created_at: datetime.datetime
) -> FaceDocument:
    """Return the sheet, ready for the PDF press. Long values are cut, and rows that find no room.

    Raises:
        GlyphMissingError, CharacterNotSettableError: a character cannot be drawn.
        QrTextInvalidError, QrCodeTooDenseError: the address does not fit the code.
    """
    runs, paths = [*_head(sheet, fonts)], []
    y = _TOP
    for label, value in sheet.rows:
        placed, height = _row(label, _cut(value), y, fonts)
        if y + height > _BOTTOM:
            break
        runs += placed
        y += height
        paths.append(PlacedPath(f"M {_LEFT} {y:.3f} L {_RIGHT} {y:.3f}", None, _LINE, 0.15))
    runs += _text(sheet.note, Box(_LEFT, y + 5.0, _RIGHT - _LEFT, 26.0), _SMALL, fonts)
    paths.append(PlacedPath(rectangle_path(Box(_LEFT, _TOP - 3.0, 170.0, 0.5)), _INK))
    face = PlacedFace(
        width_mm=_WIDTH_MM,
        height_mm=_HEIGHT_MM,
        runs=tuple(runs),
        paths=tuple(paths),
        qr=qr_outline(sheet.address, _QR),
        qr_box=_QR,
        seal_boxes=(),
        values={},
    )
    return FaceDocument(
        face=face,
        claims=b"",
        data_index=b"",
        xmp={},
        title=sheet.title,
        author=sheet.author,
        created_at=created_at,
    )


def _head(sheet: ReceiptSheet, fonts: Fonts) -> Iterator[PlacedRun]:
    title = TextFrame(Box(_LEFT, 20.0, 130.0, 12.0), _TITLE)
    yield from set_text(Words(sheet.title, "title"), title, fonts)
    yield from _text(_cut(sheet.sentence), Box(_LEFT, 35.0, 130.0, 32.0), _LEAD, fonts)


def _row(label: str, value: str, y: float, fonts: Fonts) -> tuple[list[PlacedRun], float]:
    """Return the runs of a row that begins at a height, and how high it is."""
    names = _text(label, Box(_LEFT, y + _PAD, _LABEL_MM - 4.0, 60.0), _LABEL, fonts)
    box = Box(_LEFT + _LABEL_MM, y + _PAD, _RIGHT - _LEFT - _LABEL_MM, 90.0)
    values = _text(value, box, _VALUE, fonts)
    heights = (_height(names, _LABEL), _height(values, _VALUE))
    return [*names, *values], max(heights) + 2 * _PAD


def _height(runs: tuple[PlacedRun, ...], style: TextStyle) -> float:
    lines = len({run.baseline_mm for run in runs}) or 1
    return lines * max((run.size_mm for run in runs), default=style.size_mm) * style.leading


def _text(text: str, box: Box, style: TextStyle, fonts: Fonts) -> tuple[PlacedRun, ...]:
    return set_text(Words(text, "receipt"), TextFrame(box, style, _MOST_LINES), fonts)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
