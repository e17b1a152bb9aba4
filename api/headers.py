"""Headers of every answer, and those of files and tagged resources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from keys.sm3 import sm3

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


class SecurityHeaders:
    """Puts the headers by which a browser holds us to our word on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending)


def attachment(name: str) -> str:
    """Return a Content-Disposition that saves under a name, also one in Chinese.

    Source: RFC 6266, 4 and appendix D; RFC 8187.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def matches(if_none_match: str | None, tag: str) -> bool:
    """Tell whether the caller has what a tag (without quotes) stands for.

    Source: RFC 9110, 13.1.2.
    """
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in _TAG.findall(if_none_match[:4096])


def tagged(
    content: bytes, media_type: str, tag: str, if_none_match: str | None, cache: str
) -> Response:
    """Return content with its tag, or 304 if the caller has it."""
    headers = {"ETag": f'"{tag}"', "Cache-Control": cache}
    if matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def tagged_by_content(
    content: bytes, media_type: str, if_none_match: str | None, cache: str
) -> Response:
    """Return content that is its own tag, as what is signed is; see ``tagged``."""
    return tagged(content, media_type, sm3(content).hex()[:32], if_none_match, cache)
