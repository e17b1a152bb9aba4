"""Duplicates, conditions, parts and evidence of a request: what is wrong is named with a place."""

import copy
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from license_vault.errors import FieldInvalidError
from license_vault.issuing.license_request import check_fields, read_request
from license_vault.issuing.request_members import NO_MEMBERS, RequestedPart, RequestMembers
from license_vault.license import Condition
from license_vault.license_types.catalogue import SHIPPED_TYPES, Catalogue
from license_vault.license_types.license_type import LicenseType, PartKind, PartRule

TODAY = date(2026, 11, 21)
CATALOGUE = Catalogue([SHIPPED_TYPES])
EXAMPLES = Path(__file__).parents[3] / "examples"
BODY = json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8"))
EVIDENCE_ID = "x3v0q9m2k7c8w5r1t6y4n0b2dz"
PART = {
    "code": "food",
    "name": "食品经营许可",
    "number": "JY13101140000001",
    "authority_code": BODY["authority_code"],
    "valid_from": "2026-01-01",
    "valid_until": "2027-01-01",
}
KINDS = PartRule(2, (PartKind("food", "食品经营许可"), PartKind("hygiene", "公共场所卫生许可")))


def find_type(code: str, version: str | None) -> LicenseType:
    return CATALOGUE.for_issuing(code, version)


def find_composite(code: str, version: str | None) -> LicenseType:
    return replace(find_type(code, version), parts=KINDS)


def body(**members: object) -> dict[str, Any]:
    return {**copy.deepcopy(BODY), **members}


def problems(of: object, find: Any = find_type) -> list[tuple[str, str]]:
    with pytest.raises(FieldInvalidError) as caught:
        read_request(of, find, TODAY)
    return [(found.pointer, found.code) for found in caught.value.problems]


def part(**changes: object) -> dict[str, object]:
    return {**PART, **changes}


def test_a_request_without_them_has_none() -> None:
    assert read_request(body(), find_type, TODAY).members == NO_MEMBERS


def test_all_of_them_are_read() -> None:
    asked = body(
        conditions=[{"text": "补交消防安全检查合格证明", "due": "2026-12-31"}],
        evidence=[EVIDENCE_ID],
        parts=[part()],
        valid_until="2027-06-30",
    )
    members = read_request(asked, find_composite, TODAY).members
    assert members == RequestMembers(
        0,
        (Condition("补交消防安全检查合格证明", date(2026, 12, 31)),),
        (
            RequestedPart(
                "food",
                "食品经营许可",
                "JY13101140000001",
                str(BODY["authority_code"]),
                date(2026, 1, 1),
                date(2027, 1, 1),
            ),
        ),
        (EVIDENCE_ID,),
    )


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"conditions": []}, [("/conditions", "wrong-type")]),
        (
            {"conditions": [{"text": "", "due": "2026-02-30"}]},
            [("/conditions/0/text", "empty"), ("/conditions/0/due", "no-such-day")],
        ),
        (
            {"conditions": [{"text": "甲", "due": "2026-11-20"}]},
            [("/conditions/0/due", "implausible-date")],
        ),
        (
            {"conditions": [{"text": "甲", "due": "2026-12-01", "x": "y"}]},
            [("/conditions/0/x", "unknown-member")],
        ),
        (
            {"conditions": [{"text": "甲", "due": "2026-12-01"}] * 2},
            [("/conditions/1/text", "duplicate-item")],
        ),
        ({"evidence": "x"}, [("/evidence", "wrong-type")]),
        ({"evidence": [EVIDENCE_ID, EVIDENCE_ID]}, [("/evidence/1", "duplicate-item")]),
        ({"evidence": ["../x"]}, [("/evidence/0", "wrong-format")]),
        ({"evidence": [7]}, [("/evidence/0", "wrong-type")]),
        ({"duplicates": 0}, [("/duplicates", "not-a-count")]),
        ({"duplicates": True}, [("/duplicates", "not-a-count")]),
        ({"duplicates": 500}, [("/duplicates", "copy-out-of-range")]),
        ({"parts": [part()]}, [("/parts", "not-composite")]),
    ],
)
def test_what_is_wrong_is_named(members: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert problems(body(**members)) == found


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (None, [("/parts", "missing")]),
        ([part(code="fire")], [("/parts/0/code", "unknown-choice")]),
        ([part(name="别名")], [("/parts/0/name", "part-name")]),
        ([part(), part()], [("/parts/1/code", "duplicate-part")]),
        ([part(authority_code="1" * 18)], [("/parts/0/authority_code", "wrong-check-digit")]),
        (
            [part(valid_until="2025-12-31")],
            [("/parts/0/valid_until", "dates-out-of-order")],
        ),
        ([part(valid_until="长期")], [("/parts/0", "part-outlives-license")]),
        ([part(valid_from="0001-01-01")], [("/parts/0/valid_from", "implausible-date")]),
        (
            [part(valid_from="2100-01-01", valid_until="2101-01-01")],
            [("/parts/0/valid_from", "implausible-date"), ("/parts/0", "part-outlives-license")],
        ),
        (
            [part(valid_until="9999-12-31")],
            [("/parts/0/valid_until", "implausible-date"), ("/parts/0", "part-outlives-license")],
        ),
        ([part(valid_until="2026-11-20")], [("/parts", "no-part-in-force")]),
        ([part(number=None)], [("/parts/0/number", "wrong-type")]),
    ],
)
def test_parts_fit_their_type(parts: Any, found: list[tuple[str, str]]) -> None:
    asked = body(valid_until="2027-06-30")
    if parts is not None:
        asked["parts"] = parts
    assert problems(asked, find_composite) == found


def test_one_part_that_is_not_over_is_enough() -> None:
    hygiene = part(code="hygiene", name="公共场所卫生许可", number="沪卫公字第1号")
    asked = body(valid_until="2027-06-30", parts=[part(valid_until="2026-11-20"), hygiene])
    read = read_request(asked, find_composite, TODAY)
    assert [each.code for each in read.members.parts] == ["food", "hygiene"]


def test_duplicates_are_for_the_original_of_a_type_that_has_them() -> None:
    business = json.loads((EXAMPLES / "business-license.json").read_text("utf-8"))
    business.pop("copy", None)
    request = read_request({**business, "duplicates": 2}, find_type, TODAY)
    check_fields(CATALOGUE.get(request.type_code), request)
    assert request.members.duplicates == 2
    both = {**business, "duplicates": 2, "copy": {"kind": "副本", "ordinal": 1, "of": 2}}
    assert problems(both) == [("/duplicates", "copy-is-duplicate")]
