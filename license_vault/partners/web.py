"""How partner regions are reached: what a call is, and what comes back. No call is made here.

A call goes only to the addresses of accepted partners, never to one that a document names. What
comes back is a value, also when nothing does: a partner that is down is nothing exceptional.
``network_web`` calls; ``circuits`` stops calling who does not answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

from license_vault.events.errors import AddressRefusedError

LONGEST = 16 * 1024 * 1024
"""Bytes of an answer that are read when a caller says nothing else."""

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a partner answered, whatever its status; redirects never get here.

    ``etag`` is the tag as sent, with its quotes. ``retry_after`` are seconds.
    """

    status: int
    body: bytes
    etag: str | None = None
    content_type: str = ""
    retry_after: int | None = None

    @property
    def is_ok(self) -> bool:
        """Say whether it brought what was asked for."""
        return 200 <= self.status < 300

    @property
    def is_unchanged(self) -> bool:
        """Say whether what we hold is still what they have."""
        return self.status == HTTPStatus.NOT_MODIFIED


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing came that we take, and why.

    ``reason`` is one of "not-allowed" (no accepted partner has this address), "address-form",
    "address-scheme", "address-not-open", "timeout", "tls", "no-answer", "too-long", "redirect",
    "encoded", "circuit-open".
    """

    reason: str


class Web(Protocol):
    """Reaches partners. May be used from many threads; never raises for what a partner does."""

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        longest: int = LONGEST,
        within: float | None = None,
    ) -> Fetched | Unreachable:
        """Fetch an address.

        Args:
            etag: of what is held; an answer 304 then says that it still is what they have.
            longest: bytes; a longer answer is "too-long".
            within: seconds for the whole call, if fewer than usual.
        """
        ...

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        longest: int = LONGEST,
        within: float | None = None,
    ) -> Fetched | Unreachable:
        """Send a body by POST; as ``get`` otherwise."""
        ...


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom an address belongs to: scheme, host and port."""

    scheme: str
    host: str
    port: int


def origin_of(url: str) -> Origin:
    """Return whom an address belongs to.

    Raises:
        AddressRefusedError: "form": it is no http or https address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefusedError("form") from error
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise AddressRefusedError("form")
    return Origin(parts.scheme, parts.hostname, port or _PORTS[parts.scheme])
