"""Instants and civil dates: what a moment and a day mean in this service.

Instants are aware, UTC, whole seconds. License dates are civil dates of China, fixed +08:00
without summer time. Nothing here but ``system_clock`` looks at the clock of the machine, and
only the wiring of the programs calls that; everybody else is given a ``Clock``.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone

Clock = Callable[[], datetime]

CIVIL_ZONE = timezone(timedelta(hours=8), "UTC+08:00")


def system_clock() -> datetime:
    """Return the present instant: aware, UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def civil_date(instant: datetime) -> date:
    """Return the day it is in China at an instant; at the calendar's end, its last day."""
    try:
        return instant.astimezone(CIVIL_ZONE).date()
    except OverflowError:
        return date.max


def start_of(day: date) -> datetime:
    """Return the first instant of a civil day, UTC; of the calendar's first day, its own."""
    if day == date.min:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.combine(day, time.min, CIVIL_ZONE).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Return the last whole second of a civil day, UTC; an ``as_of`` date means this."""
    return datetime.combine(day, time(23, 59, 59), CIVIL_ZONE).astimezone(UTC)


def lapses_at(valid_until: date | None) -> datetime | None:
    """Return the first instant after a last civil day, UTC; None: there is no last day."""
    return None if valid_until is None else start_of(valid_until + timedelta(days=1))
