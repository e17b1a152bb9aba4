"""Orders to a license: renew, change, suspend, resume, revoke, cancel and the rest, each signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse

from api.errors import FormRefusedError, PageNotFoundError
from api.pages.console.asking import MANAGING, carried, for_managing, items_by_code
from api.pages.console.faces import CSP, WITH_PREVIEW, FaceAsked, Look
from api.pages.console.issue_form import Shown, place_name
from api.pages.console.licenses import possible
from api.pages.console.member_rows import PART
from api.pages.console.order_form import (
    SeenLicense,
    order_in,
    order_that_reads,
    refused_in,
    seen_in,
)
from api.pages.console.signing import Draft, draft_in, sign_page
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import show
from api.pages.visitor import FormDep, OfficerDep, Visitor
from license_vault.issuing.request_members import PARTS
from license_vault.license import LONG_TERM
from license_vault.lifecycle.orders import PATCHES
from license_vault.lifecycle.verbs import VERBS, Makes, Verb

router = APIRouter(prefix="/console/licenses", include_in_schema=False)

_MORE_ROWS, _SIGN = "rows", "sign"
# What the API refuses as a whole, though one line of the form was typed wrong: the first that was.
_LINES = {
    "effective-date-invalid": ("effective", "valid_until", "valid_from"),
    "renewal-too-late": ("applied_on",),
}
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
    """What the form of an order shows, and what came of asking about it.

    ``parts_before`` is the license's parts as a form carried them, "": not looked up yet.
    """

    order: Mapping[str, Any]
    look: Look
    seen: SeenLicense
    parts_before: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Which order to which license is typed, by whom."""

    visitor: Visitor
    identifier: str
    verb: Verb

    @property
    def makes_version(self) -> bool:
        """Tell whether there will be a face to look at."""
        return self.verb.makes is Makes.VERSION

    def asked(self, body: Mapping[str, Any]) -> FaceAsked:
        """Return an order to be looked at; it is read for what the form itself was."""
        path = f"{within('licenses', self.identifier, self.verb.name)}/preview"
        api = for_managing(self.visitor, MANAGING)
        return FaceAsked(api, path, body, has_face=self.makes_version)


def _place(visitor: OfficerDep, identifier: str, verb: str) -> _Place:
    return _Place(visitor, identifier, _verb(verb))


_PlaceDep = Annotated[_Place, Depends(_place)]


@router.get("/{identifier}/orders/{verb}")
async def order_form(place: _PlaceDep) -> HTMLResponse:
    """Show the form of one order, and the face as far as it is known."""
    body = {"basis": _BASES.get(place.verb.name, "")}
    # Read first: the holder's journal tells of the license, and its face is seen by the same look.
    seen = await _read(place)
    return await _page(place, _Typed(body, await place.asked(body).looked_at(), seen))


@router.post("/{identifier}/orders/{verb}/proposed")
async def proposed(
    place: _PlaceDep, key: FormDep, proposal: Annotated[str, Form()]
) -> HTMLResponse:
    """Show the form of an order filled in as the list of stale licenses proposes it."""
    del key  # nothing is changed by it
    body = carried(proposal)
    typed, seen = order_that_reads(body), await _read(place)
    return await _page(place, _Typed(typed, await place.asked(body).looked_at(), seen))


