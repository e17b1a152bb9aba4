"""The schema for a test's empty database, without walking through every migration again.

``test_migrations`` shows that migrations and code make the same schema; everybody else takes it
from here. SQLite gets a copy of a database migrated once a process, PostgreSQL the statements.
"""

import sqlite3
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_mock_engine

from license_vault.database.schema import head_revision, migrate
from license_vault.database.sessions import Database, open_database
from license_vault.database.tables import metadata


def provide_schema(database: Database) -> None:
    """Give an empty database the schema of the code, and the rows it begins with."""
    connection = database.engine.raw_connection()
    try:
        if database.engine.dialect.name == "sqlite":
            _migrated_sqlite().backup(connection.driver_connection)
        else:
            cursor = connection.cursor()
            cursor.execute(_postgresql_statements())
            for statement, row in _first_rows():
                cursor.execute(statement, row)
            connection.commit()
    finally:
        connection.close()


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
        f"INSERT INTO alembic_version VALUES ('{head_revision()}')",
    ]
    return ";\n".join(statements)
