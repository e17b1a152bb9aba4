"""What an item's file may say, and how a form is filled from the licenses that are shown."""

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from license_vault.cases.case import CaseHolder
from license_vault.cases.item_definition import (
    ItemDefinition,
    read_item_definition,
    value_at,
)
from license_vault.cases.prefill import ShownLicense, fill, meet_needs, printed
from license_vault.errors import FieldInvalidError
from license_vault.license_types.catalogue import SHIPPED_TYPES, Catalogue

FILES = sorted((Path(__file__).parents[3] / "examples" / "items").glob("*.json"))
EXAMPLE = json.loads(FILES[0].read_text("utf-8"))
BUSINESS, HYGIENE = "11310000MBDEM00076003", "11310000MBDEM00076002"
CATALOGUE = Catalogue((SHIPPED_TYPES,))


def read(document: Any) -> ItemDefinition:
    return read_item_definition(document, CATALOGUE.for_issuing)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_example_can_be_put_and_says_the_same_again(path: Path) -> None:
    item = read(json.loads(path.read_text("utf-8")))
    assert read_item_definition(json.loads(item.canonical()), None) == item


WRONG = [
    ("schema", "license-vault/item/9", "/schema", "wrong-format"),
    ("code", "a b", "/code", "wrong-format"),
    ("name", {"zh": "名"}, "/name/en", "missing"),
    ("mode", "three-step", "/mode", "unknown-choice"),
    ("more", 1, "/more", "unknown-member"),
    ("results", ["11310000MBDEM00076999"], "/results/0", "unknown-type"),
    ("results", "all", "/results", "not-type-codes"),
    ("needs", {}, "/needs", "wrong-type"),
    ("needs/0/types", [], "/needs/0/types", "empty"),
    ("needs/0/types", [HYGIENE], "/form/0/sources/0/type", "not-needed"),
    ("needs/0/required", "yes", "/needs/0/required", "not-a-flag"),
    ("form/1/key", "unit_name", "/form/1/key", "double-key"),
    ("form/0/sources/0/path", "/salt", "/form/0/sources/0/path", "wrong-format"),
    ("form/0/sources/0/path", "/fields/none", "/form/0/sources/0/path", "unknown-field"),
    ("form/1/sources/0/holder", "/holders/0/kind", "/form/1/sources/0/holder", "wrong-format"),
    ("form/0/fills", "/fields/none", "/form/0/fills", "unknown-field"),
    ("form/0/fills", "/number", "/form/0/fills", "wrong-format"),
]


@pytest.mark.parametrize(("place", "value", "pointer", "code"), WRONG)
def test_what_is_wrong_in_a_file_is_named_with_its_place(
    place: str, value: Any, pointer: str, code: str
) -> None:
    document: Any = deepcopy(EXAMPLE)
    *above, last = place.split("/")
    inner = document
    for part in above:
        inner = inner[int(part)] if isinstance(inner, list) else inner[part]
    inner[last] = value
    with pytest.raises(FieldInvalidError) as refused:
        read(document)
    assert (pointer, code) in [(each.pointer, each.code) for each in refused.value.problems]


def test_a_file_that_is_no_object_is_refused() -> None:
    for document in (None, [], "item", 1):
        with pytest.raises(FieldInvalidError):
            read(document)


# --- filling -------------------------------------------------------------------------------------


def shown(type_code: str, **claims: Any) -> ShownLicense:
    said = {"holders": [{"name": "甲公司"}], "fields": {}, **claims}
    return ShownLicense(f"id-{type_code}", type_code, "valid", "t", "", json.dumps(said).encode())


def partners(type_code: str, outcome: str) -> ShownLicense:
    return replace(shown(type_code), region="320000", decision={"outcome": outcome})


def test_a_partners_license_counts_when_no_paper_is_needed_and_is_told_otherwise() -> None:
    item, none = read(EXAMPLE), frozenset[str]()
    waived, manual, paper = (
        partners(BUSINESS, outcome) for outcome in ("waived", "manual", "to_submit")
    )
    (met,) = meet_needs(item, (paper, waived, manual), none)
    assert (met.license, met.decided) == (waived, (waived,))
    (met,) = meet_needs(item, (shown(BUSINESS), waived), none)
    assert (met.license, met.decided) == (shown(BUSINESS), ())
    for found, withheld, reason in (
        ((paper, manual), frozenset({BUSINESS}), "manual"),
        ((paper,), frozenset({BUSINESS}), "access-not-granted"),
        ((paper,), none, "to-submit"),
    ):
        (met,) = meet_needs(item, found, withheld)
        assert (met.license, met.decided, met.reason) == (None, found, reason)
        assert fill(item, (), (met,)).have == 0


def test_a_form_is_filled_and_says_from_where_and_what_is_missing() -> None:
    item = read(EXAMPLE)
    license_ = shown(BUSINESS, fields={"legal_representative": "赵某"})
    holder = CaseHolder("", "001", "91310114MADEM0046B")
    form = fill(item, (holder,), meet_needs(item, (license_,), frozenset()))
    values = {filled.field.key: filled.value for filled in form.fields}
    assert values == {
        "unit_name": "甲公司",
        "uscc": "91310114MADEM0046B",
        "legal_representative": "赵某",
        "address": None,
        "licensed_items": None,
    }
    sources = {filled.field.key: filled.source for filled in form.fields}
    assert sources["unit_name"]["license"] == license_.identifier
    assert sources["uscc"] == {"case": "/holders/0/document_number"}
    assert [filled.field.key for filled in form.missing] == ["address", "licensed_items"]
    assert form.have == 1


def test_of_alternatives_the_first_that_the_item_names_counts() -> None:
    document = deepcopy(EXAMPLE)
    document["needs"][0]["types"] = [HYGIENE, BUSINESS]
    item = read(document)
    both = (shown(BUSINESS), shown(HYGIENE))
    (met,) = meet_needs(item, both, frozenset())
    assert met.license == both[1]
    (unmet,) = meet_needs(item, (), frozenset({BUSINESS}))
    assert (unmet.license, unmet.reason) == (None, "access-not-granted")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/a/1", "y"),
        ("/a/9", None),
        ("/a/x", None),
        ("/b", None),
        ("/a/0/c", None),
        ("/a", ["x", "y"]),
    ],
)
def test_a_pointer_finds_what_stands_there(path: str, value: object) -> None:
    assert value_at({"a": ["x", "y"]}, path) == value


def test_only_texts_are_printed() -> None:
    assert printed(["浴室", "美容店"]) == "浴室、美容店"
    assert printed({"a": "b"}) is None
    assert printed([{"a": "b"}]) is None
