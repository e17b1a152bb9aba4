"""Real stores for tests: one PostgreSQL and one SeaweedFS a test run, started when first asked for.

Skipped with a reason where the programs are not installed. Every test gets a database, or a
bucket, of its own.
"""

from collections.abc import Iterator

import pytest

from examples.local_servers import (
    PostgresServer,
    SeaweedServer,
    free_port,
    postgres_missing,
    s3_client,
    weed_missing,
)
from license_vault.object_store_s3 import S3Settings

__all__ = ["PostgresServer", "SeaweedServer", "free_port", "s3_client"]


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    if missing := postgres_missing():
        pytest.skip(missing)
    server = PostgresServer(tmp_path_factory.mktemp("postgres") / "cluster")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def seaweed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedServer]:
    if missing := weed_missing():
        pytest.skip(missing)
    server = SeaweedServer(tmp_path_factory.mktemp("seaweed"))
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    return postgres_server.new_database()


@pytest.fixture
def s3_settings(seaweed_server: SeaweedServer) -> S3Settings:
    return seaweed_server.new_bucket()
