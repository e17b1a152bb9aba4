"""The page behind a numbered print's QR code: does the paper still count?"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from api.pages.inner_api import within
from api.pages.rendering import show
from api.pages.visitor import VisitorDep

router = APIRouter(include_in_schema=False)


@router.get("/prints/{code}")
async def print_page(visitor: VisitorDep, code: str) -> HTMLResponse:
    """Show a person whether a print counts; it names no holder."""
    return show(visitor, "print.html", printed=await visitor.api.get(within("prints", code)))
