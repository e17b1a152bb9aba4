"""The picture of a round official seal (公章), drawn from its data as outlines.

Ring, the owner's name fitted to the ring, a five-pointed star, a line below it, and the number
in a small arc at the foot. No fonts in the result: glyph shapes are taken from whoever is
passed in as ``Glyphs``, so the seal looks the same on every machine and for ever.

The picture proves nothing; the SM2 signature does. Millimetres from the top left corner of the
square around the seal, y down. Proportions are those of the 42 mm seals of organs and
enterprises, scaled to the diameter. Source of size and parts: 国发〔1999〕25号 (size, star, text
from left to right along the ring).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from signing.errors import SealGlyphMissingError, SealPictureError, SealTextTooLongError

RED = "#d7000f"
ROUND = "round"
LONGEST_RING_TEXT = 30

# Lengths for a seal of 42 mm.
_DIAMETER = 42.0
_RING_LINE = 1.2
_RING_GAP = 0.95  # between the ring and the characters
_STAR_RADIUS = 7.1
_EM_MIDDLE = 0.38  # the middle of the Chinese em square above the baseline
_WIDEST, _NARROWEST = 0.92, 0.36  # width of a ring character, of its height
_WIDEST_STEP = math.radians(34)
_BOLD = 0.16  # line around glyphs, which turns the text face into a seal's heavy one
_LOWER_HEIGHT, _LOWER_MIDDLE, _LOWER_WIDTH = 4.2, 12.0, 20.5
_NUMBER_HEIGHT, _NUMBER_BOLD = 2.15, 0.05
_NUMBER_ARC = math.radians(84)


class Shape(Protocol):
    """A glyph in em units, y up: its advance, and ("M"|"L"|"C"|"Z", coordinates…)."""

    @property
    def advance(self) -> float:
        """Return the advance width."""

    @property
    def commands(self) -> Sequence[tuple[str, tuple[float, ...]]]:
        """Return the outline."""


class Glyphs(Protocol):
    """Where glyph shapes come from."""

    def outline(self, character: str) -> Shape | None:
        """Return a character's shape, or None if there is none."""


@dataclass(frozen=True, slots=True)
class SealPicture:
    """What is engraved: ring text up to 30 characters; lower text and number may be empty."""

    shape: str
    ring_text: str
    lower_text: str = ""
    number: str = ""
    diameter_mm: float = _DIAMETER


@dataclass(frozen=True, slots=True)
class SealStroke:
    """An outline ("M x y C … Z"): filled if ``filled``, and drawn with a line of this width."""

    data: str
    line_mm: float
    filled: bool


@dataclass(frozen=True, slots=True)
class SealDrawing:
    """A drawn seal, in one colour."""

    diameter_mm: float
    strokes: tuple[SealStroke, ...]
    colour: str = RED

    def to_pdf_operators(self) -> bytes:
        """Return PDF path operators: millimetres, y down, within 0…diameter both ways."""
        red = " ".join(f"{int(self.colour[at : at + 2], 16) / 255:.4g}" for at in (1, 3, 5))
        parts = [f"{red} rg {red} RG 1 j"]
        for stroke in self.strokes:
            paint = "S" if not stroke.filled else "B" if stroke.line_mm else "f"
            parts.append(f"{_number(stroke.line_mm)} w {_operators(stroke.data)} {paint}")
        return "\n".join(parts).encode("ascii")

    def to_svg(self) -> str:
        """Return the drawing as an SVG document of the seal's size."""
        size = _number(self.diameter_mm)
        paths = "".join(
            f'<path d="{stroke.data}" stroke-width="{_number(stroke.line_mm)}"'
            f"{'' if stroke.filled else chr(32) + _NO_FILL}/>"
            for stroke in self.strokes
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}mm" height="{size}mm"'
            f' viewBox="0 0 {size} {size}"><g fill="{self.colour}" stroke="{self.colour}"'
            f' stroke-linejoin="round">{paths}</g></svg>'
        )


_NO_FILL = 'fill="none"'


def draw_seal(picture: SealPicture, glyphs: Glyphs) -> SealDrawing:
    """Draw a seal.

    Raises:
        SealPictureError: a shape or size this module does not draw, or no ring text.
        SealTextTooLongError: a text that cannot be fitted; names which.
        SealGlyphMissingError: a character without a shape.
    """
    if picture.shape != ROUND or not 30 <= picture.diameter_mm <= 60:
        raise SealPictureError(f"{picture.shape} {picture.diameter_mm:g} mm")
    if not picture.ring_text:
        raise SealPictureError("no ring text")
    pen = _Pen(glyphs, picture.diameter_mm / _DIAMETER)
    strokes = (
        _ring(pen),
        SealStroke(_star(pen), 0.0, filled=True),
        SealStroke(" ".join(_ring_text(pen, picture)), _BOLD * pen.scale, filled=True),
        SealStroke(" ".join(_lower_text(pen, picture)), _BOLD * 0.8 * pen.scale, filled=True),
        SealStroke(" ".join(_number_arc(pen, picture)), _NUMBER_BOLD * pen.scale, filled=True),
    )
    return SealDrawing(picture.diameter_mm, tuple(stroke for stroke in strokes if stroke.data))


