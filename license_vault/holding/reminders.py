"""Reminders that a license is about to end: 60, 30 and 7 days before, each once.

Whoever was away when one was due gets the next that fits, not all of them: a license with 20 days
left is reminded of at the 30-day step. Reminders stand in the holder's vault; that one was made is
told by ``told``, in the same transaction (the outbox). All SQL about reminders.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.engine import Row

from license_vault.clock import civil_date
from license_vault.database.columns import table_of
from license_vault.database.holding_tables import ReminderRow
from license_vault.database.sessions import Database, Reading, Writing
from license_vault.database.tables import HolderRow, LicenseHolderRow, LicenseRow
from license_vault.errors import RowConflictError
from license_vault.license import LicenseStatus

STEPS = (60, 30, 7)
"""Days before the last day of validity."""
LICENSE_EXPIRING = "license.expiring"

_PAGE = 200
_REMINDER = table_of(ReminderRow)
_LICENSE = table_of(LicenseRow)
_LINK = table_of(LicenseHolderRow)
_HOLDER = table_of(HolderRow)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A license that ends soon; ``days`` is the step it was reminded of at."""

    license_row_id: int
    identifier: str
    type_code: str
    valid_until: date
    days: int
    made_at: datetime


Told = Callable[[Writing, Reminder], None]


def step_for(left: int) -> int | None:
    """Return the step of a license with so many days left, None if it is too early or late."""
    if left < 0:
        return None
    return min((step for step in STEPS if left <= step), default=None)


class Reminders:
    """Looks reminders up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of_holder(self, handle: str, today: date) -> tuple[Reminder, ...]:
        """Return the last reminder of each license of a holder that still ends soon."""
        query = (
            select(
                _LICENSE.c.id,
                _LICENSE.c.identifier,
                _LICENSE.c.type_code,
                _LICENSE.c.valid_until,
                _REMINDER.c.days,
                _REMINDER.c.made_at,
            )
            .join(_REMINDER, _REMINDER.c.license_id == _LICENSE.c.id)
            .join(_LINK, _LINK.c.license_id == _LICENSE.c.id)
            .join(_HOLDER, _HOLDER.c.id == _LINK.c.holder_id)
            .where(_HOLDER.c.handle == handle)
            .where(_LICENSE.c.status == LicenseStatus.VALID.value)
            .where(_LICENSE.c.valid_until >= today)
            .order_by(_LICENSE.c.valid_until, _REMINDER.c.days)
        )
        last: dict[int, Reminder] = {}
        for row in self._session.execute(query):
            last.setdefault(row.id, _reminder(row, row.days, row.made_at))
        return tuple(last.values())


class Reminding:
    """Makes the reminders that are due; a task of every node, any number of times."""

    def __init__(self, database: Database, told: Told, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._told = told
        self._clock = clock

    def remind(self) -> int:
        """Make all reminders that are due; return how many."""
        now = self._clock()
        today, made = civil_date(now), 0
        previous = -1
        for step in sorted(STEPS):
            first, last = today + timedelta(previous + 1), today + timedelta(step)
            made += self._step(step, first, last, now)
            previous = step
        return made

    def _step(self, step: int, first: date, last: date, now: datetime) -> int:
        made, after = 0, 0
        while True:
            with self._database.reading() as session:
                values = {"first": first, "last": last, "step": step, "after": after}
                page = session.execute(_DUE, values).all()
            for row in page:
                made += self._one(_reminder(row, step, now))
            if len(page) < _PAGE:
                return made
            after = page[-1].id

    def _one(self, reminder: Reminder) -> int:
        try:
            with self._database.writing() as session:
                session.add_row(
                    _REMINDER,
                    license_id=reminder.license_row_id,
                    days=reminder.days,
                    made_at=reminder.made_at,
                )
                self._told(session, reminder)
        except RowConflictError:
            return 0  # another node was first
        return 1


def _due() -> "Select[Any]":
    made = exists().where(
        _REMINDER.c.license_id == _LICENSE.c.id, _REMINDER.c.days == bindparam("step")
    )
    return (
        select(_LICENSE.c.id, _LICENSE.c.identifier, _LICENSE.c.type_code, _LICENSE.c.valid_until)
        .where(_LICENSE.c.status == LicenseStatus.VALID.value)
        .where(_LICENSE.c.valid_until.between(bindparam("first"), bindparam("last")))
        .where(_LICENSE.c.id > bindparam("after"), ~made)
        .order_by(_LICENSE.c.id)
        .limit(_PAGE)
    )


_DUE = _due()


def _reminder(row: "Row[Any]", days: int, made_at: datetime) -> Reminder:
    return Reminder(row.id, row.identifier, row.type_code, row.valid_until, days, made_at)
