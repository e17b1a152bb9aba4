"""Working days: Monday to Friday, less the public holidays, plus the days worked in their place.

Which days those are the State Council announces every year (调休); they come as settings.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The exceptions: weekdays nobody works, and weekend days that are worked."""

    holidays: Collection[date] = frozenset()
    worked: Collection[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Say whether a day is a working day."""
        if day in self.worked:
            return True
        return day.weekday() < _SATURDAY and day not in self.holidays

    def after(self, day: date, count: int) -> date:
        """Return the day that so many working days after a day fall on; the day is not counted.

        Source: 行政许可法, art. 82 (terms are counted in working days, without holidays).
        """
        while count > 0:
            day += timedelta(1)
            count -= self.is_working(day)
        return day


@dataclass(frozen=True, slots=True)
class DisputeTerms:
    """How long an authority has for an answer."""

    working_days: int
    calendar: WorkCalendar

    def due_after(self, filed_on: date) -> date:
        """Return the last day for an answer."""
        return self.calendar.after(filed_on, self.working_days)
