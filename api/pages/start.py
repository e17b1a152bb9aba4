"""The start page: what this is, and where each kind of people goes on.

A demo node also offers sample files, verified with one click, and people to log in as.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api.dependencies import ServicesDep
from api.errors import PageNotFoundError
from api.headers import attachment
from api.pages.rendering import remember_language, show
from api.pages.visitor import VisitorDep, session_cookie
from api.services import Services

router = APIRouter(include_in_schema=False)

_MEDIA_TYPES = {
    ".ofd": "application/ofd",
    ".pdf": "application/pdf",
    ".json": "application/json",
}
_NOT_HANDED_ON = {"content-length", "set-cookie"}


@router.get("/")
def start(services: ServicesDep, visitor: VisitorDep) -> HTMLResponse:
    """Show where to go."""
    demonstration = services.demonstration
    return show(
        visitor,
        "start.html",
        demo=demonstration.page if demonstration else None,
        can_log_in=services.login is not None,
    )


@router.get("/samples/{file}")
def download_sample(services: ServicesDep, file: str) -> Response:
    """Hand out a sample file of a demo node."""
    media_type = _MEDIA_TYPES.get(f".{file.rpartition('.')[2]}", "application/octet-stream")
    headers = {"Content-Disposition": attachment(file), "Cache-Control": "no-store"}
    return Response(_sample(services, file), media_type=media_type, headers=headers)


@router.get("/samples/{file}/verification")
async def verify_sample(
    request: Request, services: ServicesDep, visitor: VisitorDep, file: str
) -> Response:
    """Show the page that verifies, as if the visitor had dropped the sample there."""
    named = session_cookie(visitor.secure)
    session = f"{named}={request.cookies.get(named, '')}"
    told = await visitor.api.send(
        "POST",
        "/verify",
        params={"lang": visitor.language},
        files={"file": (file, _sample(services, file))},
        headers={"Accept": "text/html", "Cookie": session},
    )
    kept = {name: text for name, text in told.headers.items() if name not in _NOT_HANDED_ON}
    response = Response(told.content, told.status, headers=kept)
    remember_language(visitor, response)
    return response


def _sample(services: Services, file: str) -> bytes:
    found = services.demonstration.sample(file) if services.demonstration else None
    if found is None:
        raise PageNotFoundError
    return found
