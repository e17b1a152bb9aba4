"""What cannot stand on a face is named by its place and character, of a row of a job too."""

import pytest

from license_vault.bulk.working import refused
from license_vault.face.errors import (
    CharacterNotSettableError,
    FaceError,
    FaceOverflowError,
    GlyphMissingError,
    QrCodeTooDenseError,
)


@pytest.mark.parametrize(
    ("error", "pointer", "code", "zh"),
    [
        (FaceOverflowError("number"), "/number", "does-not-fit", "内容在照面上放不下。"),
        (
            GlyphMissingError("holders.0.name", "𰻞", "fonts-x (Debian)"),
            "/holders/0/name",
            "character-missing",
            "字符 𰻞（U+30EDE）不在已安装的字库中；请安装 fonts-x (Debian)。",
        ),
        (
            GlyphMissingError("fields.address", "가", ""),
            "/fields/address",
            "character-missing",
            "字符 가（U+AC00）不在已安装的字库中；请安装含有该字的字库。",
        ),
        (
            CharacterNotSettableError("fields.address", "\u3164"),
            "/fields/address",
            "character-not-settable",
            "字符 U+3164 不能排在照面上：它是控制符、组合符、连字或空白字母。",
        ),
    ],
)
def test_a_refused_row_says_where_and_which_character(
    error: FaceError, pointer: str, code: str, zh: str
) -> None:
    (problem,) = refused(7, {}, error).problems
    assert (problem.pointer, problem.code, problem.message_zh) == (pointer, code, zh)


def test_a_code_that_is_too_dense_is_about_no_member() -> None:
    assert refused(7, {}, QrCodeTooDenseError(0.2)).problems == ()
