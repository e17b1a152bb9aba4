"""The watermark of a copy: whom and what it is for, over the whole page, as outlines.

It is multiplied with the page like thin ink, light enough that text and QR code stay readable and
dark enough to be read on a telephone; the page is then made a picture, so that nobody takes it
off again. Lengths are points, y up, as PDF has them.
"""

from collections.abc import Iterator, Sequence
from math import cos, radians, sin

from license_vault.face.fonts import SERIF, Fonts
from license_vault.face.typesetting import Words, measure
from signing.sealed_json.copy_record import CopyRecord

COLOUR = "0.76 0.83 0.92"
_TILT_DEGREES = 24.0
_LINES_PER_SIDE = 20.0  # characters that are as tall as the shorter side of the page
_LONGEST_LINE = 16  # characters
_MOST_LINES = 4
_LEADING = 1.35
_ROWS_APART = 2.2  # lines between one row of marks and the next
_SPACE = 2.0  # characters between two marks
_BOLDER_EM = 0.03  # a line around the glyphs
_ELLIPSIS = "…"


def watermark_lines(record: CopyRecord, until: str) -> tuple[str, ...]:
    """Return what the watermark says; ``until`` is the last day, for people.

    Long names are cut: the whole stands above the page, and in the record.
    """
    task = record.item_name or record.purpose
    text = f"仅供{record.user}办理{task}使用"
    lines = [text[at : at + _LONGEST_LINE] for at in range(0, len(text), _LONGEST_LINE)]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1][:-1] + _ELLIPSIS]
    return (*lines, f"有效期至{until}")


def watermark_operators(
    lines: Sequence[str],
    size_points: tuple[float, float],
    fonts: Fonts,
    colour: str = COLOUR,
) -> bytes:
    """Return PDF operators that cover a page with the lines, tilted, again and again.

    Args:
        colour: red, green and blue of the ink, as PDF has them.
    """
    width, height = size_points
    em = min(width, height) / _LINES_PER_SIDE
    tile = "\n".join(_tile(lines, em, fonts))
    block = _width(lines, fonts) * em + _SPACE * em
    row = em * _LEADING * (len(lines) + _ROWS_APART)
    c, s = cos(radians(_TILT_DEGREES)), sin(radians(_TILT_DEGREES))
    parts = ["q /Watermark gs", f"{colour} rg {colour} RG {_BOLDER_EM} w"]
    reach = (width**2 + height**2) ** 0.5
    for number in range(-int(reach / row) - 1, int(reach / row) + 2):
        start = -reach + (number % 2) * block / 2
        while start < reach:
            x, y = start * c - number * row * s, start * s + number * row * c
            if -block < x < width and -block < y < height + block:
                parts.append(f"q {c:.5f} {s:.5f} {-s:.5f} {c:.5f} {x:.2f} {y:.2f} cm\n{tile}\nQ")
            start += block
    return "\n".join((*parts, "Q", "")).encode("ascii")


def _width(lines: Sequence[str], fonts: Fonts) -> float:
    """Return the width of the widest line, em."""
    return max(measure(Words(line, "watermark"), SERIF, fonts).sums[-1] for line in lines)


def _tile(lines: Sequence[str], em: float, fonts: Fonts) -> Iterator[str]:
    for number, line in enumerate(lines):
        x = 0.0
        for character in line:
            outline = fonts.outline(character)
            if outline is None:
                x += em
                continue
            yield f"q {em:.3f} 0 0 {em:.3f} {x:.3f} {-number * em * _LEADING:.3f} cm"
            yield " ".join(
                f"{' '.join(f'{value:.3f}' for value in points)} {_PDF[letter]}"
                for letter, points in outline.commands
            )
            yield "B Q"
            x += outline.advance * em


_PDF = {"M": "m", "L": "l", "C": "c", "Z": "h"}
