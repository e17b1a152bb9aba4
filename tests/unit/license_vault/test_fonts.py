"""Fonts are chosen per character in a fixed order; what none has is named with its package."""

import shutil
from pathlib import Path

import pylopdf_fonts_zh_cn
import pytest
from example_faces import fonts

from license_vault.face.errors import FontUnusableError
from license_vault.face.fonts import BODY, HANAZONO, SANS, SERIF, Fonts, package_with

ONLY_IN_HANAMIN = "𠀀"  # U+20000, Extension B
IN_NO_FONT = "𰻞"  # U+30EDE, Extension G

needs_hanamin = pytest.mark.skipif(
    not HANAZONO.is_dir(), reason="Debian's fonts-hanazono is not installed"
)


def test_common_characters_come_from_the_family_asked_for() -> None:
    chosen = [fonts().choose(family, "照") for family in (SERIF, SANS)]
    assert [glyph and glyph.font for glyph in chosen] == [
        "NotoSerifSC-Regular",
        "NotoSansSC-Regular",
    ]


def test_a_chinese_character_is_one_em_wide_and_a_latin_one_is_not() -> None:
    han, latin = fonts().choose(SERIF, "照"), fonts().choose(SERIF, "i")
    assert han is not None
    assert latin is not None
    assert han.advance == 1.0
    assert 0 < latin.advance < 0.5


@pytest.mark.parametrize("character", list("𬱖㛃䶮𠅤𫖯"))
def test_rare_name_characters_have_a_font(character: str) -> None:
    assert fonts().choose(BODY, character) is not None


@needs_hanamin
def test_a_character_the_main_font_lacks_comes_from_the_fallback_folder() -> None:
    glyph = fonts().choose(SERIF, ONLY_IN_HANAMIN)
    assert glyph is not None
    assert glyph.font.startswith("HanaMin")


def test_without_a_fallback_folder_the_same_character_has_no_font() -> None:
    assert Fonts(fallback_directory=None).choose(SERIF, ONLY_IN_HANAMIN) is None


def test_a_folder_that_is_not_there_is_no_error() -> None:
    assert Fonts(fallback_directory=Path("/nowhere")).choose(SERIF, "照") is not None


@pytest.mark.parametrize(
    ("character", "package"),
    [
        (ONLY_IN_HANAMIN, "fonts-hanazono (Debian)"),
        ("㐂", "fonts-hanazono (Debian)"),
        (IN_NO_FONT, "fonts-babelstone-han (Debian)"),
        ("😀", ""),
    ],
)
def test_the_package_that_has_a_character_is_known(character: str, package: str) -> None:
    assert package_with(character) == package


def test_an_installations_own_body_font_comes_first_for_values(tmp_path: Path) -> None:
    own = tmp_path / "OwnBody.otf"
    shutil.copy(pylopdf_fonts_zh_cn.sans_path(), own)
    chosen = Fonts(fallback_directory=None, body_font=own)
    body, serif = chosen.choose(BODY, "照"), chosen.choose(SERIF, "照")
    assert body is not None
    assert serif is not None
    assert (body.font, serif.font) == ("OwnBody", "NotoSerifSC-Regular")


def test_a_missing_body_font_is_named() -> None:
    with pytest.raises(FontUnusableError) as refused:
        Fonts(fallback_directory=None, body_font=Path("/nowhere/fangsong.ttf"))
    assert refused.value.path == "/nowhere/fangsong.ttf"


def test_a_body_font_that_is_no_font_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a font at all")
    with pytest.raises(FontUnusableError):
        Fonts(fallback_directory=None, body_font=broken).choose(BODY, "照")


def test_an_outline_lies_in_the_em_square() -> None:
    outline = fonts().outline("章")
    assert outline is not None
    xs = [x for _, numbers in outline.commands for x in numbers[::2]]
    ys = [y for _, numbers in outline.commands for y in numbers[1::2]]
    assert min(xs) >= -0.05
    assert max(xs) <= outline.advance + 0.05
    assert min(ys) >= -0.2
    assert max(ys) <= 0.95
    assert outline.commands[0][0] == "M"


def test_a_character_without_a_font_has_no_outline() -> None:
    assert fonts().outline(IN_NO_FONT) is None
