"""Requests as any system sends them: printed, with a token, a key, and what they read for."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from examples.node import DemoFailedError, say

LONGEST_SHOWN = 150
Use = Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the object that came back."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class HttpCaller:
    """Somebody who calls a node. ``said`` are headers of every request, as the token."""

    url: str
    said: dict[str, str] = field(default_factory=dict)
    quiet: bool = False

    def silent(self) -> HttpCaller:
        """Return one who calls with the same token and prints nothing."""
        return HttpCaller(self.url, self.said, quiet=True)

    def get(self, path: str, use: Use | None = None) -> Answer:
        """Ask for something; a program says what for."""
        return self._good(path, self.send("GET", path, None, use_header(use)))

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
        use: Use | None = None,
    ) -> Answer:
        """Have something done: safe to repeat with the same key."""
        more = {**_keyed(key), **use_header(use)}
        return self._good(path, self.send("POST", path, body, more))

    def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Put something where it belongs."""
        return self._good(path, self.send("PUT", path, body, {}))

    def upload(self, path: str, file: Path, key: str | None = None, **form: str) -> Answer:
        """Send a file as a browser's form does."""
        kind, data = multipart(file, form)
        more = {"Content-Type": kind, **_keyed(key)}
        self._tell("POST", path, f"file={file.name}")
        return self._good(path, self._exchange("POST", path, data, more))

    def form(self, path: str, form: Mapping[str, str]) -> Answer:
        """Send a form without a file."""
        more = {"Content-Type": "application/x-www-form-urlencoded"}
        self._tell("POST", path, " ".join(f"{name}={value}" for name, value in form.items()))
        data = urllib.parse.urlencode(form).encode()
        return self._good(path, self._exchange("POST", path, data, more))

    def refused(self, path: str, body: Mapping[str, Any] | None = None, **headers: str) -> str:
        """Ask for what must be refused; return status, code and sentence of the problem."""
        method = "GET" if body is None else "POST"
        more = {**_keyed(None), **headers} if body is not None else headers
        answer = self.send(method, path, body, more)
        if answer.status < 400:
            raise DemoFailedError(f"{path}: {answer.status}, though it should be refused")
        problem = answer.json()
        return f"{answer.status} {problem['code']}: {problem['title']}"

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> Answer:
        """Send a request and return what came back, whatever it is."""
        written = None if body is None else json.dumps(body, ensure_ascii=False)
        self._tell(method, path, written or "")
        kind = {} if written is None else {"Content-Type": "application/json"}
        data = None if written is None else written.encode()
        return self._exchange(method, path, data, {**kind, **headers})

    def _exchange(
        self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        address = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
        try:
            connection.request(method, path, data, {**self.said, **headers})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        except OSError as error:
            raise DemoFailedError(f"{method} {path}: {error}") from error
        finally:
            connection.close()

    def _good(self, path: str, answer: Answer) -> Answer:
        if answer.status >= 400:
            raise DemoFailedError(f"{path}: {answer.status} {answer.body.decode()}")
        return answer

    def _tell(self, method: str, path: str, body: str) -> None:
        if not self.quiet:
            shown = body if len(body) <= LONGEST_SHOWN else f"{body[:LONGEST_SHOWN]}…"
            say(f"> {method} {path} {shown}".rstrip())


def multipart(file: Path, form: Mapping[str, str]) -> tuple[str, bytes]:
    """Return the media type and the body of a form with one file."""
    edge = secrets.token_hex(16)
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in form.items()
    ]
    named = f'Content-Disposition: form-data; name="file"; filename="{file.name}"'
    parts.append(f"--{edge}\r\n{named}\r\n\r\n".encode() + file.read_bytes() + b"\r\n")
    return f"multipart/form-data; boundary={edge}", b"".join([*parts, f"--{edge}--\r\n".encode()])


def _keyed(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key or secrets.token_hex(8)}


def use_header(use: Use | None) -> dict[str, str]:
    """Return the header that says what licenses are read for."""
    if use is None:
        return {}
    written = base64.urlsafe_b64encode(json.dumps(use, ensure_ascii=False).encode())
    return {"License-Use": written.decode().rstrip("=")}
