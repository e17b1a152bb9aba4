"""The database: one engine, and sessions of two kinds.

``reading()`` and ``writing()`` give different types, so that a function says in its
signature whether it may write. A writing session is committed once, when its block ends
without an error; one of ``rehearsing()`` never is. On SQLite it takes the write lock at its
beginning (BEGIN IMMEDIATE), so that what it has read is still so when it writes.

What the database throws leaves here named: DatabaseUnavailableError (try again) or
RowConflictError (somebody else was first); PathUnusableError when SQLite has no place here.
"""

import errno
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    Delete,
    Engine,
    Executable,
    Insert,
    Table,
    Update,
    create_engine,
    event,
    insert,
)
from sqlalchemy.engine import URL, Connection, CursorResult, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from license_vault.errors import DatabaseUnavailableError, PathUnusableError, RowConflictError

BUSY_TIMEOUT_MILLISECONDS = 30_000
LOCK_TIMEOUT_MILLISECONDS = 10_000
STATEMENT_TIMEOUT_MILLISECONDS = 30_000
CONNECT_TIMEOUT_SECONDS = 5
POOL_SIZE = 5
TRUSTED_SECONDS = 1.0
_PUT_BACK = "put back, by the monotonic clock"


class Reading:
    """A session that only looks: one connection, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(
        self, statement: Executable, parameters: Mapping[str, object] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement and return its rows."""
        return self._connection.execute(statement, parameters)


class Writing(Reading):
    """A session that is committed when its block ends."""

    def add_row(self, table: Table, **values: object) -> int:
        """Insert one row and return the key the database gave it."""
        key = self._connection.execute(_insert_into(table), values).inserted_primary_key
        return cast("tuple[int, ...]", key)[0]

    def add_rows(self, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert rows; at least one, all with the same columns."""
        # One row alone must not go the long way of many.
        self._connection.execute(_insert_into(table), rows if len(rows) > 1 else rows[0])

    def change_rows(
        self, statement: Update | Delete, parameters: Mapping[str, object] | None = None
    ) -> int:
        """Run one guarded UPDATE or DELETE and return how many rows it touched."""
        return self._connection.execute(statement, parameters).rowcount


@cache
def _insert_into(table: Table) -> Insert:
    """Return the INSERT of a table, made once: making it anew costs as much as running it."""
    return insert(table)


class Database:
    """Where the rows are. May be used from many threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # PostgreSQL refuses to write in such a session; other engines do not know the option.
        self._read_engine = engine.execution_options(postgresql_readonly=True)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Open a session that only looks: nothing that it did would stay."""
        with named_errors(), self._read_engine.connect() as connection:
            _begin(connection, "BEGIN")
            yield Reading(connection)
            _end_reading(connection)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Open a session that is committed when the block ends without an error.

        Raises:
            RowConflictError: a unique index refused a row.
            DatabaseUnavailableError: the database did not answer; if that was at the
                commit, whether it took effect is not known.
        """
        with self.connection_for_schema() as connection:
            yield Writing(connection)

    @contextmanager
    def rehearsing(self) -> Iterator[Writing]:
        """Open a writing session of which nothing stays: it tells whether the block would pass.

        It takes the locks of a writing one, and gives them back when the block ends.

        Raises:
            RowConflictError: a unique index refused a row.
            DatabaseUnavailableError: the database did not answer.
        """
        with named_errors(), self.engine.connect() as connection:
            _begin(connection, "BEGIN IMMEDIATE")
            yield Writing(connection)
            connection.rollback()

    @contextmanager
    def connection_for_schema(self) -> Iterator[Connection]:
        """Open one transaction that may change the schema; committed at the end."""
        with named_errors(), self.engine.begin() as connection:
            _begin(connection, "BEGIN IMMEDIATE")
            yield connection

    def close(self) -> None:
        """Give the connections back to the system."""
        self.engine.dispose()


def open_database(url: str, pool_size: int = POOL_SIZE) -> Database:
    """Open a database by its SQLAlchemy address; SQLite and PostgreSQL (psycopg) are known.

    Raises:
        PathUnusableError: SQLite's folder or file cannot be made or written here.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return Database(_sqlite_engine(address, pool_size))
    return Database(_postgresql_engine(address, pool_size))


def is_missing(url: str) -> bool:
    """Say whether opening an address would make a new SQLite file."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return False
    return not Path(address.database).exists()


def _sqlite_engine(address: URL, pool_size: int) -> Engine:
    if address.database:
        _require_writable(Path(address.database))
    engine = create_engine(address, pool_size=pool_size, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _require_writable(file: Path) -> None:
    """Make a file's folder if it is missing; SQLite itself would not say what it cannot open."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        present = file.exists()
    except OSError as error:
        raise PathUnusableError(str(file.parent), error.strerror or "") from error
    # Its log and its lock stand beside it.
    for path in (file.parent, file) if present else (file.parent,):
        if not os.access(path, os.R_OK | os.W_OK):
            raise PathUnusableError(str(path), os.strerror(errno.EACCES))


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late and is never IMMEDIATE: we say when.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection, how: str) -> None:
    """Begin a transaction on SQLite; PostgreSQL's driver begins one by itself.

    Not by SQLAlchemy's event "begin": one listener makes every statement of the engine slower.
    """
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().execute(how)


def _end_reading(connection: Connection) -> None:
    """End a transaction that only looked.

    psycopg forgets every prepared statement with a ROLLBACK, and the next session has them planned
    anew: four fifths of what PostgreSQL does for a holder's list (docs/plans.md). Its transaction
    is read only, so that there is nothing a COMMIT could make stay. SQLite's is rolled back.
    """
    if connection.dialect.name == "postgresql":
        connection.commit()


def _postgresql_engine(address: URL, pool_size: int) -> Engine:
    options = (
        f"-c lock_timeout={LOCK_TIMEOUT_MILLISECONDS}"
        f" -c statement_timeout={STATEMENT_TIMEOUT_MILLISECONDS} -c timezone=UTC"
    )
    engine = create_engine(
        address,
        pool_size=pool_size,
        hide_parameters=True,
        connect_args={"options": options, "connect_timeout": CONNECT_TIMEOUT_SECONDS},
    )
    _require_alive(engine)
    return engine


def _require_alive(engine: Engine) -> None:
    """Have connections that lay unused tried before they are used again: a dead one is replaced.

    SQLAlchemy's own way (``pool_pre_ping``) tries each time, which is one way to the database and
    back of the six that a holder's list takes.
    """
    dialect = engine.dialect

    def put_back(_: object, record: ConnectionPoolEntry) -> None:
        record.info[_PUT_BACK] = time.monotonic()

    def taken(connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info.get(_PUT_BACK, -math.inf) <= TRUSTED_SECONDS:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    event.listen(engine, "checkin", put_back)
    event.listen(engine, "checkout", taken)


@contextmanager
def named_errors() -> Iterator[None]:
    """Give what the database throws in a block the names it has here."""
    try:
        yield
    except IntegrityError as error:
        raise RowConflictError(_constraint(error)) from error
    except DBAPIError as error:
        raise DatabaseUnavailableError(type(error.orig).__name__) from error
    except SQLAlchemyError as error:
        raise DatabaseUnavailableError(type(error).__name__) from error


def _constraint(error: IntegrityError) -> str:
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        return str(diagnostics.constraint_name)
    # SQLite names the columns or the index; it never shows values.
    return str(error.orig)
