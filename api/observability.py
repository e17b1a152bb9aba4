"""Request ids and the structured log: one JSON line a request, no personal data.

A line has method, the route's pattern (never the address, which may hold a name
or a number), status, time taken and the request id. Bodies, headers and query
strings are never logged.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_KEY = "license_vault.request_id"
_log = logging.getLogger("license_vault.requests")


def request_id_of(scope: Scope) -> str:
    """Return the id of the request that a scope belongs to."""
    return str(scope.get(_KEY, ""))


class RequestLog:
    """Gives every request an id, sends it back, and logs one line when it is answered.

    An id that the caller sends is taken over if it is 8 to 64 letters, digits,
    points, dashes; anything else is replaced, so that nobody writes into our log.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope[_KEY] = _request_id(scope)
        began = time.monotonic()
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).append(
                    (HEADER.lower().encode(), request_id.encode())
                )
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            _write(scope, status, time.monotonic() - began)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == HEADER.lower().encode():
            text: str = value.decode("latin-1")
            if _ACCEPTED.fullmatch(text):
                return text
    return secrets.token_hex(16)


def _write(scope: Scope, status: int, seconds: float) -> None:
    route = scope.get("route")
    fields = {
        "request_id": request_id_of(scope),
        "method": scope["method"],
        "route": getattr(route, "path", None),
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
    }
    _log.info("request", extra={"fields": fields})


class JsonLines(logging.Formatter):
    """Writes a log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = _where(record)
        return json.dumps(line, ensure_ascii=False)


def _where(record: logging.LogRecord) -> dict[str, Any]:
    # The text of an error may hold what a caller sent: class and place only.
    assert record.exc_info is not None
    kind, _, trace = record.exc_info
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return {"class": kind.__name__ if kind else "", "at": frames[-12:]}


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what is standard error when something is to be said, not when the log began."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self.stream = sys.stderr
        super().emit(record)


def configure_log() -> None:
    """Send every log record of this process to standard error, as lines of JSON."""
    handler = _StandardError()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # uvicorn's access line holds the address; ours does not.
    logging.getLogger("uvicorn.access").disabled = True
    # Other libraries' chatter at INFO holds addresses and paths (botocore, pyHanko, alembic).
    for name in ("botocore", "boto3", "urllib3", "pyhanko", "fontTools", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)
