"""Texts that may stand in a license, and those that may not."""

import pytest

from license_vault.face.license_text import text_problem


@pytest.mark.parametrize(
    "text",
    [
        "上海市嘉定区演示路 100 号",
        "王𬱖",
        "䶮汀",
        "欧阳·阿依古丽",
        "（演示）〔2026〕第0001号",
        "Größe é",
        "\u3000",
    ],
)
def test_names_and_addresses_are_allowed(text: str) -> None:
    assert text_problem(text) is None


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("李\n四", "control-character", 1),
        ("\t", "control-character", 0),
        ("a\x7f", "control-character", 1),
        ("李\x85", "control-character", 1),
        ("李\u2028四", "control-character", 1),
        ("李\ud842", "lone-surrogate", 1),
        ("\udfb7", "lone-surrogate", 0),
        ("李\u202e四", "bidi-control", 1),
        ("\u202a", "bidi-control", 0),
        ("\u2066", "bidi-control", 0),
        ("\u2069", "bidi-control", 0),
        ("李\u200b四", "zero-width", 1),
        ("\ufeff李", "zero-width", 0),
        ("李\u2061", "format-character", 1),
        ("李\U000e0041", "format-character", 1),
        ("李\ue000", "private-use", 1),
        ("李\U000f0000", "private-use", 1),
        ("李\ufffe", "noncharacter", 1),
        ("李\U0001ffff", "noncharacter", 1),
        ("e\u0301", "not-nfc", 0),
        ("李\uf900", "not-nfc", 1),
        ("李\U0002f800", "not-nfc", 1),
    ],
)
def test_what_cannot_be_seen_or_is_not_normal_is_refused(
    text: str, code: str, position: int
) -> None:
    problem = text_problem(text)
    assert problem is not None
    assert (problem.code, problem.position) == (code, position)


def test_the_sentences_name_the_code_point() -> None:
    problem = text_problem("李\u202e四")
    assert problem is not None
    assert "第2个字符 U+202E" in problem.message_zh
    assert "U+202E" in problem.message_en
