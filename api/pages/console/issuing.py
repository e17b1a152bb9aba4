"""The form by which a case's license is issued, with what its face will look like beside it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from api.headers import SECURITY_HEADERS
from api.pages.console.asking import carried, for_case, items_by_code
from api.pages.console.signing import LICENSE, Draft, sign_page
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import show
from api.pages.visitor import FormDep, OfficerDep, Visitor
from license_vault.license import DOCUMENT_NAMES, LONG_TERM

router = APIRouter(prefix="/console/cases", include_in_schema=False)

_CSP = "Content-Security-Policy"
# The preview stands in the page itself, and is asked for again while somebody types.
_WITH_PREVIEW = (
    SECURITY_HEADERS[_CSP].replace("img-src 'self'", "img-src 'self' data:")
    + "; connect-src 'self'"
)
_SEPARATORS = re.compile(r"[\r\n]+")
_PLAIN = ("number", "issued_on", "valid_from", "valid_until", "basis")
TypeQuery = Annotated[str, Query(max_length=21)]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows: the request as far as it is typed, and what is wrong with it."""

    request: Mapping[str, Any]
    errors: Mapping[str, Any]
    picture: str = ""
    problem: Mapping[str, Any] | None = None


@router.get("/{case}/license")
async def issue_form(visitor: OfficerDep, case: str, type_code: TypeQuery) -> HTMLResponse:
    """Show the form as the case fills it, and the face as far as it is known."""
    found = await visitor.api.get(within("cases", case))
    items = await items_by_code(visitor)
    reading = for_case(visitor, found, items)
    draft = await reading.get(within("cases", case, "license-draft"), type_code=type_code)
    request: dict[str, Any] = draft["request"]
    # Nobody is told of what is missing before anything was typed.
    picture, problem = await _picture(visitor, request)
    return await _page(visitor, found, _Shown(request, {}, picture, problem))


async def _typed(request: Request) -> tuple[dict[str, Any], str]:
    """Return the request that a form says, and which button was pressed."""
    form = await request.form()
    told = {name: value for name, value in form.items() if isinstance(value, str)}
    return request_in(told), told.get("action", "")


@router.post("/{case}/license")
async def issue(
    visitor: OfficerDep,
    key: FormDep,
    case: str,
    typed: Annotated[tuple[dict[str, Any], str], Depends(_typed)],
) -> HTMLResponse:
    """Show the face of what was typed, or, where nothing is wrong with it, what is to be signed."""
    del key  # nothing is issued before it is signed
    body, action = typed
    found = await visitor.api.get(within("cases", case))
    errors, problem = await _wrong(visitor, body)
    if action == "sign" and not errors and problem is None:
        number, item = found["case_number"], found["item_code"]
        draft = Draft(LICENSE, case, body, case_number=number, item_code=item)
        return await sign_page(visitor, draft)
    picture, undrawable = await _picture(visitor, body)
    return await _page(visitor, found, _Shown(body, errors, picture, problem or undrawable))


def request_in(told: Mapping[str, str]) -> dict[str, Any]:
    """Return the request to issue that the fields of a form say.

    Args:
        told: ``base`` is the request as the case filled it; ``field.*`` and ``holder.N.name``
            and the rest are what was typed over it.

    Raises:
        FormRefusedError: what was carried along is no request.
    """
    body = carried(told.get("base", ""))
    for name in _PLAIN:
        if name in told:
            body[name] = told[name].strip()
    if told.get("long_term"):
        body["valid_until"] = LONG_TERM
    if not body.get("issued_on"):
        body.pop("issued_on", None)
    if told.get("duplicates", "").isdigit() and int(told["duplicates"]):
        body["duplicates"] = int(told["duplicates"])
    else:
        body.pop("duplicates", None)
    body["fields"] = {**fields_in(told)}
    for index, holder in enumerate(body.get("holders") or ()):
        if isinstance(holder, dict) and f"holder.{index}.name" in told:
            holder["name"] = told[f"holder.{index}.name"].strip()
    return body


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


async def _wrong(
    visitor: Visitor, body: Mapping[str, Any]
) -> tuple[dict[str, Any], Mapping[str, Any] | None]:
    """Return what is wrong with a request by its pointers; or what else stands against it."""
    try:
        await visitor.api.send(
            "POST", "/v1/licenses/preview", params={"complete": "true"}, json=body
        )
    except ProblemShownError as error:
        if "errors" in error.document:
            return {each["pointer"]: each["messages"] for each in error.document["errors"]}, None
        return {}, error.document
    return {}, None


async def _picture(
    visitor: Visitor, body: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any] | None]:
    """Return the face as a data: address, or why it cannot be drawn."""
    try:
        drawn = await visitor.api.send("POST", "/v1/licenses/preview", json=body)
    except ProblemShownError as error:
        return "", error.document
    return "data:image/png;base64," + base64.b64encode(drawn.content).decode(), None


async def _page(visitor: Visitor, case: Mapping[str, Any], shown: _Shown) -> HTMLResponse:
    code = shown.request["type_code"]
    response = show(
        visitor,
        "console/cases_issue.html",
        case=case,
        type=await visitor.api.get(within("license-types", str(code))),
        shown=shown,
        base=json.dumps(shown.request, ensure_ascii=False),
        documents=DOCUMENT_NAMES,
        long_term=LONG_TERM,
    )
    response.headers[_CSP] = _WITH_PREVIEW
    return response
