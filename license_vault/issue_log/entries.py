"""Our own licenses in our log: entered with the intent to seal them, placed at a checkpoint.

A license is entered in the transaction that records its intent, before any key is used: so what
is sealed later is never missing, also when a power cut lets sealing be finished hours after. An
intent that is given up stays in the log; its state in the status list is that it was not issued.
Adopted files, which others issued, are not entered. All the SQL of entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from license_vault.database.columns import table_of
from license_vault.database.issue_log_tables import IssueLogEntryRow
from license_vault.database.sessions import Reading, Writing

_ENTRY = table_of(IssueLogEntryRow)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry; ``position`` None: it waits for the next checkpoint."""

    content_id: str
    recorded_at: datetime
    position: int | None


def enter(session: Writing, license_row_id: int, content_id: str, at: datetime) -> None:
    """Enter a license that is going to be issued, in the transaction of its intent."""
    session.add_row(_ENTRY, license_id=license_row_id, content_id=content_id, recorded_at=at)


def entry_of(session: Reading, content_id: str) -> LogEntry | None:
    """Return the entry of a content_id, if it has one."""
    row = session.execute(
        select(_ENTRY.c.content_id, _ENTRY.c.recorded_at, _ENTRY.c.position).where(
            _ENTRY.c.content_id == content_id
        )
    ).first()
    return None if row is None else LogEntry(*row)


def placed_from(session: Reading, position: int, most: int) -> tuple[str, ...]:
    """Return content_ids from a position on, in their order: they have one, and no tile yet."""
    rows = session.execute(
        select(_ENTRY.c.content_id)
        .where(_ENTRY.c.position >= position)
        .order_by(_ENTRY.c.position)
        .limit(most)
    )
    return tuple(rows.scalars())


def place_waiting(session: Writing, position: int, most: int) -> tuple[str, ...]:
    """Give positions from one on to entries that wait, the oldest first; return their content_ids.

    Whoever calls holds the lock of the log's head.
    """
    rows = session.execute(
        select(_ENTRY.c.id, _ENTRY.c.content_id)
        .where(_ENTRY.c.position.is_(None))
        .order_by(_ENTRY.c.id)
        .limit(most)
    ).all()
    for offset, row in enumerate(rows):
        session.change_rows(
            update(_ENTRY)
            .where(_ENTRY.c.id == row.id, _ENTRY.c.position.is_(None))
            .values(position=position + offset)
        )
    return tuple(row.content_id for row in rows)
