"""Presentations in the database; all their SQL.

A code is used up by one guarded UPDATE: of two scans at once one has it. Never commits.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row

from license_vault.database.columns import table_of
from license_vault.database.presenting_tables import PresentationRow
from license_vault.database.sessions import Reading, Writing
from license_vault.presenting.errors import PresentationUnknownError

WAITING, RESOLVED, EXPIRED, WITHDRAWN = "waiting", "resolved", "expired", "withdrawn"

_PRESENTATION = table_of(PresentationRow)
_BY_CODE = select(_PRESENTATION).where(_PRESENTATION.c.code_mac == bindparam("code_mac"))
_BY_ID = select(_PRESENTATION).where(_PRESENTATION.c.presentation_id == bindparam("wanted"))
_OPEN = (
    update(_PRESENTATION)
    .where(_PRESENTATION.c.id == bindparam("row_id"))
    .where(_PRESENTATION.c.resolved_at.is_(None), _PRESENTATION.c.withdrawn_at.is_(None))
)
_RESOLVED = _OPEN.where(_PRESENTATION.c.expires_at > bindparam("at")).values(
    resolved_at=bindparam("at"),
    resolved_by=bindparam("organisation"),
    sealed_receipt=bindparam("receipt"),
)
_WITHDRAWN = _OPEN.values(withdrawn_at=bindparam("at"))


@dataclass(frozen=True, slots=True)
class PresentationRecord:
    """A presentation's row; ``sealed_*`` are under its holder's key."""

    row_id: int
    presentation_id: str
    holder_row_id: int
    made_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str | None
    sealed_order: bytes = field(repr=False)
    sealed_receipt: bytes | None = field(repr=False)

    def state(self, at: datetime) -> str:
        """Return waiting, resolved, withdrawn or expired, as it is at an instant."""
        if self.resolved_at is not None:
            return RESOLVED
        if self.withdrawn_at is not None:
            return WITHDRAWN
        return EXPIRED if self.expires_at <= at else WAITING


class PresentationRows:
    """Looks presentations up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def by_code(self, code_mac: bytes) -> PresentationRecord | None:
        """Return the presentation of a code, None if there is none."""
        row = self._session.execute(_BY_CODE, {"code_mac": code_mac}).first()
        return None if row is None else _record(row)

    def get(self, presentation_id: str) -> PresentationRecord:
        """Return a presentation.

        Raises:
            PresentationUnknownError: there is none of this name.
        """
        row = self._session.execute(_BY_ID, {"wanted": presentation_id}).first()
        if row is None:
            raise PresentationUnknownError
        return _record(row)

    def of_holder(self, holder_row_id: int, limit: int) -> tuple[PresentationRecord, ...]:
        """Return the newest presentations of a holder."""
        query = select(_PRESENTATION).where(_PRESENTATION.c.holder_id == holder_row_id)
        rows = self._session.execute(query.order_by(_PRESENTATION.c.id.desc()).limit(limit))
        return tuple(map(_record, rows))


class PresentationWriter(PresentationRows):
    """Adds presentations and ends them."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, record: PresentationRecord, code_mac: bytes) -> int:
        """Add a presentation that waits; its ``row_id`` does not matter. Return the row's key."""
        return self._writing.add_row(
            _PRESENTATION,
            presentation_id=record.presentation_id,
            code_mac=code_mac,
            holder_id=record.holder_row_id,
            made_at=record.made_at,
            expires_at=record.expires_at,
            sealed_order=record.sealed_order,
        )

    def resolve(self, row_id: int, organisation: str, sealed_receipt: bytes, at: datetime) -> bool:
        """Use a code up; False if it is used, withdrawn or expired by now."""
        values = {
            "row_id": row_id,
            "organisation": organisation,
            "receipt": sealed_receipt,
            "at": at,
        }
        return self._writing.change_rows(_RESOLVED, values) == 1

    def withdraw(self, row_id: int, at: datetime) -> bool:
        """Take a code back; False if it is used or withdrawn already."""
        return self._writing.change_rows(_WITHDRAWN, {"row_id": row_id, "at": at}) == 1


def _record(row: "Row[Any]") -> PresentationRecord:
    return PresentationRecord(
        row_id=row.id,
        presentation_id=row.presentation_id,
        holder_row_id=row.holder_id,
        made_at=row.made_at,
        expires_at=row.expires_at,
        withdrawn_at=row.withdrawn_at,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        sealed_order=row.sealed_order,
        sealed_receipt=row.sealed_receipt,
    )
