"""What another officer has signed already, brought as a file: looked at, and signed next."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from starlette.responses import HTMLResponse

from api.pages.console.asking import AskingOnceDep, carried
from api.pages.console.package_draft import PACKAGE, package_in
from api.pages.console.package_signing import sign_package_page
from api.pages.console.signing import draft_in, sign_page
from api.pages.rendering import show
from api.pages.visitor import FormDep, OfficerDep

router = APIRouter(prefix="/console/sign", include_in_schema=False)

_LARGEST = 512 * 1024


@router.get("")
async def bring(visitor: OfficerDep) -> HTMLResponse:
    """Show where the next officer brings what another one signed."""
    return show(visitor, "console/cases_bring.html")


@router.post("/brought")
async def brought(
    visitor: AskingOnceDep, key: FormDep, file: Annotated[UploadFile, File()]
) -> HTMLResponse:
    """Show what was signed, one act or a package, to be signed by who is logged in."""
    del key  # nothing is changed by it
    text = (await file.read(_LARGEST)).decode("utf-8", "replace")
    if carried(text).get("act") == PACKAGE:
        return await sign_package_page(visitor, package_in(text))
    return await sign_page(visitor, draft_in(text))
