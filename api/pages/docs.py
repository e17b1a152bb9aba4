"""The pages under /docs: every operation of the JSON API, by area, from the OpenAPI document."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from starlette.responses import HTMLResponse

from api.dependencies import ServicesDep
from api.errors import PageNotFoundError
from api.pages.operation_words import AREAS
from api.pages.operations import Operation, by_area, operations_of
from api.pages.rendering import show
from api.pages.visitor import VisitorDep
from api.problems.kinds import KINDS

router = APIRouter(prefix="/docs", include_in_schema=False)

_SEARCH = Query(alias="q", max_length=64)


def operations(app: FastAPI, address: str) -> tuple[Operation, ...]:
    """Return the operations of this application; they are read once."""
    found: tuple[Operation, ...] | None = getattr(app.state, "operations", None)
    if found is None:
        found = operations_of(app.openapi(), address)
        app.state.operations = found
    return found


@router.get("")
def all_operations(
    request: Request,
    services: ServicesDep,
    visitor: VisitorDep,
    wanted: Annotated[str, _SEARCH] = "",
) -> HTMLResponse:
    """Show all operations by area, or those that tell of every word that is searched for."""
    there = operations(request.app, services.public_url)
    words = tuple(wanted.lower().split())
    shown = tuple(one for one in there if one.tells_of(words))
    return show(
        visitor, "docs.html", groups=by_area(shown), wanted=wanted, address=services.public_url
    )


@router.get("/{operation_id}")
def one_operation(
    request: Request, services: ServicesDep, visitor: VisitorDep, operation_id: str
) -> HTMLResponse:
    """Show one operation: parameters, bodies, examples, problems, and a line for a shell."""
    there = operations(request.app, services.public_url)
    found = next((one for one in there if one.operation_id == operation_id), None)
    if found is None:
        raise PageNotFoundError
    return show(
        visitor,
        "docs_operation.html",
        operation=found,
        area=AREAS.get(found.area, (found.area, found.area)),
        kinds=[KINDS[slug] for slug in found.problems],
    )
