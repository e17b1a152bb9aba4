"""How a call is carried through: tokens, tries, pauses. Says what to send; sends nothing itself.

A call is sent again after a failure or a passing refusal (429, 502, 503, 504) only if it may be
repeated: it reads, or it carries an Idempotency-Key. A token that is no longer taken is renewed
once.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from license_vault.client import calls
from license_vault.client.calls import Call
from license_vault.client.connection import BearerToken, ClientCredentials, Connection
from license_vault.client.errors import NodeUnreachableError
from license_vault.client.reply import Failure, Reply

T = TypeVar("T")
_PASSING = frozenset({429, 502, 503, 504})
_RENEW_BEFORE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Send:
    """Send a call now, with these headers; the answer is a Reply or a Failure."""

    call: Call[object]
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


Steps = Generator[Send | Pause, Reply | Failure | None, T]


class Conversation:
    """Carries calls of one client through; holds its token. ``now`` counts seconds."""

    def __init__(self, connection: Connection, now: Callable[[], float]) -> None:
        self._connection = connection
        self._now = now
        self._token, self._renew_at = "", 0.0

    def carry(self, call: Call[T]) -> Steps[T]:
        """Yield what is to be done, and return what came of it.

        Raises:
            ProblemError: the node refused.
            NodeUnreachableError: it did not answer.
            AnswerUnreadableError: what came is no answer of a node.
        """
        renewed = False
        while True:
            headers = yield from self._headers(call)
            reply = yield from self._tried(call, headers)
            if reply.status == 401 and self._can_renew and not renewed:
                renewed, self._token = True, ""
                continue
            return self._read(call, reply)

    @property
    def _can_renew(self) -> bool:
        return isinstance(self._connection.credentials, ClientCredentials)

    def _headers(self, call: Call[T]) -> Steps[dict[str, str]]:
        connection, found = self._connection, dict(call.headers)
        token = yield from self._bearer()
        if token:
            found["Authorization"] = f"Bearer {token}"
        if connection.use is not None:
            found["License-Use"] = connection.use.header()
        return found

    def _bearer(self) -> Steps[str]:
        credentials = self._connection.credentials
        if credentials is None:
            return ""
        if isinstance(credentials, BearerToken):
            return credentials.token
        if not self._token or self._now() >= self._renew_at:
            asking = calls.token(credentials.client_id, credentials.secret)
            reply = yield from self._tried(asking, {})
            token, seconds = self._read(asking, reply)
            self._token, self._renew_at = token, self._now() + seconds - _RENEW_BEFORE_SECONDS
        return self._token

    def _tried(self, call: Call[T], headers: dict[str, str]) -> Steps[Reply]:
        """Send a call as often as it may be; return the last answer."""
        connection, pause = self._connection, self._connection.pause_seconds
        attempts = max(1, connection.attempts) if call.repeatable else 1
        for left in range(attempts - 1, -1, -1):
            outcome = yield Send(call, headers)  # type: ignore[arg-type]
            if isinstance(outcome, Reply) and (outcome.status not in _PASSING or not left):
                return outcome
            if not left:
                break
            named = outcome.retry_after if isinstance(outcome, Reply) else None
            yield Pause(min(connection.longest_pause_seconds, pause if named is None else named))
            pause *= 2
        raise NodeUnreachableError(outcome.reason if isinstance(outcome, Failure) else "no answer")

    @staticmethod
    def _read(call: Call[T], reply: Reply) -> T:
        if not 200 <= reply.status < 300:
            raise reply.problem()
        return call.read(reply)
