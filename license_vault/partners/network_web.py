"""Calls partners over the network: only addresses on the allow-list, within time and size.

The address is resolved once, judged by ``events.addresses`` and called as it was judged. No
redirect is followed, no proxy asked, no cookie sent, no packed answer unpacked. A partner that
sends a byte now and then is cut when the time of the whole call is over.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from license_vault.events.addresses import (
    AddressRules,
    Resolve,
    Target,
    resolve_by_system,
    resolved,
)
from license_vault.events.errors import AddressRefusedError
from license_vault.partners.web import LONGEST, Fetched, Origin, Unreachable, origin_of

Allowed = Callable[[], Collection[Origin]]
"""Gives the origins that may be called, as they are now."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LONGEST_RETRY_AFTER = 7
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class WebLimits:
    """Seconds for a connection or one read, and for a whole call."""

    read_seconds: float = 5.0
    call_seconds: float = 20.0


class NetworkWeb:
    """Calls partners. May be used from many threads."""

    def __init__(
        self,
        rules: AddressRules,
        allowed: Allowed,
        limits: WebLimits,
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
        connection = _Pinned(target, min(self._limits.read_seconds, whole))
        limit = threading.Timer(whole, connection.cut)
        limit.daemon = True
        limit.start()
        try:
            answer = _exchange(connection, target, call)
        except TimeoutError:
            answer = Unreachable("timeout")
        except ssl.SSLError:
            answer = Unreachable("tls")
        except (OSError, http.client.HTTPException):
            answer = Unreachable("no-answer")
        finally:
            limit.cancel()
            connection.close()
        # What was cut off reads like an answer that ended.
        return Unreachable("timeout") if connection.was_cut else answer


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    longest: int


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked, whatever the name resolves to now."""

    def __init__(self, target: Target, timeout: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout)
        self.default_port = 443 if target.scheme == "https" else 80
        self._target = target
        self._held: socket.socket | None = None
        self.was_cut = False

    def connect(self) -> None:
        """Connect to the checked address; with TLS, in the host's name."""
        target = self._target
        plain = socket.create_connection((target.ip, target.port), self.timeout)
        self._held = self.sock = plain
        if target.scheme == "https":
            context = ssl.create_default_context()
            secured = context.wrap_socket(
                plain, server_hostname=target.host, do_handshake_on_connect=False
            )
            # Held before TLS begins: a handshake that trickles is cut too.
            self._held = self.sock = secured
            secured.do_handshake()
        if self.was_cut:
            raise TimeoutError

    def cut(self) -> None:
        """End whatever is waited for, from another thread."""
        self.was_cut = True
        held = self._held
        if held is not None:
            # Not ``self.sock``: of an answer without a length that is gone while it is read. Nor
            # what TLS would do first, under the feet of the thread that reads.
            with suppress(OSError):
                socket.socket.shutdown(held, socket.SHUT_RDWR)


def _exchange(connection: _Pinned, target: Target, call: _Call) -> Fetched | Unreachable:
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
        _seconds(answer.getheader("Retry-After")),
    )


def _body_of(answer: http.client.HTTPResponse, longest: int) -> bytes | None:
    """Return the body; None if it is longer than that, and then no more of it is read."""
    body = bytearray()
    while chunk := answer.read(min(_CHUNK, longest + 1 - len(body))):
        body += chunk
        if len(body) > longest:
            return None
    return bytes(body)


def _seconds(text: str | None) -> int | None:
    """Return the seconds of a Retry-After; a date there is not read. Source: RFC 9110, 10.2.3."""
    if text is None or not text.isdecimal() or len(text) > _LONGEST_RETRY_AFTER:
        return None
    return int(text)
