"""What a license was, as of an instant, from its events: the one rule, and the last day.

Of the events in effect by then the one recorded last counts (``registry.live_states`` says the
same in SQL). A last day ends what is in force, unless a renewal that was applied for in time
waits for its decision (行政许可法 50). Pure.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from license_vault.license import LicenseStatus
from license_vault.registry.records import EventRecord

# What its own last day ends. Who has been transferred out is still held to it.
LAPSING: Final = (LicenseStatus.VALID, LicenseStatus.SUSPENDED, LicenseStatus.TRANSFERRED)


def event_as_of(
    events: Sequence[EventRecord], at: datetime, known_by: datetime | None = None
) -> EventRecord | None:
    """Return the event that counts at an instant, None: there was no such license yet.

    Args:
        events: in the order in which they were recorded.
        known_by: only what was recorded by then; None: all that is known.
    """
    counting = [
        event
        for event in events
        if event.effective_from <= at and (known_by is None or event.recorded_at <= known_by)
    ]
    return counting[-1] if counting else None


def has_lapsed(status: LicenseStatus, lapses: datetime | None, at: datetime) -> bool:
    """Say whether its last day has ended a license of a status; no renewal being waited for.

    Args:
        lapses: the first instant after the last day, None: 长期.
    """
    return status in LAPSING and lapses is not None and lapses <= at


def next_due(
    events: Sequence[EventRecord], status: LicenseStatus, lapses: datetime | None, at: datetime
) -> datetime | None:
    """Return when a status has to be looked at again, None: it stays until somebody acts.

    Args:
        status: what it is at ``at``.
        lapses: as of ``has_lapsed``; None also while a renewal is waited for.
    """
    coming = [event.effective_from for event in events if event.effective_from > at]
    if status in LAPSING and lapses is not None:
        coming.append(lapses)
    return min(coming, default=None)
