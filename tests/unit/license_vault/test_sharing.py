"""Catalogues, use lists and maps: read strictly, asked exactly."""

import json

import pytest
import rfc8785

from license_vault.errors import FieldInvalidError
from license_vault.sharing.catalogue import read_catalogue
from license_vault.sharing.maps import read_maps
from license_vault.sharing.publishing import read_draft
from license_vault.sharing.use_list import LicenseShown, ListWord, read_use_list

OURS, THEIRS = "11310000MBDEM00076002", "11320000MBDEM00076009"
NAME = {"zh": "证", "en": "License"}
NEED = {
    "key": "a",
    "name": NAME,
    "types": [OURS],
    "regions": ["310000"],
    "fields": ["/number", "/fields/area"],
}
USE_LIST = {"items": [{"item": "I-1", "name": NAME, "accepts": [NEED]}]}
RULE = {"items": ["I-1"], "operations": ["metadata"], "fields": ["/number"]}
CATALOGUE = {"types": [{"type": OURS, "name": NAME, "shared": [RULE]}]}
MAPS = {
    "partners": [
        {
            "region": "320000",
            "types": [{"theirs": THEIRS, "ours": OURS}],
            "fields": [{"type": OURS, "theirs": "/fields/size", "ours": "/fields/area"}],
        }
    ]
}
FIELDS = ("/number", "/fields/area")


@pytest.mark.parametrize(
    ("item", "type_code", "region", "fields", "word"),
    [
        ("I-1", OURS, "310000", FIELDS, ListWord.LISTED),
        ("I-1", OURS, "310000", None, ListWord.LISTED),
        ("I-1", OURS, "310000", ("/number",), ListWord.FIELD_MISSING),
        ("I-1", OURS, "320000", FIELDS, ListWord.REGION_NOT_LISTED),
        ("I-1", THEIRS, "310000", FIELDS, ListWord.TYPE_NOT_LISTED),
        ("I-1", "", "310000", FIELDS, ListWord.TYPE_UNKNOWN),
        ("I-2", OURS, "310000", FIELDS, ListWord.ITEM_UNKNOWN),
    ],
)
def test_the_use_list_answers(item, type_code, region, fields, word) -> None:
    shown = LicenseShown(type_code, region, fields)
    assert read_use_list(USE_LIST).ask(item, shown).word is word


def test_nothing_is_shared_that_no_rule_names() -> None:
    catalogue = read_catalogue(CATALOGUE)
    assert catalogue.fields_shared(OURS, "I-1") == ("/number",)
    assert catalogue.fields_shared(OURS, "I-1", "file") == ()
    assert catalogue.fields_shared(OURS, "I-2") == ()
    assert catalogue.fields_shared(THEIRS, "I-1") == ()
    assert catalogue.operations_shared(OURS, "I-1") == ("metadata",)


def test_maps_lead_to_our_codes_and_back() -> None:
    maps = read_maps(MAPS)
    assert maps.own_type("320000", THEIRS) == OURS
    assert maps.their_type("320000", OURS) == THEIRS
    assert maps.own_type("330000", THEIRS) == THEIRS
    assert maps.own_fields("320000", OURS, ["/fields/size", "/number"]) == set(FIELDS)


def test_mapped_values_stand_where_ours_do_and_the_rest_stays() -> None:
    maps = read_maps(MAPS)
    claims = rfc8785.dumps({"number": "1", "fields": {"size": "9", "area": "old", "use": "x"}})
    mapped = json.loads(maps.own_claims("320000", OURS, claims))
    assert mapped == {"number": "1", "fields": {"area": "9", "use": "x"}}
    for region, own_type in (("330000", OURS), ("320000", THEIRS)):
        assert maps.own_claims(region, own_type, claims) == claims
    # What a license does not say is not made up, and what has no place goes nowhere.
    for said in ({"number": "1"}, {"fields": {"area": "9"}}):
        assert json.loads(maps.own_claims("320000", OURS, rfc8785.dumps(said))) == said


def test_mapped_values_change_places() -> None:
    entries = [("/fields/a", "/fields/b"), ("/fields/b", "/fields/a")]
    entries.append(("/fields/c", "/holders/0/name"))
    fields = [{"type": OURS, "theirs": theirs, "ours": ours} for theirs, ours in entries]
    maps = read_maps({"partners": [{"region": "320000", "types": [], "fields": fields}]})
    said = {"fields": {"a": "1", "b": "2", "c": "3"}, "holders": [{"name": "old"}]}
    mapped = json.loads(maps.own_claims("320000", OURS, rfc8785.dumps(said)))
    assert mapped == {"fields": {"a": "2", "b": "1"}, "holders": [{"name": "3"}]}


def test_documents_say_the_same_when_written_again() -> None:
    assert read_use_list(USE_LIST).content() == USE_LIST
    assert read_catalogue(CATALOGUE).content() == CATALOGUE
    assert read_maps(MAPS).content() == MAPS


@pytest.mark.parametrize(
    ("read", "content", "pointer"),
    [
        (read_use_list, {"items": []}, "/items"),
        (read_use_list, {**USE_LIST, "more": "x"}, "/more"),
        (read_use_list, {"items": USE_LIST["items"] * 2}, "/items"),
        (
            read_use_list,
            {"items": [{**USE_LIST["items"][0], "accepts": [{**NEED, "regions": ["all"]}]}]},
            "/items/0/accepts/0/regions",
        ),
        (
            read_use_list,
            {"items": [{**USE_LIST["items"][0], "accepts": [{**NEED, "fields": ["salt"]}]}]},
            "/items/0/accepts/0/fields",
        ),
        (
            read_catalogue,
            {"types": [{"type": OURS, "name": NAME, "shared": [{**RULE, "operations": ["all"]}]}]},
            "/types/0/shared/0/operations",
        ),
        (read_maps, {"partners": [{"region": "x"}]}, "/partners/0/region"),
        (read_maps, {"partners": MAPS["partners"] * 2}, "/partners"),
        (
            read_maps,
            {"partners": [{**MAPS["partners"][0], "types": MAPS["partners"][0]["types"] * 2}]},
            "/partners/0/types/1/theirs",
        ),
    ],
)
def test_what_is_wrong_is_pointed_at(read, content, pointer) -> None:
    with pytest.raises(FieldInvalidError) as caught:
        read(content)
    assert pointer in {problem.pointer for problem in caught.value.problems}


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"schema": "license-vault/other/1"}'])
def test_a_draft_names_its_kind(text: str) -> None:
    with pytest.raises(FieldInvalidError):
        read_draft(text)
