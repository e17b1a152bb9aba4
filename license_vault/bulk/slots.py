"""Slots: a stable executor id for as long as a process lives, held by a lock in the database.

A process that runs jobs holds one slot; its workflows are recorded under the slot, so whoever
holds the slot next, or a survivor that finds it free, goes on with them. A lock falls with the
process that held it, however it died: on PostgreSQL an advisory lock of a session of its own; on
SQLite, whose processes share a host, a lock in a small database beside it.

Source: PostgreSQL manual, 13.3.5 (advisory locks); SQLite, lang_transaction (BEGIN EXCLUSIVE).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from license_vault.bulk.errors import SlotsTakenError
from license_vault.database.sessions import Database, named_errors
from license_vault.errors import PathUnusableError

SLOTS: Final = 64

# Of this use of advisory locks; the slot's number is the second half of the key.
_LOCK_CLASS: Final = 0x4C56
_TRY = text("SELECT pg_try_advisory_lock(:class, :slot)")
_HELD = text(
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    " AND classid = :class AND objid = :slot AND granted"
)


class Held(Protocol):
    """A slot that this process holds."""

    @property
    def number(self) -> int:
        """Return the slot's number, from 1."""
        ...

    def is_held(self) -> bool:
        """Say whether it is still ours: a connection may have been lost."""
        ...

    def release(self) -> None:
        """Give the slot back."""
        ...


class _PostgresSlot:
    def __init__(self, number: int, connection: Connection) -> None:
        self.number = number
        self._connection = connection

    def is_held(self) -> bool:
        try:
            asked = {"class": _LOCK_CLASS, "slot": self.number}
            return self._connection.execute(_HELD, asked).first() is not None
        except SQLAlchemyError:
            return False

    def release(self) -> None:
        # Closed for good, not given back to a pool: the lock is the session's.
        self._connection.invalidate()
        self._connection.close()


class _SqliteSlot:
    def __init__(self, number: int, connection: sqlite3.Connection) -> None:
        self.number = number
        self._connection = connection
        self._held = True

    def is_held(self) -> bool:
        return self._held

    def release(self) -> None:
        # Closing ends the transaction, and with it the lock.
        self._held = False
        self._connection.close()


def hold_any_slot(database: Database) -> Held:
    """Hold the lowest slot that is free.

    Raises:
        SlotsTakenError: there is none.
        PathUnusableError: there is no place for the locks.
        DatabaseUnavailableError: the database does not answer.
    """
    for number in range(1, SLOTS + 1):
        held = try_slot(database, number)
        if held is not None:
            return held
    raise SlotsTakenError(SLOTS)


def try_slot(database: Database, number: int) -> Held | None:
    """Hold one slot, None if somebody has it.

    Raises:
        PathUnusableError, DatabaseUnavailableError: as ``hold_any_slot``.
    """
    if database.engine.dialect.name == "sqlite":
        return _try_sqlite(str(database.engine.url.database), number)
    return _try_postgres(database, number)


def _try_postgres(database: Database, number: int) -> Held | None:
    with named_errors():
        connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        got = connection.execute(_TRY, {"class": _LOCK_CLASS, "slot": number}).scalar()
        if got:
            return _PostgresSlot(number, connection)
        connection.close()
        return None


def _try_sqlite(database: str, number: int) -> Held | None:
    place = Path(f"{database}.slots")
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        connection = sqlite3.connect(
            place / f"{number}.lock", timeout=0, isolation_level=None, check_same_thread=False
        )
    except (OSError, sqlite3.Error) as error:
        raise PathUnusableError(str(place), type(error).__name__) from error
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        connection.close()
        return None
    return _SqliteSlot(number, connection)
