"""Stops calling a partner that does not answer, so that nobody waits for it (circuit breaker).

After some failures in a row its circuit is open: calls answer at once "circuit-open". When a
while is over, one call is let through; if it succeeds the circuit closes, else the while begins
again. One partner's circuit says nothing of another's.

"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from license_vault.events.errors import AddressRefusedError
from license_vault.partners.web import LONGEST, Fetched, Origin, Unreachable, Web, origin_of

_SERVER_FAULT = 500
# Refused by ourselves: it says nothing of the partner.
_OURS = frozenset({"not-allowed", "address-form", "address-scheme"})


@dataclass(frozen=True, slots=True)
class CircuitRules:
    """When a circuit opens (failures in a row), and for how many seconds."""

    failures: int = 3
    open_seconds: float = 30.0


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    opened_at: float | None = None
    is_trying: bool = field(default=False)


class Circuits:
    """A ``Web`` over another one, with a circuit for each origin."""

    def __init__(self, web: Web, rules: CircuitRules, seconds: Callable[[], float]) -> None:
        """Take what calls.

        Args:
            seconds: a clock that only goes forward, as ``time.monotonic``.
        """
        self._web = web
        self._rules = rules
        self._seconds = seconds
        self._circuits: dict[Origin, _Circuit] = {}
        self._lock = threading.Lock()

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        longest: int = LONGEST,
        within: float | None = None,
    ) -> Fetched | Unreachable:
        """Fetch an address; see ``Web``."""
        return self._through(
            url, lambda: self._web.get(url, etag=etag, longest=longest, within=within)
        )

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
        return self._through(
            url, lambda: self._web.post(url, body, headers, longest=longest, within=within)
        )

    def is_open(self, url: str) -> bool:
        """Say whether a call to this address would be answered "circuit-open" now."""
        with self._lock:
            circuit = self._circuits.get(origin_of(url))
            return circuit is not None and not self._may_call(circuit)

    def _through(
        self, url: str, call: Callable[[], Fetched | Unreachable]
    ) -> Fetched | Unreachable:
        try:
            origin = origin_of(url)
        except AddressRefusedError as error:
            return Unreachable(f"address-{error.reason}")
        with self._lock:
            circuit = self._circuits.setdefault(origin, _Circuit())
            if not self._may_call(circuit):
                return Unreachable("circuit-open")
            circuit.is_trying = circuit.opened_at is not None
        failed = True
        try:
            answer = call()
            failed = _is_failure(answer)
        finally:
            self._note(circuit, failed=failed)
        return answer

    def _may_call(self, circuit: _Circuit) -> bool:
        if circuit.opened_at is None:
            return True
        over = self._seconds() >= circuit.opened_at + self._rules.open_seconds
        return over and not circuit.is_trying

    def _note(self, circuit: _Circuit, *, failed: bool) -> None:
        with self._lock:
            circuit.is_trying = False
            circuit.failures = circuit.failures + 1 if failed else 0
            is_over = circuit.failures >= self._rules.failures
            circuit.opened_at = self._seconds() if is_over else None


def _is_failure(answer: Fetched | Unreachable) -> bool:
    if isinstance(answer, Unreachable):
        return answer.reason not in _OURS
    return answer.status >= _SERVER_FAULT
