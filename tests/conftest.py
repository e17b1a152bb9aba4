"""Makes the fixture modules of this folder (``pki``, ``memory_keys``) importable by every test."""

from servers import kept_database, postgres_server, postgres_url, s3_settings, seaweed_server
from world_fixtures import (
    either_database,
    either_store,
    either_world,
    empty_database,
    sqlite_database,
    world,
)

__all__ = [
    "either_database",
    "either_store",
    "either_world",
    "empty_database",
    "kept_database",
    "postgres_server",
    "postgres_url",
    "s3_settings",
    "seaweed_server",
    "sqlite_database",
    "world",
]
