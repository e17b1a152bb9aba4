"""Small words of pages: days without end, times, titles, marks, each in both languages."""

from typing import Any, cast

import pytest

from api.pages.inner_api import InnerApi
from api.pages.my.copies import CopyForm
from api.pages.my.vault import Vault
from api.pages.rendering import show
from api.pages.verdict import _license_first
from api.pages.visitor import Language, Visitor
from license_vault.holding.mandates import EVERYTHING

LICENSE: dict[str, Any] = {
    "identifier": "1.2.3",
    "type": {"code": "c", "name": "许可证", "name_zh": "许可证", "name_en": "Permit"},
    "authority": {"name": "演示局"},
    "valid_until": "长期",
}
PRESENTATION: dict[str, Any] = {
    "state": "waiting", "code": "c0de", "recipient": "", "purpose": "", "fields": {},
}  # fmt: skip
DISPUTE: dict[str, Any] = {
    "number": "YY1", "filed_at": "2026-06-01T04:00:00Z", "state": "answered", "due_on": None,
    "answer": "以登记为准", "type_code": "c", "field": "number", "license": "1.2.3",
}  # fmt: skip


def visitor(language: Language) -> Visitor:
    api = cast(InnerApi, None)
    return Visitor(language, None, "/my/me", api, None, None, "", secure=False)


def vault(language: Language) -> Vault:
    rights = frozenset(EVERYTHING)
    return Vault(visitor(language), cast(InnerApi, None), "me", "h" * 26, rights, (), None)


def drawn(language: Language, template: str, **values: Any) -> str:
    return bytes(vault(language).show(template, **values).body).decode()


def test_a_license_without_end_has_no_chinese_word_for_it_on_english_pages() -> None:
    form = {"license": LICENSE, "copies": (), "typed": CopyForm(), "problem": None}
    assert "长期" not in drawn("en", "my/copy_form.html", **form)
    assert "长期" in drawn("zh", "my/copy_form.html", **form)
    lists = {"licenses": (LICENSE,), "copies": (), "next": None}
    assert "长期" not in drawn("en", "my/copies.html", **lists)
    facts = {name: value for _, name, value in _license_first(LICENSE, "en")}
    assert facts["Valid until"] == "no end"


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "北京时间（UTC+8）"), ("en", "Beijing time (UTC+8)")]
)
def test_pages_say_which_time_theirs_is(language: Language, words: str) -> None:
    form = {"license": LICENSE, "copies": (), "typed": CopyForm(), "problem": None}
    assert words in drawn(language, "my/copy_form.html", **form)


def test_the_pages_of_a_code_are_told_apart_by_their_titles() -> None:
    titles = set()
    for state in ("waiting", "expired", "withdrawn"):
        told = {**PRESENTATION, "state": state}
        page = drawn("en", "my/shown.html", presentation=told, licenses=(), seconds=9)
        titles.add(page.partition("<title>")[2].partition("</title>")[0])
    assert len(titles) == 3


def test_a_dispute_that_was_rejected_bears_no_tick_and_no_chinese_colon() -> None:
    rejected = {**DISPUTE, "outcome": {"code": "rejected", "zh": "异议不成立", "en": "rejected"}}
    names = type("Names", (), {"of": lambda *_: {"zh": "编号", "en": "Number"}})()
    page = drawn(
        "en", "my/disputes.html", disputes=(rejected,), abroad=(), next=None, licenses=(),
        partner_licenses=(), types={"c": {"zh": "许可证", "en": "Permit"}}, names=names,
    )  # fmt: skip
    assert "✓" not in page
    assert "Permit: Number" in page


def test_a_print_of_a_license_without_end_says_so_in_english() -> None:
    printed = {
        "authority": "演示局", "license": "1.2.3", "state": {"zh": "有效", "en": "valid"},
        "issued_on": "2026-01-01", "valid_until": "长期", "number": 1, "good": True,
        "sentence": {"zh": "有效", "en": "It counts"},
        "type_zh": "许可证", "type_en": "Permit", "made_at": "2026-06-01T04:00:00Z",
    }  # fmt: skip
    page = bytes(show(visitor("en"), "print.html", printed=printed).body).decode()
    assert "no end" in page
