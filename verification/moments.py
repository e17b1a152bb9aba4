"""The time a verification asks about: an instant, or the end of a civil day at +08:00.

License dates are civil dates of China, fixed +08:00, the last one included (ADR 0006).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

from verification.errors import AsOfInvalidError

CIVIL_ZONE = timezone(timedelta(hours=8), "UTC+08:00")


def read_as_of(text: str) -> datetime:
    """Return the instant of ``--at``: RFC 3339 with an offset, or a date, which means its end.

    Raises:
        AsOfInvalidError: it is neither.
    """
    try:
        if len(text) == len("2026-01-31"):
            return end_of_day(date.fromisoformat(text))
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise AsOfInvalidError(text)
        return instant.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise AsOfInvalidError(text) from error


def end_of_day(day: date) -> datetime:
    """Return the last second of a civil day, UTC."""
    return datetime.combine(day, time(23, 59, 59), CIVIL_ZONE).astimezone(UTC)


def civil(instant: datetime) -> datetime:
    """Return an instant in civil time of China; beyond the calendar's end it stays in UTC."""
    try:
        return instant.astimezone(CIVIL_ZONE)
    except OverflowError:
        return instant.astimezone(UTC)


def civil_day(instant: datetime) -> date:
    """Return the civil day of an instant; beyond the calendar's end the day it is in UTC."""
    return civil(instant).date()


def shown(instant: datetime) -> str:
    """Return an instant for people: civil time of China, to the second, with its offset.

    What certificates write for "no end", 99991231235959Z, has no time of day in China any more and
    is shown in UTC. Source: RFC 5280 clause 4.1.2.5.
    """
    there = civil(instant)
    offset = "+08:00" if there.tzinfo is CIVIL_ZONE else "Z"
    return there.strftime("%Y-%m-%d %H:%M:%S") + offset
