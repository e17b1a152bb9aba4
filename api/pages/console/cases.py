"""Cases at the console: what is under way in the own organisation and below it, and a new one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from api.pages.inner_api import within
from api.pages.rendering import show
from api.pages.visitor import OfficerDep

router = APIRouter(prefix="/console/cases", include_in_schema=False)

State = Literal["open", "approved", "refused", "closed", "approved-no-license"]


@router.get("")
async def list_cases(
    visitor: OfficerDep,
    state: State | None = None,
    after: Annotated[str | None, Query(max_length=256)] = None,
) -> HTMLResponse:
    """Show cases, the newest first, all or in one state."""
    found = await visitor.api.get(within("cases"), state=state, after=after, limit=20)
    return show(
        visitor, "console/cases.html", found=found, state=state, items=await items_by_code(visitor)
    )


async def items_by_code(visitor: OfficerDep) -> dict[str, Any]:
    """Return every item that is registered, by its code."""
    found = await visitor.api.get(within("items"))
    return {item["code"]: item for item in found["items"]}
