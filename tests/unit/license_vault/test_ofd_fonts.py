"""Embedded subsets: each glyph as its font draws it, read by fontTools, FreeType and by size."""

from io import BytesIO
from pathlib import Path

import pytest
from example_faces import fonts
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen, ControlBoundsPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.sfnt import calcChecksum
from PIL import ImageFont

from license_vault.face.errors import FontUnusableError
from license_vault.face.fonts import FontFile
from license_vault.face.ofd_fonts import EmbeddableFont

TEXT = "证照 ABC0129，（𬱖𠅤）"


@pytest.fixture(scope="module")
def serif() -> EmbeddableFont:
    return EmbeddableFont(fonts().files[0])


def quadratic_font(path: Path, em: int = 1024) -> FontFile:
    """A TrueType font with one round glyph for 〇 and one beyond 16 bits, 1024 units an em."""
    builder = FontBuilder(em, isTTF=True)
    names = [".notdef", "round", "far"]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord("〇"): "round", 0x20000: "far"})
    pen = TTGlyphPen(None)
    pen.moveTo((100, 100))
    pen.qCurveTo((500, 900), (900, 100))
    pen.closePath()
    glyph = pen.glyph()
    builder.setupGlyf(dict.fromkeys(names, glyph))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (em, 100)))
    builder.setupHorizontalHeader(ascent=900, descent=-124)
    builder.setupNameTable({"familyName": "试 & 验", "styleName": "Regular", "psName": "Try-One"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return FontFile(path)


def test_a_subset_has_the_characters_asked_for_and_no_others(serif: EmbeddableFont) -> None:
    font = TTFont(BytesIO(serif.subset(TEXT)), checkChecksums=2)
    assert {chr(code) for code in font.getBestCmap()} == set(TEXT)
    assert len(font.getGlyphOrder()) == len(set(TEXT)) + 1
    for table in font["cmap"].tables:
        wide = {code for code in map(ord, TEXT) if table.format == 12 or code < 0x10000}
        assert set(table.cmap) == wide


def test_advances_and_shapes_are_those_of_the_source(serif: EmbeddableFont) -> None:
    file = fonts().files[0]
    font = TTFont(BytesIO(serif.subset(TEXT)))
    glyphs = font.getGlyphSet()
    for character in TEXT:
        name = font.getBestCmap()[ord(character)]
        assert glyphs[name].width == file.advances[ord(character)] * 1000
        bounds = ControlBoundsPen(glyphs)
        glyphs[name].draw(bounds)
        numbers = [numbers for _, numbers in file.outline(character).commands]
        xs, ys = ([1000 * x for each in numbers for x in each[first::2]] for first in (0, 1))
        expected = (min(xs), min(ys), max(xs), max(ys)) if xs else None
        assert bounds.bounds == (expected and pytest.approx(expected, abs=1)), character


def test_freetype_reads_a_subset_and_measures_what_we_do(serif: EmbeddableFont) -> None:
    font = ImageFont.truetype(BytesIO(serif.subset(TEXT)), 1000)
    for character in TEXT:
        assert font.getlength(character) == fonts().files[0].advances[ord(character)] * 1000
    assert font.getname() == ("Noto Serif SC", "Regular")


def test_check_sums_are_right(serif: EmbeddableFont) -> None:
    assert calcChecksum(serif.subset(TEXT)) == 0xB1B0AFBA


def test_the_same_characters_give_the_same_bytes_in_any_order(serif: EmbeddableFont) -> None:
    assert serif.subset(TEXT) == serif.subset(TEXT[::-1] * 2)


def test_two_subsets_have_two_names(serif: EmbeddableFont) -> None:
    names = [TTFont(BytesIO(serif.subset(text)))["name"].getDebugName(6) for text in ("一", "二")]
    assert len(set(names)) == 2
    assert all(name.endswith("+NotoSerifSC-Regular") and name[:6].isupper() for name in names)


def test_a_quadratic_font_of_another_em_is_embedded_too(tmp_path: Path) -> None:
    source = EmbeddableFont(quadratic_font(tmp_path / "try.ttf"))
    assert (source.family, source.name, source.units_per_em) == ("试 & 验", "Try-One", 1024)
    font = TTFont(BytesIO(source.subset("〇𠀀")))
    assert font["head"].unitsPerEm == 1024
    assert font["CFF "].cff.topDictIndex[0].FontMatrix == pytest.approx(
        [1 / 1024, 0, 0, 1 / 1024, 0, 0]
    )
    glyphs = font.getGlyphSet()
    bounds = BoundsPen(glyphs)
    glyphs[font.getBestCmap()[0x20000]].draw(bounds)
    assert bounds.bounds == pytest.approx((100, 100, 900, 500), abs=1)
    drawn = ImageFont.truetype(BytesIO(source.subset("〇")), 512)
    assert drawn.getlength("〇") == 512
    left, top, right, bottom = drawn.getmask("〇").getbbox()
    assert (right - left, bottom - top) == pytest.approx((400, 200), abs=2)


def test_a_subset_of_nothing_is_a_font(serif: EmbeddableFont) -> None:
    assert TTFont(BytesIO(serif.subset(""))).getGlyphOrder() == [".notdef"]


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.ttf"
    path.write_bytes(b"no font")
    with pytest.raises(FontUnusableError, match=r"broken\.ttf"):
        EmbeddableFont(FontFile(path))
