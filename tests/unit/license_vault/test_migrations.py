"""The migrations lead to the schema that the code has, on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from servers import PostgresServer
from sqlalchemy import text

from license_vault.database import schema as database_schema
from license_vault.database.schema import HEAD_REVISION, current_revision, migrate, require_head
from license_vault.database.sessions import Database, open_database
from license_vault.database.tables import metadata
from license_vault.errors import SchemaOutdatedError

_SQLITE_SCHEMA = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' ORDER BY name"
_POSTGRES_SCHEMA = """
    SELECT table_name || '.' || column_name, data_type || is_nullable
      FROM information_schema.columns WHERE table_schema = 'public'
     UNION SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
     UNION SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
     ORDER BY 1, 2
"""


def _schema(database: Database) -> list[tuple[str, str]]:
    sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.connect() as connection:
        rows = connection.execute(text(_SQLITE_SCHEMA if sqlite else _POSTGRES_SCHEMA))
        found = [(name, " ".join((sql or "").split())) for name, sql in rows]
    return [(name, sql) for name, sql in found if "alembic" not in name + sql]


def test_there_is_one_head_and_the_code_names_it() -> None:
    heads = ScriptDirectory(str(database_schema._SCRIPTS)).get_heads()
    assert heads == [HEAD_REVISION]


def test_an_empty_database_is_led_to_the_schema_of_the_code(empty_database: Database) -> None:
    migrate(empty_database)
    with empty_database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert current_revision(empty_database) == HEAD_REVISION
    require_head(empty_database)


@pytest.fixture
def made_by_code(
    empty_database: Database, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Database]:
    """A second database of the same kind, made from the code without migrations."""
    if empty_database.engine.dialect.name == "sqlite":
        database = open_database(f"sqlite:///{tmp_path / 'code.db'}")
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        database = open_database(server.new_database())
    with database.connection_for_schema() as connection:
        metadata.create_all(connection)
    yield database
    database.close()


def test_indexes_and_constraints_are_those_of_the_code_too(
    empty_database: Database, made_by_code: Database
) -> None:
    migrate(empty_database)
    migrated, coded = dict(_schema(empty_database)), dict(_schema(made_by_code))
    assert migrated.keys() == coded.keys()
    if empty_database.engine.dialect.name == "postgresql":
        assert migrated == coded
    else:
        # A table's text differs in the order of its constraints; an index's does not.
        indexes = {name for name, sql in coded.items() if "INDEX" in sql[:20]}
        assert {n: migrated[n] for n in indexes} == {n: coded[n] for n in indexes}


def test_migrating_again_changes_nothing(empty_database: Database) -> None:
    migrate(empty_database)
    before = _schema(empty_database)
    migrate(empty_database)
    assert _schema(empty_database) == before


def test_a_database_without_the_schema_is_refused(empty_database: Database) -> None:
    with pytest.raises(SchemaOutdatedError) as caught:
        require_head(empty_database)
    assert caught.value.found is None
    assert caught.value.needed == HEAD_REVISION


@pytest.mark.parametrize(("before", "after"), [("active", "active"), ("retired", "cancelled")])
def test_a_seal_installed_before_seals_were_made_stays_as_it_is(
    empty_database: Database, before: str, after: str
) -> None:
    from alembic import command

    from license_vault.seals.registry import SealRegistry

    with empty_database.connection_for_schema() as connection:
        command.upgrade(database_schema._config(connection), "0002")
        connection.execute(
            text(
                "INSERT INTO organisation (id, code, name, region, added_at)"
                " VALUES (1, 'C', '某局', '110101', '2026-06-01 00:00:00')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO seal (code, owner_id, key_label, certificate, chain, picture, state,"
                " installed_at, changed_at) VALUES ('11010100000001', 1, 'seal/x', :der, '[]',"
                " :picture, :state, '2026-06-01 00:00:00', '2026-06-01 00:00:00')"
            ),
            {"der": b"der", "picture": '{"shape": "round", "ring_text": "某局"}', "state": before},
        )
    migrate(empty_database)
    with empty_database.reading() as session:
        record = SealRegistry(session).get("11010100000001")
    assert (record.state, record.name, record.kind) == (after, "某局", "special")
    assert (record.seal.ses, record.filing_number, record.holder) == (b"", None, None)
