"""The face of a license: a layout filled with claims, every line at its place in millimetres.

``set_face`` is a pure function of layout, values, fonts and QR text: the same input gives the
same face, whatever it is drawn to later. Everything that can go wrong with a value (too long,
a character no font has) goes wrong here, before anything is written or sealed.

It does not read databases or files and draws nothing; ``face.pdf`` and ``face.ofd`` do.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from license_vault.face.errors import FaceOverflowError
from license_vault.face.fonts import Fonts
from license_vault.face.layout import FaceLayout, ValueText, check_layout, read_layout
from license_vault.face.placed_face import (
    Box,
    PlacedFace,
    PlacedPath,
    PlacedRun,
    PlacedValue,
)
from license_vault.face.qr_code import qr_outline
from license_vault.face.typesetting import ASCENT, DESCENT, Span, TextFrame, Words, set_text

__all__ = [
    "CHECK_CODE",
    "INDEX_SCHEMA",
    "Box",
    "FaceLayout",
    "PlacedFace",
    "PlacedPath",
    "PlacedRun",
    "PlacedValue",
    "check_layout",
    "data_index",
    "read_layout",
    "set_face",
]

INDEX_SCHEMA = "license-vault/index/1"
CHECK_CODE = "check_code"  # on the face, but no claim

# Claims whose sentences stand together in the layout's place for notes.
_NOTE = re.compile(r"making|conditions\.[0-9]+|predecessor")
_ALONE_MM = 0.05  # kept off each side of a value's box, so that it holds no neighbour


def set_face(
    layout: FaceLayout, values: Mapping[str, str], fonts: Fonts, qr_text: str
) -> PlacedFace:
    """Set every text of a layout; a claim that has no value leaves its place empty.

    The notes among the values (存量补制, conditions, the license before) stand one under the
    other in the layout's place for them, in the order in which they are given.

    Args:
        values: what is printed for each claim path (``license_metadata.printed_values``), and
            the check code under ``CHECK_CODE``.

    Raises:
        FaceOverflowError: a value does not fit its box at the smallest size.
        GlyphMissingError: no font has a character; names the package that has it.
        CharacterNotSettableError: a character needs shaping, or is a control.
        QrTextInvalidError, QrCodeTooDenseError: the QR text cannot be drawn in its box.
    """
    fixed = _fixed_runs(layout, fonts)
    runs = [*fixed]
    placed: dict[str, PlacedValue] = {}
    ends: dict[str, float] = {}
    for words, item in _settings(layout, values):
        if words.spans:
            own = set_text(words, _frame(item, ends), fonts)
            runs.extend(own)
            ends[item.claim] = own[-1].x_mm + own[-1].width_mm
            placed.update((span.claim, _placed_value(span.claim, own)) for span in words.spans)
    return PlacedFace(
        width_mm=layout.width_mm,
        height_mm=layout.height_mm,
        runs=tuple(runs),
        paths=layout.paths,
        qr=qr_outline(qr_text, layout.qr_box),
        qr_box=layout.qr_box,
        seal_boxes=layout.seal_boxes,
        values=placed,
        shared_runs=len(fixed),
    )


@lru_cache(maxsize=256)
def _fixed_runs(layout: FaceLayout, fonts: Fonts) -> tuple[PlacedRun, ...]:
    """Return the words that stand on every license of a layout, set once."""
    return tuple(
        run
        for item in layout.texts
        for run in set_text(Words(item.text, item.text), item.frame, fonts)
    )


def _settings(layout: FaceLayout, values: Mapping[str, str]) -> Iterator[tuple[Words, ValueText]]:
    """Yield what is set, and where: the values in the order of the layout, then the notes."""
    for item in layout.values:
        yield _words(item, values), item
    notes = tuple((path, text) for path, text in values.items() if _NOTE.fullmatch(path))
    if not notes:
        return
    name = notes[0][0].partition(".")[0]
    if layout.notes is None:
        # What must be said on the face and has no place there does not fit.
        raise FaceOverflowError(name)
    place = ValueText(name, "lines", "", "", "", layout.notes, 0)
    yield _joined(notes, place), place


def _words(item: ValueText, values: Mapping[str, str]) -> Words:
    """Return the words around a value and the value, or the items of a list line by line."""
    parts = _items(item.claim, values) if item.form == "lines" else ()
    return _joined(parts or ((item.claim, values.get(item.claim, "")),), item)


def _joined(parts: Sequence[tuple[str, str]], item: ValueText) -> Words:
    """Return the parts, each with its own claim, on lines of their own."""
    text = item.before
    spans: list[Span] = []
    for claim, part in parts:
        if part:
            text += "\n" if spans else ""
            spans.append(Span(claim, len(text), len(text) + len(part)))
            text += part
    return Words(text + item.after, item.claim, tuple(spans))


def _items(claim: str, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the items of a list, each with its own path: "fields.items.0" and so on."""
    found: list[tuple[str, str]] = []
    while (path := f"{claim}.{len(found)}") in values:
        found.append((path, values[path]))
    return tuple(found)


def _frame(item: ValueText, ends: Mapping[str, float]) -> TextFrame:
    """Return a value's frame; if it follows another value, it begins where that one ended."""
    box, begin = item.frame.box, ends.get(item.follows)
    if begin is None:
        return item.frame
    room = Box(begin, box.y, max(0.0, box.right - begin), box.height)
    return replace(item.frame, box=room)


def _placed_value(claim: str, runs: Sequence[PlacedRun]) -> PlacedValue:
    """Return a value as drawn and the box around its em squares, without what stands beside."""
    own = [run for run in runs if run.field == claim]
    left = min(run.x_mm for run in own) + _ALONE_MM
    right = max(run.x_mm + run.width_mm - run.spacing_mm for run in own) - _ALONE_MM
    top = min(run.baseline_mm - ASCENT * run.size_mm for run in own)
    bottom = max(run.baseline_mm + DESCENT * run.size_mm for run in own)
    return PlacedValue("".join(run.text for run in own), Box(left, top, right - left, bottom - top))


def data_index(face: PlacedFace) -> bytes:
    """Return the data index (标引): where each claim stands on the face, JSON as bytes.

    ``{"schema", "fields": {claim path: {"page", "box_mm": [x, y, width, height], "text"}}}``,
    keys sorted; ``text`` is as drawn, lines joined. The check code is no claim and left out.

    Source: GB/T 36905-2018, data index.
    """
    fields = {
        claim: {"page": 1, "box_mm": _rounded(value.box), "text": value.text}
        for claim, value in face.values.items()
        if claim != CHECK_CODE
    }
    index = {"schema": INDEX_SCHEMA, "fields": fields}
    return json.dumps(index, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _rounded(box: Box) -> list[float]:
    return [round(each, 2) for each in (box.x, box.y, box.width, box.height)]
