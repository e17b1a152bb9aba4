"""What can go wrong for a caller: the node refused, did not answer, or answered what nobody reads.

A verdict is never an error: whatever is wrong with a document stands in its report.
"""

from dataclasses import dataclass


class ClientError(Exception):
    """The root of all errors of this package."""


@dataclass(frozen=True, slots=True)
class ProblemPlace:
    """Where a request is wrong: a JSON pointer, a stable code, and both languages."""

    pointer: str
    code: str
    zh: str
    en: str


class ProblemError(ClientError):
    """The node refused: a problem document (RFC 9457).

    ``code`` is stable, docs/problems.md lists them all; ``retry_after`` is in seconds, None where
    the node names no time.
    """

    def __init__(
        self,
        code: str,
        status: int,
        sentences: tuple[str, str],
        places: tuple[ProblemPlace, ...] = (),
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {sentences[1]}")
        self.code = code
        self.status = status
        self.zh, self.en = sentences
        self.places = places
        self.request_id = request_id
        self.retry_after = retry_after


class NodeUnreachableError(ClientError):
    """The node did not answer, or not in time, as often as it was tried."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AnswerUnreadableError(ClientError):
    """What came is no answer of a node; ``where`` is a JSON pointer, or what was asked."""

    def __init__(self, where: str) -> None:
        super().__init__(f"unreadable answer at {where}")
        self.where = where
