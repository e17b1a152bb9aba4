"""Glyph outlines of one font, from a file of ours or from one embedded in a document.

Embedded fonts are as hostile as the document: they are read by fontTools, in Python, and whatever
it trips over makes the font or the glyph one that cannot be drawn, which is told as None. Nothing
of a font's own programs (hinting) is run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

_SYMBOLS = 0xF000  # where symbol fonts keep their first 256 characters
_MOST_COMMANDS = 20_000  # of one glyph; the richest of Noto Serif SC has some hundreds


@dataclass(frozen=True, slots=True)
class GlyphShape:
    """A glyph in em units, y up: its advance, and ("M"|"L"|"C"|"Z", coordinates…)."""

    advance: float
    commands: Sequence[tuple[str, tuple[float, ...]]]


class FontShapes:
    """The glyphs of a font, by number or by character; each read once."""

    def __init__(self, font: TTFont) -> None:
        self._font = font
        self._em = float(font["head"].unitsPerEm)
        self._order: list[str] = font.getGlyphOrder()
        self._set = font.getGlyphSet()
        self._characters = _characters(font, self._order)
        self._known: dict[int, GlyphShape | None] = {}

    def number_of(self, character: str) -> int | None:
        """Return the number of a character's glyph, None if the font has none for it."""
        code = ord(character)
        for wanted in (code, _SYMBOLS + code if code < 256 else code):
            number = self._characters(wanted)
            if number:
                return number
        return None

    def shape(self, number: int) -> GlyphShape | None:
        """Return a glyph by its number, None if there is none or it cannot be read."""
        if number not in self._known:
            self._known[number] = self._read(number)
        return self._known[number]

    def of(self, character: str) -> GlyphShape | None:
        """Return a character's glyph, None if the font has none for it."""
        number = self.number_of(character)
        return None if number is None else self.shape(number)

    def _read(self, number: int) -> GlyphShape | None:
        if not 0 <= number < len(self._order):
            return None
        pen = _Pen(self._set, self._em)
        try:
            glyph = self._set[self._order[number]]
            glyph.draw(pen)
            return GlyphShape(float(glyph.width) / self._em, tuple(pen.commands))
        except Exception:
            # fontTools raises whatever a broken table makes of its code.
            return None


def open_font(source: bytes | Path) -> FontShapes | None:
    """Open a TrueType or OpenType font; None if it cannot be read as one."""
    try:
        file = BytesIO(source) if isinstance(source, bytes) else source
        font = TTFont(file, lazy=True, fontNumber=0, recalcBBoxes=False, recalcTimestamp=False)
        if not 16 <= font["head"].unitsPerEm <= 16384:
            return None
        return FontShapes(font)
    except Exception:
        # As above; a font that is none is told by the caller.
        return None


def _characters(font: TTFont, order: Sequence[str]) -> Callable[[int], int | None]:
    """Return what gives the glyph of a code; subset fonts often have no table for it at all."""
    try:
        tables = font["cmap"].tables
        best = font.getBestCmap() or (tables[0].cmap if tables else {})
    except Exception:
        return lambda _: None
    numbers = {name: number for number, name in enumerate(order)} if best else {}
    return lambda code: numbers.get(best.get(code, ""))


class _Pen(BasePen):
    """Collects a glyph in em units; quadratic curves become cubic ones."""

    def __init__(self, glyphs: object, em: float) -> None:
        super().__init__(glyphs)
        self._em = em
        self.commands: list[tuple[str, tuple[float, ...]]] = []

    def _add(self, kind: str, *points: tuple[float, float]) -> None:
        if len(self.commands) >= _MOST_COMMANDS:
            raise ValueError("a glyph with too many curves")
        self.commands.append((kind, tuple(value / self._em for point in points for value in point)))

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 - fontTools' name
        self._add("M", pt)

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
        self._add("L", pt)

    def _curveToOne(  # noqa: N802
        self, pt1: tuple[float, float], pt2: tuple[float, float], pt3: tuple[float, float]
    ) -> None:
        self._add("C", pt1, pt2, pt3)

    def _closePath(self) -> None:  # noqa: N802
        self._add("Z")

    def _endPath(self) -> None:  # noqa: N802
        self._add("Z")
