"""How a license stands in a log: what ``api`` makes the evidence of a verification of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from license_vault.issue_log.checkpoints import Checkpoints, KeptCheckpoint


@dataclass(frozen=True, slots=True)
class LogStanding:
    """What is known of one content_id in the log of a region.

    ``size``, ``root`` and ``newest_time`` are of the newest checkpoint. ``first_…`` are of the one
    in which it first appeared, None: in none; ``before_time`` is when the last one without it was
    made, None: it was there from the first one kept. ``waiting_since``: entered then, and in no
    checkpoint yet. ``countersigned_by``: regions that saw the log since it appeared.
    """

    region: str
    size: int
    root: bytes
    newest_time: datetime
    first_size: int | None = None
    first_time: datetime | None = None
    before_time: datetime | None = None
    waiting_since: datetime | None = None
    countersigned_by: tuple[str, ...] = ()


def standing_of(
    kept: Checkpoints, region: str, newest: KeptCheckpoint, first: KeptCheckpoint | None
) -> LogStanding:
    """Return how something stands that first appeared in a checkpoint, or in none."""
    standing = LogStanding(region, newest.size, newest.root, newest.last_at)
    if first is None:
        return standing
    before = kept.before(first.size)
    return LogStanding(
        region,
        newest.size,
        newest.root,
        newest.last_at,
        first_size=first.size,
        first_time=first.first_at,
        before_time=None if before is None else before.last_at,
        countersigned_by=kept.witnesses_since(first.size),
    )
