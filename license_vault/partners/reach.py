"""One partner, reached: an address after the other of those its region has given.

What is no answer becomes a ``PullRefusedError`` with a stable reason: "unreachable-…" with what the
``Web`` says, or "status-404". What the partner wrote in words goes nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from license_vault.partners.errors import PullRefusedError
from license_vault.partners.partners import Partner
from license_vault.partners.web import LONGEST, Fetched, Unreachable, Web

UNREACHABLE = "unreachable-"


@dataclass(frozen=True, slots=True)
class Reach:
    """Calls one partner. May be used from many threads."""

    web: Web
    partner: Partner

    def ask(
        self,
        path: str,
        *,
        etag: str | None = None,
        longest: int = LONGEST,
        within: float | None = None,
    ) -> Fetched:
        """Return whatever the partner answers at a path, of any status.

        Raises:
            PullRefusedError: "unreachable-…": it answers at none of its addresses.
        """
        return self._first(
            lambda url: self.web.get(url + path, etag=etag, longest=longest, within=within)
        )

    def get(
        self,
        path: str,
        *,
        etag: str | None = None,
        longest: int = LONGEST,
        within: float | None = None,
    ) -> Fetched:
        """Return what stands at a path: 2xx, or 304 where a tag was given.

        Raises:
            PullRefusedError: "unreachable-…", "status-404" and the like.
        """
        answer = self.ask(path, etag=etag, longest=longest, within=within)
        if answer.is_ok or (etag is not None and answer.is_unchanged):
            return answer
        raise PullRefusedError(f"status-{answer.status}")

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Fetched:
        """Send a body to a path; errors as of ``get``."""
        answer = self._first(lambda url: self.web.post(url + path, body, headers))
        if answer.is_ok:
            return answer
        raise PullRefusedError(f"status-{answer.status}")

    def _first(self, call: Callable[[str], Fetched | Unreachable]) -> Fetched:
        """Return what the first of its addresses answers that answers at all."""
        last = Unreachable("no-answer")
        for url in self.partner.urls:
            answer = call(url)
            if isinstance(answer, Fetched):
                return answer
            last = answer
        raise PullRefusedError(UNREACHABLE + last.reason)
