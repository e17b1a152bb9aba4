"""Calls exactly the address that was checked, and cuts the call when its time is over.

The host's name stands in TLS and in the header, whatever it resolves to by now. Follows no
redirect, asks no proxy, sends no cookie. Which addresses may be called is ``addresses``' to say;
what is sent, and what an answer means, the caller's.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from license_vault.events.addresses import Target

_Found = TypeVar("_Found")
_LONGEST_RETRY_AFTER = 7


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer came: ``reason`` is "timeout", "tls" or "no-answer"."""

    reason: str


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Seconds for the connection or one read, and for the whole call."""

    read_seconds: float
    call_seconds: float


class PinnedConnection(http.client.HTTPConnection):
    """A connection to the address that was checked, whatever the name resolves to now."""

    def __init__(self, target: Target, timeout: float) -> None:
        """Take where to; nothing is called yet. ``timeout``: seconds for one read."""
        super().__init__(target.host, target.port, timeout=timeout)
        self.default_port = 443 if target.scheme == "https" else 80
        self._target = target
        self._held: socket.socket | None = None
        self.was_cut = False

    def connect(self) -> None:
        """Connect to the checked address; with TLS, in the host's name."""
        target = self._target
        plain = socket.create_connection((target.ip, target.port), self.timeout)
        self._hold(plain)
        if target.scheme == "https":
            context = ssl.create_default_context()
            secured = context.wrap_socket(
                plain, server_hostname=target.host, do_handshake_on_connect=False
            )
            # Held before TLS begins: a handshake that trickles is cut too.
            self._hold(secured)
            secured.do_handshake()

    def _hold(self, connected: socket.socket) -> None:
        self._held = self.sock = connected
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


def call_pinned(
    target: Target, limits: CallLimits, ask: Callable[[http.client.HTTPConnection], _Found]
) -> _Found | Silence:
    """Return what a connection to a checked address is asked for, or that no answer came.

    Args:
        limits: an answer that trickles in keeps within the seconds of one read for ever, and is
            cut by those of the whole call.
        ask: sends the request and reads the answer; what it raises of connections is silence.
    """
    connection = PinnedConnection(target, limits.read_seconds)
    limit = threading.Timer(limits.call_seconds, connection.cut)
    limit.daemon = True
    limit.start()
    found: _Found | Silence
    try:
        found = ask(connection)
    except TimeoutError:
        found = Silence("timeout")
    except ssl.SSLError:
        found = Silence("tls")
    except (OSError, http.client.HTTPException):
        found = Silence("no-answer")
    finally:
        limit.cancel()
        connection.close()
    # What was cut off reads like an answer that ended.
    return Silence("timeout") if connection.was_cut else found


def retry_after(answer: http.client.HTTPResponse) -> int | None:
    """Return the seconds of Retry-After; a date there is not read. Source: RFC 9110, 10.2.3."""
    text = answer.getheader("Retry-After")
    if text is None or not text.isdecimal() or len(text) > _LONGEST_RETRY_AFTER:
        return None
    return int(text)
