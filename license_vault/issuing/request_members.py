"""Members of a request beyond the license itself: duplicates, conditions, parts, evidence.

Each is optional. What is read here is right for every type; the names of the parts' authorities
and whether evidence exists is for the database to say (``issuing.plan``).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from license_vault.check_digits import check_uscc
from license_vault.claims_schema import MAXIMUM_CONDITION, MAXIMUM_CONDITIONS, MAXIMUM_PARTS
from license_vault.errors import CheckDigitError
from license_vault.issuing.request_reading import (
    ObjectReader,
    text_fault,
    too_many,
    wrong_code,
)
from license_vault.license import LONG_TERM, Condition, CopyKind

DUPLICATES: Final = "duplicates"
CONDITIONS: Final = "conditions"
PARTS: Final = "parts"
EVIDENCE: Final = "evidence"
# Of 转入 alone: the license that is taken over.
PREVIOUS: Final = "previous_identifier"

FOUNDING_DAY: Final = date(1949, 10, 1)
LONGEST_TERM: Final = timedelta(days=36525)
FURTHEST_START: Final = timedelta(days=366)
LONGEST_RESPITE: Final = timedelta(days=731)
MAXIMUM_EVIDENCE: Final = 20
_PART_CODE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")
_EVIDENCE_ID: Final = re.compile(r"[0-9a-z]{26}")


@dataclass(frozen=True, slots=True)
class RequestedPart:
    """A part as a request names it: its authority by code only. ``valid_until`` None is 长期."""

    code: str
    name: str
    number: str
    authority_code: str
    valid_from: date
    valid_until: date | None


def part_asked_again(claimed: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part of a license's claims as a request names it: its authority by code."""
    rest = {name: value for name, value in claimed.items() if name != "authority"}
    return {**rest, "authority_code": claimed["authority"]["code"]}


@dataclass(frozen=True, slots=True)
class RequestMembers:
    """What a request asks beyond one license; ``duplicates`` 0: this one copy alone."""

    duplicates: int = 0
    conditions: tuple[Condition, ...] = ()
    parts: tuple[RequestedPart, ...] = ()
    evidence: tuple[str, ...] = ()


NO_MEMBERS: Final = RequestMembers()


def read_members(reader: ObjectReader, today: date) -> RequestMembers:
    """Read the optional members of a request; what cannot be read is noted and left out."""
    return RequestMembers(
        duplicates=_duplicates(reader),
        conditions=tuple(_conditions(reader, today)) if reader.has(CONDITIONS) else (),
        parts=tuple(_parts(reader, today)) if reader.has(PARTS) else (),
        evidence=tuple(_evidence(reader)) if reader.has(EVIDENCE) else (),
    )


def _duplicates(reader: ObjectReader) -> int:
    if not reader.has(DUPLICATES):
        return 0
    count = reader.count(DUPLICATES) or 0
    copy = reader.peek("copy")
    if count and isinstance(copy, Mapping) and copy.get("kind") == CopyKind.DUPLICATE.value:
        zh, en = "指明副本数的请求应为正本。", "Only a request for the original names duplicates."
        reader.problem(DUPLICATES, ("copy-is-duplicate", zh, en))
    return count


def _conditions(reader: ObjectReader, today: date) -> Iterator[Condition]:
    seen: set[str] = set()
    for item in reader.items(CONDITIONS, MAXIMUM_CONDITIONS):
        text, due = item.text("text", MAXIMUM_CONDITION), item.day("due")
        item.finish()
        if due is not None and not today <= due <= today + LONGEST_RESPITE:
            zh, en = "应在今天与两年之内。", "This must lie between today and two years from now."
            item.problem("due", ("implausible-date", zh, en))
        if text in seen:
            item.problem("text", ("duplicate-item", "该项重复。", "This item is there twice."))
        if text is not None and due is not None:
            seen.add(text)
            yield Condition(text, due)


