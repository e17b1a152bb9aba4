"""The fonts of an OFD: what a text needs to know of a glyph, and the subset that is embedded.

Every glyph is turned into a charstring once a process; a license then costs the copying of the
few hundred it uses. Hints are left out. Which font has a character, and how wide it is there,
``fonts`` has decided: here is no choice.
"""

import threading
from collections.abc import Iterable

from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont, TTLibError

from keys.sm3 import sm3
from license_vault.face.errors import FontUnusableError
from license_vault.face.font_file_writer import FontGlyph, SourceTables, write_font
from license_vault.face.fonts import FontFile, GlyphOutline

_TABLES = ("head", "hhea", "OS/2", "post")
_FAMILY, _POSTSCRIPT_NAME = 1, 6


class EmbeddableFont:
    """One font file, glyph by glyph, for embedding. Used by all threads."""

    def __init__(self, file: FontFile) -> None:
        """Read names and tables.

        Raises:
            FontUnusableError: the file is not a font, or lacks what a subset needs.
        """
        self._file = file
        self._source = _source(file)
        self.family = self._source.family
        self.name = self._source.postscript_name
        self.units_per_em = self._source.units_per_em
        self._glyphs: dict[str, FontGlyph] = {}
        self._notdef = _encoded(_NOTDEF, self.units_per_em)
        self._lock = threading.Lock()

    def glyph(self, character: str) -> FontGlyph:
        """Return a character's glyph; the caller knows that the font has it."""
        glyph = self._glyphs.get(character)
        if glyph is None:
            outline = self._file.outline(character)
            with self._lock:
                glyph = _encoded(outline, self.units_per_em)
                self._glyphs[character] = glyph
        return glyph

    def subset(self, characters: Iterable[str]) -> bytes:
        """Return an OpenType font of these characters, the same bytes for the same ones."""
        glyphs = {ord(character): self.glyph(character) for character in characters}
        return write_font(self._source, _tag(glyphs), self._notdef, glyphs)


_NOTDEF = GlyphOutline(1.0, ())


def _tag(codes: Iterable[int]) -> str:
    """Return six capital letters that these characters alone have, as subsets in PDF do."""
    digest = sm3(",".join(map(str, sorted(codes))).encode("ascii"))
    return "".join(chr(ord("A") + byte % 26) for byte in digest[:6])


def _encoded(outline: GlyphOutline, units_per_em: int) -> FontGlyph:
    """Return a shape as a charstring in font units, and the box of its points."""
    advance = round(outline.advance * units_per_em)
    pen = T2CharStringPen(advance, None)
    corners: list[tuple[int, int]] = []
    for letter, numbers in outline.commands:
        units = [round(number * units_per_em) for number in numbers]
        points = tuple(zip(units[::2], units[1::2], strict=True))
        corners += points
        getattr(pen, _PEN_METHODS[letter])(*points)
    charstring = pen.getCharString()
    charstring.compile()
    across, down = zip(*corners, strict=True) if corners else ((0,), (0,))
    box = (min(across), min(down), max(across), max(down))
    return FontGlyph(charstring.bytecode, advance, box)


_PEN_METHODS = {"M": "moveTo", "L": "lineTo", "C": "curveTo", "Z": "closePath"}


def _source(file: FontFile) -> SourceTables:
    try:
        with TTFont(file.path, lazy=True) as font:
            head, hhea, os2, post = (font.reader[table] for table in _TABLES)
            return SourceTables(
                family=str(font["name"].getDebugName(_FAMILY) or file.key),
                postscript_name=_ascii(font["name"].getDebugName(_POSTSCRIPT_NAME) or file.key),
                units_per_em=font["head"].unitsPerEm,
                head=head,
                hhea=hhea,
                os2=os2,
                post=post,
            )
    except (TTLibError, OSError, KeyError, ValueError) as error:
        raise FontUnusableError(str(file.path), type(error).__name__) from error


def _ascii(name: str) -> str:
    """Return a name as PostScript allows it: ASCII without spaces and delimiters."""
    kept = "".join(sign for sign in name if sign.isascii() and (sign.isalnum() or sign in "-_"))
    return kept or "Font"
