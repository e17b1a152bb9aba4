"""Errors leave as problem documents: RFC 9457, one shape for every refusal.

``api.problems.table`` says what each error is called and which of its values a
caller may see. What is not in the table is a fault of ours: 500 with nothing but
the request id. The same table makes the pages under /problems.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api import errors
from api.observability import request_id_of
from api.problems.kinds import INTERNAL, KINDS, ProblemKind
from api.problems.requests import of_validation
from api.problems.table import TABLE
from license_vault.errors import FieldInvalidError, FieldProblem, OutputRefusedError
from license_vault.exchange.errors import ExchangeQuotaError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Answer = Callable[[Request, BaseException], Response]

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("license_vault.api")


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal, ready to be written: its kind, the values shown, where it is wrong."""

    kind: ProblemKind
    values: Mapping[str, object]
    places: tuple[FieldProblem, ...] = ()

    def document(self, language: str, request_id: str) -> dict[str, Any]:
        """Return the problem document with ``title`` and ``detail`` in a language, "zh" or "en".

        Source: RFC 9457, 3.
        """
        messages = self.kind.messages(self.values)
        document: dict[str, Any] = {
            "type": f"/problems/{self.kind.slug}",
            "code": self.kind.slug,
            "status": self.kind.status,
            **messages[language],
            "messages": messages,
            "request_id": request_id,
        }
        if self.places:
            document["errors"] = [_place(place, language) for place in self.places]
        return {**self.values, **document}


def _place(place: FieldProblem, language: str) -> dict[str, Any]:
    sentences = {"zh": place.message_zh, "en": place.message_en}
    return {
        "pointer": place.pointer,
        "code": place.code,
        "detail": sentences[language],
        "messages": sentences,
    }


def problem_of(error: BaseException) -> Problem:
    """Return the problem that an error is to its caller."""
    if isinstance(error, RequestValidationError):
        return Problem(KINDS["invalid-request"], {}, of_validation(error))
    if isinstance(error, HTTPException):
        return _of_http(error)
    for ancestor in type(error).__mro__:
        kind = TABLE.get(ancestor)
        if kind is not None:
            return Problem(kind, {**_shown(error, kind), **_license(error)}, _places(error))
    return Problem(INTERNAL, {})


def _of_http(error: HTTPException) -> Problem:
    by_status = {
        404: "page-not-found",
        405: "method-not-allowed",
        400: "unreadable-request",
        413: "request-too-large",
        415: "media-type-not-supported",
        422: "invalid-request",
    }
    slug = by_status.get(error.status_code)
    return Problem(KINDS[slug] if slug else INTERNAL, {})


def _shown(error: BaseException, kind: ProblemKind) -> dict[str, object]:
    return {name: _plain(getattr(error, name)) for name in kind.shown if hasattr(error, name)}


def _license(error: BaseException) -> dict[str, object]:
    """Return the pointer of the license of a package that an error stands against."""
    place = getattr(error, "package_place", None)
    return {} if place is None else {"license": f"/licenses/{place}"}


def _plain(value: object) -> object:
    if value is None or isinstance(value, int | str):
        return value if not isinstance(value, str) else str(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value)


def _places(error: BaseException) -> tuple[FieldProblem, ...]:
    if isinstance(error, FieldInvalidError):
        return error.problems
    if isinstance(error, errors.RequestInvalidError):
        return (FieldProblem(error.pointer, error.code, error.message_zh, error.message_en),)
    return ()


def language_of(accept_language: str) -> str:
    """Return "en" if the header prefers English to Chinese, else "zh".

    Source: RFC 9110, 12.5.4; what cannot be read counts as absent.
    """
    best = {"zh": 0.0, "en": 0.0}
    for part in accept_language[:256].split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        if language in best:
            best[language] = max(best[language], _weight(weight))
    return "en" if best["en"] > best["zh"] else "zh"


def _weight(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text))) if text else 1.0
    except ValueError:
        return 0.0


def log_fault(problem: Problem, error: BaseException, request_id: str) -> None:
    """Log an error that is our fault, without its text, which may hold what a caller sent."""
    if problem.kind.status >= 500:
        fields: dict[str, object] = {"request_id": request_id}
        if isinstance(error, OutputRefusedError):
            fields["codes"] = list(error.codes)
        _log.error("request failed", exc_info=error, extra={"fields": fields})


def respond(request: Request, error: BaseException) -> Response:
    """Return the answer to a request that an error has ended."""
    problem = problem_of(error)
    request_id = request_id_of(request.scope)
    log_fault(problem, error, request_id)
    language = language_of(request.headers.get("accept-language", ""))
    headers = {
        "Content-Language": language,
        "Cache-Control": "no-store",
        **_headers(error, problem),
    }
    return Response(
        json.dumps(problem.document(language, request_id), ensure_ascii=False).encode(
            "utf-8", "replace"
        ),
        status_code=problem.kind.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def _headers(error: BaseException, problem: Problem) -> dict[str, str]:
    headers: dict[str, str] = {}
    if isinstance(error, HTTPException) and error.headers:
        headers.update({k: v for k, v in error.headers.items() if k.lower() == "allow"})
    if problem.kind.status == 401:
        scheme = "Basic" if isinstance(error, errors.ClientRefusedError) else "Bearer"
        headers["WWW-Authenticate"] = f'{scheme} realm="license-vault"'
    if problem.kind.status == 503:
        headers["Retry-After"] = "5"
    if isinstance(error, ExchangeQuotaError):
        headers["Retry-After"] = str(error.retry_after)
        headers.update(rate_limit(error.limit, error.window, 0, error.retry_after))
    return headers


def rate_limit(limit: int, window: int, remaining: int, reset: int) -> dict[str, str]:
    """Return the headers that tell of a quota: how many in a window, how many are left.

    Source: draft-ietf-httpapi-ratelimit-headers, 3 and 4.
    """
    return {
        "RateLimit-Policy": f'"quota";q={limit};w={window}',
        "RateLimit": f'"quota";r={remaining};t={reset}',
    }


class FaultBoundary:
    """Ends every request that an unforeseen error has ended, inside our own headers and log.

    Starlette's own boundary stands outside all middleware, so its answer would
    have no request id, and it hands the error on to the server's log.
    """

    def __init__(self, app: ASGIApp, answer: Answer) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            await self._answer(Request(scope), error)(scope, receive, send)


def install(app: FastAPI, answer: Answer) -> None:
    """Make every refusal of an application a problem: a document, or a page that says the same."""
    for error in (HTTPException, RequestValidationError, *TABLE):
        app.add_exception_handler(error, answer)
