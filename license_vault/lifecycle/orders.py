"""An order to do something to a license: the body of ``POST /v1/licenses/{identifier}/<verb>``.

Everything that can be wrong in the values is named at once. What the next version says (fields,
names, dates) is read with it as a whole, as a request to issue is, when that is made
(``lifecycle.next_version``); here it is only taken apart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

from license_vault.approvals.approvals import Approval, read_approvals
from license_vault.errors import FieldInvalidError
from license_vault.issuing.license_request import APPROVALS, REFERENCE, Officer, request_digest
from license_vault.issuing.request_members import PARTS
from license_vault.issuing.request_reading import (
    ObjectReader,
    RequestProblems,
    unknown_choice,
)
from license_vault.lifecycle.verbs import Makes, Verb

NORMAL: Final = "1"
ISSUED_IN_ERROR: Final = "2"
CANCELLATION_REASONS: Final = (NORMAL, ISSUED_IN_ERROR)
"""Why a license is cancelled (注销): 1 正常业务, 2 签发错误; docs/standards.md 8."""

MAXIMUM_REASON: Final = 200
PATCHES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "change": ("fields", "holders", "valid_from", "valid_until", "parts"),
        "renewal": ("fields", "valid_from", "valid_until", "parts"),
        "reissue": (),
        "revalidation": ("fields", "valid_until", "record"),
        "correction": ("fields", "holders", "valid_from", "valid_until", "parts", "number"),
    }
)
"""What an order to make the next version may say otherwise than the version before, by verb."""

_RESULT: Final = re.compile(r"\S.{0,49}")


@dataclass(frozen=True, slots=True)
class Record:
    """One yearly 校验 as it is written on a license: texts, ``year`` of four digits."""

    year: str
    result: str
    by: str
    on: str

    def as_json(self) -> dict[str, str]:
        """Return it as a row of the field ``revalidations``."""
        return {"year": self.year, "result": self.result, "by": self.by, "on": self.on}


@dataclass(frozen=True, slots=True)
class Order:
    """An order whose own values are right; ``patch`` is what the next version says otherwise.

    ``effective`` None: now, or when the new version's period begins. ``applied_on`` is of an
    application for renewal only; ``until`` is the last day of a suspension, None: until 发还.
    """

    basis: str
    officer: Officer | None = None
    approvals: tuple[Approval, ...] = ()
    case_number: str | None = None
    item_code: str | None = None
    effective: date | None = None
    reason: str | None = None
    applied_on: date | None = None
    patch: Mapping[str, object] = field(default_factory=dict)
    record: Record | None = None
    approvals_as_sent: object = None
    until: date | None = None

    @property
    def names_parts(self) -> bool:
        """Tell whether the next version has other parts than the one before, or may have."""
        return PARTS in self.patch


def read_order(body: object, verb: Verb) -> Order:
    """Read the body of a verb.

    Raises:
        FieldInvalidError: with every problem of the body.
    """
    problems = RequestProblems()
    order = _read(body, verb, problems)
    if problems.found:
        raise FieldInvalidError(tuple(problems.found))
    return order


def draft_order(body: object, verb: Verb) -> Order:
    """Read the body of a verb as far as it is filled in: what is missing or wrong is left out."""
    return _read(body, verb, RequestProblems())


def _read(body: object, verb: Verb, problems: RequestProblems) -> Order:
    reader = ObjectReader(body, "", problems)
    makes_version = verb.makes is Makes.VERSION
    patched = PATCHES.get(verb.name, ())
    case_needed = makes_version or reader.has("item_code")
    order = Order(
        basis=reader.text("basis", 500) or "",
        officer=_officer(reader),
        approvals=read_approvals(reader) if reader.has(APPROVALS) else (),
        case_number=_reference(reader, "case_number", needed=case_needed),
        item_code=_reference(reader, "item_code", needed=False),
        effective=reader.day("effective") if reader.has("effective") else None,
        reason=_reason(reader, verb),
        applied_on=_day_of(reader, verb, "renewal-application", "applied_on"),
        patch=_patch(reader, tuple(name for name in patched if name != "record")),
        record=_record(reader) if "record" in patched and reader.has("record") else None,
        approvals_as_sent=reader.peek(APPROVALS),
        until=_day_of(reader, verb, "suspension", "until"),
    )
    if verb.name == "renewal":
        reader.value("valid_until")
    reader.finish()
    return order


def order_digest(body: object, verb: Verb, identifier: str) -> bytes:
    """Return what two orders are compared by: SM3 of the RFC 8785 form with verb and license.

    Raises:
        FieldInvalidError: the body has no canonical form.
    """
    return bytes.fromhex(request_digest({verb.name: identifier, "order": body}))


def approved_digest(body: object, verb: Verb, identifier: str) -> bytes:
    """Return what officers sign of an order: ``order_digest`` without its approvals."""
    if isinstance(body, Mapping):
        body = {name: value for name, value in body.items() if name != APPROVALS}
    return order_digest(body, verb, identifier)


def _officer(reader: ObjectReader) -> Officer | None:
    if not reader.has("officer"):
        return None
    inner = reader.inner("officer")
    officer_id, name = inner.text("id", 64), inner.text("name", 64)
    inner.finish()
    return Officer(officer_id, name) if officer_id and name else None


def _reference(reader: ObjectReader, name: str, *, needed: bool) -> str | None:
    if not needed and not reader.has(name):
        return None
    return reader.matching(name, REFERENCE, 64)


def _reason(reader: ObjectReader, verb: Verb) -> str | None:
    """Read why: of a cancellation one of the two codes, else free text."""
    cancels = verb.name == "cancellation"
    if not reader.has("reason"):
        return NORMAL if cancels else None
    text = reader.text("reason", MAXIMUM_REASON)
    if cancels and text is not None and text not in CANCELLATION_REASONS:
        reader.problem("reason", unknown_choice(CANCELLATION_REASONS))
    return text


def _day_of(reader: ObjectReader, verb: Verb, of: str, name: str) -> date | None:
    """Read a day that only one verb takes."""
    if verb.name != of or not reader.has(name):
        return None
    return reader.day(name)


def _patch(reader: ObjectReader, names: tuple[str, ...]) -> Mapping[str, object]:
    """Take what is to be said otherwise; how right it is shows when it is read as a request."""
    found = {name: reader.peek(name) for name in names if reader.has(name)}
    if "fields" in found and not isinstance(found["fields"], Mapping):
        reader.problem("fields", ("wrong-type", "应为对象。", "This must be an object."))
    if "holders" in found:
        found["holders"] = _names(reader)
    return found


def _names(reader: ObjectReader) -> tuple[str, ...]:
    """Read the holders' new names, in the order of the license; nothing else may change."""
    names = []
    for item in reader.items("holders", 100):
        names.append(item.text("name", 256) or "")
        item.finish()
    return tuple(names)


def _record(reader: ObjectReader) -> Record | None:
    inner = reader.inner("record")
    year = inner.matching("year", re.compile(r"[12][0-9]{3}"), 4)
    result = inner.matching("result", _RESULT, 50)
    by = inner.text("by", 100)
    on = inner.day("on")
    inner.finish()
    if year is None or result is None or by is None or on is None:
        return None
    return Record(year, result, by, on.isoformat())
