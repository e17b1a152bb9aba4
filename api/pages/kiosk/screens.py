"""The three screens of a kiosk: the card, the item, the licenses with the filled form.

What an item needs is all that a device may see, so the list comes with the item. Each screen ends
by itself, with and without scripts, and whoever reads on may ask for more time; at the end nothing
of the person is left with the browser.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, Response

from api.pages.inner_api import ProblemShownError, within
from api.pages.kiosk.person import LONGEST_SECONDS, SCREEN_SECONDS, Person, Stand, StandDep
from api.pages.rendering import go, show
from api.pages.visitor import FormDep

router = APIRouter(prefix="/kiosk", include_in_schema=False)

_ON_A_SCREEN = 8
_RANDOM_BYTES = 8


class Card(BaseModel):
    """What a reader reads off a document."""

    name: str = Field(max_length=128, repr=False)
    document_type: str = Field(max_length=3)
    document_number: str = Field(max_length=64, repr=False)


def card_of(
    name: Annotated[str, Form(max_length=128)] = "",
    document_type: Annotated[str, Form(max_length=3)] = "111",
    document_number: Annotated[str, Form(max_length=64)] = "",
) -> Card:
    """Return what a form says a reader has read."""
    return Card(
        name=name.strip(),
        document_type=document_type,
        document_number=document_number.strip().upper(),
    )


CardDep = Annotated[Card, Depends(card_of)]


@router.get("")
async def wait_for_a_card(stand: StandDep) -> Response:
    """Show the first screen; whoever was there is forgotten."""
    response = _screen(stand, "card", problem=None)
    return stand.forget(response) if stand.person else response


@router.post("/card")
async def read_card(stand: StandDep, card: CardDep, key: FormDep) -> Response:
    """Trade what was read for a handle, and go on to the items."""
    del key  # a card that is read twice is a second handle, which harms nobody
    visit = f"kiosk-{stand.services.random_bytes(_RANDOM_BYTES).hex()}"
    body = {
        **card.model_dump(),
        "evidence": {"kind": "id-card-read", "reference": f"{stand.visitor.operator}/{visit}"},
    }
    try:
        given = await stand.api(None, visit).post("/v1/devices/holder-handles", body)
    except ProblemShownError as error:
        if error.status >= 500 or error.code == "unauthenticated":
            raise
        return _screen(stand, "card", status=error.status, problem=error.document)
    person = Person(given["handle"], visit, stand.services.clock())
    return await stand.remember(go("/kiosk/items"), person)


@router.get("/items")
async def choose_an_item(
    stand: StandDep, page: Annotated[int, Query(ge=1, le=1000)] = 1
) -> Response:
    """Show the items, some on a screen."""
    if stand.person is None:
        return stand.start_over()
    items = (await stand.visitor.api.get("/v1/devices/items"))["items"]
    shown = items[(page - 1) * _ON_A_SCREEN : page * _ON_A_SCREEN]
    more = page + 1 if len(items) > page * _ON_A_SCREEN else None
    response = _screen(stand, "items", items=shown, page=page, more=more)
    return await stand.remember(response, stand.person)


@router.post("/items")
async def item_chosen(
    stand: StandDep, key: FormDep, item_code: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """Go on with an item."""
    del key  # choosing twice is choosing once
    if stand.person is None:
        return stand.start_over()
    items = (await stand.visitor.api.get("/v1/devices/items"))["items"]
    chosen = next((one for one in items if one["code"] == item_code), None)
    if chosen is None:
        return go("/kiosk/items")
    item = {"code": chosen["code"], "name": chosen["name"]["zh"], "name_en": chosen["name"]["en"]}
    return await stand.remember(go("/kiosk/form"), replace(stand.person, item=item))


@router.get("/form")
async def filled_form(stand: StandDep) -> Response:
    """Show the licenses that the item needs, and the form that they fill."""
    person = stand.person
    if person is None or person.item is None:
        return stand.start_over()
    api = stand.api(person.item, person.visit)
    base = ("devices", "holders", person.handle)
    try:
        listed = await api.get(within(*base, "licenses"))
        form = await api.get(within(*base, "form"))
    except ProblemShownError as error:
        # The handle has run out: the card is read again.
        if error.code != "holder-handle-unusable":
            raise
        return stand.start_over()
    licenses, partners = listed["items"], listed["partner_licenses"]
    told = {"form": form, "licenses": licenses, "partners": partners, "item": person.item}
    return await stand.remember(_screen(stand, "form", **told), person)


@router.get("/over")
async def over(stand: StandDep) -> Response:
    """End a visit: the next person begins at the first screen. Changes nothing else."""
    return stand.start_over()


def _screen(stand: Stand, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    told = {"seconds": SCREEN_SECONDS, **values}
    response = show(stand.visitor, f"kiosk/{name}.html", status=status, **told)
    # The page ends by itself much earlier; this also ends one whose script did not load.
    response.headers["Refresh"] = f"{LONGEST_SECONDS}; url=/kiosk/over"
    return response
