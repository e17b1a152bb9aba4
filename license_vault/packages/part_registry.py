"""Parts of composite licenses in the database: states and events; all the SQL.

A part is found by its license and its number, from 1, in the order of the claims, where its name
and number stand. Its status is that of its last event, and never overwritten without one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row

from license_vault.database.columns import table_of
from license_vault.database.package_tables import LicensePartEventRow, LicensePartRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import LicenseRow
from license_vault.license import LicensePart, LicenseStatus

_PART = table_of(LicensePartRow)
_EVENT = table_of(LicensePartEventRow)
_LICENSE = table_of(LicenseRow)

_OF_LICENSE = (
    select(_PART)
    .join(_LICENSE, _LICENSE.c.id == _PART.c.license_id)
    .where(_LICENSE.c.identifier == bindparam("identifier"))
    .order_by(_PART.c.position)
)
_LAST_EVENT = (
    select(_EVENT.c.status)
    .where(_EVENT.c.part_id == _PART.c.id, _EVENT.c.effective_from <= bindparam("at"))
    .order_by(_EVENT.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_AS_OF = (
    select(_PART, _LAST_EVENT.label("then"))
    .join(_LICENSE, _LICENSE.c.id == _PART.c.license_id)
    .where(_LICENSE.c.identifier == bindparam("identifier"))
    .order_by(_PART.c.position)
)


@dataclass(frozen=True, slots=True)
class PartRecord:
    """One part, as far as it stands in the clear. ``valid_until`` None is 长期."""

    row_id: int
    license_row_id: int
    position: int
    code: str
    authority_code: str
    valid_from: date
    valid_until: date | None
    status: LicenseStatus


@dataclass(frozen=True, slots=True)
class PartEvent:
    """Something that happens to a part; the basis is encrypted under the license's record key."""

    kind: str
    status: LicenseStatus
    actor: str
    effective_from: datetime
    recorded_at: datetime
    sealed_basis: bytes = field(repr=False)


class Parts:
    """Looks parts up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of_license(self, identifier: str) -> tuple[PartRecord, ...]:
        """Return a license's parts as their rows say, in the order of its claims."""
        rows = self._session.execute(_OF_LICENSE, {"identifier": identifier})
        return tuple(_record(row, row.status) for row in rows)

    def as_of(self, identifier: str, at: datetime) -> tuple[PartRecord, ...]:
        """Return a license's parts in the states that counted at an instant, by their events."""
        rows = self._session.execute(_AS_OF, {"identifier": identifier, "at": at})
        return tuple(_record(row, row.then or LicenseStatus.ISSUING.value) for row in rows)

    def events(self, part_row_id: int) -> tuple[PartEvent, ...]:
        """Return what happened to a part, in the order it was recorded."""
        wanted = select(_EVENT).where(_EVENT.c.part_id == part_row_id).order_by(_EVENT.c.id)
        return tuple(
            PartEvent(
                kind=row.kind,
                status=LicenseStatus(row.status),
                actor=row.actor,
                effective_from=row.effective_from,
                recorded_at=row.recorded_at,
                sealed_basis=row.sealed_basis,
            )
            for row in self._session.execute(wanted)
        )


class PartWriter(Parts):
    """Records parts, and what happens to them."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, license_row_id: int, parts: Sequence[LicensePart], event: PartEvent) -> None:
        """Record the parts of a license that is going to be issued, each with its first event."""
        for position, part in enumerate(parts, start=1):
            row_id = self._writing.add_row(
                _PART,
                license_id=license_row_id,
                position=position,
                code=part.code,
                authority_code=part.authority.code,
                valid_from=part.valid_from,
                valid_until=part.valid_until,
                status=event.status.value,
            )
            self._add_event(row_id, event)

    def move(self, part: PartRecord, event: PartEvent) -> bool:
        """Move a part from the status it was seen in to another; False if it has moved since."""
        moved = self._writing.change_rows(
            update(_PART)
            .where(_PART.c.id == part.row_id, _PART.c.status == part.status.value)
            .values(status=event.status.value)
        )
        if moved:
            self._add_event(part.row_id, event)
        return moved == 1

    def _add_event(self, part_row_id: int, event: PartEvent) -> None:
        self._writing.add_row(
            _EVENT,
            part_id=part_row_id,
            recorded_at=event.recorded_at,
            effective_from=event.effective_from,
            kind=event.kind,
            status=event.status.value,
            actor=event.actor,
            sealed_basis=event.sealed_basis,
        )


def _record(row: "Row[Any]", status: str) -> PartRecord:
    return PartRecord(
        row_id=row.id,
        license_row_id=row.license_id,
        position=row.position,
        code=row.code,
        authority_code=row.authority_code,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        status=LicenseStatus(status),
    )
