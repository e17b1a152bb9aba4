"""The start page: what this is, and where each of the three kinds of people goes on."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from api.pages.rendering import show
from api.pages.visitor import VisitorDep

router = APIRouter(include_in_schema=False)


@router.get("/")
def start(visitor: VisitorDep) -> HTMLResponse:
    """Show where to go."""
    return show(visitor, "start.html")
