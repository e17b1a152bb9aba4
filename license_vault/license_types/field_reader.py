"""Reading the fields of ``type.yaml``, and the single values that the whole file is made of."""

import re
from typing import Final

from license_vault.license_types.files import TableReader
from license_vault.license_types.license_type import Agreement, ColumnSpec, FieldKind, FieldSpec

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_YES_NO: Final = ("yes", "no")
# Kinds whose form is known need no length; the others must give one.
_FORMED: Final = (
    FieldKind.DATE,
    FieldKind.CHOICE,
    FieldKind.RECORDS,
    FieldKind.USCC,
    FieldKind.CITIZEN_ID,
)
_LISTS: Final = (FieldKind.LIST, FieldKind.RECORDS)
# What a cell of a record may be: one text that needs no rule of its own beside its length.
_COLUMN_KINDS: Final = (FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.DATE, FieldKind.NUMBER_TEXT)


def read_fields(table: TableReader) -> tuple[FieldSpec, ...]:
    """Return the fields of a type, each key once."""
    specs: list[FieldSpec] = []
    for item in table.tables("fields"):
        spec = _field(item)
        if spec.key and spec.key in {other.key for other in specs}:
            item.problem(
                "key", "duplicate-field", f"字段 {spec.key} 重复。", f"Field {spec.key} is twice."
            )
        specs.append(spec)
    return tuple(specs)


def _field(table: TableReader) -> FieldSpec:
    name_zh, name_en = name_of(table.table("name"))
    kind = FieldKind(table.choice("kind", list(FieldKind)) or FieldKind.TEXT)
    agreement = table.choice("agrees_with", list(Agreement)) if table.has("agrees_with") else ""
    spec = FieldSpec(
        key=matching(table, "key", _KEY),
        name_zh=name_zh,
        name_en=name_en,
        kind=kind,
        required=table.choice("required", _YES_NO) == "yes",
        pattern=pattern_of(table, "pattern") if table.has("pattern") else None,
        choices=table.texts("choices") if kind is FieldKind.CHOICE else (),
        max_length=100 if kind in _FORMED else table.number("max_length", 1, 8000),
        max_items=table.number("max_items", 1, 500) if kind in _LISTS else 1,
        agrees_with=Agreement(agreement) if agreement else None,
        source=table.text("source"),
        personal=table.choice("personal", _YES_NO) == "yes",
        columns=_columns(table) if kind is FieldKind.RECORDS else (),
    )
    table.finish()
    return spec


def _columns(table: TableReader) -> tuple[ColumnSpec, ...]:
    columns = tuple(_column(item) for item in table.tables("columns"))
    keys = [column.key for column in columns]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        zh, en = f"列 {key} 重复。", f"The column {key} is twice."
        table.problem("columns", "duplicate-field", zh, en)
    return columns


def _column(table: TableReader) -> ColumnSpec:
    name_zh, name_en = name_of(table.table("name"))
    kind = FieldKind(table.choice("kind", _COLUMN_KINDS) or FieldKind.TEXT)
    column = ColumnSpec(
        key=matching(table, "key", _KEY),
        name_zh=name_zh,
        name_en=name_en,
        kind=kind,
        required=table.choice("required", _YES_NO) == "yes",
        max_length=100 if kind in _FORMED else table.number("max_length", 1, 1000),
    )
    table.finish()
    return column


# --- single values -------------------------------------------------------------------------


def name_of(table: TableReader) -> tuple[str, str]:
    """Return the Chinese and the English of a name."""
    names = table.text("zh"), table.text("en")
    table.finish()
    return names


def matching(table: TableReader, key: str, form: re.Pattern[str]) -> str:
    """Return a text of a form, empty after a problem."""
    text = table.text(key)
    if text and not form.fullmatch(text):
        table.problem(
            key,
            "wrong-format",
            f"{key} 的值“{text}”应符合 {form.pattern}。",
            f"{key} is {text}, it must match {form.pattern}.",
        )
        return ""
    return text


def pattern_of(table: TableReader, key: str) -> re.Pattern[str] | None:
    """Return a regular expression, None after a problem."""
    text = table.text(key)
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        table.problem(
            key,
            "bad-pattern",
            f"{key} 不是正确的正则表达式：{error}。",
            f"{key} is no regular expression: {error}.",
        )
        return None
