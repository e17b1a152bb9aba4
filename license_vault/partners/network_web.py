"""Calls partners over the network: only addresses on the allow-list, within time and size.

The address is resolved once, judged by ``events.addresses`` and called as it was judged. No
redirect is followed, no proxy asked, no cookie sent, no packed answer unpacked. A partner that
sends a byte now and then is cut when the time of the whole call is over.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from license_vault.events.addresses import (
    AddressRules,
    Resolve,
    Target,
    resolve_by_system,
    resolved,
)
from license_vault.events.errors import AddressRefusedError
from license_vault.events.pinned import CallLimits, Silence, call_pinned, retry_after
from license_vault.partners.web import LONGEST, Fetched, Origin, Unreachable, origin_of

Allowed = Callable[[], Collection[Origin]]
"""Gives the origins that may be called, as they are now."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 64 * 1024


class NetworkWeb:
    """Calls partners. May be used from many threads."""

    def __init__(
        self,
        rules: AddressRules,
        allowed: Allowed,
        limits: CallLimits,
        resolve: Resolve = resolve_by_system,
    ) -> None:
        """Take what may be called; nothing is called yet."""
        self._rules = rules
        self._allowed = allowed
        self._limits = limits
        self._resolve = resolve
        self._lock = threading.Lock()
        self._connections = 0

    @property
    def connections(self) -> int:
        """Return how many connections were tried since the start."""
        return self._connections

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        longest: int = LONGEST,
        within: float | None = None,
    ) -> Fetched | Unreachable:
        """Fetch an address; see ``Web``."""
        headers = {} if etag is None else {"If-None-Match": etag}
        return self._call(_Call("GET", url, headers, None, longest), within)

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        longest: int = LONGEST,
        within: float | None = None,
    ) -> Fetched | Unreachable:
        """Send a body by POST; see ``Web``."""
        return self._call(_Call("POST", url, dict(headers), body, longest), within)

    def _call(self, call: _Call, within: float | None) -> Fetched | Unreachable:
        try:
            if origin_of(call.url) not in self._allowed():
                return Unreachable("not-allowed")
            target = resolved(call.url, self._rules, self._resolve)
        except AddressRefusedError as error:
            return Unreachable(f"address-{error.reason}")
        with self._lock:
            self._connections += 1
        whole = min(self._limits.call_seconds, within or self._limits.call_seconds)
        limits = CallLimits(min(self._limits.read_seconds, whole), whole)
        answer = call_pinned(target, limits, lambda held: _exchange(held, target, call))
        return Unreachable(answer.reason) if isinstance(answer, Silence) else answer


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    longest: int


def _exchange(
    connection: http.client.HTTPConnection, target: Target, call: _Call
) -> Fetched | Unreachable:
    headers = {"Accept-Encoding": "identity", **call.headers}
    connection.request(call.method, target.path, call.body, headers)
    answer = connection.getresponse()
    if answer.status in _REDIRECTS:
        return Unreachable("redirect")
    if answer.getheader("Content-Encoding", "identity") != "identity":
        return Unreachable("encoded")
    body = _body_of(answer, call.longest)
    if body is None:
        return Unreachable("too-long")
    return Fetched(
        answer.status,
        body,
        answer.getheader("ETag"),
        answer.getheader("Content-Type", ""),
        retry_after(answer),
    )


def _body_of(answer: http.client.HTTPResponse, longest: int) -> bytes | None:
    """Return the body; None if it is longer than that, and then no more of it is read."""
    body = bytearray()
    while chunk := answer.read(min(_CHUNK, longest + 1 - len(body))):
        body += chunk
        if len(body) > longest:
            return None
    return bytes(body)
