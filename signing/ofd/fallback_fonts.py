"""Fonts of ours for documents that name a font and do not bring it.

Chosen by what the name says: a sans-serif (黑体, Hei, Arial, …) or else a serif; then the fonts of
a folder, in the order of their names, for characters that neither has. Positions come from the
document, so nothing moves; only the shapes are others.
"""

from collections.abc import Sequence
from pathlib import Path

import pylopdf_fonts_zh_cn

from signing.picture.glyph_shapes import FontShapes, GlyphShape, open_font

HANAZONO = Path("/usr/share/fonts/truetype/hanazono")
_SANS = ("黑", "hei", "sans", "arial", "helvetica", "gothic", "微软雅黑", "yahei", "pingfang")


class FallbackFonts:
    """Serif, sans-serif and last resorts; opened when first needed."""

    def __init__(self, serif: Path, sans: Path, last: Sequence[Path] = ()) -> None:
        self._serif = (serif, sans, *last)
        self._sans = (sans, serif, *last)
        self._open: dict[Path, FontShapes | None] = {}
        self._known: dict[tuple[bool, str], GlyphShape | None] = {}

    def glyph(self, family: str, character: str) -> GlyphShape | None:
        """Return a character's shape in something like a family, None if no font has it."""
        lowered = family.casefold()
        key = (any(word in lowered for word in _SANS), character)
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def _find(self, sans: bool, character: str) -> GlyphShape | None:
        for path in self._sans if sans else self._serif:
            if path not in self._open:
                self._open[path] = open_font(path)
            font = self._open[path]
            shape = None if font is None else font.of(character)
            if shape is not None:
                return shape
        return None


def installed_fonts(last_folder: Path = HANAZONO) -> FallbackFonts:
    """Return the fonts that come with this program, and after them those of a folder."""
    last = [path for path in last_folder.glob("*") if path.suffix.lower() in (".ttf", ".otf")]
    return FallbackFonts(
        Path(pylopdf_fonts_zh_cn.serif_path()), Path(pylopdf_fonts_zh_cn.sans_path()), sorted(last)
    )
