"""Access at the console: what other organisations ask to use licenses for, and what was granted.

The consumer asks here too, for its own organisation; officers of the type's owner decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query
from starlette.responses import HTMLResponse, Response

from api.dependencies import ServicesDep
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import go, show
from api.pages.visitor import FormDep, OfficerDep, Visitor
from license_vault.license_types.catalogue import Catalogue

router = APIRouter(prefix="/console/grants", include_in_schema=False)

_Text = Annotated[str, Form(max_length=512)]


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed into the form that asks for a use."""

    item_code: str = ""
    type_code: str = ""
    purpose: str = ""
    basis: str = ""


def wish_of(
    item_code: _Text = "", type_code: _Text = "", purpose: _Text = "", basis: _Text = ""
) -> Wish:
    """Return what was typed."""
    return Wish(*(text.strip() for text in (item_code, type_code, purpose, basis)))


@router.get("")
async def list_requests(
    services: ServicesDep,
    visitor: OfficerDep,
    after: Annotated[str | None, Query(max_length=256)] = None,
) -> HTMLResponse:
    """Show what the own organisation asked for, and what it has to decide."""
    return await _listed(visitor, services.catalogue, after)


@router.post("")
async def ask(
    services: ServicesDep,
    visitor: OfficerDep,
    key: FormDep,
    wish: Annotated[Wish, Depends(wish_of)],
) -> Response:
    """Ask for a use on behalf of the own organisation."""
    try:
        made = await visitor.api.post(within("access-requests"), asdict(wish), key=key)
    except ProblemShownError as problem:
        return await _listed(visitor, services.catalogue, None, wish, problem)
    return go(f"/console/grants/{made['number']}")


async def _listed(
    visitor: Visitor,
    catalogue: Catalogue,
    after: str | None,
    wish: Wish | None = None,
    problem: ProblemShownError | None = None,
) -> HTMLResponse:
    found = await visitor.api.get(within("access-requests"), after=after, limit=20)
    return show(
        visitor,
        "console/grants.html",
        status=problem.status if problem else 200,
        requests=found["items"],
        next=found["next"],
        types=_type_names(catalogue),
        own=visitor.officer.organisation_code,
        wish=wish or Wish(),
        problem=problem.document if problem else None,
    )


@router.get("/{number}")
async def show_request(services: ServicesDep, visitor: OfficerDep, number: str) -> HTMLResponse:
    """Show a request, and what may be decided."""
    return await _shown(visitor, services.catalogue, number)


@router.post("/{number}/{decision}")
async def decide(
    services: ServicesDep,
    visitor: OfficerDep,
    key: FormDep,
    number: str,
    decision: Literal["grant", "refusal", "revocation"],
    until: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Grant a use until a day, refuse it, or take it back."""
    body = {"until": until} if decision == "grant" else None
    try:
        await visitor.api.post(within("access-requests", number, decision), body, key=key)
    except ProblemShownError as problem:
        return await _shown(visitor, services.catalogue, number, problem)
    return go(f"/console/grants/{number}")


async def _shown(
    visitor: Visitor, catalogue: Catalogue, number: str, problem: ProblemShownError | None = None
) -> HTMLResponse:
    return show(
        visitor,
        "console/grant.html",
        status=problem.status if problem else 200,
        request=await visitor.api.get(within("access-requests", number)),
        types=_type_names(catalogue),
        own=visitor.officer.organisation_code,
        problem=problem.document if problem else None,
    )


def _type_names(catalogue: Catalogue) -> Mapping[str, dict[str, str]]:
    """Return the names of the types of this library, by code."""
    found = (catalogue.get(code, catalogue.versions(code)[-1]) for code in catalogue.codes())
    return {one.code: {"zh": one.name_zh, "en": one.name_en} for one in found}
