"""Starting the four regions: a database, a store, keys, a port and an identity provider each."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from examples.local_servers import (
    ACCESS_KEY,
    SECRET_KEY,
    PostgresServer,
    SeaweedServer,
    free_port,
    postgres_missing,
    weed_missing,
)
from examples.node import Node
from examples.people import IdentityProvider
from examples.regions.region import Region
from keys.provider_software import ScryptCost, SoftwareKeys

# Two processors do; more at once only wait for each other.
AT_ONCE = 2
KEK = "vault-kek"


@dataclass
class Ground:
    """What all regions stand on here: server programs that each has its own part of."""

    folder: Path
    database: PostgresServer
    objects: SeaweedServer
    stack: contextlib.ExitStack
    more: dict[str, str]

    def region(self, code: str) -> Region:
        """Return a region of its own, not set up yet."""
        home = self.folder.resolve() / code
        home.mkdir(parents=True)
        # Throw-away keys, opened by every command: guessing their passphrase need not be dear.
        SoftwareKeys(home / "keys", code.encode(), ScryptCost(n=2**12)).create_secret_key(KEK)
        provider, bucket = IdentityProvider(), self.objects.new_bucket()
        settings = {
            "LICENSE_VAULT_KEYS__PASSPHRASE": code,
            "LICENSE_VAULT_REGION__CODE": code,
            "LICENSE_VAULT_OIDC__ISSUER": self.stack.enter_context(provider.serving()),
            "LICENSE_VAULT_DATABASE__URL": self.database.new_database(),
            "LICENSE_VAULT_STORE__KIND": "s3",
            "LICENSE_VAULT_STORE__BUCKET": bucket.bucket,
            "LICENSE_VAULT_STORE__ENDPOINT_URL": self.objects.endpoint,
            "LICENSE_VAULT_STORE__ACCESS_KEY_ID": ACCESS_KEY,
            "LICENSE_VAULT_STORE__SECRET_ACCESS_KEY": SECRET_KEY,
            "LICENSE_VAULT_WEBHOOKS__NETWORKS": '["127.0.0.0/8"]',
            "LICENSE_VAULT_PARTNERS__PULL_SECONDS": "5",
            "LICENSE_VAULT_PARTNERS__NETWORKS": '["127.0.0.0/8"]',
            "LICENSE_VAULT_VERIFICATION__PARSER_PROCESSES": "1",
        }
        node = Node(home, free_port(), settings | self.more, f"{code} ")
        region = Region(code, node, provider)
        self.stack.callback(region.stop)
        return region


@contextlib.contextmanager
def ground(folder: Path, more: dict[str, str] | None = None) -> Iterator[Ground]:
    """Start PostgreSQL and SeaweedFS while the block runs; at its end the regions stop too.

    Args:
        folder: an empty or missing folder, for the homes of the nodes.
        more: settings of every node besides those that it needs.

    Raises:
        RuntimeError: a server program is missing or did not start.
    """
    if missing := postgres_missing() or weed_missing():
        raise RuntimeError(missing)
    with contextlib.ExitStack() as stack:
        # Not below the folder: the user that PostgreSQL runs as must reach it.
        below = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="regions-")))
        database = PostgresServer(below / "postgres")
        stack.callback(database.stop)
        objects = SeaweedServer(below / "seaweed")
        stack.callback(objects.stop)
        yield Ground(folder, database, objects, stack, more or {})


def start_all(regions: Sequence[Region]) -> None:
    """Set up and serve regions, some at once."""
    with ThreadPoolExecutor(AT_ONCE) as doing:
        for _ in doing.map(_start, regions):
            pass


def _start(region: Region) -> None:
    region.set_up()
    region.start()
