"""A request to issue a license: the body of ``POST /v1/licenses``, read and checked.

Everything that can be wrong in the values is named at once, each problem with a JSON pointer
and a stable code: what holds for every type is looked at here, what one type asks in
``license_types.rules``. No database is asked: permissions, numbers already in use, seals and keys
are issuance's concern.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import rfc8785

from keys.sm3 import sm3
from license_vault.approvals.approvals import Approval, read_approvals
from license_vault.check_digits import check_citizen_id, check_uscc
from license_vault.errors import CheckDigitError, FieldInvalidError
from license_vault.issuing.request_members import (
    FOUNDING_DAY,
    FURTHEST_START,
    LONGEST_TERM,
    NO_MEMBERS,
    PARTS,
    RequestMembers,
    check_terms,
    read_members,
)
from license_vault.issuing.request_reading import (
    ObjectReader,
    RequestProblems,
    unknown_choice,
    wrong_code,
)
from license_vault.license import (
    CITIZEN_DOCUMENT,
    DOCUMENT_NAMES,
    LONG_TERM,
    USCC_DOCUMENT,
    CopyDesignation,
    CopyKind,
    FieldValue,
    Holder,
    HolderKind,
    document_fits,
)
from license_vault.license_identifier import check_type_code
from license_vault.license_types.license_type import LicenseType
from license_vault.license_types.part_rules import check_composition
from license_vault.license_types.rules import RequestParts, check_parts

APPROVALS: Final = "approvals"

_MAXIMUM_HOLDERS: Final = 100
_VERSION: Final = re.compile(r"v[1-9][0-9]{0,3}")
REFERENCE: Final = re.compile(r"[0-9A-Za-z一-鿿〔〕（）()._/-]+")
_DOCUMENT_NUMBER: Final = re.compile(r"[0-9A-Za-z()（）-]+")

TypeFinder = Callable[[str, str | None], LicenseType]


@dataclass(frozen=True, slots=True)
class Officer:
    """The officer who decided, as the approval system names them."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """A request whose values are right for every type.

    ``type_version`` None asks for the newest published one; ``issued_on`` None for the civil
    date of issuing; ``valid_until`` None is 长期.
    """

    type_code: str
    type_version: str | None
    authority_code: str
    case_number: str
    item_code: str | None
    number: str
    copy: CopyDesignation
    holders: tuple[Holder, ...]
    issued_on: date | None
    valid_from: date
    valid_until: date | None
    fields: Mapping[str, FieldValue]
    basis: str
    officer: Officer | None
    approvals: tuple[Approval, ...]
    members: RequestMembers = NO_MEMBERS


def read_request(body: object, find_type: TypeFinder, today: date) -> IssueRequest:
    """Read a body and check it against its license type.

    Args:
        body: parsed JSON.
        find_type: gives the type to issue by, ``Catalogue.for_issuing``; its errors pass.
        today: the civil date.

    Raises:
        FieldInvalidError: with every problem of the body.
    """
    problems = RequestProblems()
    draft = _read(body, today, problems)
    if draft.type_code is not None and not draft.version_refused:
        license_type = find_type(draft.type_code, draft.type_version)
        check_parts(license_type, draft.parts, problems)
        # Parts that could not be read are no missing ones.
        if not problems.under(PARTS):
            check_composition(license_type, draft.members.parts, problems)
    return _finished(draft, problems)


def check_fields(license_type: LicenseType, request: IssueRequest) -> None:
    """Check a request against a license type.

    Raises:
        FieldInvalidError: with every problem found.
    """
    problems = RequestProblems()
    parts = RequestParts(
        number=request.number,
        copy=request.copy,
        holders=dict(enumerate(request.holders)),
        holder_count=len(request.holders),
        long_term=request.valid_until is None,
        fields=request.fields,
        duplicates=request.members.duplicates,
    )
    check_parts(license_type, parts, problems)
    check_composition(license_type, request.members.parts, problems)
    if problems.found:
        raise FieldInvalidError(tuple(problems.found))


def request_digest(body: object) -> str:
    """Return what two bodies are compared by: SM3 of the RFC 8785 form, 64 hex digits.

    Raises:
        FieldInvalidError: "not-canonical", the body has no such form (numbers beyond 2**53,
            half surrogates, nested too deep).

    Source: RFC 8785.
    """
    try:
        return sm3(rfc8785.dumps(body)).hex()
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        problems = RequestProblems()
        zh, en = "请求无法规范化（RFC 8785）。", "The body has no canonical form (RFC 8785)."
        problems.add("", ("not-canonical", zh, en))
        raise FieldInvalidError(tuple(problems.found)) from error


# --- reading -------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """What could be read so far; None where it could not."""

    type_code: str | None
    type_version: str | None
    version_refused: bool
    authority_code: str | None
    case_number: str | None
    item_code: str | None
    basis: str | None
    officer: Officer | None
    approvals: tuple[Approval, ...]
    issued_on: date | None
    valid_from: date | None
    valid_until: date | None
    parts: RequestParts
    members: RequestMembers


def _read(body: object, today: date, problems: RequestProblems) -> _Draft:
    reader = ObjectReader(body, "", problems)
    version = reader.matching("type_version", _VERSION, 5) if reader.has("type_version") else None
    members = read_members(reader, today)
    draft = _Draft(
        type_code=_type_code(reader),
        type_version=version,
        version_refused=version is None and reader.has("type_version"),
        authority_code=_uscc(reader, "authority_code"),
        case_number=reader.matching("case_number", REFERENCE, 64),
        item_code=_item_code(reader),
        basis=reader.text("basis", 500),
        officer=_officer(reader),
        approvals=read_approvals(reader) if reader.has(APPROVALS) else (),
        issued_on=reader.day("issued_on") if reader.has("issued_on") else None,
        valid_from=reader.day("valid_from"),
        valid_until=None if _is_long_term(reader) else reader.day("valid_until"),
        parts=_parts(reader, members.duplicates, problems),
        members=members,
    )
    reader.finish()
    _check_dates(draft, today, reader)
    check_terms(draft.members, draft.valid_until, today, reader)
    return draft


def _is_long_term(reader: ObjectReader) -> bool:
    return reader.peek("valid_until") == LONG_TERM


def _parts(reader: ObjectReader, duplicates: int, problems: RequestProblems) -> RequestParts:
    readers = tuple(reader.items("holders", _MAXIMUM_HOLDERS))
    holders = {i: holder for i, item in enumerate(readers) if (holder := _holder(item))}
    _check_doubles(holders, problems)
    raw = reader.value("fields")
    if reader.has("fields") and not isinstance(raw, Mapping):
        reader.problem("fields", ("wrong-type", "应为对象。", "This must be an object."))
    return RequestParts(
        number=reader.text("number", 128),
        copy=_copy(reader),
        holders=holders,
        holder_count=len(readers),
        long_term=_is_long_term(reader),
        fields=raw if isinstance(raw, Mapping) else None,
        duplicates=duplicates,
    )


def _type_code(reader: ObjectReader) -> str | None:
    return _checked_code(reader, "type_code", check_type_code, 21)


def _uscc(reader: ObjectReader, name: str) -> str | None:
    return _checked_code(reader, name, check_uscc, 18)


def _checked_code(
    reader: ObjectReader, name: str, check: Callable[[str], None], length: int
) -> str | None:
    text = reader.text(name, length)
    if text is None:
        return None
    try:
        check(text)
    except CheckDigitError as error:
        reader.problem(name, wrong_code(error))
        return None
    return text


def _item_code(reader: ObjectReader) -> str | None:
    return reader.matching("item_code", REFERENCE, 64) if reader.has("item_code") else None


def _officer(reader: ObjectReader) -> Officer | None:
    if not reader.has("officer"):
        return None
    inner = reader.inner("officer")
    officer_id, name = inner.text("id", 64), inner.text("name", 64)
    inner.finish()
    return Officer(officer_id, name) if officer_id and name else None


def _holder(reader: ObjectReader) -> Holder | None:
    kind = reader.word("kind", HolderKind)
    name = reader.text("name", 256)
    document_type = reader.text("document_type", 3)
    number = reader.matching("document_number", _DOCUMENT_NUMBER, 64)
    reader.finish()
    if name is not None and "^" in name:
        # GB/T 36903 joins the names of several holders by it.
        zh, en = "名称中不能有“^”。", "A name must not contain ^."
        reader.problem("name", ("reserved-character", zh, en))
    if document_type is not None and document_type not in DOCUMENT_NAMES:
        reader.problem("document_type", unknown_choice(tuple(DOCUMENT_NAMES)))
        return None
    if number is not None and document_type is not None:
        _check_document(reader, document_type, number)
    if kind is None or name is None or document_type is None or number is None:
        return None
    if not document_fits(kind, document_type):
        zh = f"“{DOCUMENT_NAMES[document_type]}”不适用于此类持证主体。"
        en = f"Documents of type {document_type} are not for this kind of holder."
        reader.problem("document_type", ("document-type", zh, en))
    return Holder(kind, name, document_type, number)


def _check_document(reader: ObjectReader, document_type: str, number: str) -> None:
    check = {USCC_DOCUMENT: check_uscc, CITIZEN_DOCUMENT: check_citizen_id}.get(document_type)
    try:
        if check:
            check(number)
    except CheckDigitError as error:
        reader.problem("document_number", wrong_code(error))


def _check_doubles(holders: Mapping[int, Holder], problems: RequestProblems) -> None:
    seen: set[tuple[str, str]] = set()
    for i, holder in holders.items():
        document = (holder.document_type, holder.document_number)
        if document in seen:
            zh, en = "持证主体重复。", "This holder is named twice."
            problems.add(f"/holders/{i}", ("duplicate-holder", zh, en))
        seen.add(document)


def _copy(reader: ObjectReader) -> CopyDesignation | None:
    if not reader.has("copy"):
        return CopyDesignation(CopyKind.ORIGINAL)
    inner = reader.inner("copy")
    kind = inner.word("kind", CopyKind)
    ordinal = inner.count("ordinal") if inner.has("ordinal") else 1
    of = inner.count("of") if inner.has("of") else 1
    inner.finish()
    if kind is None or ordinal is None or of is None:
        return None
    if ordinal > of:
        zh, en = f"序号应在 1 到 {of} 之间。", f"The ordinal must be from 1 to {of}."
        inner.problem("ordinal", ("copy-out-of-range", zh, en))
    if kind is CopyKind.ORIGINAL and of != 1:
        zh, en = "正本只有一份。", "There is only one original."
        inner.problem("of", ("copy-out-of-range", zh, en))
    return CopyDesignation(kind, ordinal, of)


# --- dates ---------------------------------------------------------------------------------


def _check_dates(draft: _Draft, today: date, reader: ObjectReader) -> None:
    """Check the order of the dates, and that none is far from what a license can carry."""
    issued, first, last = draft.issued_on, draft.valid_from, draft.valid_until
    if issued and not FOUNDING_DAY <= issued <= today:
        zh = f"应在 {FOUNDING_DAY} 与今天之间。"
        en = f"This must lie between {FOUNDING_DAY} and today."
        reader.problem("issued_on", ("implausible-date", zh, en))
    if first and not FOUNDING_DAY <= first <= today + FURTHEST_START:
        zh = f"应在 {FOUNDING_DAY} 与今后一年之间。"
        en = f"This must lie between {FOUNDING_DAY} and a year from today."
        reader.problem("valid_from", ("implausible-date", zh, en))
    if last is None:
        return
    if first and last < first:
        zh, en = "不能早于有效期的第一天。", "This must not be before the first day."
        reader.problem("valid_until", ("dates-out-of-order", zh, en))
    elif last < (issued or today):
        zh, en = "签发时已过期。", "The license would have expired when it is issued."
        reader.problem("valid_until", ("already-expired", zh, en))
    elif last - (first or today) > LONGEST_TERM:
        zh, en = (
            "有效期超过一百年；无期限请写“长期”。",
            "Over a hundred years; write 长期 for no end.",
        )
        reader.problem("valid_until", ("implausible-date", zh, en))


def _finished(draft: _Draft, problems: RequestProblems) -> IssueRequest:
    """Return the request if nothing is wrong with it."""
    if problems.found:
        raise FieldInvalidError(tuple(problems.found))
    parts = draft.parts
    # Every None that is a failure was noted as a problem above.
    assert draft.type_code
    assert draft.authority_code
    assert draft.case_number
    assert draft.basis
    assert draft.valid_from
    assert parts.number
    assert parts.copy
    assert parts.fields is not None
    return IssueRequest(
        type_code=draft.type_code,
        type_version=draft.type_version,
        authority_code=draft.authority_code,
        case_number=draft.case_number,
        item_code=draft.item_code,
        number=parts.number,
        copy=parts.copy,
        holders=tuple(parts.holders.values()),
        issued_on=draft.issued_on,
        valid_from=draft.valid_from,
        valid_until=draft.valid_until,
        fields={key: _frozen(value) for key, value in parts.fields.items()},
        basis=draft.basis,
        officer=draft.officer,
        approvals=draft.approvals,
        members=draft.members,
    )


def _frozen(value: object) -> FieldValue:
    """Return a field's value, whose kinds are checked, with tuples for lists."""
    if isinstance(value, Mapping):
        return {str(key): _frozen(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_frozen(inner) for inner in value)
    return str(value)
