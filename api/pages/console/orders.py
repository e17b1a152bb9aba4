"""Orders to a license: renew, change, suspend, resume, revoke, cancel and the rest, each signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse

from api.errors import FormRefusedError, PageNotFoundError
from api.pages.console.asking import MANAGING, carried, for_managing, items_by_code
from api.pages.console.issue_form import Shown, place_name
from api.pages.console.licenses import possible
from api.pages.console.order_form import order_in, order_that_reads, refused_in
from api.pages.console.signing import Draft, draft_in, sign_page
from api.pages.console.telling_again import told_again
from api.pages.inner_api import within
from api.pages.rendering import show
from api.pages.visitor import FormDep, OfficerDep, Visitor
from license_vault.issuing.request_members import PARTS
from license_vault.license import LONG_TERM
from license_vault.lifecycle.orders import PATCHES
from license_vault.lifecycle.verbs import VERBS, Makes, Verb

router = APIRouter(prefix="/console/licenses", include_in_schema=False)

_MORE_ROWS = "rows"
_BASES = {
    "change": "《中华人民共和国行政许可法》第四十九条",
    "renewal": "《中华人民共和国行政许可法》第五十条",
    "renewal-application": "《中华人民共和国行政许可法》第五十条",
    "renewal-refusal": "《中华人民共和国行政许可法》第五十条",
    "rescission": "《中华人民共和国行政许可法》第六十九条",
    "cancellation": "《中华人民共和国行政许可法》第七十条",
}


@dataclass(frozen=True, slots=True)
class _Typed:
    """What the form of an order shows.

    ``errors`` is what was refused of it, by pointers; ``parts_before`` the license's parts as a
    form carried them, "": not looked up yet.
    """

    order: Mapping[str, Any]
    errors: Mapping[str, Any] = field(default_factory=dict)
    parts_before: str = ""


@router.get("/{identifier}/orders/{verb}")
async def order_form(visitor: OfficerDep, identifier: str, verb: str) -> HTMLResponse:
    """Show the form of one order."""
    return await _page(visitor, identifier, _verb(verb), _Typed({"basis": _BASES.get(verb, "")}))


@router.post("/{identifier}/orders/{verb}/proposed")
async def proposed(
    visitor: OfficerDep, key: FormDep, identifier: str, verb: str, proposal: Annotated[str, Form()]
) -> HTMLResponse:
    """Show the form of an order filled in as the list of stale licenses proposes it."""
    del key  # nothing is changed by it
    typed = _Typed(order_that_reads(carried(proposal)))
    return await _page(visitor, identifier, _verb(verb), typed)


async def _told(request: Request) -> dict[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


@router.post("/{identifier}/orders/{verb}")
async def order(
    visitor: OfficerDep,
    key: FormDep,
    identifier: str,
    verb: str,
    told: Annotated[dict[str, str], Depends(_told)],
) -> HTMLResponse:
    """Show the order as it will be signed; or its form, to be typed over or for more rows."""
    del key  # the act itself is sent with the signature
    if "unsigned" in told:
        before = order_that_reads(draft_in(told["unsigned"]).body)
        typed = _Typed(before, refused_in(told.get("refused", "")))
        return await _page(visitor, identifier, _verb(verb), typed)
    body = order_in(_verb(verb), told)
    if told.get("action") == _MORE_ROWS:
        typed = _Typed(order_that_reads(body), parts_before=told.get("parts_before", ""))
        return await _page(visitor, identifier, _verb(verb), typed)
    draft = Draft(
        verb,
        identifier,
        body,
        case_number=body.get("case_number", ""),
        item_code=body.get("item_code", ""),
    )
    return await sign_page(visitor, draft)


def _verb(name: str) -> Verb:
    verb = VERBS.get(name)
    if verb is None or verb.makes is Makes.LICENSE:
        raise PageNotFoundError
    return verb


async def _page(visitor: Visitor, identifier: str, verb: Verb, typed: _Typed) -> HTMLResponse:
    found = await for_managing(visitor, MANAGING).get(within("licenses", identifier))
    # A renewal is made by the newest version of the type, the others by the license's own.
    own = found["type"]["version"] if found["parts"] and verb.name != "renewal" else None
    path = within("license-types", found["type"]["code"])
    parts = await _parts_before(visitor, verb, found, typed)
    said = {**typed.order, "parts": typed.order.get("parts", parts or [])}
    license_type = await visitor.api.get(path, version=own)
    return show(
        visitor,
        "console/licenses_order.html",
        license=found,
        verb=verb,
        possible=verb in possible(visitor, found),
        makes_version=verb.makes is Makes.VERSION,
        type=license_type,
        items=await items_by_code(visitor),
        typed=typed.order,
        shown=Shown(said, typed.errors),
        place_names={at: place_name(at, license_type) for at in typed.errors},
        parts_unread=parts == [],
        parts_before=None if parts is None else json.dumps({"parts": parts}, ensure_ascii=False),
        states={part["code"]: part["status"] for part in found["parts"]},
        base=_not_shown(typed.order),
        long_term=LONG_TERM,
    )


async def _parts_before(
    visitor: Visitor, verb: Verb, found: Mapping[str, Any], typed: _Typed
) -> list[Any] | None:
    """Return the parts that a license has; None where the order takes none."""
    if PARTS not in PATCHES.get(verb.name, ()) or not found["parts"]:
        return None
    if typed.parts_before:
        parts = carried(typed.parts_before).get("parts")
        if not isinstance(parts, list):
            raise FormRefusedError
        return parts
    parts = (await told_again(for_managing(visitor, MANAGING), found)).get("parts", [])
    return list(parts)


def _not_shown(order: Mapping[str, Any]) -> str:
    """Return what an order says beyond the lines of its form: which fields are taken away."""
    gone = {key: None for key, value in order.get("fields", {}).items() if value is None}
    return json.dumps({"fields": gone} if gone else {}, ensure_ascii=False)
