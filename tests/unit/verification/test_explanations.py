import ast
import re
from pathlib import Path

import pytest

import verification
from verification.explanations import Effect, Sentence, all_reasons, fill
from verification.reason_table import reason_table

PACKAGE = Path(verification.__file__).parent
DOCUMENT = PACKAGE.parent / "docs" / "reason-codes.md"
PLACES = re.compile(r"\{(\w+)\}")


def written_codes() -> set[str]:
    """Every string in the package that has the form of a code of reasons.toml."""
    texts = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
    return texts


def called_codes() -> set[str]:
    """The first arguments of every call of finding() that are plain strings."""
    codes = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id == "finding" and node.args:
                first = node.args[0]
                parts = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                codes |= {part.value for part in parts if isinstance(part, ast.Constant)}
    return codes


def test_every_code_that_is_found_is_explained() -> None:
    assert called_codes() <= all_reasons().keys()
    assert len(called_codes()) > 50


def test_every_explained_code_can_be_found() -> None:
    assert all_reasons().keys() <= written_codes()


@pytest.mark.parametrize("code", all_reasons())
def test_both_languages_name_the_same_values(code: str) -> None:
    sentence = all_reasons()[code].sentence
    assert sentence.zh
    assert sentence.en
    assert set(PLACES.findall(sentence.zh)) == set(PLACES.findall(sentence.en))
    assert re.search(r"[一-鿿]", sentence.zh)
    assert not re.search(r"[一-鿿]", sentence.en)


@pytest.mark.parametrize("code", all_reasons())
def test_what_speaks_against_a_document_has_a_technical_name(code: str) -> None:
    reason = all_reasons()[code]
    against = reason.effect in (Effect.ALTERED, Effect.UNTRUSTED, Effect.INDETERMINATE)
    assert (reason.sub_indication is not None) >= against


def test_a_place_without_a_value_stays_empty() -> None:
    assert fill(Sentence("甲{x}乙", "a {y}"), {"x": "1"}) == Sentence("甲1乙", "a")


def test_the_document_lists_exactly_the_reasons() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == reason_table()


def test_a_code_for_programs_becomes_words_alone_and_behind_a_name() -> None:
    sentence = Sentence("甲（{detail}）", "a ({detail})")
    assert fill(sentence, {"detail": "CA: stale"}).zh == "甲（CA：列表已过期）"
    assert fill(sentence, {"detail": "missing"}).en == "a (the list is not at hand)"
    assert fill(sentence, {"detail": "key: other"}).zh == "甲（key: other）"


@pytest.mark.parametrize("why", ["no-answer", "timeout", "tls", "circuit-open"])
def test_why_a_region_was_not_reached_is_told_in_words(why: str) -> None:
    told = fill(all_reasons()["partner-file-not-had"].sentence, {"detail": why})
    assert why not in told.zh
