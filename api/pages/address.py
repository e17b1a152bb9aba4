"""Where a page is opened again: by its links to the other language, to log in, to a form anew."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

from starlette.routing import Match

if TYPE_CHECKING:
    from starlette.requests import Request

LONGEST_WANTED = 512
"""How long an address may be that /login leads back to."""


def page_address(request: Request) -> str:
    """Return path and query of the page that a request asks for, without the choice of language.

    A form that was sent has no page of its own: then it is the nearest one above that a browser
    can open.
    """
    # With two strokes at its beginning it would be the address of another site.
    path = f"/{request.url.path.lstrip('/')}"
    if request.method in {"GET", "HEAD"}:
        told = parse_qsl(request.url.query, keep_blank_values=True)
        query = urlencode([(name, value) for name, value in told if name != "lang"])
        return quote(path) + (f"?{query}" if query else "")
    while path != "/" and not _opens(request, path):
        path = path.rpartition("/")[0] or "/"
    return quote(path)


def login_address(wanted: str) -> str:
    """Return the address that asks to log in and leads back to a page."""
    return f"/login?next={quote(wanted)}" if len(wanted) <= LONGEST_WANTED else "/login"


def _opens(request: Request, path: str) -> bool:
    scope = {**request.scope, "method": "GET", "path": path, "raw_path": quote(path).encode()}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
