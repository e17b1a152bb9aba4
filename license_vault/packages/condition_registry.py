"""Conditions (告知承诺, 容缺) in the database: due when, fulfilled or not; all the SQL.

What a condition says stands in the license's claims. That the license is suspended when the last
day is over is an event of the license, recorded beforehand (``packages.schedule``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row

from license_vault.clock import start_of
from license_vault.database.columns import table_of
from license_vault.database.package_tables import LicenseConditionRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import LicenseRow
from license_vault.license import Condition, LicenseContent

_CONDITION = table_of(LicenseConditionRow)
_LICENSE = table_of(LicenseRow)
_OF_LICENSE = (
    select(_CONDITION)
    .where(_CONDITION.c.license_id == bindparam("license_id"))
    .order_by(_CONDITION.c.position)
)
_OF_IDENTIFIER = (
    select(_CONDITION)
    .join(_LICENSE, _LICENSE.c.id == _CONDITION.c.license_id)
    .where(_LICENSE.c.identifier == bindparam("identifier"))
    .order_by(_CONDITION.c.position)
)


@dataclass(frozen=True, slots=True)
class ConditionRecord:
    """One condition: its number, from 1, and the last day (inclusive) for fulfilling it."""

    position: int
    due: date
    fulfilled_at: datetime | None
    fulfilled_by: str | None

    @property
    def is_open(self) -> bool:
        """Say whether it is still to be fulfilled."""
        return self.fulfilled_at is None

    @property
    def overdue_from(self) -> datetime:
        """Return the first instant after its last day, at +08:00."""
        return start_of(self.due + timedelta(days=1))

    def as_of(self, at: datetime) -> "ConditionRecord":
        """Return it as it was at an instant: what was fulfilled later was open then."""
        if self.fulfilled_at is None or self.fulfilled_at <= at:
            return self
        return replace(self, fulfilled_at=None, fulfilled_by=None)

    def is_overdue(self, at: datetime) -> bool:
        """Say whether it should have been fulfilled before an instant, and is not."""
        return self.is_open and self.overdue_from <= at


class Conditions:
    """Looks conditions up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of_license(self, license_row_id: int) -> tuple[ConditionRecord, ...]:
        """Return a license's conditions in the order of its claims."""
        rows = self._session.execute(_OF_LICENSE, {"license_id": license_row_id})
        return tuple(map(_record, rows))

    def of_identifier(self, identifier: str) -> tuple[ConditionRecord, ...]:
        """Return the conditions of the license of this identifier; none if there is none."""
        rows = self._session.execute(_OF_IDENTIFIER, {"identifier": identifier})
        return tuple(map(_record, rows))


def still_open(
    session: Reading, license_row_id: int, content: LicenseContent, day: date
) -> tuple[Condition, ...]:
    """Return the conditions that the next version of a license has: open, and not overdue.

    Args:
        content: what the license says.
        day: the civil day on which the next version is made.
    """
    found = Conditions(session).of_license(license_row_id)
    return tuple(
        content.conditions[each.position - 1] for each in found if each.is_open and each.due >= day
    )


class ConditionWriter(Conditions):
    """Records conditions, and what becomes of them."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, license_row_id: int, conditions: Sequence[Condition]) -> None:
        """Record the conditions that a license is going to be issued with."""
        if conditions:
            self._writing.add_rows(
                _CONDITION,
                [
                    {"license_id": license_row_id, "position": position, "due": condition.due}
                    for position, condition in enumerate(conditions, start=1)
                ],
            )

    def fulfil(self, license_row_id: int, position: int, by: str, at: datetime) -> bool:
        """Record that a condition is fulfilled; False if it was before."""
        return (
            self._writing.change_rows(
                update(_CONDITION)
                .where(_CONDITION.c.license_id == license_row_id)
                .where(_CONDITION.c.position == position, _CONDITION.c.fulfilled_at.is_(None))
                .values(fulfilled_at=at, fulfilled_by=by)
            )
            == 1
        )


def _record(row: "Row[Any]") -> ConditionRecord:
    return ConditionRecord(row.position, row.due, row.fulfilled_at, row.fulfilled_by)