def _parts(reader: ObjectReader, today: date) -> Iterator[RequestedPart]:
    seen: set[str] = set()
    for item in reader.items(PARTS, MAXIMUM_PARTS):
        part = _part(item, today)
        item.finish()
        if part is not None and part.code in seen:
            item.problem("code", ("duplicate-part", "该项重复。", "This part is there twice."))
        elif part is not None:
            seen.add(part.code)
            yield part


def _part(item: ObjectReader, today: date) -> RequestedPart | None:
    code = item.matching("code", _PART_CODE, 64)
    name, number = item.text("name", 128), item.text("number", 128)
    authority_code = _authority_code(item)
    first = item.day("valid_from")
    long_term = item.peek("valid_until") == LONG_TERM
    last = None if long_term else item.day("valid_until")
    if first is not None and last is not None and last < first:
        zh, en = "不能早于有效期的第一天。", "This must not be before the first day."
        item.problem("valid_until", ("dates-out-of-order", zh, en))
        return None
    _check_term(item, first, last, today)
    if code is None or name is None or number is None or authority_code is None:
        return None
    if first is None or (last is None and not long_term):
        return None
    return RequestedPart(code, name, number, authority_code, first, last)


def _check_term(item: ObjectReader, first: date | None, last: date | None, today: date) -> None:
    """Note a term that no part can have; within its license's it is for ``check_terms``."""
    if first is not None and not FOUNDING_DAY <= first <= today + FURTHEST_START:
        zh = f"应在 {FOUNDING_DAY} 与今后一年之间。"
        en = f"This must lie between {FOUNDING_DAY} and a year from today."
        item.problem("valid_from", ("implausible-date", zh, en))
    elif first is not None and last is not None and last - first > LONGEST_TERM:
        zh = "有效期超过一百年；无期限请写“长期”。"
        en = "Over a hundred years; write 长期 for no end."
        item.problem("valid_until", ("implausible-date", zh, en))


def _authority_code(item: ObjectReader) -> str | None:
    code = item.text("authority_code", 18)
    if code is None:
        return None
    try:
        check_uscc(code)
    except CheckDigitError as error:
        item.problem("authority_code", wrong_code(error))
        return None
    return code


def _evidence(reader: ObjectReader) -> Iterator[str]:
    value = reader.value(EVIDENCE)
    if not isinstance(value, list) or not value:
        zh, en = "应为非空列表。", "This must be a list, not empty."
        reader.problem(EVIDENCE, ("wrong-type", zh, en))
        return
    if len(value) > MAXIMUM_EVIDENCE:
        reader.problem(EVIDENCE, too_many(MAXIMUM_EVIDENCE))
        return
    for i, item in enumerate(value):
        wrong = text_fault(item, 26)
        if wrong is None and not _EVIDENCE_ID.fullmatch(item):
            wrong = ("wrong-format", "格式不正确。", "This has the wrong form.")
        if wrong is None and item in value[:i]:
            wrong = ("duplicate-item", "该项重复。", "This item is there twice.")
        if wrong is None:
            yield str(item)
        else:
            reader.problem_at(EVIDENCE, i, wrong)


def check_terms(
    members: RequestMembers, valid_until: date | None, today: date, reader: ObjectReader
) -> None:
    """Note every part that would outlive its license, and a license that would outlive all."""
    over = members.parts and not any(_lives(part.valid_until, today) for part in members.parts)
    # Of a license that is over itself, and is put on record, nothing else can be so.
    if over and _lives(valid_until, today):
        zh, en = "至少应有一个分项尚未到期。", "At least one part must not be over yet."
        reader.problem(PARTS, ("no-part-in-force", zh, en))
    if valid_until is None:
        return
    for i, part in enumerate(members.parts):
        if part.valid_until is None or part.valid_until > valid_until:
            zh, en = "不能晚于证照的截止日期。", "A part must not outlive its license."
            reader.problem_at(PARTS, i, ("part-outlives-license", zh, en))


def _lives(valid_until: date | None, today: date) -> bool:
    return valid_until is None or valid_until >= today
