"""The first page of /window: the field that a code is scanned into."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from api.pages.rendering import show
from api.pages.visitor import ClerkDep

router = APIRouter(include_in_schema=False)


@router.get("/window")
async def window(visitor: ClerkDep) -> HTMLResponse:
    """Show the field."""
    return show(visitor, "window/home.html")
