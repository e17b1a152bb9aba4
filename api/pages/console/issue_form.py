"""The form that says what a license will say, with its face beside it: for a case, and for 转入."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import HTMLResponse

from api.errors import FormRefusedError
from api.pages.console.asking import carried
from api.pages.console.carried_requests import HOLDER, readable
from api.pages.console.faces import CSP, NOTHING, WITH_PREVIEW, FaceAsked, Look
from api.pages.console.member_rows import (
    condition_rows,
    conditions_in,
    has_parts,
    part_rows,
    parts_in,
)
from api.pages.console.signing import draft_in
from api.pages.inner_api import within
from api.pages.rendering import show
from api.pages.visitor import Visitor
from license_vault.issuing.request_members import PREVIOUS
from license_vault.license import DOCUMENT_NAMES, HOLDER_KIND_NAMES, LONG_TERM

_SEPARATORS = re.compile(r"[\r\n]+")
_PLAIN = ("number", "issued_on", "valid_from", "valid_until", "basis")
# Of a case these are known; where there is none they are typed.
_OF_THE_CASE = ("authority_code", "case_number", "item_code")
_SHOWN = ("number", "valid_from", "valid_until", "basis", "authority_code", "case_number")
_OPTIONAL = ("issued_on", "item_code")
_NAMED_BY = ("name", "document_number")
_MOSTHOLDERS = 100
_DIGITS = 10
_NAMES = {
    "number": ("证照编号", "Number"),
    "valid_from": ("有效期自", "Valid from"),
    "valid_until": ("有效期至", "Valid until"),
    "basis": ("法律依据", "Legal basis"),
    "duplicates": ("副本份数", "How many 副本"),
    "conditions": ("条件", "Condition"),
    "parts": ("分项", "Part"),
    "holders": ("持证主体", "Holder"),
    "authority_code": ("发证机关", "Authority"),
    "case_number": ("办件编号", "Case number"),
    "item_code": ("事项", "Item"),
    # Of orders.
    "effective": ("自何日起", "From which day"),
    "until": ("暂扣至", "Suspended until"),
    "applied_on": ("申请日期", "Applied on"),
    "reason": ("说明", "Reason"),
    "record": ("校验记录", "Record of the revalidation"),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form said: the request in it, which button was pressed, and all its texts."""

    body: dict[str, Any]
    action: str
    told: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: the request as far as it is typed, and what is wrong with it.

    ``holders_typed``: nobody knows who holds it, so that is typed here too.
    """

    request: Mapping[str, Any]
    errors: Mapping[str, Any]
    picture: str = ""
    problem: Mapping[str, Any] | None = None
    holders_typed: bool = False

    @property
    def holders(self) -> tuple[Mapping[str, str], ...]:
        """Return the rows of the holders: with an empty one more where they are typed."""
        named = tuple(self.request.get("holders") or ())
        full = self.holders_typed and all(holder["document_number"] for holder in named)
        return (*named, dict.fromkeys(HOLDER, "")) if full else named

    @property
    def conditions(self) -> tuple[Mapping[str, str], ...]:
        """Return the rows of the conditions: those that are there, and empty ones."""
        return condition_rows(self.request)

    @property
    def parts(self) -> tuple[Mapping[str, str], ...]:
        """Return the rows of the parts: those that are there, and empty ones."""
        return part_rows(self.request)

    @property
    def can_be_signed(self) -> bool:
        """Tell whether nothing is known to stand against it."""
        return not self.errors and self.problem is None

    def has_wrong(self, pointer: str) -> bool:
        """Tell whether anything is wrong there or within."""
        return any(f"{at}/".startswith(f"{pointer}/") for at in self.errors)


async def _typed(request: Request) -> Typed:
    """Return what a form says."""
    form = await request.form()
    told = {name: value for name, value in form.items() if isinstance(value, str)}
    if "unsigned" in told:
        return Typed(_unsigned(told["unsigned"]), "preview", told)
    return Typed(request_in(told), told.get("action", ""), told)


def _unsigned(text: str) -> dict[str, Any]:
    """Return the request that somebody was about to sign and wants to type over."""
    body = readable(draft_in(text).body)
    return {**dict.fromkeys(_SHOWN, ""), **body, "holders": _holders_in({}, body["holders"])}


TypedDep = Annotated[Typed, Depends(_typed)]


def request_in(told: Mapping[str, str]) -> dict[str, Any]:
    """Return the request to issue that the fields of a form say.

    Args:
        told: ``base`` is the request as it was filled beforehand; ``field.*``,
            ``holder.N.name``, ``condition.N.text``, ``part.N.kind`` and the rest are what was
            typed over it.

    Raises:
        FormRefusedError: what was carried along is no request.
    """
    body = {**dict.fromkeys(_SHOWN, ""), **carried(told.get("base", ""))}
    if not isinstance(body.get("type_code"), str):
        raise FormRefusedError
    body.update((name, told[name].strip()) for name in (*_PLAIN, *_OF_THE_CASE) if name in told)
    if told.get("long_term"):
        body["valid_until"] = LONG_TERM
    count = told.get("duplicates", "")
    body["duplicates"] = int(count) if count.isdecimal() and len(count) < _DIGITS else 0
    body["conditions"] = conditions_in(told)
    if has_parts(told):
        body["parts"] = parts_in(told, str(body.get("authority_code", "")))
    for name in (*_OPTIONAL, "duplicates", "conditions", "parts"):
        if not body.get(name):
            body.pop(name, None)
    body["fields"] = fields_in(told)
    body["holders"] = _holders_in(told, body.get("holders"))
    return body


def _holders_in(told: Mapping[str, str], known: object) -> list[dict[str, str]]:
    """Return the holders: those who are known, with what was typed of them; none who is empty."""
    known = known if isinstance(known, list) else []
    rows = [{**dict.fromkeys(HOLDER, ""), **each} for each in known if isinstance(each, dict)]
    for index in range(_MOSTHOLDERS):
        typed = {
            name: told[f"holder.{index}.{name}"].strip()
            for name in HOLDER
            if f"holder.{index}.{name}" in told
        }
        if "document_number" in typed:
            typed["document_number"] = typed["document_number"].upper()
        if index < len(rows):
            rows[index] |= typed
        elif typed:
            rows.append(typed)
    # The first row stays, so that what is missing in it is told.
    return [row for i, row in enumerate(rows) if not i or any(map(row.get, _NAMED_BY))]


def fields_in(told: Mapping[str, str]) -> dict[str, Any]:
    """Return the type's own fields; one that is empty was not filled in."""
    fields: dict[str, Any] = {}
    for name, text in told.items():
        kind, _, key = name.partition(".")
        if not text.strip() or kind not in {"field", "list", "records"}:
            continue
        if kind == "field":
            fields[key] = text.strip()
        elif kind == "list":
            lines = (line.strip() for line in _SEPARATORS.split(text))
            fields[key] = [line for line in lines if line]
        else:
            fields[key] = _records(text)
    return fields


