"""The end of a suspension (暂扣) that was ordered with it: recorded beforehand, standing or not.

An order to suspend may name the last day. Then what gives the license back is recorded with the
suspension, in effect from the day after, and nothing has to run on that day. Of the events in
effect the one recorded last counts, so 发还 or another verb in between withdraws it; whatever else
is recorded while the license stays suspended is followed by it again
(``packages.planned_events``). Pure.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from license_vault.clock import civil_date, start_of
from license_vault.license import LicenseStatus
from license_vault.lifecycle.verbs import SUSPENSION_OVER
from license_vault.registry.records import EventRecord

SUSPENDED: Final = "suspended"


def over_from(until: date) -> datetime:
    """Return the first instant after the last day of a suspension."""
    return start_of(until + timedelta(days=1))


def last_day(over: datetime) -> date:
    """Return the last day of a suspension that is over from an instant on."""
    return civil_date(over - timedelta(seconds=1))


def ordered_end(events: Sequence[EventRecord], now: datetime) -> EventRecord | None:
    """Return the end that was ordered with the suspension a license is in; None: none was.

    Args:
        events: in the order in which they were recorded; the license is suspended.
    """
    end: EventRecord | None = None
    for event in events:
        if event.kind == SUSPENSION_OVER:
            end = event
            continue
        is_over = event.effective_from <= now and event.status is not LicenseStatus.SUSPENDED
        if is_over or event.kind == SUSPENDED:
            end = None
    return end if end is not None and end.effective_from > now else None
