"""The fonts a face is set in: which font has a character, and how wide it is there.

Chosen per character by cmap, in a fixed order, so that the same value is always set the same:
the family the layout asks for, then Noto Serif SC, then every font of the fallback folder
(HanaMin A and B from Debian's fonts-hanazono hold all of Extensions A to F). A character that
no font has is refused by the caller; nothing here ever answers with the empty box.

It draws nothing and knows no page; ``outline`` hands glyph shapes to the seal picture.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pylopdf_fonts_zh_cn
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont, TTLibError

from license_vault.face.errors import FontUnusableError

BODY, SERIF, SANS = "body", "serif", "sans"
FAMILIES = (BODY, SERIF, SANS)
HANAZONO = Path("/usr/share/fonts/truetype/hanazono")

# Which package has the characters of a block, for the sentence that refuses one. HanaMin's
# coverage was counted: nothing missing in these blocks.
_HANAZONO_BLOCKS = (
    (0x2E80, 0x2FDF), (0x3400, 0x4DBF), (0x4E00, 0x9FEF), (0x20000, 0x2A6D6),
    (0x2A700, 0x2EBE0), (0x2F800, 0x2FA1D),
)  # fmt: skip
_BABELSTONE_BLOCKS = ((0x9FF0, 0x9FFF), (0x2EBF0, 0x2EE5D), (0x30000, 0x323AF))


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character in the font chosen for it; ``advance`` in em."""

    font: str
    advance: float


@dataclass(frozen=True, slots=True)
class GlyphOutline:
    """A glyph's shape in em units, y up: ("M"|"L"|"C"|"Z", coordinates…) and its advance."""

    advance: float
    commands: tuple[tuple[str, tuple[float, ...]], ...]


class FontFile:
    """One font file: characters and advances, read when first asked for."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise FontUnusableError(str(path), "no such file")
        self.path = path
        self.key = path.stem
        self._lock = threading.Lock()
        self._font: TTFont | None = None
        self._advances: Mapping[int, float] | None = None

    @property
    def advances(self) -> Mapping[int, float]:
        """Return the advance in em of every character the font has."""
        if self._advances is None:
            with self._lock:
                if self._advances is None:
                    self._advances = self._read_advances()
        return self._advances

    def outline(self, character: str) -> GlyphOutline:
        """Return a character's shape; the caller knows that the font has it."""
        advance = self.advances[ord(character)]
        with self._lock:
            font = self._open()
            pen = _OutlinePen(font)
            font.getGlyphSet()[font.getBestCmap()[ord(character)]].draw(pen)
        return GlyphOutline(advance, tuple(pen.commands))

    def _read_advances(self) -> Mapping[int, float]:
        font = self._open()
        em = font["head"].unitsPerEm
        metrics = font["hmtx"].metrics
        return {code: metrics[name][0] / em for code, name in font.getBestCmap().items()}

    def _open(self) -> TTFont:
        if self._font is None:
            try:
                self._font = TTFont(self.path, lazy=True)
                if "glyf" in self._font:
                    # Numbers do for names, which nobody reads: making names takes half a second.
                    count = self._font["maxp"].numGlyphs
                    self._font.setGlyphOrder([str(number) for number in range(count)])
                self._font.getBestCmap()
            except (TTLibError, OSError, KeyError, ValueError) as error:
                raise FontUnusableError(str(self.path), type(error).__name__) from error
        return self._font


class _OutlinePen(BasePen):  # type: ignore[misc]
    """Collects a glyph in em units; quadratic curves become cubic ones."""

    def __init__(self, font: TTFont) -> None:
        super().__init__(font.getGlyphSet())
        self._em = font["head"].unitsPerEm
        self.commands: list[tuple[str, tuple[float, ...]]] = []

    def _add(self, op: str, *points: tuple[float, float]) -> None:
        self.commands.append((op, tuple(v / self._em for point in points for v in point)))

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


class Fonts:
    """The fonts of this installation, in the order they are tried.

    Args:
        fallback_directory: a folder of .ttf and .otf files tried last, by name; None: none.
        body_font: the installation's own font for values (say its licensed FangSong); None:
            Noto Serif SC.
    """

    def __init__(
        self, fallback_directory: Path | None = HANAZONO, body_font: Path | None = None
    ) -> None:
        serif = FontFile(pylopdf_fonts_zh_cn.serif_path())
        sans = FontFile(pylopdf_fonts_zh_cn.sans_path())
        last = tuple(_font_files(fallback_directory))
        body = (FontFile(body_font),) if body_font else ()
        self._order = {
            BODY: (*body, serif, *last),
            SERIF: (serif, *last),
            SANS: (sans, serif, *last),
        }
        self.files: tuple[FontFile, ...] = (*body, serif, sans, *last)
        self._chosen: dict[tuple[str, str], Glyph | None] = {}
        self._outlines: dict[str, GlyphOutline] = {}

    def choose(self, family: str, character: str) -> Glyph | None:
        """Return the font that a character is set in and its advance; None: no font has it."""
        try:
            return self._chosen[family, character]
        except KeyError:
            glyph = self._chosen[family, character] = self._find(family, character)
            return glyph

    def outline(self, character: str) -> GlyphOutline | None:
        """Return a character's shape in the serif family, for the seal; None: no font has it."""
        if character not in self._outlines:
            for file in self._order[SERIF]:
                if ord(character) in file.advances:
                    self._outlines[character] = file.outline(character)
                    break
        return self._outlines.get(character)

    def _find(self, family: str, character: str) -> Glyph | None:
        for file in self._order[family]:
            advance = file.advances.get(ord(character))
            if advance is not None:
                return Glyph(file.key, advance)
        return None


def package_with(character: str) -> str:
    """Return the package that has a character, or "" when none is known."""
    code = ord(character)
    if any(low <= code <= high for low, high in _HANAZONO_BLOCKS):
        return "fonts-hanazono (Debian)"
    if any(low <= code <= high for low, high in _BABELSTONE_BLOCKS):
        return "fonts-babelstone-han (Debian)"
    return ""


def _font_files(directory: Path | None) -> Iterator[FontFile]:
    if directory is not None and directory.is_dir():
        for path in sorted(directory.iterdir()):
            if path.suffix.lower() in (".ttf", ".otf"):
                yield FontFile(path)
