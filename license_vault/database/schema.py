"""Bring a database to the schema this code needs, and say whether it is there.

``license-vault migrate`` calls ``migrate`` before new code starts; the code of the release
before must run on the new schema too (expand, then contract). Serving refuses to start on
another schema than its own.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import column, inspect, select, table, text
from sqlalchemy.engine import Connection

from license_vault.database.sessions import Database, named_errors
from license_vault.errors import SchemaOutdatedError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD_REVISION = "0020"
"""The revision this code was written for: the last of ``license_vault/migrations/versions``."""

_SCRIPTS = Path(__file__).parents[1] / "migrations"
# Two nodes that start at once must not both migrate; any fixed number will do.
_MIGRATION_LOCK = 0x6C76_6D67
_VERSION = table("alembic_version", column("version_num"))


def migrate(database: Database) -> None:
    """Take a database, empty or older, to the head revision."""
    # Whoever only serves or looks never migrates, and loading this takes a third of a second.
    from alembic import command

    with database.connection_for_schema() as connection:
        _lock(connection)
        command.upgrade(_config(connection), "head")


def current_revision(database: Database) -> str | None:
    """Return the revision a database has, None if it is empty.

    Raises:
        DatabaseUnavailableError: it does not answer.
    """
    with named_errors(), database.engine.connect() as connection:
        if not inspect(connection).has_table(_VERSION.name):
            return None
        return connection.execute(select(_VERSION.c.version_num)).scalar()


def require_head(database: Database) -> None:
    """Check that a database has the schema this code needs.

    Raises:
        SchemaOutdatedError: it has another; run ``license-vault migrate``.
    """
    found = current_revision(database)
    if found != HEAD_REVISION:
        raise SchemaOutdatedError(found, HEAD_REVISION)


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _lock(connection: Connection) -> None:
    # SQLite: the transaction has begun IMMEDIATE and holds the only write lock already.
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
