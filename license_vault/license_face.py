"""The face of a license: a layout filled with claims, every line at its place in millimetres.

``set_face`` is a pure function of layout, values, fonts and QR text: the same input gives the
same face, whatever it is drawn to later. Everything that can go wrong with a value (too long,
a character no font has) goes wrong here, before anything is written or sealed.

It does not read databases or files and draws nothing; ``face_pdf`` does.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from license_vault.face_layout import FaceLayout, ValueText, check_layout, read_layout
from license_vault.fonts import Fonts
from license_vault.placed_face import (
    Box,
    PlacedFace,
    PlacedPath,
    PlacedRun,
    PlacedValue,
)
from license_vault.qr_code import qr_outline
from license_vault.typesetting import ASCENT, DESCENT, TextFrame, Words, set_text

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
    "drawn_text",
    "face_values",
    "read_layout",
    "set_face",
]

INDEX_SCHEMA = "license-vault/index/1"
CHECK_CODE = "check_code"  # on the face, but no claim
LIST_SEPARATOR = "、"

FaceValue = str | Sequence[str]

_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ALONE_MM = 0.05  # kept off each side of a value's box, so that it holds no neighbour


def face_values(claims: Mapping[str, Any], check_code: str) -> dict[str, FaceValue]:
    """Return what a face may show, by claim path: say "holders.0.name".

    Args:
        claims: claims v1 as parsed JSON: strings, lists, objects.
        check_code: the 查验码 as printed, with its hyphens; it is no claim.
    """
    return {**dict(_leaves("", claims)), CHECK_CODE: check_code}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, FaceValue]]:
    """Yield texts and lists of texts; of a list of objects, each by its number."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}" if path else key, item)
    elif all(isinstance(item, str) for item in value):
        yield path, tuple(value)
    else:
        for number, item in enumerate(value):
            yield from _leaves(f"{path}.{number}", item)


def drawn_text(form: str, value: FaceValue) -> str:
    """Return a claim in the form a layout asks for; a line feed is a forced break.

    text: as it is. date: 2021年11月08日, and words (长期) as they are. list: joined by 、.
    lines: each item on lines of its own, nothing between them.
    """
    if form == "lines":
        return value if isinstance(value, str) else "\n".join(value)
    if not isinstance(value, str):
        return LIST_SEPARATOR.join(value)
    found = _ISO_DATE.fullmatch(value) if form == "date" else None
    return f"{found[1]}年{found[2]}月{found[3]}日" if found else value


def set_face(
    layout: FaceLayout, values: Mapping[str, FaceValue], fonts: Fonts, qr_text: str
) -> PlacedFace:
    """Set every text of a layout; a claim that has no value leaves its place empty.

    Raises:
        FaceOverflowError: a value does not fit its box at the smallest size.
        GlyphMissingError: no font has a character; names the package that has it.
        CharacterNotSettableError: a character needs shaping, or is a control.
        QrCodeTooDenseError: the QR text is too long for its box.
    """
    runs = list(_fixed_runs(layout, fonts))
    placed: dict[str, PlacedValue] = {}
    ends: dict[str, float] = {}
    for item in layout.values:
        text = drawn_text(item.form, values.get(item.claim, ""))
        if text:
            set_runs = _value_runs(item, text, fonts, ends.get(item.follows))
            runs.extend(set_runs)
            ends[item.claim] = set_runs[-1].x_mm + set_runs[-1].width_mm
            placed[item.claim] = _placed_value(item, set_runs)
    return PlacedFace(
        width_mm=layout.width_mm,
        height_mm=layout.height_mm,
        runs=tuple(runs),
        paths=layout.paths,
        qr=qr_outline(qr_text, layout.qr_box),
        qr_box=layout.qr_box,
        seal_boxes=layout.seal_boxes,
        values=placed,
    )


def _fixed_runs(layout: FaceLayout, fonts: Fonts) -> Iterator[PlacedRun]:
    for item in layout.texts:
        yield from set_text(Words(item.text, item.text), item.frame, fonts)


def _value_runs(
    item: ValueText, text: str, fonts: Fonts, begin: float | None
) -> tuple[PlacedRun, ...]:
    frame = item.frame if begin is None else _from(item.frame, begin)
    start = len(item.before)
    words = Words(item.before + text + item.after, item.claim, start, start + len(text))
    return set_text(words, frame, fonts)


def _from(frame: TextFrame, begin: float) -> TextFrame:
    """Return a frame that begins further to the left or right, and ends where it did."""
    box = frame.box
    return replace(frame, box=Box(begin, box.y, max(0.0, box.right - begin), box.height))


def _placed_value(item: ValueText, runs: Sequence[PlacedRun]) -> PlacedValue:
    """Return a value as drawn and the box around its em squares, without what stands beside."""
    own = [run for run in runs if run.field is not None]
    left = min(run.x_mm for run in own) + _ALONE_MM
    right = max(run.x_mm + run.width_mm - run.spacing_mm for run in own) - _ALONE_MM
    top = min(run.baseline_mm - ASCENT * run.size_mm for run in own)
    bottom = max(run.baseline_mm + DESCENT * run.size_mm for run in own)
    box = Box(left, top, right - left, bottom - top)
    return PlacedValue("".join(run.text for run in own), item.form, box)


def data_index(face: PlacedFace) -> bytes:
    """Return the data index (标引): where each claim stands on the face, JSON as bytes.

    ``{"schema", "fields": {claim path: {"page", "box_mm": [x, y, width, height], "form",
    "text"}}}``, keys sorted; ``text`` is as drawn, lines joined, ``form`` one of
    ``face_layout.FORMS`` (it says how the text comes from the claim).

    Source: GB/T 36905-2018, data index.
    """
    fields = {
        claim: {
            "page": 1,
            "box_mm": [
                round(each, 2)
                for each in (value.box.x, value.box.y, value.box.width, value.box.height)
            ],
            "form": value.form,
            "text": value.text,
        }
        for claim, value in face.values.items()
        if claim != CHECK_CODE
    }
    index = {"schema": INDEX_SCHEMA, "fields": fields}
    return json.dumps(index, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
