"""What a window reads off a scanner, how it counts papers, what it shows: without a browser."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.kiosk.person import LONGEST_SECONDS, Person
from api.pages.window.desk import Desk, Verified, Work
from api.pages.window.needs import (
    Candidate,
    met_needs,
    standing_of_decision,
    standing_of_shown,
    waived,
)
from api.pages.window.scanned import LicenseNumber, PresentedCode, read_scanned
from api.pages.window.shown_fields import holder_in, shown_fields
from verification.decision import words_of_reason

NUMBER = "1.2.156.3005.2.11310000MBDEM00076002.11310114MBDEM0015F.ABCDEFGH12345678.001.K"
OLD_QR = f"https://a.example/verify#{NUMBER}.7K2M9QXA4T3WD"


@pytest.mark.parametrize(
    ("text", "check_code", "found"),
    [
        ("LV-PRESENT:abc", "", PresentedCode("LV-PRESENT:abc")),
        ("  x3v0q9m2k7c8w5r1t6y4n0b2dz\r\n", "", PresentedCode("x3v0q9m2k7c8w5r1t6y4n0b2dz")),
        (OLD_QR, "", LicenseNumber(NUMBER, "7K2M9QXA4T3WD")),
        (NUMBER.lower(), " 7K2M-9QXA-4T3WD ", LicenseNumber(NUMBER, "7K2M-9QXA-4T3WD")),
        (NUMBER, "", LicenseNumber(NUMBER, "")),
        ("https://elsewhere.example/#x", "", None),
        ("310114199003078864", "", None),
        ("", "", None),
    ],
)
def test_a_scanned_text_is_what_it_says(text: str, check_code: str, found: object) -> None:
    assert read_scanned(text, check_code) == found


@given(st.text(max_size=400), st.text(max_size=40))
def test_whatever_is_scanned_is_read_or_refused(text: str, check_code: str) -> None:
    found = read_scanned(text, check_code)
    assert found is None or isinstance(found, PresentedCode | LicenseNumber)


def need(code: str, *others: str) -> dict[str, Any]:
    return {"key": code, "name": {"zh": code, "en": code}, "types": [code, *others]}


def test_a_need_stands_as_its_best_license_does() -> None:
    item = {"needs": [need("A", "B"), need("C"), need("D")]}
    met = met_needs(
        item,
        (
            Candidate("A", "a-1", "to_submit"),
            Candidate("B", "b-1", "waived"),
            Candidate("C", "c-1", "manual"),
        ),
    )
    assert [one.standing for one in met] == ["waived", "manual", "absent"]
    assert met[0].identifier == "b-1"
    assert waived(met) == 1


def test_only_a_license_in_force_without_marks_needs_no_paper() -> None:
    assert standing_of_shown("valid", ()) == "waived"
    assert standing_of_shown("valid", ("disputed",)) == "manual"
    assert standing_of_shown("suspended", ()) == "to_submit"
    assert [standing_of_decision(one) for one in ("waived", "to_submit", "manual", "")] == [
        "waived", "to_submit", "manual", "manual",
    ]  # fmt: skip


def test_reasons_of_a_receipt_are_told_in_words() -> None:
    assert words_of_reason("no-use-list").zh == "本地区尚未发布用证清单"
    assert words_of_reason("field-missing").zh == "证照缺少本事项所需的项"
    assert words_of_reason("mark-disputed").en == "The license is under dispute"
    assert words_of_reason("of-tomorrow").zh == "of-tomorrow"


def test_fields_are_shown_once_and_by_their_names() -> None:
    kind = {"fields": [{"key": "items", "name": {"zh": "许可项目", "en": "Items"}}]}
    fields = {
        "holders.name": "甲、乙",
        "holders.0.name": "甲",
        "holders.0.document_number": "1",
        "number": "N-1",
        "valid_until": "2030年",
        "validity": "2020年至2030年",
        "fields.items": "浴室、美容",
        "fields.items.0": "浴室",
        "identifier": NUMBER,
        "conditions.0": "附条件：补交",
    }
    shown = [(one.name["zh"], one.text) for one in shown_fields(fields, kind)]
    assert shown == [
        ("证件号码", "1"),
        ("证照编号", "N-1"),
        ("有效期", "2020年至2030年"),
        ("许可项目", "浴室、美容"),
        ("所附条件", "附条件：补交"),
    ]
    assert holder_in(fields) == "甲、乙"
    assert holder_in({"holders.0.name": "甲", "number": "N-1"}) == "甲"
    assert holder_in({"number": "N-1"}) == ""
    assert [one.name["en"] for one in shown_fields({"fields.size": "3"}, None)] == ["size"]


def test_days_of_a_field_are_told_in_english_and_nothing_else() -> None:
    texts = {"validity": "2026年03月20日至长期", "copy": "正本", "fields.place": "至善路 1 号"}
    assert [one.told["en"] for one in shown_fields(texts, None)] == [
        "2026-03-20 to no end", "original", "至善路 1 号",
    ]  # fmt: skip


def test_a_desk_remembers_until_the_case_changes() -> None:
    work = Work("item", "C-1", "why")
    desk = Desk().of_work(work, "case").with_shown("p-1").with_verified(Verified("v-1", "甲", "1"))
    assert Desk.read(desk.written()) == desk
    assert desk.receipts == ("p-1", "v-1")
    assert desk.of_work(Work("item", "C-1", "other"), "case").receipts == desk.receipts
    assert desk.of_work(Work("item", "C-2", "why"), "").receipts == ()
    assert desk.next_person() == Desk(Work("item", "", "why"))
    assert Desk.read({"work": {"no": "such"}}) == Desk()


def test_what_is_scanned_before_item_and_case_are_named_waits_for_them() -> None:
    desk = Desk().with_waiting("LV-PRESENT:a").with_verified(Verified("v-1", "甲", "1"))
    desk = desk.with_verified(Verified("v-2", "甲", "1", on_record=True, undecided=True))
    for work in (Work("item", "", "why"), Work("item", "C-1", "why")):
        desk = desk.of_work(work, "")
        assert desk.waiting == ("LV-PRESENT:a",)
        assert desk.receipts == ("v-1", "v-2")
    assert desk.work.is_whole
    assert Desk.read(desk.written()) == desk
    assert desk.without_waiting().waiting == ()
    assert desk.without_waiting().receipts == ("v-1",)
    assert desk.of_work(Work("item", "C-2", "why"), "").waiting == ()
    assert desk.next_person().waiting == ()


def test_a_desk_stays_small_enough_for_a_browser() -> None:
    desk = Desk()
    for number in range(20):
        desk = desk.with_shown(f"p-{number}")
        desk = desk.with_verified(Verified.of(f"v-{number}", {"license": None}, on_record=True))
    assert len(desk.receipts) == 10
    assert desk.shown[-1] == "p-19"


def test_whoever_walked_away_from_a_kiosk_is_forgotten() -> None:
    seen = datetime(2026, 6, 1, tzinfo=UTC)
    person = Person("handle", "visit", seen, {"code": "A", "name": "甲"})
    kept = person.written()
    assert Person.read(kept, seen + timedelta(seconds=LONGEST_SECONDS)) == person
    assert Person.read(kept, seen + timedelta(seconds=LONGEST_SECONDS + 1)) is None
    assert Person.read({}, seen) is None
