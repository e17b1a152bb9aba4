"""Files of the API handed on to the browser, with the headers that matter to it."""

from __future__ import annotations

from starlette.responses import Response

from api.pages.inner_api import Told

_HEADERS = ("content-type", "content-disposition", "cache-control")


def handed_on(told: Told) -> Response:
    """Return an answer of the API as it came."""
    headers = {name: told.headers[name] for name in _HEADERS if name in told.headers}
    return Response(told.content, headers=headers)
