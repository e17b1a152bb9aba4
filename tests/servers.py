"""Real stores for tests: one PostgreSQL and one SeaweedFS a test run, started when first asked for.

Skipped with a reason where the programs are not installed. Every test gets a database, or a
bucket, of its own, or (``kept_database``) one that was emptied for it.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from schemas import KeptDatabase

from examples.local_servers import (
    PostgresServer,
    SeaweedServer,
    free_port,
    postgres_missing,
    s3_client,
    weed_missing,
)
from license_vault.store.s3 import S3Settings

__all__ = ["PostgresServer", "SeaweedServer", "free_port", "s3_client"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    if missing := postgres_missing():
        pytest.skip(missing)
    # Not below pytest's own folder, which the next run closes to the user the server runs as.
    with tempfile.TemporaryDirectory(prefix="license-vault-postgres-") as folder:
        # What is killed here is a process, never the machine: nothing has to wait for a disk.
        server = PostgresServer(Path(folder) / "cluster", "fsync=off", "full_page_writes=off")
        yield server
        server.stop()


@pytest.fixture(scope="session")
def seaweed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedServer]:
    if missing := weed_missing():
        pytest.skip(missing)
    server = SeaweedServer(tmp_path_factory.mktemp("seaweed"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def kept_database(postgres_server: PostgresServer) -> KeptDatabase:
    return KeptDatabase(postgres_server)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    return postgres_server.new_database()


@pytest.fixture
def s3_settings(seaweed_server: SeaweedServer) -> S3Settings:
    return seaweed_server.new_bucket()
