"""Requests and orders that travelled in a form or a file: what of them a page can show.

Whoever sends a form may have altered it, so nothing of it is believed to have its shape.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from api.errors import FormRefusedError
from api.pages.console.asking import objects_in
from api.pages.console.member_rows import CONDITION, PART

HOLDER = ("kind", "name", "document_type", "document_number")
_TEXTS = (
    "type_code",
    "number",
    "valid_from",
    "valid_until",
    "basis",
    "authority_code",
    "case_number",
    "item_code",
)


def readable(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request that pages can show: texts are texts, rows have all their members.

    Raises:
        FormRefusedError: it is no request that a form here has made.
    """
    for name in _TEXTS:
        if not isinstance(body.get(name, ""), str):
            raise FormRefusedError
    fields = body.get("fields", {})
    if not body.get("type_code") or not isinstance(fields, dict):
        raise FormRefusedError
    shown = {key: field_shown(value) for key, value in fields.items()}
    said = {**body, "fields": shown, "holders": _rows(body.get("holders"), HOLDER)}
    for name, members in (("conditions", CONDITION), ("parts", PART)):
        if name in body:
            said[name] = _rows(body[name], members)
    return said


def field_shown(value: object) -> object:
    """Return a field as a line of a form shows it.

    What was typed as records may be any JSON; what is no list is refused as a text.
    """
    return value if isinstance(value, str | list) else json.dumps(value, ensure_ascii=False)


def _rows(told: object, names: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = objects_in([] if told is None else told)
    if not all(isinstance(row.get(name, ""), str) for row in rows for name in names):
        raise FormRefusedError
    return [{**dict.fromkeys(names, ""), **row} for row in rows]
