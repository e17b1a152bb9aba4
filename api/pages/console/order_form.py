"""What the form of an order to a license says, read into the order, and back into the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from api.errors import FormRefusedError
from api.license_models import StatusOut
from api.pages.console.asking import carried, objects_in
from api.pages.console.carried_requests import field_shown
from api.pages.console.issue_form import fields_in
from api.pages.console.member_rows import has_parts, parts_in
from license_vault.license import LONG_TERM
from license_vault.lifecycle.verbs import Verb

_TEXTS = (
    "basis",
    "case_number",
    "item_code",
    "effective",
    "reason",
    "valid_from",
    "valid_until",
    "number",
    "until",
    "applied_on",
)
_RECORD = ("year", "result", "by", "on")
_MOST_HOLDERS = 100


class _SeenType(BaseModel):
    code: str
    version: str
    name_zh: str
    name_en: str


class _SeenAuthority(BaseModel):
    code: str


class _SeenMark(BaseModel):
    code: str


class _SeenPart(BaseModel):
    code: str
    status: StatusOut


class SeenLicense(BaseModel):
    """What the form of an order shows of its license.

    It travels with the form: whoever types, and has the face drawn again, reads the license once.
    """

    type: _SeenType
    authority: _SeenAuthority
    status: StatusOut
    marks: list[_SeenMark]
    valid_until: str
    holders: list[str]
    parts: list[_SeenPart]


def seen_in(text: str) -> SeenLicense:
    """Return what a form carries of its license.

    Raises:
        FormRefusedError: it is nothing that a page here has carried.
    """
    try:
        return SeenLicense.model_validate_json(text)
    except ValidationError as error:
        raise FormRefusedError from error


def order_in(verb: Verb, told: Mapping[str, str]) -> dict[str, Any]:
    """Return the order that the fields of a form say; what is empty is not said.

    Args:
        told: ``base`` is what the form does not show; ``parts_before`` are the license's parts,
            which are said only where the rows say otherwise.

    Raises:
        FormRefusedError: what was carried along is no order.
    """
    body: dict[str, Any] = carried(told.get("base", "{}"))
    order_that_reads(body)
    for name in _TEXTS:
        if told.get(name, "").strip():
            body[name] = told[name].strip()
    if told.get("long_term"):
        body["valid_until"] = LONG_TERM
    fields = {**(body.get("fields") or {}), **fields_in(told)}
    if fields:
        body["fields"] = fields
    rows = (f"holder.{i}.name" for i in range(_MOST_HOLDERS))
    names = [told[row].strip() for row in rows if row in told]
    # One name that is missing is told by the API, at its place.
    if any(names):
        body["holders"] = [{"name": name} for name in names]
    if verb.name == "revalidation":
        body["record"] = {name: told.get(f"record.{name}", "").strip() for name in _RECORD}
    return body | _parts(told)


def _parts(told: Mapping[str, str]) -> dict[str, Any]:
    if not has_parts(told):
        return {}
    parts = parts_in(told, told.get("authority_code", ""))
    as_before = parts == carried(told.get("parts_before") or "{}").get("parts", [])
    return {} if as_before else {"parts": parts}


def order_that_reads(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return an order that a form can show: texts are texts, rows have their members.

    Raises:
        FormRefusedError: it is none that a page here has made.
    """
    texts = {name: told[name] for name in _TEXTS if name in told}
    record, fields = told.get("record", {}), told.get("fields", {})
    if not isinstance(record, dict) or not isinstance(fields, dict):
        raise FormRefusedError
    parts = {"parts": objects_in(told["parts"])} if "parts" in told else {}
    holders = [{"name": row.get("name", "")} for row in objects_in(told.get("holders", []))]
    said = (*texts.values(), *record.values(), *(row["name"] for row in holders))
    if not all(isinstance(value, str) for value in said):
        raise FormRefusedError
    # None takes a field away.
    shown = {key: None if value is None else field_shown(value) for key, value in fields.items()}
    return {**texts, "record": record, "fields": shown, "holders": holders, **parts}


def refused_in(text: str) -> dict[str, dict[str, str]]:
    """Return what the API refused of an order, by its pointers, as the sheet carries it.

    Raises:
        FormRefusedError: it is nothing that a page here has carried.
    """
    told = carried(text or "{}").get("errors", [])
    try:
        return {str(row["pointer"]): _messages(row["messages"]) for row in objects_in(told)}
    except KeyError as error:
        raise FormRefusedError from error


def _messages(told: object) -> dict[str, str]:
    if not isinstance(told, dict):
        raise FormRefusedError
    return {language: str(told[language]) for language in ("zh", "en")}