@dataclass(frozen=True, slots=True)
class _Stamp:
    """Where a glyph's middle stands (mm from the seal's middle), turned, how high and wide."""

    x: float
    y: float
    angle: float
    height: float
    widening: float


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws with lengths of a 42 mm seal around its middle; ``scale`` makes it the real size."""

    glyphs: Glyphs
    scale: float

    def point(self, x: float, y: float) -> str:
        middle = _DIAMETER / 2
        return f"{_number((middle + x) * self.scale)} {_number((middle + y) * self.scale)}"

    def shape(self, character: str) -> Shape:
        shape = self.glyphs.outline(character)
        if shape is None:
            raise SealGlyphMissingError(character)
        return shape

    def glyph(self, character: str, stamp: _Stamp) -> str:
        """Return a glyph, upright when the angle is 0, turned clockwise by it."""
        shape = self.shape(character)
        cosine, sine = math.cos(stamp.angle), math.sin(stamp.angle)
        parts = []
        for operator, numbers in shape.commands:
            points = []
            for u, v in zip(numbers[::2], numbers[1::2], strict=True):
                across = (u - shape.advance / 2) * stamp.height * stamp.widening
                down = (_EM_MIDDLE - v) * stamp.height
                points.append(
                    self.point(
                        stamp.x + across * cosine - down * sine,
                        stamp.y + across * sine + down * cosine,
                    )
                )
            parts.append(" ".join((operator, *points)))
        return " ".join(parts)


def _ring(pen: _Pen) -> SealStroke:
    radius = (_DIAMETER - _RING_LINE) / 2
    k = 0.5523 * radius
    corners = (
        (0, -radius), (k, -radius, radius, -k, radius, 0), (radius, k, k, radius, 0, radius),
        (-k, radius, -radius, k, -radius, 0), (-radius, -k, -k, -radius, 0, -radius),
    )  # fmt: skip
    data = f"M {pen.point(*corners[0][:2])}"
    for curve in corners[1:]:
        data += " C " + " ".join(pen.point(*curve[at : at + 2]) for at in (0, 2, 4))
    return SealStroke(data + " Z", _RING_LINE * pen.scale, filled=False)


def _star(pen: _Pen) -> str:
    """Return a regular five-pointed star; its inner radius is that of the pentagram."""
    inner = _STAR_RADIUS * math.sin(math.radians(18)) / math.sin(math.radians(54))
    points = []
    for number in range(10):
        radius, angle = (inner if number % 2 else _STAR_RADIUS), math.pi * number / 5
        points.append(pen.point(radius * math.sin(angle), -radius * math.cos(angle)))
    return "M " + " L ".join(points) + " Z"


def _ring_text(pen: _Pen, picture: SealPicture) -> Iterator[str]:
    """Set the ring text: evenly spaced, heads outwards, condensed when there are many."""
    text = picture.ring_text
    count = len(text)
    if count > LONGEST_RING_TEXT:
        raise SealTextTooLongError("ring_text", count, LONGEST_RING_TEXT)
    height = min(6.6, max(4.9, 7.35 - 0.1 * count))
    middle = _DIAMETER / 2 - _RING_LINE - _RING_GAP - height / 2
    whole = math.radians(230 if picture.lower_text else 276)
    step = min(_WIDEST_STEP, whole / (count - 1)) if count > 1 else 0.0
    feet = middle - height / 2
    widening = min(_WIDEST, 0.93 * step * (feet * 0.4 + middle * 0.6) / height) if step else 0.9
    if widening < _NARROWEST:
        raise SealTextTooLongError("ring_text", count, LONGEST_RING_TEXT)
    for number, character in enumerate(text):
        angle = (number - (count - 1) / 2) * step
        x, y = middle * math.sin(angle), -middle * math.cos(angle)
        yield pen.glyph(character, _Stamp(x, y, angle, height, widening))


def _lower_text(pen: _Pen, picture: SealPicture) -> Iterator[str]:
    """Set the line below the star, condensed to the room that the ring text leaves."""
    text = picture.lower_text
    advances = [pen.shape(character).advance for character in text]
    natural = sum(advances) * _LOWER_HEIGHT
    widening = min(1.0, _LOWER_WIDTH / natural) if natural else 1.0
    if widening < 0.45:
        raise SealTextTooLongError("lower_text", len(text), 11)
    x = -natural * widening / 2
    for character, advance in zip(text, advances, strict=True):
        width = advance * _LOWER_HEIGHT * widening
        stamp = _Stamp(x + width / 2, _LOWER_MIDDLE, 0.0, _LOWER_HEIGHT, widening * 0.97)
        yield pen.glyph(character, stamp)
        x += width


def _number_arc(pen: _Pen, picture: SealPicture) -> Iterator[str]:
    """Set the number at the foot, heads towards the middle, from left to right."""
    text = picture.number
    middle = _DIAMETER / 2 - _RING_LINE - 0.75 - _NUMBER_HEIGHT / 2
    step = _NUMBER_HEIGHT * 0.72 / middle
    if len(text) * step > _NUMBER_ARC:
        raise SealTextTooLongError("number", len(text), int(_NUMBER_ARC / step))
    for number, character in enumerate(text):
        angle = (number - (len(text) - 1) / 2) * step
        x, y = middle * math.sin(angle), middle * math.cos(angle)
        yield pen.glyph(character, _Stamp(x, y, -angle, _NUMBER_HEIGHT, 1.0))


_OPERANDS = {"M": (2, "m"), "L": (2, "l"), "C": (6, "c"), "Z": (0, "h")}


def _operators(data: str) -> str:
    tokens = data.split()
    out: list[str] = []
    at = 0
    while at < len(tokens):
        count, operator = _OPERANDS[tokens[at]]
        out += tokens[at + 1 : at + 1 + count]
        out.append(operator)
        at += 1 + count
    return " ".join(out)


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
