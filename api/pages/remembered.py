"""What an area of pages remembers from one request to the next, with the browser, encrypted.

Bound to the session: another session, also of the same person, cannot read it, and a session that
is over leaves nothing that could be. Kept small: a browser holds 4 KB.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keys.errors import KeyCustodyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request
    from starlette.responses import Response

    from api.pages.visitor import Visitor
    from api.services import Services

_KEK = "vault-kek"


@dataclass(frozen=True, slots=True)
class Remembered:
    """One area's memory, by its name. Its methods use keys: not on the event loop."""

    name: str

    def read(self, request: Request, services: Services, visitor: Visitor) -> dict[str, Any]:
        """Return what was written last in this session; empty where nothing can be read."""
        sealed = request.cookies.get(self._cookie(visitor), "")
        if not sealed:
            return {}
        try:
            opened = services.keys.unwrap(
                _KEK, base64.urlsafe_b64decode(sealed), self._context(visitor)
            )
            value = json.loads(opened)
        except (KeyCustodyError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def write(
        self, response: Response, services: Services, visitor: Visitor, value: Mapping[str, Any]
    ) -> None:
        """Remember JSON values until the browser is closed or the session is over."""
        written = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        sealed = services.keys.wrap(_KEK, written, self._context(visitor))
        response.set_cookie(
            self._cookie(visitor),
            base64.urlsafe_b64encode(sealed).decode(),
            secure=visitor.secure,
            httponly=True,
            samesite="lax",
        )

    def forget(self, response: Response, visitor: Visitor) -> None:
        """Forget it."""
        response.delete_cookie(self._cookie(visitor), secure=visitor.secure)

    def _cookie(self, visitor: Visitor) -> str:
        plain = f"license-vault-{self.name}"
        return f"__Host-{plain}" if visitor.secure else plain

    def _context(self, visitor: Visitor) -> bytes:
        return f"license-vault/1/page-{self.name}\0{visitor.anti_forgery}".encode()
