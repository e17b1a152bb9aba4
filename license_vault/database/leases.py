"""Leases of background tasks: of all nodes one is at a task at a time, and not too often.

A lease ends by itself, so that a node that died holds up nobody for longer.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select, update

from license_vault.database.columns import table_of
from license_vault.database.event_tables import TaskLeaseRow
from license_vault.database.sessions import Database
from license_vault.errors import RowConflictError

LEASE = timedelta(minutes=5)

_LEASE = table_of(TaskLeaseRow)


class TaskLeases:
    """Takes and gives back leases for one node; ``holder`` names it, different from all others."""

    def __init__(self, database: Database, holder: str) -> None:
        self._database = database
        self._holder = holder

    def provide(self, names: Iterable[str]) -> None:
        """Make the rows of tasks that have none."""
        for name in names:
            with self._database.reading() as session:
                found = session.execute(select(_LEASE.c.name).where(_LEASE.c.name == name)).first()
            if found is None:
                # Another node that starts at the same moment may be first.
                with suppress(RowConflictError), self._database.writing() as session:
                    session.add_row(_LEASE, name=name)

    def take(self, name: str, every: timedelta, at: datetime) -> bool:
        """Take a task if it is due and nobody is at it; check and write are one statement."""
        free = _LEASE.c.held_until.is_(None) | (_LEASE.c.held_until <= at)
        due = _LEASE.c.began_at.is_(None) | (_LEASE.c.began_at <= at - every)
        # A look first: on SQLite a write waits for every other writer.
        with self._database.reading() as session:
            wanted = select(_LEASE.c.name).where(_LEASE.c.name == name, free, due)
            if session.execute(wanted).first() is None:
                return False
        with self._database.writing() as session:
            taken = (
                update(_LEASE)
                .where(_LEASE.c.name == name, free, due)
                .values(holder=self._holder, held_until=at + LEASE, began_at=at)
            )
            return session.change_rows(taken) == 1

    def give_back(self, name: str) -> None:
        """Say that this node is done with a task."""
        with self._database.writing() as session:
            session.change_rows(
                update(_LEASE)
                .where(_LEASE.c.name == name, _LEASE.c.holder == self._holder)
                .values(holder=None, held_until=None)
            )
