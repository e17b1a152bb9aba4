"""A package put together in a form: carried, altered, signed, and what is said against it."""

import json
from typing import Any

import pytest

from api.errors import FormRefusedError
from api.pages.console.package_draft import PackageDraft, Wanted, package_in
from api.pages.console.package_page import place_of, told_apart
from api.pages.console.signing import Draft, draft_in

ONE = {"type_code": "T1", "number": "N-1", "fields": {}, "holders": []}
TWO = {**ONE, "type_code": "T2"}
SIGNED = {"officer_id": "zhao", "step": "decide", "signed_at": "2026-11-22T00:00:00Z"}
SIGNED |= {"signature": "AAAA"}


@pytest.fixture
def draft() -> PackageDraft:
    return PackageDraft("case", "C-1", (Wanted(ONE, (SIGNED,)), Wanted(TWO, (SIGNED,))))


def test_a_form_carries_a_package_there_and_back(draft: PackageDraft) -> None:
    assert package_in(draft.text()) == draft
    assert draft.body == {
        "licenses": [{**ONE, "approvals": [SIGNED]}, {**TWO, "approvals": [SIGNED]}]
    }
    assert PackageDraft("case", "C-1", (Wanted(ONE),)).body == {"licenses": [ONE]}


def test_only_what_was_altered_is_signed_again(draft: PackageDraft) -> None:
    assert draft.saying(0, dict(ONE)) == draft
    altered = draft.saying(0, {**ONE, "number": "N-2"})
    assert [len(one.approvals) for one in altered.licenses] == [0, 1]
    assert altered.without(0).licenses == draft.licenses[1:]
    assert draft.with_one_more(ONE).licenses[2] == Wanted(ONE)


def test_at_most_twenty_are_asked_for(draft: PackageDraft) -> None:
    full = PackageDraft("case", "C-1", draft.licenses * 10)
    assert not full.has_room
    with pytest.raises(FormRefusedError):
        package_in(full.with_one_more(ONE).text())


@pytest.mark.parametrize(
    "change",
    [
        {"number": 1},
        {"type_code": ""},
        {"fields": []},
        {"holders": {}},
        {"holders": [{"name": 1}]},
        {"conditions": ["x"]},
        {"parts": [{"name": None}]},
    ],
)
def test_what_no_form_has_made_is_refused(draft: PackageDraft, change: dict[str, Any]) -> None:
    told = json.loads(draft.text())
    told["licenses"][1]["body"] |= change
    with pytest.raises(FormRefusedError):
        package_in(json.dumps(told))


@pytest.mark.parametrize("change", [{"act": "decision"}, {"case": 1}, {"licenses": {}}])
def test_another_form_is_no_package(draft: PackageDraft, change: dict[str, Any]) -> None:
    with pytest.raises(FormRefusedError):
        package_in(json.dumps({**json.loads(draft.text()), **change}))


@pytest.mark.parametrize("change", [{"signed_at": "today"}, {"signed_at": 1}, {"step": 1}])
def test_signatures_that_no_page_can_show_are_refused(
    draft: PackageDraft, change: dict[str, Any]
) -> None:
    told = json.loads(draft.text())
    told["licenses"][1]["approvals"][0] |= change
    with pytest.raises(FormRefusedError):
        package_in(json.dumps(told))
    single = {**json.loads(Draft("decision", "abc", {}).text()), "approvals": [SIGNED | change]}
    with pytest.raises(FormRefusedError):
        draft_in(json.dumps(single))


def test_rows_have_all_members_that_a_page_shows(draft: PackageDraft) -> None:
    told = json.loads(draft.text())
    told["licenses"][0]["body"] |= {"holders": [{"name": "甲"}], "fields": {"rows": 5}}
    body = package_in(json.dumps(told)).licenses[0].body
    assert body["holders"] == [
        {"kind": "", "name": "甲", "document_type": "", "document_number": ""}
    ]
    assert body["fields"] == {"rows": "5"}


def test_what_is_wrong_is_told_of_the_license_it_is_about() -> None:
    wrong, whole = {"zh": "错", "en": "wrong"}, {"zh": "多", "en": "many"}
    at_one = {"pointer": "/licenses/1/fields/address", "messages": wrong}
    problem = {"code": "invalid-request", "errors": [at_one]}
    assert told_apart(problem) == ({1: {"/fields/address": wrong}}, None)
    of_all = {"pointer": "/licenses", "messages": whole}
    by_place, rest = told_apart({**problem, "errors": [at_one, of_all]})
    assert (set(by_place), rest and rest["errors"]) == ({1}, [of_all])
    taken = {"code": "license-exists", "license": "/licenses/1"}
    assert told_apart(taken) == ({}, taken)
    assert (place_of(taken), place_of(problem), place_of(None)) == (1, None, None)
