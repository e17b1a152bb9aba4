"""What a license type asks of a request: number, copy, holders, term, and every field.

Pure. Works on the parts of a request that could be read, so that one answer names both what is
malformed and what does not fit the type.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from license_vault.check_digits import birth_date_of, check_citizen_id, check_uscc, gender_of
from license_vault.errors import CheckDigitError
from license_vault.issuing.request_reading import (
    MISSING,
    NO_SUCH_DAY,
    UNKNOWN,
    RequestProblems,
    civil_day,
    member,
    text_fault,
    too_many,
    unknown_choice,
    wrong_code,
)
from license_vault.license import (
    CITIZEN_DOCUMENT,
    HOLDER_KIND_NAMES,
    LONG_TERM,
    CopyDesignation,
    CopyKind,
    Holder,
)
from license_vault.license_types.license_type import Agreement, FieldKind, FieldSpec, LicenseType

# Together with names, numbers and the rest the claims then stay within their 64 KiB.
MAXIMUM_FIELD_BYTES: Final = 48 * 1024

_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")
_MONEY: Final = re.compile(r"[一-鿿]{2,8}[0-9]{1,15}(\.[0-9]{1,6})?[一-鿿]{1,4}")
# One joins the items of a list on the face, the other in the metadata of GB/T 36903.
_JOINERS: Final = "、^"

Problem = tuple[str, str, str]

_NO_ITEMS: Final[Mapping[FieldKind, Problem]] = {
    FieldKind.LIST: (
        "wrong-type",
        "应为非空的字符串列表。",
        "This must be a list of strings, not empty.",
    ),
    FieldKind.RECORDS: (
        "wrong-type",
        "应为非空的对象列表。",
        "This must be a list of objects, not empty.",
    ),
}


@dataclass(frozen=True, slots=True)
class RequestParts:
    """The parts of a request that a type has rules for; None where one could not be read.

    ``holders`` are by their place in the request; ``holder_count`` also counts unreadable ones.
    """

    number: str | None
    copy: CopyDesignation | None
    holders: Mapping[int, Holder]
    holder_count: int
    long_term: bool
    fields: Mapping[str, object] | None
    duplicates: int = 0


def check_parts(license_type: LicenseType, parts: RequestParts, problems: RequestProblems) -> None:
    """Note everything in which the parts do not fit the type."""
    if parts.number is not None and not license_type.number.pattern.fullmatch(parts.number):
        example = license_type.number.example
        zh = f"证照编号不符合该类型的规则，应如 {example}。"
        en = f"The number does not fit the type's rule; it should look like {example}."
        problems.add("/number", ("number-pattern", zh, en))
    if parts.long_term and LONG_TERM not in license_type.validity_range:
        ranges = "、".join(license_type.validity_range)
        zh, en = f"该类型的有效期限为 {ranges}。", f"The type's terms are {ranges}."
        problems.add("/valid_until", ("long-term-not-allowed", zh, en))
    _check_copy(license_type, parts, problems)
    _check_holders(license_type, parts, problems)
    if parts.fields is not None:
        _check_fields(license_type, parts.fields, parts.holders, problems)


def _check_copy(license_type: LicenseType, parts: RequestParts, problems: RequestProblems) -> None:
    copy, rule = parts.copy, license_type.copies
    if copy is None:
        return
    if copy.kind not in rule.kinds:
        problems.add("/copy/kind", unknown_choice(rule.kinds))
    elif copy.of > max(1, rule.duplicates):
        zh = f"该类型最多 {rule.duplicates} 份副本。"
        en = f"The type has at most {rule.duplicates} duplicates."
        problems.add("/copy/of", ("copy-out-of-range", zh, en))
    if parts.duplicates > rule.duplicates or (
        parts.duplicates and CopyKind.ORIGINAL not in rule.kinds
    ):
        zh = f"该类型最多 {rule.duplicates} 份副本。"
        en = f"The type has at most {rule.duplicates} duplicates."
        problems.add("/duplicates", ("copy-out-of-range", zh, en))


def _check_holders(
    license_type: LicenseType, parts: RequestParts, problems: RequestProblems
) -> None:
    rule = license_type.holder
    if parts.holder_count > rule.maximum:
        problems.add("/holders", too_many(rule.maximum))
    for i, holder in parts.holders.items():
        if holder.kind not in rule.kinds:
            words = [HOLDER_KIND_NAMES[kind] for kind in rule.kinds]
            zh = f"该类型的持证主体应为：{'、'.join(zh for zh, _ in words)}。"
            en = f"Holders of this type are: {', '.join(en for _, en in words)}."
            problems.add(f"/holders/{i}/kind", ("holder-kind", zh, en))
        elif holder.document_type not in rule.document_types:
            problems.add(f"/holders/{i}/document_type", unknown_choice(rule.document_types))


def _check_fields(
    license_type: LicenseType,
    values: Mapping[str, object],
    holders: Mapping[int, Holder],
    problems: RequestProblems,
) -> None:
    for key in values:
        if license_type.field(key) is None:
            problems.add(member("/fields", key), UNKNOWN)
    size = 0
    for spec in license_type.fields:
        pointer = f"/fields/{spec.key}"
        if spec.key not in values:
            if spec.required:
                problems.add(pointer, MISSING)
            continue
        value = values[spec.key]
        size += len(str(value).encode("utf-8", "replace"))
        before = len(problems.found)
        _check_value(spec, value, pointer, problems)
        if len(problems.found) == before and spec.agrees_with:
            _check_agreement(spec.agrees_with, str(value), holders, (pointer, problems))
    if size > MAXIMUM_FIELD_BYTES:
        zh, en = "信息项总长超过 48 KiB。", "The fields together are over 48 KiB."
        problems.add("/fields", ("too-large", zh, en))


def _check_value(spec: FieldSpec, value: object, pointer: str, problems: RequestProblems) -> None:
    if spec.kind not in _NO_ITEMS:
        problem = _fault(spec, value)
        if problem:
            problems.add(pointer, problem)
    elif not isinstance(value, list | tuple) or not value:
        problems.add(pointer, _NO_ITEMS[spec.kind])
    elif len(value) > spec.max_items:
        problems.add(pointer, too_many(spec.max_items))
    elif spec.kind is FieldKind.RECORDS:
        for i, record in enumerate(value):
            _check_record(spec, record, f"{pointer}/{i}", problems)
    else:
        _check_items(spec, value, pointer, problems)


def _check_items(
    spec: FieldSpec,
    items: Sequence[object],
    pointer: str,
    problems: RequestProblems,
) -> None:
    for i, item in enumerate(items):
        problem = _fault(spec, item) or _item_fault(str(item), items[:i])
        if problem:
            problems.add(f"{pointer}/{i}", problem)


def _check_record(spec: FieldSpec, record: object, pointer: str, problems: RequestProblems) -> None:
    if not isinstance(record, Mapping) or not record:
        zh, en = "应为非空的对象。", "This must be an object, not empty."
        problems.add(pointer, ("wrong-type", zh, en))
        return
    known = {column.key for column in spec.columns}
    for key in record:
        if key not in known:
            problems.add(member(pointer, key), UNKNOWN)
    for column in spec.columns:
        place = f"{pointer}/{column.key}"
        if column.key in record:
            value = record[column.key]
            fault = text_fault(value, column.max_length) or _form_fault(column.kind, str(value))
            if fault:
                problems.add(place, fault)
        elif column.required:
            problems.add(place, MISSING)


def _item_fault(item: str, earlier: Sequence[object]) -> Problem | None:
    if item in earlier:
        return ("duplicate-item", "该项重复。", "This item is there twice.")
    if any(joiner in item for joiner in _JOINERS):
        zh, en = "列表的每一项不能含“、”或“^”。", "An item must contain neither 、 nor ^."
        return ("reserved-character", zh, en)
    return None


def _fault(spec: FieldSpec, value: object) -> Problem | None:
    """Return why one text does not fit the field, None if it does."""
    problem = text_fault(value, spec.max_length)
    if problem or not isinstance(value, str):
        return problem
    problem = _kind_fault(spec, value)
    if problem:
        return problem
    if spec.pattern and not spec.pattern.fullmatch(value):
        zh, en = f"应符合 {spec.pattern.pattern}。", f"This must match {spec.pattern.pattern}."
        return ("wrong-pattern", zh, en)
    return None


def _kind_fault(spec: FieldSpec, text: str) -> Problem | None:
    if spec.kind is FieldKind.CHOICE:
        return None if text in spec.choices else unknown_choice(spec.choices)
    return _form_fault(spec.kind, text)


def _form_fault(kind: FieldKind, text: str) -> Problem | None:
    """Return why a text has not the form of its kind."""
    if kind is FieldKind.DATE:
        return None if civil_day(text) else NO_SUCH_DAY
    if kind is FieldKind.NUMBER_TEXT and not _NUMBER.fullmatch(text):
        return ("wrong-format", "应为数字。", "This must be digits, with a fraction at most.")
    if kind is FieldKind.MONEY and not _MONEY.fullmatch(text):
        zh = "应为币种、金额和单位，如 人民币500.0000万元整。"
        en = "This must be currency, amount and unit, like 人民币500.0000万元整."
        return ("wrong-format", zh, en)
    check = {FieldKind.USCC: check_uscc, FieldKind.CITIZEN_ID: check_citizen_id}.get(kind)
    try:
        if check:
            check(text)
    except CheckDigitError as error:
        return wrong_code(error)
    return None


def _check_agreement(
    agreement: Agreement,
    text: str,
    holders: Mapping[int, Holder],
    place: tuple[str, RequestProblems],
) -> None:
    """Check a field against the first holder's citizen number, if that is a right one."""
    holder = holders.get(0)
    if holder is None or holder.document_type != CITIZEN_DOCUMENT:
        return
    try:
        check_citizen_id(holder.document_number)
    except CheckDigitError:
        return
    expected = gender_of(holder.document_number)
    if agreement is Agreement.HOLDER_BIRTH_DATE:
        expected = birth_date_of(holder.document_number).isoformat()
    if text != expected:
        pointer, problems = place
        zh, en = (
            "与持证主体的公民身份号码不一致。",
            "This disagrees with the holder's citizen number.",
        )
        problems.add(pointer, ("disagrees-with-holder", zh, en))
