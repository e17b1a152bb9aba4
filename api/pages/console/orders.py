"""Orders to a license: renew, change, suspend, resume, revoke, cancel and the rest, each signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse

from api.errors import PageNotFoundError
from api.pages.console.asking import MANAGING, carried, for_managing, items_by_code
from api.pages.console.issue_form import fields_in
from api.pages.console.licenses import possible
from api.pages.console.signing import Draft, sign_page
from api.pages.inner_api import within
from api.pages.rendering import show
from api.pages.visitor import FormDep, OfficerDep, Visitor
from license_vault.license import LONG_TERM
from license_vault.lifecycle.verbs import VERBS, Makes, Verb

router = APIRouter(prefix="/console/licenses", include_in_schema=False)

_PLAIN = ("basis", "case_number", "item_code", "effective", "reason", "valid_until", "number")
_MORE = ("until", "applied_on")
_RECORD = ("year", "result", "by", "on")
_BASES = {
    "change": "《中华人民共和国行政许可法》第四十九条",
    "renewal": "《中华人民共和国行政许可法》第五十条",
    "renewal-application": "《中华人民共和国行政许可法》第五十条",
    "renewal-refusal": "《中华人民共和国行政许可法》第五十条",
    "rescission": "《中华人民共和国行政许可法》第六十九条",
    "cancellation": "《中华人民共和国行政许可法》第七十条",
}


@router.get("/{identifier}/orders/{verb}")
async def order_form(visitor: OfficerDep, identifier: str, verb: str) -> HTMLResponse:
    """Show the form of one order."""
    return await _page(visitor, identifier, _verb(verb), {"basis": _BASES.get(verb, "")})


@router.post("/{identifier}/orders/{verb}/proposed")
async def proposed(
    visitor: OfficerDep, key: FormDep, identifier: str, verb: str, proposal: Annotated[str, Form()]
) -> HTMLResponse:
    """Show the form of an order filled in as the list of stale licenses proposes it."""
    del key  # nothing is changed by it
    return await _page(visitor, identifier, _verb(verb), carried(proposal))


async def _typed(request: Request) -> dict[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


@router.post("/{identifier}/orders/{verb}")
async def order(
    visitor: OfficerDep,
    key: FormDep,
    identifier: str,
    verb: str,
    told: Annotated[dict[str, str], Depends(_typed)],
) -> HTMLResponse:
    """Show the order as it will be signed."""
    del key  # the act itself is sent with the signature
    body = order_in(_verb(verb), told)
    draft = Draft(
        verb,
        identifier,
        body,
        case_number=body.get("case_number", ""),
        item_code=body.get("item_code", ""),
    )
    return await sign_page(visitor, draft)


def order_in(verb: Verb, told: Mapping[str, str]) -> dict[str, Any]:
    """Return the order that the fields of a form say; what is empty is not said."""
    body: dict[str, Any] = carried(told.get("base", "{}"))
    for name in (*_PLAIN, *_MORE):
        if told.get(name, "").strip():
            body[name] = told[name].strip()
    if told.get("long_term"):
        body["valid_until"] = LONG_TERM
    fields = {**(body.get("fields") or {}), **fields_in(told)}
    if fields:
        body["fields"] = fields
    names = [told[f"holder.{i}.name"].strip() for i in range(100) if f"holder.{i}.name" in told]
    if names and all(names):
        body["holders"] = [{"name": name} for name in names]
    if verb.name == "revalidation":
        body["record"] = {name: told.get(f"record.{name}", "").strip() for name in _RECORD}
    return body


def _verb(name: str) -> Verb:
    verb = VERBS.get(name)
    if verb is None or verb.makes is Makes.LICENSE:
        raise PageNotFoundError
    return verb


async def _page(
    visitor: Visitor, identifier: str, verb: Verb, typed: Mapping[str, Any]
) -> HTMLResponse:
    found = await for_managing(visitor, MANAGING).get(within("licenses", identifier))
    code = found["type"]["code"]
    return show(
        visitor,
        "console/licenses_order.html",
        license=found,
        verb=verb,
        possible=verb in possible(visitor, found),
        makes_version=verb.makes is Makes.VERSION,
        type=await visitor.api.get(within("license-types", code)),
        items=await items_by_code(visitor),
        typed=typed,
        base=json.dumps({k: typed[k] for k in ("holders",) if k in typed}, ensure_ascii=False),
    )