async def _told(request: Request) -> dict[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


@router.post("/{identifier}/orders/{verb}")
async def order(
    place: _PlaceDep, key: FormDep, told: Annotated[dict[str, str], Depends(_told)]
) -> HTMLResponse:
    """Show the order as it will be signed; or its form, where more is to be typed or put right."""
    del key  # the act itself is sent with the signature
    if "unsigned" in told:
        return await _taken_back(place, told)
    body, action = order_in(place.verb, told), told.get("action", _SIGN)
    asked = place.asked(body)
    if action == _MORE_ROWS:
        look = await asked.looked_at()
    else:
        look = await _at_its_line(asked, await asked.checked(signing=action == _SIGN))
    if action == _SIGN and look.can_be_signed:
        number, item = body.get("case_number", ""), body.get("item_code", "")
        draft = Draft(place.verb.name, place.identifier, body, case_number=number, item_code=item)
        return await sign_page(place.visitor, draft)
    typed, seen = order_that_reads(body), seen_in(told.get("seen", ""))
    return await _page(place, _Typed(typed, look, seen, told.get("parts_before", "")))


async def _at_its_line(asked: FaceAsked, look: Look) -> Look:
    """Return what came of an order with a refusal that is about one line told at that line."""
    if look.problem is None:
        return look
    lines = _LINES.get(look.problem["code"], ())
    line = next((name for name in lines if asked.body.get(name)), None)
    if line is None:
        return look
    told = look.problem["messages"]
    detail = {language: told[language]["detail"] for language in ("zh", "en")}
    return await asked.looked_at({f"/{line}": detail})


async def _taken_back(place: _Place, told: Mapping[str, str]) -> HTMLResponse:
    """Show the form of an order that somebody was about to sign."""
    body = draft_in(told["unsigned"]).body
    typed, refused = order_that_reads(body), refused_in(told.get("refused", ""))
    seen = await _read(place)
    return await _page(place, _Typed(typed, await place.asked(body).looked_at(refused), seen))


def _verb(name: str) -> Verb:
    verb = VERBS.get(name)
    if verb is None or verb.makes is Makes.LICENSE:
        raise PageNotFoundError
    return verb


async def _read(place: _Place) -> SeenLicense:
    reading = for_managing(place.visitor, MANAGING)
    found = await reading.get(within("licenses", place.identifier))
    return SeenLicense.model_validate(found)


async def _page(place: _Place, typed: _Typed) -> HTMLResponse:
    visitor, verb, look, seen = place.visitor, place.verb, typed.look, typed.seen
    found = {"identifier": place.identifier, **seen.model_dump()}
    # A renewal is made by the newest version of the type, the others by the license's own.
    own = seen.type.version if seen.parts and verb.name != "renewal" else None
    parts = await _parts_before(place, seen, typed)
    said = {**typed.order, "parts": typed.order.get("parts", parts or [])}
    license_type = await visitor.api.get(within("license-types", seen.type.code), version=own)
    response = show(
        visitor,
        "console/licenses_order.html",
        license=found,
        seen=seen.model_dump_json(),
        verb=verb,
        possible=verb in possible(visitor, found),
        makes_version=place.makes_version,
        type=license_type,
        items=await items_by_code(visitor),
        typed=typed.order,
        shown=Shown(said, look.errors, look.picture, look.problem),
        problem=look.problem,
        place_names={at: place_name(at, license_type) for at in look.errors},
        parts_unread=parts == [],
        parts_before=None if parts is None else json.dumps({"parts": parts}, ensure_ascii=False),
        states={part["code"]: part["status"] for part in found["parts"]},
        base=_not_shown(typed.order),
        long_term=LONG_TERM,
    )
    if place.makes_version:
        response.headers[CSP] = WITH_PREVIEW
    return response


async def _parts_before(place: _Place, seen: SeenLicense, typed: _Typed) -> list[Any] | None:
    """Return the parts that a license has; None where the order takes none."""
    if PARTS not in PATCHES.get(place.verb.name, ()) or not seen.parts:
        return None
    if typed.parts_before:
        parts = carried(typed.parts_before).get("parts")
        if not isinstance(parts, list):
            raise FormRefusedError
        return parts
    reading = for_managing(place.visitor, MANAGING)
    try:
        told = await reading.get(within("licenses", place.identifier, "parts"))
    except ProblemShownError as error:
        if error.status not in {403, 404}:
            raise
        return []
    return [{name: part[name] for name in PART} for part in told["items"]]


def _not_shown(order: Mapping[str, Any]) -> str:
    """Return what an order says beyond the lines of its form: which fields are taken away."""
    gone = {key: None for key, value in order.get("fields", {}).items() if value is None}
    return json.dumps({"fields": gone} if gone else {}, ensure_ascii=False)
