"""The schema for a test's empty database, without walking through every migration again.

``test_migrations`` shows that migrations and code make the same schema; everybody else takes it
from here. SQLite gets a copy of a database migrated once a process, PostgreSQL the statements,
or one database that every test of a process finds as if it had just been made (``KeptDatabase``).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import create_mock_engine, inspect

from examples.local_servers import PostgresServer
from license_vault.database.schema import HEAD_REVISION, migrate
from license_vault.database.sessions import Database, open_database
from license_vault.database.tables import metadata


def provide_schema(database: Database) -> None:
    """Give a database the schema of the code and the rows it begins with, unless it has them."""
    if inspect(database.engine).has_table("alembic_version"):
        return
    connection = database.engine.raw_connection()
    try:
        if database.engine.dialect.name == "sqlite":
            _migrated_sqlite().backup(connection.driver_connection)
        else:
            cursor = connection.cursor()
            cursor.execute(_postgresql_statements())
            _fill(cursor)
            connection.commit()
    finally:
        connection.close()


@cache
def kept_open(url: str) -> Database:
    """Return a process's one Database of an address; closed, it opens again by itself.

    The SQL that it has compiled stays with it: a tenth of the time of a test with a new one.
    """
    return open_database(url)


@contextmanager
def empty_sqlite(name: str) -> Iterator[Database]:
    """An empty file of SQLite for one test; one at a time has a name. It is gone at the end."""
    folder = Path(_folder().name) / name
    folder.mkdir()
    database = kept_open(f"sqlite:///{folder / 'vault.db'}")
    yield database
    database.close()
    rmtree(folder)


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="license-vault-tests-")


class KeptDatabase:
    """A database of PostgreSQL with the schema, of a process: ``emptied`` for each test."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._url = self._made()

    def emptied(self) -> str:
        """Return its address; another one's, where a test before still holds on to its rows."""
        try:
            self._empty()
        except psycopg.errors.LockNotAvailable:
            self._url = self._made()
        return self._url

    def _made(self) -> str:
        database = open_database(self._server.new_database())
        provide_schema(database)
        database.close()
        return str(database.engine.url)

    def _empty(self) -> None:
        address = self._url.replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            # Neither foreign keys nor what guards rows against deletion.
            connection.execute("SET session_replication_role = replica; SET lock_timeout = '2s'")
            connection.execute(";".join(f"DELETE FROM {name}" for name in metadata.tables))
            connection.execute(
                "SELECT setval(oid, 1, false) FROM pg_class"
                " WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"
            )
            _fill(connection.cursor())


def _fill(cursor: psycopg.Cursor[tuple[object, ...]]) -> None:
    for statement, row in _first_rows():
        cursor.execute(statement, row)


@cache
def _first_rows() -> tuple[tuple[str, tuple[object, ...]], ...]:
    """Return what the migrations put into the tables."""
    found = []
    for table in metadata.tables.values():
        names = ", ".join(column.name for column in table.columns)
        places = ", ".join("%s" for _ in table.columns)
        rows = _migrated_sqlite().execute(f"SELECT {names} FROM {table.name}").fetchall()
        found += [(f"INSERT INTO {table.name} ({names}) VALUES ({places})", row) for row in rows]
    return tuple(found)


@cache
def _migrated_sqlite() -> sqlite3.Connection:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "migrated.db"
        database = open_database(f"sqlite:///{file}")
        migrate(database)
        database.close()
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        sqlite3.connect(file).backup(kept)
    return kept


@cache
def _postgresql_statements() -> str:
    statements: list[str] = []
    engine = create_mock_engine(
        "postgresql+psycopg://",
        lambda made, *_, **__: statements.append(str(made.compile(dialect=engine.dialect))),
    )
    metadata.create_all(engine, checkfirst=False)
    statements += [
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
        f"INSERT INTO alembic_version VALUES ('{HEAD_REVISION}')",
    ]
    return ";\n".join(statements)
