"""The next version of a license: what it says, its identifier, and when it comes into force.

It is made as every license is: what it says is written as a request to issue, from what the
version before says and what the order changes, and read and checked as such. Nothing here
writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from license_vault.clock import civil_date, start_of
from license_vault.errors import (
    EffectiveDateInvalidError,
    FieldInvalidError,
    FieldProblem,
    LicenseVaultError,
)
from license_vault.issuing.license_request import Officer
from license_vault.issuing.request_members import PARTS, part_asked_again
from license_vault.license import LicenseContent
from license_vault.license_identifier import parse
from license_vault.license_metadata import claims_of
from license_vault.license_types.catalogue import Catalogue
from license_vault.lifecycle.orders import Order
from license_vault.lifecycle.verbs import Verb

REVALIDATIONS: Final = "revalidations"
# Verbs that say the same again: the day of issue is not a new one.
_SAME_DAY_OF_ISSUE: Final = ("reissue", "correction", "revalidation")
# Verbs by which a license is looked at anew: it is made as its type is now.
_BY_THE_NEWEST_TYPE: Final = ("renewal", "revalidation")


@dataclass(frozen=True, slots=True)
class Following:
    """The version before: what it says, and the identifiers spent after it."""

    content: LicenseContent
    spent: tuple[str, ...]


def next_identifier(before: Following) -> str:
    """Return the identifier of the next version: the same serial, a version never used.

    Raises:
        IdentifierInvalidError: 999 versions are there.
    """
    own = parse(before.content.identifier)
    highest = max((parse(spent).version for spent in before.spent), default=own.version)
    following = own
    while following.version <= max(highest, own.version):
        following = following.next_version()
    return following.text


def next_body(
    before: LicenseContent, order: Order, verb: Verb, catalogue: Catalogue, today: date
) -> dict[str, object]:
    """Return the request to issue that the next version is made by.

    Raises:
        FieldInvalidError: what the order changes does not fit what is there.
    """
    claims = claims_of(before)
    body: dict[str, object] = {
        "type_code": before.type_code,
        "authority_code": before.authority.code,
        "case_number": order.case_number,
        "number": before.number,
        "copy": {
            "kind": str(before.copy.kind),
            "ordinal": before.copy.ordinal,
            "of": before.copy.of,
        },
        "holders": _holders(claims["holders"], order),
        "valid_until": claims["valid_until"],
        "basis": order.basis,
        **_days(before, verb, today),
    }
    if verb.name not in _BY_THE_NEWEST_TYPE and _still_issues(catalogue, before):
        body["type_version"] = before.type_version
    if before.conditions:
        body["conditions"] = claims["conditions"]
    if before.parts:
        body[PARTS] = [part_asked_again(part) for part in claims["parts"]]
    body |= {
        name: order.patch[name]
        for name in ("valid_from", "valid_until", "number", PARTS)
        if name in order.patch
    }
    body["fields"] = _fields(claims["fields"], order, before, catalogue)
    return body | _told_with(order)


def _days(before: LicenseContent, verb: Verb, today: date) -> dict[str, object]:
    """Return the day of issue, and the first day unless the order names another."""
    issued_on = before.issued_on if verb.name in _SAME_DAY_OF_ISSUE else today
    valid_from = today if verb.name == "renewal" else before.valid_from
    return {"issued_on": issued_on.isoformat(), "valid_from": valid_from.isoformat()}


def _told_with(order: Order) -> dict[str, object]:
    """Return those members of the order itself that it has."""
    told = {
        "item_code": order.item_code,
        "officer": order.officer and _officer(order.officer),
        "approvals": order.approvals_as_sent,
    }
    return {name: value for name, value in told.items() if value is not None}


def comes_into_force(
    body: Mapping[str, object], effective: date | None, at: datetime
) -> datetime | None:
    """Return when the next version comes into force, None: when it is issued.

    Within its own period, and never in the past: it was not there then.

    Args:
        body: the request it is made by.
        effective: the civil day that the order names.

    Raises:
        EffectiveDateInvalidError: the order wants it otherwise.
    """
    today, first = civil_date(at), _day(body.get("valid_from"))
    day = effective or max(first or today, today)
    last = _day(body.get("valid_until"))
    if day < today or (first is not None and day < first) or (last is not None and day > last):
        raise EffectiveDateInvalidError("", day.isoformat())
    return start_of(day) if day > today else None


def _still_issues(catalogue: Catalogue, before: LicenseContent) -> bool:
    try:
        catalogue.for_issuing(before.type_code, before.type_version)
    except LicenseVaultError:
        return False
    return True


def _holders(holders: list[dict[str, str]], order: Order) -> list[dict[str, str]]:
    """Return the holders with their new names; who they are never changes."""
    names = order.patch.get("holders")
    if not isinstance(names, tuple):
        return holders
    if len(names) != len(holders):
        zh = f"本证照有 {len(holders)} 个持证主体，应按顺序全部列出。"
        en = f"The license has {len(holders)} holders; name all of them in their order."
        raise _wrong("/holders", "holders-differ", zh, en)
    return [{**holder, "name": name} for holder, name in zip(holders, names, strict=True)]


def _fields(
    fields: dict[str, object], order: Order, before: LicenseContent, catalogue: Catalogue
) -> dict[str, object]:
    patch = order.patch.get("fields")
    changed = {**fields, **(patch if isinstance(patch, Mapping) else {})}
    known = fields.keys() | {spec.key for spec in catalogue.for_issuing(before.type_code).fields}
    # null takes a field away; one that no such license has is told as any other misspelt name.
    changed = {k: value for k, value in changed.items() if value is not None or k not in known}
    if order.record is None:
        return changed
    spec = catalogue.for_issuing(before.type_code, None).field(REVALIDATIONS)
    if spec is None:
        zh, en = "该类证照没有校验记录。", "Licenses of this type carry no record of revalidations."
        raise _wrong("/record", "no-such-record", zh, en)
    rows = changed.get(REVALIDATIONS, [])
    earlier = rows if isinstance(rows, list) else []
    changed[REVALIDATIONS] = [*earlier, order.record.as_json()][-spec.max_items :]
    return changed


def _officer(officer: Officer) -> dict[str, str]:
    return {"id": officer.id, "name": officer.name}


def _day(text: object) -> date | None:
    """Return a date; what is none is told when the request is read."""
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _wrong(pointer: str, code: str, zh: str, en: str) -> FieldInvalidError:
    return FieldInvalidError((FieldProblem(pointer, code, zh, en),))
