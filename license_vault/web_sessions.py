"""Sessions of people and devices on the pages; all their SQL.

A browser holds 256 random bits, the row their HMAC-SM3 under ``token-mac``: a copy of the database
lets nobody in. Who the session speaks for is told by the token it keeps, encrypted, which is judged
anew at every request. Closing a session here ends it on every node.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select, update

from keys.errors import KeyCustodyError
from keys.provider import KeyProvider
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import table_of
from license_vault.database.web_tables import WebSessionRow

Kind = Literal["person", "device"]

_SESSION = table_of(WebSessionRow)
_MAC, _KEK = "token-mac", "vault-kek"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class WebSession:
    """A session that counts: what the browser holds, and the token it speaks with."""

    secret: str = field(repr=False)
    kind: Kind
    token: str = field(repr=False)
    ends_at: datetime


class WebSessions:
    """Finds sessions by what the browser holds."""

    def __init__(self, session: Reading, keys: KeyProvider) -> None:
        self._session = session
        self._keys = keys

    def find(self, secret: str, at: datetime) -> WebSession | None:
        """Return the session, None if there is none that counts now."""
        wanted = select(_SESSION).where(
            _SESSION.c.secret_mac == self._mac(secret),
            _SESSION.c.ends_at > at,
            _SESSION.c.closed_at.is_(None),
        )
        row = self._session.execute(wanted).first()
        if row is None:
            return None
        try:
            token = self._keys.unwrap(_KEK, row.sealed_token, _context(row.secret_mac)).decode()
        except KeyCustodyError:
            # Kept under a key that is gone: whoever holds it logs in again.
            return None
        return WebSession(secret, row.kind, token, row.ends_at)

    def _mac(self, secret: str) -> bytes:
        return self._keys.mac(_MAC, f"license-vault/1/web-session\0{secret}".encode())


class WebSessionWriter(WebSessions):
    """Opens and closes sessions."""

    def __init__(
        self, session: Writing, keys: KeyProvider, random_bytes: Callable[[int], bytes]
    ) -> None:
        super().__init__(session, keys)
        self._writing = session
        self._random = random_bytes

    def open(self, kind: Kind, token: str, at: datetime, ends_at: datetime) -> WebSession:
        """Open a session that speaks with a token; sessions long over are forgotten."""
        self._writing.change_rows(delete(_SESSION).where(_SESSION.c.ends_at <= at))
        secret = base64.urlsafe_b64encode(self._random(_SECRET_BYTES)).decode().rstrip("=")
        mac = self._mac(secret)
        self._writing.add_row(
            _SESSION,
            secret_mac=mac,
            kind=kind,
            sealed_token=self._keys.wrap(_KEK, token.encode(), _context(mac)),
            opened_at=at,
            ends_at=ends_at,
        )
        return WebSession(secret, kind, token, ends_at)

    def close(self, secret: str, at: datetime) -> None:
        """End a session; one that is unknown or over is no error."""
        self._writing.change_rows(
            update(_SESSION)
            .where(_SESSION.c.secret_mac == self._mac(secret), _SESSION.c.closed_at.is_(None))
            .values(closed_at=at)
        )


def _context(mac: bytes) -> bytes:
    return b"license-vault/1/web-session\0" + mac
