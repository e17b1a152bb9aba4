"""/kiosk/start: somebody of the organisation starts a kiosk, once for each shift, and ends it.

The device's credentials are traded for a token, which the session keeps; the secret is kept
nowhere. A device that is revoked is out with its next request.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from api.dependencies import ServicesDep
from api.errors import FormRefusedError
from api.pages.inner_api import ProblemShownError
from api.pages.login import open_session
from api.pages.rendering import go, show
from api.pages.visitor import VisitorDep

router = APIRouter(prefix="/kiosk/start", include_in_schema=False)


@router.get("")
async def ask_for_credentials(visitor: VisitorDep) -> HTMLResponse:
    """Show the form, or that the kiosk is running."""
    return show(visitor, "kiosk/start.html", problem=None, device_id="")


@router.post("")
async def start(
    request: Request,
    services: ServicesDep,
    visitor: VisitorDep,
    device_id: Annotated[str, Form(max_length=64)] = "",
    device_secret: Annotated[str, Form(max_length=128)] = "",
) -> Response:
    """Open the session of a device.

    Raises:
        FormRefusedError: it was sent from another site.
    """
    # There is no session yet that a form could be bound to.
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise FormRefusedError
    given = {"device_id": device_id.strip(), "device_secret": device_secret.strip()}
    try:
        told = await visitor.api.post("/v1/devices/token", given)
    except ProblemShownError as error:
        if error.status >= 500:
            raise
        values = {"problem": error.document, "device_id": given["device_id"]}
        return show(visitor, "kiosk/start.html", status=error.status, **values)
    ends_at = services.clock() + timedelta(seconds=told["expires_in"])
    response = go("/kiosk")
    token = told["access_token"]
    await run_in_threadpool(open_session, services, response, "device", token, ends_at)
    return response
