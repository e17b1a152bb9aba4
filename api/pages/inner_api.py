"""The JSON API of this application, asked by its own pages on behalf of who is logged in.

No network: the request runs through the same application, with its limits, its log and its rules.
What the API refuses is raised as ``ProblemShownError`` and becomes a page.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import httpx
from fastapi import FastAPI

from api.observability import HEADER
from api.use_header import written_use
from license_vault.access.use import Use

_ORIGIN = "http://pages.invalid"


class ProblemShownError(Exception):
    """The API refused what a page asked of it; holds the problem document (RFC 9457)."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        super().__init__(str(document.get("code", "")))
        self.document = document
        self.status = int(document.get("status", 500))
        self.code = str(document.get("code", "internal"))


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of the API: status, headers, and its bytes."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class InnerApi:
    """Asks the API as one person or device. Copies with other headers are cheap."""

    app: FastAPI
    headers: Mapping[str, str]
    answers: dict[Any, Any] | None = field(default=None, repr=False)

    def asking_once(self) -> InnerApi:
        """Return the same, which remembers what ``get`` answers, a refusal too.

        For one page only. Copies with other headers remember nothing: each of their reads counts.
        """
        return replace(self, answers={})

    def acting_for(self, handle: str) -> InnerApi:
        """Return the same, acting for the holder with this handle."""
        return self._with({"Acting-For": handle})

    def using(self, use: Use) -> InnerApi:
        """Return the same, telling for what it reads: the five elements and the purpose."""
        return self._with({"License-Use": written_use(use)})

    async def get(self, path: str, **query: Any) -> Any:
        """Return what GET answers, as JSON values; query members that are None are left out."""
        asked = _asked(query)
        if self.answers is None:
            return _json(await self.send("GET", path, params=asked))
        question = (path, frozenset(asked.items()))
        if question not in self.answers:
            self.answers[question] = await self._answer_or_refusal(path, asked)
        answer = self.answers[question]
        if isinstance(answer, ProblemShownError):
            raise answer
        return answer

    async def _answer_or_refusal(self, path: str, asked: Mapping[str, Any]) -> Any:
        try:
            return _json(await self.send("GET", path, params=asked))
        except ProblemShownError as error:
            return error

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """Return what POST answers, as JSON values (None for 204).

        Args:
            key: Idempotency-Key, that of the form which was sent; unset: a random one.
        """
        headers = {"Idempotency-Key": key or secrets.token_urlsafe(18)}
        return _json(await self.send("POST", path, json=body, headers=headers))

    async def send(self, method: str, path: str, **request: Any) -> Told:
        """Send one request with the members of ``httpx.AsyncClient.request``.

        Raises:
            ProblemShownError: the API refused it.
        """
        headers = {**self.headers, **request.pop("headers", {})}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=_ORIGIN) as client:
            answer = await client.request(method, path, headers=headers, **request)
        if answer.status_code >= 400:
            raise ProblemShownError(_problem(answer))
        return Told(answer.status_code, answer.headers, answer.content)

    def _with(self, headers: Mapping[str, str]) -> InnerApi:
        return replace(self, headers={**self.headers, **headers}, answers=None)


def inner_api(app: FastAPI, token: str | None, language: str, request_id: str) -> InnerApi:
    """Return the API as the bearer of a token, or as nobody; answers are in the page's language."""
    headers = {"Accept": "application/json", "Accept-Language": language, HEADER: request_id}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return InnerApi(app, headers)


def within(*names: str) -> str:
    """Return names as one path below ``/v1``, each escaped: ``within("licenses", identifier)``."""
    return "/v1/" + "/".join(quote(name, safe="") for name in names)


def _asked(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _json(told: Told) -> Any:
    return json.loads(told.content) if told.content else None


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        document = None
    if isinstance(document, dict) and "messages" in document:
        return document
    return {"status": answer.status_code, "code": "internal"}