def _records(text: str) -> Any:
    """Return records as they were typed; what is no JSON is refused by the API, as a text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


async def looked_at(
    visitor: Visitor,
    body: Mapping[str, Any],
    errors: Mapping[str, Any] = NOTHING,
    previous: str = "",
) -> Shown:
    """Return what a form shows of a request, with its face or why that cannot be drawn.

    Args:
        errors: what is wrong with it, by pointers.
        previous: of 转入 the license before; the face names it.
    """
    return _shown(body, await _face(visitor, body, previous).looked_at(errors))


async def checked(
    visitor: Visitor,
    body: Mapping[str, Any],
    errors: Mapping[str, Any] = NOTHING,
    previous: str = "",
    *,
    signing: bool = False,
) -> Shown:
    """Return the same of a request that was typed, and what issuing would refuse of it.

    A face that nothing is wrong with is drawn once: by what checks it.

    Args:
        errors: what is known to be wrong with it.
        signing: it is signed next if nothing is wrong; then nobody looks at a picture.
    """
    face = _face(visitor, body, previous)
    return _shown(body, await face.checked(errors, signing=signing))


def _shown(body: Mapping[str, Any], look: Look) -> Shown:
    return Shown(body, look.errors, look.picture, look.problem)


def _face(visitor: Visitor, body: Mapping[str, Any], previous: str) -> FaceAsked:
    follows = {PREVIOUS: previous} if previous else {}
    return FaceAsked(visitor.api, "/v1/licenses/preview", {**body, **follows})


async def form_page(visitor: Visitor, template: str, shown: Shown, **values: Any) -> HTMLResponse:
    """Return the page of a form; its template extends ``console/issue_form.html``."""
    license_type = await visitor.api.get(within("license-types", str(shown.request["type_code"])))
    response = show(
        visitor,
        template,
        type=license_type,
        shown=shown,
        problem=shown.problem,
        place_names={at: place_name(at, license_type) for at in shown.errors},
        base=json.dumps(shown.request, ensure_ascii=False),
        documents=DOCUMENT_NAMES,
        holder_kinds=HOLDER_KIND_NAMES,
        long_term=LONG_TERM,
        **values,
    )
    response.headers[CSP] = WITH_PREVIEW
    return response


def place_name(pointer: str, license_type: Mapping[str, Any]) -> dict[str, str]:
    """Return what people call the place that a pointer names; nothing of one that is unknown."""
    _, name, *rest = (*pointer.split("/"), "")
    if name == "fields" and rest[0]:
        found = (field for field in license_type["fields"] if field["key"] == rest[0])
        return next((field["name"] for field in found), {"zh": "", "en": ""})
    zh, en = _NAMES.get(name, ("", ""))
    number = f" {int(rest[0]) + 1}" if rest[0].isdecimal() else ""
    return {"zh": zh + number, "en": en + number}
