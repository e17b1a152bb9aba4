"""Civil days in SQL: on which day of China an instant falls, and which days are asked about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from license_vault.clock import start_of

MOST_DAYS = 366


class civil_day(GenericFunction[date]):  # noqa: N801 - named as SQL functions are
    """The civil day (+08:00) of a column of instants."""

    type = Date()
    inherit_cache = True


@compiles(civil_day, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **words: Any) -> str:
    return f"date({compiler.process(element.clauses, **words)}, '+8 hours')"


@compiles(civil_day, "postgresql")
def _in_postgresql(element: Any, compiler: Any, **words: Any) -> str:
    moment = compiler.process(element.clauses, **words)
    return f"CAST(({moment}) AT TIME ZONE INTERVAL '+08:00' AS DATE)"


@dataclass(frozen=True, slots=True)
class Days:
    """Civil days, the first and the last included; at most ``MOST_DAYS``."""

    first: date
    last: date

    @property
    def is_askable(self) -> bool:
        """Tell whether there are days in it, and not too many."""
        return timedelta(0) <= self.last - self.first < timedelta(days=MOST_DAYS)

    def __iter__(self) -> Iterator[date]:
        """Yield each day."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)

    def holds(self, instant: ColumnElement[datetime]) -> ColumnElement[bool]:
        """Return the condition that a column's instant falls on one of them; an index serves it."""
        return (instant >= start_of(self.first)) & (
            instant < start_of(self.last + timedelta(days=1))
        )
