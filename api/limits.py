"""How large a body may be, and how a JSON body must be written.

Bodies are counted as they arrive; the caller's word (Content-Length) only serves
to refuse early. JSON is read strictly: UTF-8, no member twice, no NaN, no number
too long to be one, no nesting beyond the setting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.errors import MediaTypeNotSupportedError, RequestTooLargeError, RequestUnreadableError

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.problems.answers import Answer

MULTIPART_OVERHEAD_BYTES = 64 * 1024
DRAINED_BYTES = 512 * 1024 * 1024
"""How large a refused form may be that is still read: a browser that is answered while it sends
shows a broken connection instead of the answer."""
# Where whole documents are uploaded.
DOCUMENT_PATHS = frozenset(
    {
        "/v1/verifications",
        "/v1/verifications/batch",
        "/verify",
        "/window",
        "/v1/evidence",
        "/v1/exchange",
    }
)
# Where rows are.
ROWS_PATHS = frozenset({"/v1/jobs", "/console/jobs"})
_CONDITION = re.compile(r"/console/licenses/[^/]+/conditions/[0-9]+", re.ASCII)
DOCUMENT_ENDINGS = ("/sealings", "/documents", "/form/sealed", "/zzwjyz", "/intake")


class BodyLimit:
    """Refuses bodies larger than their route takes, before they are read to the end."""

    def __init__(
        self, app: ASGIApp, document_bytes: int, other_bytes: int, rows_bytes: int, answer: Answer
    ) -> None:
        self._app = app
        self._answer = answer
        self._document_bytes = document_bytes + MULTIPART_OVERHEAD_BYTES
        self._other_bytes = other_bytes
        self._rows_bytes = rows_bytes + MULTIPART_OVERHEAD_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        announced = _announced(scope)
        if announced > limit:
            if announced <= DRAINED_BYTES and _of_a_browser(scope):
                await _drain(receive)
            await self._refuse(limit, scope, receive, send)
            return
        await self._counted(scope, receive, send, limit)

    def _limit(self, path: str) -> int:
        if path in ROWS_PATHS:
            return self._rows_bytes
        return self._document_bytes if takes_documents(path) else self._other_bytes

    async def _counted(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        received, started, too_large = 0, False, False

        async def receiving() -> Message:
            nonlocal received, too_large
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                too_large = True
                raise RequestTooLargeError(limit)
            return message

        async def sending(message: Message) -> None:
            nonlocal started
            # FastAPI turns what is raised while reading into its own 400: ours is sent instead.
            if too_large and not started:
                return
            started = True
            await send(message)

        try:
            await self._app(scope, receiving, sending)
        except RequestTooLargeError:
            if not too_large or started:
                raise
        if too_large and not started:
            await self._refuse(limit, scope, receive, send)

    async def _refuse(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell a program or, on a page, a person; who that is, the database knows."""
        error = RequestTooLargeError(limit)
        answer = await run_in_threadpool(self._answer, Request(scope), error)
        await answer(scope, receive, send)


def takes_documents(path: str) -> bool:
    """Say whether an address takes whole documents, however large one may be."""
    is_known = path in DOCUMENT_PATHS or _CONDITION.fullmatch(path) is not None
    return is_known or path.endswith(DOCUMENT_ENDINGS)


def _of_a_browser(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


async def _drain(receive: Receive) -> None:
    """Read a body to its end and keep nothing of it."""
    message = await receive()
    while message.get("more_body", False):
        message = await receive()


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


class StrictJsonRoute(APIRoute):
    """A route whose JSON body is read strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with our reading of JSON put in."""
        handler = super().get_route_handler()
        takes_json = self.body_field is not None and not _is_form(self)

        async def strict(request: Request) -> Response:
            if takes_json:
                _check_media_type(request)
                request = StrictJsonRequest(request.scope, request.receive)
            return await handler(request)

        return strict


def _is_form(route: APIRoute) -> bool:
    return route.body_field is not None and isinstance(route.body_field.field_info, Form)


def _check_media_type(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise MediaTypeNotSupportedError


class StrictJsonRequest(Request):
    """A request whose ``json()`` takes nothing that two readers could read differently."""

    async def json(self) -> Any:
        """Return the parsed body.

        Raises:
            RequestUnreadableError: it is not strict JSON.
        """
        services = self.app.state.services
        return strict_json(await self.body(), services.limits.max_json_depth)


def strict_json(data: bytes, max_depth: int) -> Any:
    """Parse JSON as RFC 8259 and RFC 8785 have it together; nesting at most ``max_depth``.

    Raises:
        RequestUnreadableError: not UTF-8, not JSON, a member twice, NaN, half a surrogate, a
            number of more than 32 digits, or nested too deep.
    """
    try:
        text = data.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_refuse, parse_int=_short_integer
        )
        if "\\u" in text:
            # An escape may be half of a pair, which no answer and no row can hold (RFC 7493 2.1).
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise RequestUnreadableError from error
    _check_depth(value, max_depth)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member twice")
    return members


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _short_integer(digits: str) -> int:
    if len(digits) > 32:
        raise ValueError("number too long")
    return int(digits)


def _check_depth(value: Any, left: int) -> None:
    if left < 0:
        raise RequestUnreadableError
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _check_depth(item, left - 1)
