"""What is refused on a page, as a page: same words, code and status as the API's problem.

Somebody who is not logged in is asked to log in. Programs, and everything below /v1, get the
problem document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.observability import request_id_of
from api.pages.address import login_address
from api.pages.inner_api import ProblemShownError
from api.pages.problem_help import help_of
from api.pages.rendering import show
from api.pages.visitor import LoginNeededError, Visitor, visitor_of
from api.problems.answers import Problem, log_fault, problem_of, respond
from api.problems.kinds import INTERNAL, KINDS

if TYPE_CHECKING:
    from fastapi import FastAPI

_KIOSK_SECONDS = 30
_PROGRAMS = ("/v1/", "/compat/", "/openapi")


def answer(request: Request, error: BaseException) -> Response:
    """Return the answer to a request that an error has ended: a page to people."""
    if not for_people(request):
        return respond(request, error)
    if isinstance(error, LoginNeededError):
        return _to_log_in(request)
    if isinstance(error, ProblemShownError):
        if error.code == "unauthenticated":
            return _to_log_in(request)
        return _page(request, error.document)
    problem = problem_of(error)
    request_id = request_id_of(request.scope)
    log_fault(problem, error, request_id)
    return _page(request, problem.document("zh", request_id))


def for_people(request: Request) -> bool:
    """Tell whether a browser shows the answer to somebody."""
    path = request.url.path
    return "text/html" in request.headers.get("accept", "") and not path.startswith(_PROGRAMS)


def _to_log_in(request: Request) -> Response:
    is_kiosk = request.url.path.startswith("/kiosk")
    if request.method != "GET" and not is_kiosk:
        # A form may not lead to another host (CSP form-action), so the page offers a link.
        problem = Problem(KINDS["unauthenticated"], {})
        return _page(request, problem.document("zh", request_id_of(request.scope)))
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    where = "/kiosk/start" if is_kiosk else login_address(wanted)
    return RedirectResponse(where, 303, headers={"Cache-Control": "no-store"})


def _page(request: Request, document: Mapping[str, Any]) -> Response:
    if "messages" not in document:
        document = Problem(INTERNAL, {}).document("zh", request_id_of(request.scope))
    status = int(document["status"])
    visitor = _visitor(request)
    at_kiosk = "kiosk" in visitor.areas and request.url.path.startswith("/kiosk")
    response = show(
        visitor,
        "problem_met.html",
        status=status,
        problem=document,
        help=help_of(status, document["code"]),
        at_kiosk=at_kiosk,
    )
    if at_kiosk:
        # Nobody stands there to press a key: the next person finds the first screen.
        response.headers["Refresh"] = f"{_KIOSK_SECONDS}; url=/kiosk/over"
    return response


def _visitor(request: Request) -> Visitor:
    try:
        return visitor_of(request, request.app.state.services)
    except Exception:
        return Visitor.nobody(request)


def install(app: FastAPI) -> None:
    """Show what pages are refused as pages."""
    for error in (ProblemShownError, LoginNeededError):
        app.add_exception_handler(error, answer)
