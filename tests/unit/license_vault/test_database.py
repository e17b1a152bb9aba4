"""Sessions: what is durable, what is locked, what is named when it fails."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text

from license_vault.database import sessions
from license_vault.database.schema import migrate
from license_vault.database.sessions import Database, open_database
from license_vault.database.tables import (
    BEING_ISSUED,
    IN_FORCE,
    IN_THE_MAKING,
    NOT_VOID,
    OrganisationRow,
    table_of,
)
from license_vault.errors import DatabaseUnavailableError, RowConflictError
from license_vault.license import LicenseStatus
from license_vault.registry.registry import HOLDING_A_NUMBER

ORG = table_of(OrganisationRow)
NOW = datetime(2026, 6, 1, 4, 0, 0, tzinfo=UTC)


def _organisation(code: str, at: datetime = NOW) -> dict[str, object]:
    return {"code": code, "name": "某机关", "region": "110101", "added_at": at}


def test_a_block_without_an_error_is_committed(either_database: Database) -> None:
    with either_database.writing() as session:
        session.add_row(ORG, **_organisation("A"))
    with either_database.reading() as session:
        assert session.execute(select(ORG.c.code)).scalars().all() == ["A"]


def test_a_block_with_an_error_leaves_nothing(either_database: Database) -> None:
    with pytest.raises(KeyError), either_database.writing() as session:  # noqa: PT012
        session.add_row(ORG, **_organisation("A"))
        raise KeyError
    with either_database.reading() as session:
        assert session.execute(select(ORG.c.code)).first() is None


def test_a_taken_key_is_named_without_values(either_database: Database) -> None:
    with either_database.writing() as session:
        session.add_row(ORG, **_organisation("SECRET-CODE"))
    with pytest.raises(RowConflictError) as caught, either_database.writing() as session:
        session.add_row(ORG, **_organisation("SECRET-CODE"))
    assert "SECRET-CODE" not in str(caught.value)
    assert "SECRET-CODE" not in str(caught.value.__cause__).split("DETAIL")[0]


def test_a_reading_session_commits_nothing(either_database: Database) -> None:
    if either_database.engine.dialect.name == "postgresql":
        with pytest.raises(DatabaseUnavailableError), either_database.reading() as session:
            session.execute(text("DELETE FROM organisation"))
        return
    with either_database.reading() as session:
        session.execute(ORG.insert().values(**_organisation("A")))
    with either_database.reading() as session:
        assert session.execute(select(ORG.c.code)).first() is None


def test_instants_come_back_aware_and_in_utc(either_database: Database) -> None:
    china = NOW.astimezone(timezone(timedelta(hours=8)))
    with either_database.writing() as session:
        session.add_row(ORG, **_organisation("A", china))
    with either_database.reading() as session:
        found = session.execute(select(ORG.c.added_at)).scalar_one()
    assert found == NOW
    assert found.tzinfo is UTC


def test_sqlite_is_set_to_keep_what_it_has_said(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'vault.db'}")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    with database.reading() as session:
        for name, value in wanted.items():
            assert session.execute(text(f"PRAGMA {name}")).scalar() == value, name
    database.close()


def test_a_writer_on_sqlite_holds_the_lock_from_its_beginning(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'vault.db'}"
    database = open_database(address)
    migrate(database)
    other = sqlite3.connect(tmp_path / "vault.db", timeout=0.01, isolation_level=None)
    with database.writing(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()
    database.close()


@pytest.mark.postgres
def test_postgresql_keeps_the_plan_of_what_is_asked_again(postgres_url: str) -> None:
    database = open_database(postgres_url, pool_size=1)
    migrate(database)
    for _ in range(7):
        with database.reading() as session:
            session.execute(select(ORG.c.code).where(ORG.c.code == "A")).first()
    with database.reading() as session:
        planned = session.execute(text("SELECT statement FROM pg_prepared_statements")).scalars()
        assert any("FROM organisation" in statement for statement in planned)
    database.close()


def test_a_server_that_is_not_there_is_named() -> None:
    database = open_database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailableError), database.reading():
        pass


def test_the_indexes_speak_of_the_states_that_the_code_has() -> None:
    states = {status.value for status in LicenseStatus}
    named = {
        word
        for condition in (IN_FORCE, BEING_ISSUED, IN_THE_MAKING, NOT_VOID)
        for word in condition.split("'")
    }
    assert named & states == {"valid", "suspended", "issuing", "pending", "void"}
    assert {s.value for s in HOLDING_A_NUMBER} == {"valid", "suspended", "issuing", "pending"}


def _backend(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())


def _kill(url: str, backend: int) -> None:
    other = open_database(url)
    with other.writing() as session:
        session.execute(text(f"SELECT pg_terminate_backend({backend}, 5000)"))
    other.close()


@contextmanager
def _connection_that_died(url: str) -> Iterator[tuple[Database, int]]:
    """A pool of one connection, which the server has just ended; and its backend."""
    database = open_database(url, pool_size=1)
    first = _backend(database)
    _kill(url, first)
    yield database, first
    database.close()


@pytest.mark.postgres
def test_a_connection_that_died_while_it_lay_unused_is_replaced(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "TRUSTED_SECONDS", 0.0)
    with _connection_that_died(postgres_url) as (database, first):
        assert _backend(database) != first


@pytest.mark.postgres
def test_one_that_died_between_two_uses_is_told_once_and_replaced(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "TRUSTED_SECONDS", 3600.0)
    with _connection_that_died(postgres_url) as (database, first):
        with pytest.raises(DatabaseUnavailableError):
            _backend(database)
        assert _backend(database) != first
