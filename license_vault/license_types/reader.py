"""Reading ``type.yaml``: from an operator's plain file to a ``LicenseType``, or every problem.

The format is described in docs/license-types.md. Whether the folder has the right name and the
face fits the type is asked by the catalogue; this module looks at the one file.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from license_vault.check_digits import check_uscc
from license_vault.claims_schema import MAXIMUM_PARTS
from license_vault.errors import CheckDigitError
from license_vault.license import DOCUMENT_NAMES, LONG_TERM, CopyKind, HolderKind, document_fits
from license_vault.license_identifier import check_type_code
from license_vault.license_types.field_reader import matching, name_of, pattern_of, read_fields
from license_vault.license_types.files import Problems, TableReader, read_table
from license_vault.license_types.license_type import (
    RENEWAL_DAYS,
    CodeStatus,
    CopyRule,
    DefiningAuthority,
    HolderRule,
    LicenseType,
    NumberRule,
    PartKind,
    PartRule,
    RelatedItem,
    TypeEvent,
    TypeState,
)

FILE_NAME: Final = "type.yaml"
LABELS: Final = ("holder", "holder_code", "number", "validity", "issued_on", "authority")
REQUIRED_LABELS: Final = ("holder", "number", "validity", "issued_on", "authority")

# Source: GB/T 36902-2018, 持证者类别 and 证照颁发机构级别.
_CATEGORIES: Final = {
    "自然人": (HolderKind.NATURAL_PERSON,),
    "法人": (HolderKind.LEGAL_PERSON,),
    "其他组织": (HolderKind.OTHER_ORGANISATION,),
    "混合": tuple(HolderKind),
}
_LEVELS: Final = ("国家级", "省部级", "地市级", "区县级", "其他")
_VALIDITY: Final = re.compile(r"[1-9][0-9]{0,2}(天|月|年)")
_VERSION: Final = re.compile(r"v[1-9][0-9]{0,3}")
_PART_CODE: Final = re.compile(r"[a-z0-9-]{1,64}")
_NEVER: Final = re.compile(r"(?!)")
_NO_DAY: Final = date(1, 1, 1)


def read_license_type(path: Path, problems: Problems) -> LicenseType | None:
    """Read one type file; None if a problem was found, all of them being noted.

    Args:
        path: the file ``type.yaml`` in the folder of one version.
        problems: gathers what is wrong, with lines.
    """
    before = len(problems.found)
    table = read_table(path, problems)
    if table is None:
        return None
    license_type = _license_type(table, path.parent)
    table.finish()
    _check_code(table, license_type)
    return license_type if len(problems.found) == before else None


def _license_type(table: TableReader, folder: Path) -> LicenseType:
    name_zh, name_en = name_of(table.table("name"))
    return LicenseType(
        code=table.text("code"),
        version=matching(table, "version", _VERSION),
        name_zh=name_zh,
        name_en=name_en,
        state=TypeState(table.choice("state", list(TypeState)) or TypeState.DRAFT),
        history=_history(table),
        code_status=CodeStatus(
            table.choice("code_status", list(CodeStatus)) or CodeStatus.PROVISIONAL
        ),
        code_source=table.text("code_source"),
        defining_authority=_defining_authority(table.table("defining_authority")),
        holder=_holder_rule(table.table("holder")),
        validity_range=_validity_range(table),
        issuing_levels=_words(table, "issuing_levels", _LEVELS),
        related_items=tuple(_related_item(item) for item in table.tables("related_items")),
        number=_number_rule(table.table("number")),
        copies=_copy_rule(table.table("copies")),
        seals=table.number("seals", 1, 20),
        labels=_labels(table.table("labels")),
        fields=read_fields(table),
        folder=folder,
        parts=_part_rule(table.table("parts")) if table.has("parts") else None,
        renewal_days=(
            table.number("renewal_days", 1, 365) if table.has("renewal_days") else RENEWAL_DAYS
        ),
    )


def _check_code(table: TableReader, license_type: LicenseType) -> None:
    """Check the type code's digits, and that it is the defining authority's own."""
    code = license_type.code
    if not code:
        return
    try:
        check_type_code(code)
    except CheckDigitError as error:
        table.problem(
            "code",
            f"code-{error.reason}",
            f"证照类型代码 {code} 应为 18 位统一社会信用代码加 3 位顺序号，且校验码正确。",
            f"The type code {code} must be a valid USCC and three digits ({error.reason}).",
        )
        return
    owner = license_type.defining_authority.code
    if owner and owner != code[:18]:
        table.problem(
            "code",
            "code-not-of-authority",
            f"证照类型代码前 18 位应为定义机构代码 {owner}。",
            f"The type code must begin with the defining authority's code {owner}.",
        )


def _history(table: TableReader) -> tuple[TypeEvent, ...]:
    """Read who moved the version through its states, and check that the steps are in order."""
    events = tuple(_event(item) for item in table.tables("history"))
    steps = [event.state for event in events]
    if steps and steps != list(TypeState)[: len(steps)]:
        table.problem(
            "history",
            "history-order",
            "状态应依次为 draft、reviewed、published、withdrawn。",
            "The states must follow: draft, reviewed, published, withdrawn.",
        )
    elif steps and table.has("state") and steps[-1] != table.optional_text("state"):
        table.problem(
            "state",
            "state-disagrees",
            f"state 应与 history 的最后一步 {steps[-1]} 一致。",
            f"The state must be the last one of the history, {steps[-1]}.",
        )
    days = [event.at for event in events if event.at != _NO_DAY]
    if days != sorted(days):
        table.problem("history", "history-dates", "日期应递增。", "The dates must not go back.")
    return events


def _event(table: TableReader) -> TypeEvent:
    state = TypeState(table.choice("state", list(TypeState)) or TypeState.DRAFT)
    event = TypeEvent(state=state, by=table.text("by"), at=_day(table, "at"))
    table.finish()
    return event


def _defining_authority(table: TableReader) -> DefiningAuthority:
    authority = DefiningAuthority(
        code=table.text("code"), name=table.text("name"), level=table.choice("level", _LEVELS)
    )
    if authority.code:
        try:
            check_uscc(authority.code)
        except CheckDigitError as error:
            table.problem(
                "code",
                f"authority-code-{error.reason}",
                f"定义机构代码 {authority.code} 不是有效的统一社会信用代码。",
                f"The authority's code {authority.code} is no valid USCC ({error.reason}).",
            )
    table.finish()
    return authority


def _holder_rule(table: TableReader) -> HolderRule:
    category = table.choice("category", list(_CATEGORIES))
    kinds = tuple(HolderKind(word) for word in _words(table, "kinds", list(HolderKind)))
    documents = _words(table, "document_types", list(DOCUMENT_NAMES))
    if category and any(kind not in _CATEGORIES[category] for kind in kinds):
        table.problem(
            "kinds",
            "kinds-outside-category",
            f"kinds 超出持证者类别“{category}”。",
            f"The kinds go beyond the category {category}.",
        )
    for document in documents:
        if not any(document_fits(kind, document) for kind in kinds):
            table.problem(
                "document_types",
                "document-fits-no-kind",
                f"证件类型 {document} 不适用于任何所列持证者。",
                f"The document type {document} fits none of the kinds of holder.",
            )
    rule = HolderRule(category, kinds, documents, table.number("maximum", 1, 100))
    table.finish()
    return rule


def _validity_range(table: TableReader) -> tuple[str, ...]:
    ranges = table.texts("validity_range")
    for text in ranges:
        if text != LONG_TERM and not _VALIDITY.fullmatch(text):
            table.problem(
                "validity_range",
                "validity-range",
                f"有效期限范围“{text}”应如 6月、5年、长期。",
                f"The range {text} must be like 6月, 5年 or 长期.",
            )
    return ranges


def _related_item(table: TableReader) -> RelatedItem:
    item = RelatedItem(code=table.optional_text("code"), name=table.text("name"))
    table.finish()
    return item


def _number_rule(table: TableReader) -> NumberRule:
    pattern = pattern_of(table, "pattern") if table.text("pattern") else None
    rule = NumberRule(pattern or _NEVER, table.text("example"), table.text("source"))
    table.finish()
    if pattern and rule.example and not pattern.fullmatch(rule.example):
        table.problem(
            "example",
            "example-does-not-match",
            f"示例 {rule.example} 不符合 pattern。",
            f"The example {rule.example} does not match the pattern.",
        )
    return rule


def _copy_rule(table: TableReader) -> CopyRule:
    kinds = tuple(CopyKind(word) for word in _words(table, "kinds", list(CopyKind)))
    rule = CopyRule(kinds, table.number("duplicates", 0, 999))
    table.finish()
    if kinds and (CopyKind.DUPLICATE in kinds) != (rule.duplicates > 0):
        table.problem(
            "duplicates",
            "duplicates-disagree",
            "有副本时 duplicates 应大于 0，无副本时应为 0。",
            "duplicates must be above 0 exactly when 副本 is among the kinds.",
        )
    return rule


def _part_rule(table: TableReader) -> PartRule:
    kinds = tuple(_part_kind(item) for item in table.tables("kinds"))
    rule = PartRule(table.number("maximum", 1, MAXIMUM_PARTS), kinds)
    codes = [kind.code for kind in kinds]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        zh, en = f"单项 {code} 重复。", f"The kind of part {code} is twice."
        table.problem("kinds", "duplicate-part", zh, en)
    table.finish()
    return rule


def _part_kind(table: TableReader) -> PartKind:
    kind = PartKind(code=matching(table, "code", _PART_CODE), name=table.text("name"))
    table.finish()
    return kind


def _labels(table: TableReader) -> dict[str, tuple[str, str]]:
    wanted = [key for key in LABELS if key in REQUIRED_LABELS or table.has(key)]
    labels = {key: name_of(table.table(key)) for key in wanted}
    table.finish()
    return labels


# --- single values -------------------------------------------------------------------------


def _words(table: TableReader, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """Return those texts of a list that are allowed; the others become problems."""
    return tuple(_allowed(table, key, allowed))


def _allowed(table: TableReader, key: str, allowed: Sequence[str]) -> Iterator[str]:
    for text in table.texts(key):
        if text in allowed:
            yield text
            continue
        words = "、".join(allowed)
        table.problem(
            key,
            "unknown-choice",
            f"{key} 中的“{text}”应是：{words}。",
            f"{text} in {key} must be one of: {words}.",
        )


def _day(table: TableReader, key: str) -> date:
    text = table.text(key)
    try:
        return date.fromisoformat(text)
    except ValueError:
        if text:
            table.problem(
                key, "no-such-day", f"{key} 应如 2026-03-01。", f"{key} must be like 2026-03-01."
            )
        return _NO_DAY
