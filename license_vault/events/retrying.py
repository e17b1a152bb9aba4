"""What the answer to a webhook means, and when it is tried again. Pure.

The schedule is published (docs/events.md) and is the one that Standard Webhooks proposes: ten
tries within three days and four hours. Errors that trying again may mend are tried again (no
answer, 408, 425, 429, 5xx); others are not, but stay as dead letters that can be replayed.

Source: Standard Webhooks specification 1.0, "Deliverability and reliability", "Error handling".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
"""How long after the first, second, … try that failed the next one is made."""

LONGEST_PAUSE = timedelta(days=1)
_AGAIN = frozenset((408, 425, 429))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: an HTTP status, or None and a word for why none came.

    ``retry_after`` is in seconds, as the answer asked.
    """

    status: int | None
    problem: str = ""
    retry_after: int | None = None
    body: bytes = b""

    @property
    def outcome(self) -> str:
        """Return it in a word, for people."""
        return str(self.status) if self.status is not None else self.problem


class Meaning(StrEnum):
    """What an answer means for a delivery."""

    DELIVERED = "delivered"
    AGAIN = "again"
    DEAD = "dead"
    GONE = "gone"  # the receiver wants no more of anything


def meaning_of(answer: Answer, attempts: int) -> Meaning:
    """Return what the answer to the latest of so many tries means."""
    status = answer.status
    if status is not None and 200 <= status < 300:
        return Meaning.DELIVERED
    if status == 410:
        return Meaning.GONE
    mendable = status is None or status in _AGAIN or status >= 500
    return Meaning.AGAIN if mendable and attempts <= len(PAUSES) else Meaning.DEAD


def next_try(answer: Answer, attempts: int, at: datetime) -> datetime:
    """Return when the next try is made after so many; later if the receiver asks, within a day."""
    pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    asked = timedelta(seconds=min(answer.retry_after or 0, LONGEST_PAUSE.total_seconds()))
    return at + max(pause, asked)
