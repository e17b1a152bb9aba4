"""What a seal's picture is drawn of: glyph shapes in, outlines out.

Knows no shape of seal: ``seal_picture`` (round) and ``seal_ellipse`` decide what stands where.
Outlines are in millimetres from the top left corner, y down, in one colour, and hold no fonts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from signing.errors import SealGlyphMissingError

RED = "#d7000f"
BOLD = 0.16  # line around glyphs, which turns the text face into a seal's heavy one
_EM_MIDDLE = 0.38  # the middle of the Chinese em square above the baseline
_NO_FILL = 'fill="none"'


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
class SealStroke:
    """An outline ("M x y C … Z"): filled if ``filled``, and drawn with a line of this width."""

    data: str
    line_mm: float
    filled: bool


@dataclass(frozen=True, slots=True)
class SealDrawing:
    """A drawn seal, in one colour."""

    width_mm: float
    height_mm: float
    strokes: tuple[SealStroke, ...]
    colour: str = RED

    def to_pdf_operators(self) -> bytes:
        """Return PDF path operators: millimetres, y down, within the seal's box."""
        red = " ".join(f"{int(self.colour[at : at + 2], 16) / 255:.4g}" for at in (1, 3, 5))
        parts = [f"{red} rg {red} RG 1 j"]
        for stroke in self.strokes:
            paint = "S" if not stroke.filled else "B" if stroke.line_mm else "f"
            parts.append(f"{number(stroke.line_mm)} w {_operators(stroke.data)} {paint}")
        return "\n".join(parts).encode("ascii")

    def to_svg(self) -> str:
        """Return the drawing as an SVG document of the seal's size."""
        width, height = number(self.width_mm), number(self.height_mm)
        paths = "".join(
            f'<path d="{stroke.data}" stroke-width="{number(stroke.line_mm)}"'
            f"{'' if stroke.filled else chr(32) + _NO_FILL}/>"
            for stroke in self.strokes
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"'
            f' viewBox="0 0 {width} {height}"><g fill="{self.colour}" stroke="{self.colour}"'
            f' stroke-linejoin="round">{paths}</g></svg>'
        )


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where a glyph's middle stands (from the seal's middle), turned, how high and wide."""

    x: float
    y: float
    angle: float
    height: float
    widening: float


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws around the middle of a seal; ``scale`` makes the lengths real millimetres."""

    glyphs: Glyphs
    scale: float
    middle: tuple[float, float]

    def point(self, x: float, y: float) -> str:
        """Return a point as it stands in an outline."""
        across, down = self.middle
        return f"{number((across + x) * self.scale)} {number((down + y) * self.scale)}"

    def shape(self, character: str) -> Shape:
        """Return a character's shape, or raise SealGlyphMissingError."""
        shape = self.glyphs.outline(character)
        if shape is None:
            raise SealGlyphMissingError(character)
        return shape

    def glyph(self, character: str, stamp: Stamp) -> str:
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

    def ring(self, across: float, down: float, line: float) -> SealStroke:
        """Return an ellipse around the middle, with these half axes to the middle of its line."""
        k, m = 0.5523 * across, 0.5523 * down
        corners = (
            (0, -down), (k, -down, across, -m, across, 0), (across, m, k, down, 0, down),
            (-k, down, -across, m, -across, 0), (-across, -m, -k, -down, 0, -down),
        )  # fmt: skip
        data = f"M {self.point(*corners[0][:2])}"
        for curve in corners[1:]:
            data += " C " + " ".join(self.point(*curve[at : at + 2]) for at in (0, 2, 4))
        return SealStroke(data + " Z", line * self.scale, filled=False)

    def line_of_text(self, text: str, y: float, height: float, widening: float) -> str:
        """Return a straight line of text whose middle is in the middle of the seal."""
        advances = [self.shape(character).advance for character in text]
        x = -sum(advances) * height * widening / 2
        out = []
        for character, advance in zip(text, advances, strict=True):
            width = advance * height * widening
            stamp = Stamp(x + width / 2, y, 0.0, height, widening * 0.97)
            out.append(self.glyph(character, stamp))
            x += width
        return " ".join(out)


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


def number(value: float) -> str:
    """Return a length as it is written: three decimals at most."""
    return f"{value:.3f}".rstrip("0").rstrip(".")
