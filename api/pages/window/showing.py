"""What /window shows of a desk: its item, its licenses by holder, and what each need lacks.

All of it is asked of the API anew; the receipts say what was shown and found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from api.authentication import HANDLE_CASES
from api.pages.inner_api import InnerApi, ProblemShownError, within
from api.pages.verdict import is_proven_verdict
from api.pages.visitor import Visitor
from api.pages.window.desk import Desk, Verified
from api.pages.window.needs import (
    Candidate,
    NeedMet,
    Standing,
    met_needs,
    standing_of_decision,
    standing_of_shown,
    waived,
)
from api.pages.window.shown_fields import ShownField, holder_in, shown_fields
from license_vault.errors import FieldInvalidError
from license_vault.license import MARK_NAMES, STATUS_NAMES, LicenseMark, LicenseStatus
from license_vault.sharing.maps import NO_MAPS, SharingMaps, read_maps
from verification.decision import words_of_reason

_MOST_PAGES = 5  # of a hundred cases each, in which the case of a number is looked for


@dataclass(frozen=True, slots=True)
class LicenseShown:
    """A license that a holder showed, as its receipt says."""

    receipt: str
    identifier: str
    type_code: str
    type_name: Mapping[str, str]
    authority: str
    state: Mapping[str, str]
    marks: tuple[Mapping[str, str], ...]
    standing: Standing
    scanned_at: str
    forms: tuple[str, ...]
    holder: str = field(repr=False)
    fields: tuple[ShownField, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LicenseVerified:
    """A license that was verified for the item, as its receipt says."""

    told: Verified
    conclusion: Mapping[str, Any] = field(repr=False)
    own_type: str
    standing: Standing
    reasons: tuple[Mapping[str, str], ...]

    @property
    def proven(self) -> bool:
        """Say whether what it says of itself is more than its own claim."""
        return is_proven_verdict(self.conclusion["verdict"])


@dataclass(frozen=True, slots=True)
class DeskShown:
    """Everything of a desk. ``columns`` are the licenses that were shown, by holder."""

    desk: Desk
    items: tuple[Mapping[str, Any], ...]
    item: Mapping[str, Any] | None
    columns: tuple[tuple[str, tuple[LicenseShown, ...]], ...]
    verified: tuple[LicenseVerified, ...]
    needs: tuple[NeedMet, ...]
    may_file: bool

    @property
    def asks(self) -> bool:
        """Say whether something was scanned that only item and case make whole."""
        undecided = any(one.told.undecided for one in self.verified)
        return bool(self.desk.waiting) or (undecided and not self.desk.work.item_code)

    @property
    def have(self) -> int:
        """Return how many needs are met without paper."""
        return waived(self.needs)

    @property
    def unfiled(self) -> tuple[str, ...]:
        """Return the receipts that the case does not have yet."""
        return tuple(one for one in self.desk.receipts if one not in self.desk.filed)


async def desk_shown(visitor: Visitor, desk: Desk) -> DeskShown:
    """Return everything of a desk."""
    items = tuple((await visitor.api.get("/v1/items"))["items"])
    item = next((one for one in items if one["code"] == desk.work.item_code), None)
    shown = [
        license_ for number in desk.shown for license_ in await _presented(visitor.api, number)
    ]
    maps = await _maps(visitor.api) if desk.verified else NO_MAPS
    verified = [await _verified(visitor.api, one, maps) for one in desk.verified]
    found = [
        *(Candidate(one.type_code, one.identifier, one.standing) for one in shown),
        *(
            Candidate(one.own_type, one.conclusion["license"]["identifier"], one.standing)
            for one in verified
        ),
    ]
    may_file = any(scope.action == HANDLE_CASES for scope in visitor.officer.scopes)
    return DeskShown(
        desk,
        items,
        item,
        _by_holder(shown),
        tuple(verified),
        met_needs(item or {}, found),
        may_file,
    )


async def case_of(api: InnerApi, item_code: str, number: str) -> str:
    """Return the handle of the open case of an item and number; "" where none is found."""
    behind = None
    for _ in range(_MOST_PAGES):
        page = await api.get("/v1/cases", state="open", limit=100, after=behind)
        for case in page["items"]:
            if (case["item_code"], case["case_number"]) == (item_code, number):
                return str(case["case"])
        behind = page["next"]
        if behind is None:
            break
    return ""


def presenting_receipt(number: str) -> str:
    """Return where the API has the receipt of a presentation."""
    return within("presentations", number, "receipt")


def verification_receipt(number: str) -> str:
    """Return where the API has the receipt of a verification."""
    return within("verifications", "receipts", number)


async def _presented(api: InnerApi, number: str) -> list[LicenseShown]:
    told = await api.send("GET", presenting_receipt(number))
    receipt = json.loads(told.content)["receipt"]
    return [await _shown(api, number, one, receipt["resolved_at"]) for one in receipt["licenses"]]


async def _shown(api: InnerApi, number: str, one: Mapping[str, Any], at: str) -> LicenseShown:
    kind = await _type(api, one["type"]["code"])
    name = one["type"]["name"]
    marks = one["marks"].split()
    return LicenseShown(
        receipt=number,
        identifier=one["identifier"],
        type_code=one["type"]["code"],
        type_name=kind["name"] if kind else {"zh": name, "en": name},
        authority=one["authority"]["name"],
        state=_named(STATUS_NAMES[LicenseStatus(one["state"])]),
        marks=tuple(_named(MARK_NAMES[LicenseMark(mark)]) for mark in marks),
        standing=standing_of_shown(one["state"], marks),
        scanned_at=at,
        forms=tuple(one["files"]),
        holder=holder_in(one["fields"]),
        fields=shown_fields(one["fields"], kind),
    )


async def _type(api: InnerApi, code: str) -> dict[str, Any] | None:
    with suppress(ProblemShownError):
        found: dict[str, Any] = await api.get(within("license-types", code))
        return found
    return None


async def _verified(api: InnerApi, told: Verified, maps: SharingMaps) -> LicenseVerified:
    file = await api.send("GET", verification_receipt(told.receipt))
    conclusion = json.loads(file.content)["conclusion"]
    region = conclusion["trust"]["region"]
    own_type = maps.own_type(region, conclusion["license"]["type_code"])
    decision = conclusion["decision"]
    reasons = tuple(words_of_reason(code).to_json() for code in decision["reasons"])
    standing = standing_of_decision(decision["outcome"])
    return LicenseVerified(told, conclusion, own_type, standing, reasons)


async def _maps(api: InnerApi) -> SharingMaps:
    """Return what partners' types are called here; nothing where no maps are published."""
    with suppress(ProblemShownError, FieldInvalidError):
        published = await api.get("/v1/sharing/maps")
        return read_maps(published["published"]["content"])
    return NO_MAPS


def _by_holder(
    shown: Iterable[LicenseShown],
) -> tuple[tuple[str, tuple[LicenseShown, ...]], ...]:
    columns: dict[str, list[LicenseShown]] = {}
    for license_ in shown:
        columns.setdefault(license_.holder, []).append(license_)
    return tuple((holder, tuple(licenses)) for holder, licenses in columns.items())


def _named(name: tuple[str, str]) -> Mapping[str, str]:
    return {"zh": name[0], "en": name[1]}
