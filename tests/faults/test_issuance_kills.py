"""kill -9 between the steps of issuing, in a real process: never lost, never two.

On SQLite and a folder, and on PostgreSQL and SeaweedFS. Afterwards the same request is sent
again, as its sender would, or ``reconcile`` runs, as the operator's timer would.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from vault_world import CALLER, FORMS, World, copied_world, example, new_world, save

from license_vault.database.sessions import open_database
from license_vault.fsck.fsck import Fsck, FsckServices
from license_vault.issuing.reconciliation import reconcile
from license_vault.license import LicenseStatus
from license_vault.lifecycle.verbs import VERBS
from license_vault.registry.records import LicenseFilter, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.store.directory import DirectoryStore
from license_vault.store.object_store import ListingStore

CHILD = Path(__file__).parent / "issue_child.py"
STEPS = (
    "checked",
    "intent-recorded",
    "sealed",
    "output-checked",
    "deposited-pdf",
    "deposited-ofd",
    "deposited-json",
    "deposited",
    "valid",
)


@dataclass
class Place:
    """A world, and how another process finds it."""

    world: World
    database: str
    store: dict[str, object]
    folder: Path
    dying: "subprocess.Popen[str]"

    def issue_and_die(self, step: str, body: dict[str, object], **more: str) -> None:
        saved = self.folder / "world.json"
        save(self.world, saved)
        order = {
            "database": self.database,
            "store": self.store,
            "world": str(saved),
            "body": body,
            "key": "key",
            "step": step,
            **more,
        }
        assert self.dying.stdin is not None
        assert self.dying.stdout is not None
        self.dying.stdin.write(json.dumps(order) + "\n")
        self.dying.stdin.flush()
        assert self.dying.stdout.readline() == f"{-signal.SIGKILL}\n"


@pytest.fixture(scope="module")
def dying() -> Iterator["subprocess.Popen[str]"]:
    """The program whose processes issue and are killed; what they complain of is ours to see."""
    command, pipe = [sys.executable, str(CHILD)], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as program:
        yield program


@pytest.fixture(
    params=[
        pytest.param("embedded", id="sqlite-directory"),
        pytest.param(
            "servers",
            id="postgres-s3",
            marks=[pytest.mark.postgres, pytest.mark.s3, pytest.mark.slow],
        ),
    ]
)
def place(
    request: pytest.FixtureRequest, tmp_path: Path, dying: "subprocess.Popen[str]"
) -> Iterator[Place]:
    store: ListingStore
    if request.param == "embedded":
        address = f"sqlite:///{tmp_path / 'vault.db'}"
        where: dict[str, object] = {"directory": str(tmp_path / "store")}
        store = DirectoryStore(tmp_path / "store")
    else:
        from license_vault.store.s3 import S3Store

        address = request.getfixturevalue("postgres_url")
        settings = request.getfixturevalue("s3_settings")
        where, store = asdict(settings), S3Store(settings)
    database = open_database(address)
    # Making a world costs more than what is shown here; on SQLite one is copied.
    made = copied_world if request.param == "embedded" else new_world
    yield Place(made(database, store), address, where, tmp_path, dying)
    database.close()


def _licenses(world: World) -> tuple[LicenseRecord, ...]:
    with world.database.reading() as session:
        return Registry(session).page(LicenseFilter(), 10)


def _violations(world: World) -> list[str]:
    services = FsckServices(world.database, world.store, world.vault, world.keys, world.clock)
    return [str(violation) for violation in Fsck(services).run()]


# The same cuts are made in one process, at every step, by test_issuance_cuts.
@pytest.mark.parametrize(
    "step",
    [
        pytest.param(step, marks=pytest.mark.slow)
        if step
        in {
            "checked",
            "sealed",
            "output-checked",
            "deposited-pdf",
            "deposited-json",
            "deposited",
            "valid",
        }
        else step
        for step in STEPS
    ],
)
def test_a_killed_process_leaves_what_the_same_request_makes_good(place: Place, step: str) -> None:
    body, world = example(), place.world
    place.issue_and_die(step, body)
    assert len(_licenses(world)) == (step != "checked")
    world.later(seconds=61)

    issued = world.issuance().issue(body, CALLER, "key")

    assert issued.license.status is LicenseStatus.VALID
    assert issued.replayed == (step != "checked")
    assert _licenses(world) == (issued.license,)
    assert len(list(world.store.all_keys())) == len(FORMS)
    assert _violations(world) == []


@pytest.mark.parametrize("place", ["embedded"], indirect=True)
@pytest.mark.parametrize(
    "step",
    [
        pytest.param("intent-recorded", marks=pytest.mark.slow),
        pytest.param("output-checked", marks=pytest.mark.slow),
        pytest.param("deposited-ofd", marks=pytest.mark.slow),
        pytest.param("deposited", marks=pytest.mark.slow),
        "valid",
    ],
)
def test_a_killed_process_leaves_what_reconcile_makes_good(place: Place, step: str) -> None:
    world = place.world
    place.issue_and_die(step, example())
    (before,) = _licenses(world)

    done = reconcile(world.issuance(), timedelta(0))

    (after,) = _licenses(world)
    assert done.finished == ((after.identifier,) if step != "valid" else ())
    assert after.status is LicenseStatus.VALID
    assert (after.identifier, after.content_id) == (before.identifier, before.content_id)
    assert len(list(world.store.all_keys())) == len(FORMS)
    assert _violations(world) == []
    # The sender, who never had an answer, gets it now.
    assert world.issuance().issue(example(), CALLER, "key").license == after


CHANGE = {"basis": "依据", "case_number": "BG-1", "fields": {"legal_representative": "孙七"}}
IN_FORCE = (LicenseStatus.VALID, LicenseStatus.SUSPENDED)


@pytest.mark.parametrize("place", ["embedded"], indirect=True)
@pytest.mark.parametrize(
    "step",
    [
        "deposited-ofd",
        pytest.param("intent-recorded", marks=pytest.mark.slow),
        pytest.param("valid", marks=pytest.mark.slow),
    ],
)
def test_a_process_killed_in_a_change_leaves_one_version_in_force(place: Place, step: str) -> None:
    world = place.world
    old = world.issuance().issue(example(), CALLER, "first").license
    place.issue_and_die(step, CHANGE, changes=old.identifier)
    assert len([one for one in _licenses(world) if one.status in IN_FORCE]) == 1
    assert _violations(world) == []
    world.later(seconds=61)

    made = world.versions().make(old.identifier, VERBS["change"], CHANGE, CALLER, "key")

    assert made.replayed
    new, before = _licenses(world)
    assert (new, new.predecessor) == (made.license, old.identifier)
    assert [new.status, before.status] == [LicenseStatus.VALID, LicenseStatus.SUPERSEDED]
    assert len(list(world.store.all_keys())) == 2 * len(FORMS)
    assert _violations(world) == []


@pytest.mark.parametrize("place", ["embedded"], indirect=True)
@pytest.mark.parametrize(
    "step",
    [
        "deposited-pdf",
        pytest.param("intent-recorded", marks=pytest.mark.slow),
        pytest.param("valid", marks=pytest.mark.slow),
    ],
)
def test_a_process_killed_in_a_group_leaves_all_or_none_in_force(place: Place, step: str) -> None:
    world, body = place.world, example(duplicates=1)
    place.issue_and_die(step, body)
    assert len({one.status for one in _licenses(world)}) == 1
    assert len(_licenses(world)) == 2

    reconcile(world.issuance(), timedelta(0))

    assert [one.status for one in _licenses(world)] == [LicenseStatus.VALID] * 2
    assert len(list(world.store.all_keys())) == 2 * len(FORMS)
    assert _violations(world) == []
    answered = world.issuance().issue(body, CALLER, "key")
    assert answered.replayed
    assert len(_licenses(world)) == 2
