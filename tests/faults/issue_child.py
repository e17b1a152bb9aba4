"""Processes that issue a license, a group or a next version and are killed at a step.

As by a power cut. Run by test_issuance_kills. Everything is loaded once; then each line of the
input, an order in JSON, is a process of its own, forked off before any thread runs. How it ended is
written as a line. Not a test.
"""

import json
import os
import signal
import sys
import traceback
from dataclasses import replace
from pathlib import Path

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

from vault_world import CALLER, load, warm_fonts  # noqa: E402

from license_vault.database.sessions import open_database  # noqa: E402
from license_vault.issuing.issuance import Issuance  # noqa: E402
from license_vault.issuing.side_by_side import SideBySide  # noqa: E402
from license_vault.lifecycle.verbs import VERBS  # noqa: E402
from license_vault.lifecycle.versions import Versions  # noqa: E402
from license_vault.store.directory import DirectoryStore  # noqa: E402
from license_vault.store.object_store import ListingStore  # noqa: E402


def open_store(where: dict[str, str]) -> ListingStore:
    """The store that the test uses too."""
    if "directory" in where:
        return DirectoryStore(Path(where["directory"]))
    from license_vault.store.s3 import S3Settings, S3Store

    return S3Store(S3Settings(**where))


def issue(order: dict[str, object]) -> None:
    """Issue, or make the next version, and die at the step: no handler runs."""
    step = order["step"]

    def die_at(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    database = open_database(str(order["database"]))
    store = open_store(order["store"])  # type: ignore[arg-type]
    world = load(Path(str(order["world"])), database, store).with_(checkpoint=die_at)
    # Side by side, as the service does: the other forms may be anywhere when it dies.
    services = replace(world.services(), doing=SideBySide(3))
    issuance = Issuance(services)
    body, key = order["body"], str(order["key"])
    if "changes" in order:
        versions = Versions(issuance, world.settling())
        versions.make(str(order["changes"]), VERBS["change"], body, CALLER, key)
    else:
        issuance.issue(body, CALLER, key)


def ended(order: dict[str, object]) -> int:
    """Let a process of its own do it; return how that ended."""
    pid = os.fork()
    if pid == 0:
        try:
            issue(order)
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    warm_fonts()
    for line in sys.stdin:
        sys.stdout.write(f"{ended(json.loads(line))}\n")
        sys.stdout.flush()
