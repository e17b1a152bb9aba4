"""What pydantic says about a request, as places with stable codes in both languages.

Never repeats the value that was refused: it may be a name or an ID number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError

from license_vault.errors import FieldProblem

_SENTENCES = {
    "missing": ("required", "缺少此项。", "This is required."),
    "extra_forbidden": ("unknown-field", "没有此项。", "There is no such field."),
    "string_type": ("not-text", "应为文本。", "This must be text."),
    "string_too_short": ("too-short", "太短。", "This is too short."),
    "string_too_long": ("too-long", "太长。", "This is too long."),
    "string_pattern_mismatch": ("wrong-form", "格式不对。", "This does not have the right form."),
    "enum": ("not-a-choice", "不在可选范围内。", "This is not one of the choices."),
    "literal_error": ("not-a-choice", "不在可选范围内。", "This is not one of the choices."),
    "int_parsing": ("not-a-number", "应为整数。", "This must be a whole number."),
    "int_type": ("not-a-number", "应为整数。", "This must be a whole number."),
    "less_than_equal": ("too-large", "数值太大。", "This is too large."),
    "greater_than_equal": ("too-small", "数值太小。", "This is too small."),
    "too_short": ("too-few", "项数太少。", "There are too few."),
    "too_long": ("too-many", "项数太多。", "There are too many."),
    "json_invalid": ("not-json", "不是有效的 JSON。", "This is not JSON."),
    "date_from_datetime_parsing": ("not-a-date", "应为日期。", "This must be a date."),
    "date_parsing": ("not-a-date", "应为日期。", "This must be a date."),
    "datetime_parsing": ("not-an-instant", "应为时刻。", "This must be an instant."),
}
# Of what has to hold something: left empty, it is not too short but missing.
_EMPTY = {
    "string_too_short": ("too-short", "没有填写。", "This is not filled in."),
    "too_short": ("too-few", "没有选择或填写。", "Nothing is chosen or given."),
}
_AT_MOST = {
    "string_too_long": ("too-long", "最多 {} 个字符。", "There may be at most {} characters."),
    "too_long": ("too-many", "最多 {} 项。", "There may be at most {}."),
}
_OTHER = ("invalid", "无法使用此值。", "This value cannot be used.")


def of_validation(error: RequestValidationError) -> tuple[FieldProblem, ...]:
    """Return every place that a validation error names, at most 100."""
    return tuple(_place(item) for item in error.errors()[:100])


def _place(item: dict[str, Any]) -> FieldProblem:
    kind, bounds = item["type"], item.get("ctx", {})
    code, zh, en = _SENTENCES.get(kind, _OTHER)
    if kind in _EMPTY and bounds.get("min_length") == 1:
        code, zh, en = _EMPTY[kind]
    elif kind in _AT_MOST and "max_length" in bounds:
        code, zh, en = _AT_MOST[kind]
        zh, en = (text.format(bounds["max_length"]) for text in (zh, en))
    return FieldProblem(pointer_of(item["loc"]), code, zh, en)


def pointer_of(location: Sequence[Any]) -> str:
    """Return the JSON pointer of a place; what is not in the body begins with its part.

    "/holders/0/name" stands in the body, "/query/limit" in the address.

    Source: RFC 6901, 3.
    """
    parts = list(location)
    if parts and parts[0] == "body":
        parts = parts[1:]
    escaped = (str(part)[:80].replace("~", "~0").replace("/", "~1") for part in parts)
    return "".join(f"/{part}" for part in escaped)
