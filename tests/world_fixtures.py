"""Worlds as fixtures: ``world`` on the embedded default, ``either_world`` on both kinds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from schemas import empty_sqlite, kept_open, provide_schema
from vault_world import World, copied_world, new_world

from license_vault.database.sessions import Database, open_database
from license_vault.store.directory import DirectoryStore
from license_vault.store.object_store import ListingStore

EITHER = [
    pytest.param("embedded", id="sqlite-directory"),
    pytest.param("servers", id="postgres-s3", marks=[pytest.mark.postgres, pytest.mark.s3]),
]


@contextmanager
def _emptied(request: pytest.FixtureRequest) -> Iterator[Database]:
    database = kept_open(request.getfixturevalue("kept_database").emptied())
    yield database
    database.close()


def _servers_store(request: pytest.FixtureRequest) -> ListingStore:
    from license_vault.store.s3 import S3Store

    return S3Store(request.getfixturevalue("s3_settings"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A vault on SQLite and a folder."""
    with empty_sqlite("world") as database:
        yield copied_world(database, DirectoryStore(tmp_path / "store"))


@pytest.fixture(params=EITHER)
def either_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A vault on SQLite and a folder, and one on PostgreSQL and SeaweedFS."""
    if request.param == "embedded":
        with empty_sqlite("either-world") as database:
            yield copied_world(database, DirectoryStore(tmp_path / "store"))
    else:
        with _emptied(request) as database:
            yield new_world(database, _servers_store(request))


DATABASES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
]


@pytest.fixture
def sqlite_database() -> Iterator[Database]:
    """A database of SQLite with the schema and no more."""
    with empty_sqlite("database") as database:
        provide_schema(database)
        yield database


@pytest.fixture(params=DATABASES)
def either_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of each kind with the schema and no more."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
    else:
        with _emptied(request) as database:
            provide_schema(database)
            yield database


@pytest.fixture(params=DATABASES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of each kind with nothing in it."""
    if request.param == "sqlite":
        database = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        database = open_database(request.getfixturevalue("postgres_url"))
    yield database
    database.close()


@pytest.fixture(
    params=[
        pytest.param("directory", id="directory"),
        pytest.param("s3", id="s3", marks=pytest.mark.s3),
    ]
)
def either_store(request: pytest.FixtureRequest, tmp_path: Path) -> ListingStore:
    """An empty store of each kind."""
    if request.param == "directory":
        return DirectoryStore(tmp_path / "objects")
    return _servers_store(request)
