"""Sends a body to an address that somebody else named: one try, within limits of time and size.

Calls exactly the address that was checked (``addresses``), with the host's name in TLS and in the
header; follows no redirect, uses no proxy, sends no cookie.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from license_vault.events.addresses import (
    AddressRules,
    Resolve,
    Target,
    resolve_by_system,
    resolved,
)
from license_vault.events.errors import AddressRefusedError
from license_vault.events.retrying import Answer

Post = Callable[[str, Mapping[str, str], bytes], Answer]
"""Sends headers and a body to an address, by POST."""

_LONGEST_RETRY_AFTER = 7


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
        if target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(plain, server_hostname=target.host)
        else:
            self.sock = plain
        self._held = self.sock

    def cut(self) -> None:
        """End whatever is waited for, from another thread."""
        self.was_cut = True
        held = self._held
        if held is not None:
            # Not ``self.sock``: of an answer without a length that is gone while it is read.
            with suppress(OSError):
                socket.socket.shutdown(held, socket.SHUT_RDWR)


def post_with_limits(
    rules: AddressRules,
    timeout_seconds: float,
    longest_answer: int = 4096,
    resolve: Resolve = resolve_by_system,
) -> Post:
    """Return what sends.

    Args:
        timeout_seconds: longest wait for the connection, and then for the whole answer.
        longest_answer: bytes of the answer that are read; a longer one is cut off.
    """

    def post(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            target = resolved(url, rules, resolve)
        except AddressRefusedError as error:
            return Answer(None, f"address-{error.reason}")
        connection = _Pinned(target, timeout_seconds)
        # An answer that trickles in keeps within the socket's own limit for ever.
        limit = threading.Timer(2 * timeout_seconds, connection.cut)
        limit.daemon = True
        limit.start()
        try:
            connection.request("POST", target.path, body, dict(headers))
            answer = connection.getresponse()
            after = _seconds(answer.getheader("Retry-After"))
            read = answer.read(longest_answer)
            # What was cut off reads like an answer that ended.
            if connection.was_cut:
                return Answer(None, "timeout")
            return Answer(answer.status, "", after, read)
        except TimeoutError:
            return Answer(None, "timeout")
        except ssl.SSLError:
            return Answer(None, "tls")
        except (OSError, http.client.HTTPException):
            return Answer(None, "no-answer")
        finally:
            limit.cancel()
            connection.close()

    return post


def _seconds(text: str | None) -> int | None:
    """Return the seconds of a Retry-After; a date there is not read.

    Source: RFC 9110, 10.2.3.
    """
    if text is None or not text.isdecimal() or len(text) > _LONGEST_RETRY_AFTER:
        return None
    return int(text)
