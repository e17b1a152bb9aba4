"""A request to issue: everything wrong is named at once, each with its JSON pointer."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from license_vault.errors import (
    FieldInvalidError,
    LicenseTypeNotPublishedError,
    LicenseTypeUnknownError,
)
from license_vault.issuing.license_request import check_fields, read_request, request_digest
from license_vault.license import CopyDesignation, CopyKind, HolderKind
from license_vault.license_types.catalogue import SHIPPED_TYPES, Catalogue

TODAY = date(2026, 11, 21)
CATALOGUE = Catalogue([SHIPPED_TYPES])
EXAMPLES = Path(__file__).parents[3] / "examples"
NAMES = (
    "medical-institution",
    "public-place-hygiene",
    "business-license",
    "constructor-registration",
    "medical-institution-duplicate",
    "food-business",
    "sewage-discharge",
    "birth-registration",
    "identity-card",
    "integrated-industry",
)
Edit = Callable[[Any], object]


def example(name: str) -> dict[str, Any]:
    return dict(json.loads((EXAMPLES / f"{name}.json").read_text("utf-8")))


def problems(body: object) -> list[tuple[str, str]]:
    """Return pointer and code of every problem, in a fixed order."""
    with pytest.raises(FieldInvalidError) as caught:
        read_request(body, CATALOGUE.for_issuing, TODAY)
    for problem in caught.value.problems:
        assert any("一" <= character <= "鿿" for character in problem.message_zh)
        assert problem.message_en
    return sorted((problem.pointer, problem.code) for problem in caught.value.problems)


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_are_right(name: str) -> None:
    request = read_request(example(name), CATALOGUE.for_issuing, TODAY)
    check_fields(CATALOGUE.get(request.type_code), request)


def test_the_examples_are_of_all_types_and_one_authority() -> None:
    bodies = [example(name) for name in NAMES]
    assert {body["type_code"] for body in bodies} == set(CATALOGUE.codes())
    assert {body["authority_code"] for body in bodies} == {example("authority")["code"]}


ROW = {"outlet": "WS-1", "connection": "东门", "road": "示范路", "volume": "3", "destination": "厂"}


@pytest.mark.parametrize(
    ("value", "pointer", "code"),
    [
        ([], "/fields/outlets", "wrong-type"),
        ("WS-1", "/fields/outlets", "wrong-type"),
        ([ROW] * 7, "/fields/outlets", "too-many"),
        (["WS-1"], "/fields/outlets/0", "wrong-type"),
        ([{}], "/fields/outlets/0", "wrong-type"),
        ([ROW, {**ROW, "colour": "x"}], "/fields/outlets/1/colour", "unknown-member"),
        ([{k: v for k, v in ROW.items() if k != "road"}], "/fields/outlets/0/road", "missing"),
        ([{**ROW, "volume": "many"}], "/fields/outlets/0/volume", "wrong-format"),
        ([{**ROW, "outlet": "W" * 21}], "/fields/outlets/0/outlet", "too-long"),
        ([{**ROW, "outlet": ["W"]}], "/fields/outlets/0/outlet", "wrong-type"),
    ],
)
def test_records_are_checked_cell_by_cell(value: object, pointer: str, code: str) -> None:
    body = example("sewage-discharge")
    body["fields"]["outlets"] = value
    assert problems(body) == [(pointer, code)]


def test_the_examples_have_a_character_beyond_the_bmp_and_a_long_scope() -> None:
    assert any(ord(c) > 0xFFFF for c in json.dumps(example(NAMES[1]), ensure_ascii=False))
    assert len(example("business-license")["fields"]["business_scope"]) > 300


def test_a_request_holds_what_the_body_says() -> None:
    request = read_request(example(NAMES[0]), CATALOGUE.for_issuing, TODAY)
    assert request.copy == CopyDesignation(CopyKind.ORIGINAL, 1, 1)
    assert request.holders[0].kind is HolderKind.LEGAL_PERSON
    assert request.issued_on == date(2026, 3, 18)
    assert request.valid_until == date(2031, 3, 17)
    assert request.fields["medical_subjects"][0] == "预防保健科"  # type: ignore[index]
    assert request.officer
    assert request.officer.id == "jd-officer-01"


def test_what_may_be_left_out_has_its_default() -> None:
    body = example("business-license")
    for name in ("type_version", "item_code", "copy", "issued_on"):
        body.pop(name, None)
    request = read_request(body, CATALOGUE.for_issuing, TODAY)
    assert request.type_version is None
    assert request.issued_on is None
    assert request.copy == CopyDesignation(CopyKind.ORIGINAL, 1, 1)
    assert request.valid_until is None


def put(path: str, value: object) -> Edit:
    """Return an edit that sets the member at a path; ``...`` takes it out."""

    def edit(body: Any) -> None:
        *parents, last = path.split("/")
        for name in parents:
            body = body[int(name) if isinstance(body, list) else name]
        key = int(last) if isinstance(body, list) else last
        if value is ...:
            del body[key]
        else:
            body[key] = value

    return edit


BAD: list[tuple[str, Edit, str, str]] = [
    ("business-license", put("holders/0/document_number", "91310114MADEM00461"),
     "/holders/0/document_number", "wrong-check-digit"),
    ("business-license", put("holders/0/document_number", "9131"),
     "/holders/0/document_number", "wrong-format"),
    ("business-license", put("authority_code", "11310114MBDEM0015G"),
     "/authority_code", "wrong-check-digit"),
    ("business-license", put("type_code", "11310000MBDEM00077003"), "/type_code",
     "wrong-check-digit"),
    ("business-license", put("type_code", 3), "/type_code", "wrong-type"),
    ("business-license", put("type_version", "1"), "/type_version", "wrong-format"),
    ("business-license", put("basis", ...), "/basis", "missing"),
    ("business-license", put("case_number", "  "), "/case_number", "empty"),
    ("business-license", put("case_number", "a b"), "/case_number", "wrong-format"),
    ("business-license", put("extra", "x"), "/extra", "unknown-member"),
    ("business-license", lambda b: b.update({"a\u202e": 1}), "/?", "unknown-member"),
    ("business-license", lambda b: b.update({"a/b~": 1}), "/a~1b~0", "unknown-member"),
    ("business-license", put("number", "123"), "/number", "number-pattern"),
    ("business-license", put("number", "14000000202603200789\n"), "/number", "outer-space"),
    ("business-license", put("copy", {"kind": "副本", "ordinal": 3, "of": 2}),
     "/copy/ordinal", "copy-out-of-range"),
    ("business-license", put("copy", {"kind": "副本", "ordinal": 1, "of": 21}),
     "/copy/of", "copy-out-of-range"),
    ("business-license", put("copy", {"kind": "正本", "ordinal": 1, "of": 2}),
     "/copy/of", "copy-out-of-range"),
    ("business-license", put("copy/ordinal", "1"), "/copy/ordinal", "not-a-count"),
    ("business-license", put("copy/ordinal", True), "/copy/ordinal", "not-a-count"),
    ("business-license", put("copy/ordinal", 0), "/copy/ordinal", "not-a-count"),
    ("business-license", put("copy/ordinal", 1.0), "/copy/ordinal", "not-a-count"),
    ("business-license", put("copy/kind", "抄本"), "/copy/kind", "unknown-choice"),
    ("business-license", put("copy", "正本"), "/copy", "wrong-type"),
    ("medical-institution", put("copy", {"kind": "副本"}), "/copy/kind", "unknown-choice"),
    ("business-license", put("holders", []), "/holders", "wrong-type"),
    ("business-license", put("holders", ["x"]), "/holders/0", "wrong-type"),
    ("business-license", put("holders/0/kind", "cat"), "/holders/0/kind", "unknown-choice"),
    ("business-license", put("holders/0/name", "甲^乙"), "/holders/0/name", "reserved-character"),
    ("business-license", put("holders/0/name", "甲\u202e乙"), "/holders/0/name", "bidi-control"),
    ("business-license", put("holders/0/name", "甲\ud842"), "/holders/0/name", "lone-surrogate"),
    ("business-license", put("holders/0/name", "甲" * 257), "/holders/0/name", "too-long"),
    ("business-license", put("holders/0/document_type", "777"),
     "/holders/0/document_type", "unknown-choice"),
    ("business-license", put("issued_on", "2026-11-22"), "/issued_on", "implausible-date"),
    ("business-license", put("issued_on", "1949-09-30"), "/issued_on", "implausible-date"),
    ("business-license", put("issued_on", "2026-02-30"), "/issued_on", "no-such-day"),
    ("business-license", put("valid_from", "2028-01-01"), "/valid_from", "implausible-date"),
    ("business-license", put("valid_from", "20260320"), "/valid_from", "no-such-day"),
    ("business-license", put("valid_until", "2026-03-19"), "/valid_until", "dates-out-of-order"),
    ("business-license", put("valid_until", "2226-03-19"), "/valid_until", "implausible-date"),
    ("business-license", put("valid_until", None), "/valid_until", "wrong-type"),
    ("business-license", put("valid_until", ...), "/valid_until", "missing"),
    ("medical-institution", put("valid_until", "长期"), "/valid_until", "long-term-not-allowed"),
    ("business-license", put("fields", "x"), "/fields", "wrong-type"),
    ("business-license", put("fields", None), "/fields", "wrong-type"),
    ("business-license", put("fields/fax", "x"), "/fields/fax", "unknown-member"),
    ("business-license", put("fields/domicile", ...), "/fields/domicile", "missing"),
    ("business-license", put("fields/domicile", 3), "/fields/domicile", "wrong-type"),
    ("business-license", put("fields/domicile", "甲" * 121), "/fields/domicile", "too-long"),
    ("business-license", put("fields/domicile", "甲\n乙"), "/fields/domicile",
     "control-character"),
    ("business-license", put("fields/domicile", "e\u0301"), "/fields/domicile", "not-nfc"),
    ("business-license", put("fields/established_on", "2026-02-30"),
     "/fields/established_on", "no-such-day"),
    ("business-license", put("fields/registered_capital", "500"),
     "/fields/registered_capital", "wrong-format"),
    ("medical-institution", put("fields/medical_subjects", "内科"),
     "/fields/medical_subjects", "wrong-type"),
    ("medical-institution", put("fields/medical_subjects", []),
     "/fields/medical_subjects", "wrong-type"),
    ("medical-institution", put("fields/medical_subjects", ["科"] * 81),
     "/fields/medical_subjects", "too-many"),
    ("medical-institution", put("fields/medical_subjects/1", "内科、外科"),
     "/fields/medical_subjects/1", "reserved-character"),
    ("medical-institution", put("fields/medical_subjects/1", "预防保健科"),
     "/fields/medical_subjects/1", "duplicate-item"),
    ("medical-institution", put("fields/medical_subjects/1", {"a": "b"}),
     "/fields/medical_subjects/1", "wrong-type"),
    ("constructor-registration", put("fields/gender", "男性"), "/fields/gender",
     "unknown-choice"),
    ("constructor-registration", put("fields/gender", "男"), "/fields/gender",
     "disagrees-with-holder"),
    ("constructor-registration", put("fields/birth_date", "1990-03-08"),
     "/fields/birth_date", "disagrees-with-holder"),
    ("constructor-registration", put("fields/registered_professions/0", "建筑工程"),
     "/fields/registered_professions/0", "wrong-pattern"),
    ("constructor-registration", put("holders/0/document_number", "310114199003072842"),
     "/holders/0/document_number", "wrong-check-digit"),
    ("constructor-registration", put("holders/0/document_number", "310114199013072841"),
     "/holders/0/document_number", "no-such-day"),
    ("constructor-registration", put("holders/0/document_number", "010114199003072841"),
     "/holders/0/document_number", "no-such-region"),
    ("constructor-registration", put("officer", {"id": "x"}), "/officer/name", "missing"),
    ("constructor-registration", put("officer", "x"), "/officer", "wrong-type"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "edit", "pointer", "code"), BAD)
def test_one_wrong_value_is_one_problem_at_its_place(
    name: str, edit: Edit, pointer: str, code: str
) -> None:
    body = copy.deepcopy(example(name))
    edit(body)
    assert problems(body) == [(pointer, code)]


def test_a_holder_of_the_wrong_kind_is_named() -> None:
    body = example("business-license")
    body["holders"] = example("constructor-registration")["holders"]
    assert problems(body) == [("/holders/0/kind", "holder-kind")]


def test_a_document_that_does_not_fit_the_kind_of_holder_is_named() -> None:
    body = example("constructor-registration")
    body["holders"][0] |= {"document_type": "001", "document_number": "91310114MADEM0046B"}
    expected = ("/holders/0/document_type", "document-type")
    assert expected in problems(body)


def test_a_document_the_type_does_not_take_is_named() -> None:
    body = example("constructor-registration")
    body["holders"][0] |= {"document_type": "411", "document_number": "D1234567"}
    assert problems(body) == [("/holders/0/document_type", "unknown-choice")]


def test_a_holder_named_twice_and_too_many_holders_are_both_told() -> None:
    body = example("business-license")
    body["holders"] *= 2
    assert problems(body) == [("/holders", "too-many"), ("/holders/1", "duplicate-holder")]


def test_a_license_that_has_expired_is_not_issued() -> None:
    body = example("medical-institution")
    del body["issued_on"]
    body |= {"valid_from": "2020-01-01", "valid_until": "2026-11-20"}
    assert problems(body) == [("/valid_until", "already-expired")]
    body["valid_until"] = "2026-11-21"
    assert read_request(body, CATALOGUE.for_issuing, TODAY).valid_until == TODAY


def test_everything_wrong_is_named_at_once() -> None:
    body = example("constructor-registration")
    body["basis"] = ""
    body["number"] = "x"
    body["extra"] = 1
    body["valid_until"] = "2025-01-01"
    body["holders"][0]["document_number"] = "310114199003072842"
    body["fields"] = {"gender": "?", "birth_date": "1990-02-30", "pet": "cat", "employer": 7}
    assert problems(body) == [
        ("/basis", "empty"),
        ("/extra", "unknown-member"),
        ("/fields/birth_date", "no-such-day"),
        ("/fields/employer", "wrong-type"),
        ("/fields/gender", "unknown-choice"),
        ("/fields/pet", "unknown-member"),
        ("/fields/registered_professions", "missing"),
        ("/holders/0/document_number", "wrong-check-digit"),
        ("/number", "number-pattern"),
        ("/valid_until", "dates-out-of-order"),
    ]


@pytest.mark.parametrize("body", [None, [], "x", 3])
def test_a_body_that_is_no_object_is_one_problem(body: object) -> None:
    assert problems(body) == [("", "wrong-type")]


def test_an_unknown_type_is_its_own_error() -> None:
    body = example("business-license")
    body["type_code"] = "11310000MBDEM00076999"
    with pytest.raises(LicenseTypeUnknownError):
        read_request(body, CATALOGUE.for_issuing, TODAY)


def test_an_unpublished_type_is_its_own_error() -> None:
    def draft(code: str, version: str | None) -> Any:
        raise LicenseTypeNotPublishedError(code, version or "v1", "draft")

    with pytest.raises(LicenseTypeNotPublishedError):
        read_request(example("business-license"), draft, TODAY)


def test_check_fields_alone_names_what_does_not_fit_the_type() -> None:
    request = read_request(example("business-license"), CATALOGUE.for_issuing, TODAY)
    with pytest.raises(FieldInvalidError) as caught:
        check_fields(CATALOGUE.get("11310000MBDEM00076001"), replace(request, number="1"))
    found = {(problem.pointer, problem.code) for problem in caught.value.problems}
    assert ("/number", "number-pattern") in found
    assert ("/fields/address", "missing") in found


def test_equal_bodies_have_equal_digests_whatever_the_order() -> None:
    body = example("business-license")
    turned = dict(reversed(body.items()))
    assert request_digest(body) == request_digest(turned)
    assert len(request_digest(body)) == 64
    turned["copy"] = {"kind": "正本", "ordinal": 1, "of": 2}
    assert request_digest(body) != request_digest(turned)


@pytest.mark.parametrize("body", [{"a": 2**60}, {"a": float("nan")}, {"a": "\ud842"}])
def test_a_body_without_a_canonical_form_is_named(body: object) -> None:
    with pytest.raises(FieldInvalidError) as caught:
        request_digest(body)
    assert caught.value.problems[0].code == "not-canonical"
