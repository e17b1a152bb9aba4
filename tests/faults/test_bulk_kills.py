"""2,000 rows, killed ten times with -9 at random points: counts are exact, nothing is done twice.

Rows are issued, adopted with their files, or refused. The child process forks a new one for each
try; whoever comes next holds the slot of the one that died, or takes it over while both lived.
"""

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from bulk_world import row, write_rows
from sqlalchemy import text
from vault_world import World, new_world, save

from license_vault.bulk.jobs import Counts, Job, Jobs, JobState
from license_vault.bulk.outcomes import Ending
from license_vault.bulk.results import outcomes_of
from license_vault.database.sessions import open_database
from license_vault.fsck.fsck import Fsck, FsckServices
from license_vault.store.directory import DirectoryStore

CHILD = Path(__file__).parent / "bulk_child.py"
# Of each hundred rows so many are issued, so many are bad; the rest are adopted.
ISSUED, BAD = 4, 60


@dataclass
class Place:
    """A world, the rows that are to be imported into it, and how another process finds both."""

    world: World
    folder: Path
    database: str

    @property
    def arguments(self) -> dict[str, str]:
        return {
            "database": self.database,
            "system": self.system,
            "store": str(self.folder / "store"),
            "world": str(self.folder / "world.json"),
            "folder": str(self.folder / "in"),
            "input": str(self.folder / "in" / "rows.ndjson"),
        }

    @property
    def system(self) -> str:
        in_a_file = self.database.startswith("sqlite")
        return f"sqlite:///{self.folder / 'jobs.db'}" if in_a_file else self.database

    def kept_by_dbos(self) -> str:
        """Everything that DBOS keeps of workflows and steps, as text."""
        schema = "" if self.system.startswith("sqlite") else "dbos."
        system = open_database(self.system)
        found = []
        with system.reading() as session:
            for table in ("workflow_status", "operation_outputs"):
                found += session.execute(text(f"SELECT * FROM {schema}{table}")).all()
        system.close()
        return str(found)

    def run(self, kills: list[int], how: str) -> list[int]:
        """Run the child; return how each of its processes ended."""
        save(self.world, self.folder / "world.json")
        done = subprocess.run(
            [sys.executable, str(CHILD), json.dumps(self.arguments), json.dumps(kills), how],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=1800,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return [int(end) for end in json.loads(done.stdout)]

    def job(self) -> Job:
        with self.world.database.reading() as session:
            (job,) = Jobs(session).page(None, 10)
        return job

    def outcomes(self, only: Ending | None = None) -> list[dict[str, object]]:
        return list(outcomes_of(self.world.database, self.world.keys, self.job(), only))

    def number(self, query: str) -> int:
        with self.world.database.reading() as session:
            return int(session.execute(text(query)).scalar_one())

    def violations(self) -> list[str]:
        world = self.world
        services = FsckServices(world.database, world.store, world.vault, world.keys, world.clock)
        return [str(violation) for violation in Fsck(services).run()]


def written(folder: Path, rows: int) -> Counts:
    """Write rows and their files; return what must become of them."""
    made = [one(folder, number) for number in range(1, rows + 1)]
    write_rows(folder / "rows.ndjson", made)
    bad = sum(number % 100 < BAD for number in range(1, rows + 1))
    return Counts(done=rows - bad, bad=bad)


def one(folder: Path, number: int) -> dict[str, object]:
    place = number % 100
    if place < BAD:
        return row(number, valid_from="2026-02-30")
    if place < BAD + ISSUED:
        return row(number)
    name = f"{number}.pdf"
    (folder / name).write_bytes(b"%PDF-1.7 sealed elsewhere " + str(number).encode())
    return row(number, file=name)


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])],
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    address = f"sqlite:///{tmp_path / 'vault.db'}"
    if request.param == "postgres":
        address = request.getfixturevalue("postgres_url")
    database = open_database(address)
    (tmp_path / "in").mkdir()
    world = new_world(database, DirectoryStore(tmp_path / "store"))
    yield Place(world, tmp_path, address)
    database.close()


ON_SQLITE = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def require_exact(place: Place, rows: int, expected: Counts) -> None:
    """Every row once: in the job's counts, in its outcomes, in the vault."""
    job = place.job()
    assert (job.state, job.staged_rows) == (JobState.FINISHED, rows)
    assert job.counts == expected
    outcomes = place.outcomes()
    assert [outcome["row"] for outcome in outcomes] == list(range(1, rows + 1))
    identifiers = [outcome["identifier"] for outcome in outcomes if outcome["outcome"] == "done"]
    assert len(set(identifiers)) == len(identifiers) == expected.done
    assert place.number("SELECT count(*) FROM license") == expected.done
    assert place.number("SELECT count(*) FROM license WHERE status = 'valid'") == expected.done
    adopted = sum(number % 100 >= BAD + ISSUED for number in range(1, rows + 1))
    assert place.number("SELECT count(*) FROM adopted_file") == adopted
    assert len(list(place.world.store.all_keys())) == expected.done
    refused = place.outcomes(Ending.BAD)
    assert {outcome["code"] for outcome in refused} == {"field-invalid"}
    assert len(refused) == expected.bad
    finished = "SELECT count(*) FROM audit_entry WHERE action = 'job.finished'"
    assert place.number(finished) == 1


def random_kills(rows: int, times: int) -> list[int]:
    """Draw where processes die, in checkpoints: often inside a row, some while rows come in."""
    # A twentieth of the rows each, on average, so that the last kills find work left.
    draw = random.Random(20261122)
    kills = [draw.randint(1, max(2, rows // times)) for _ in range(times - 2)]
    return [2, *kills, 1]


@ON_SQLITE
def test_2000_rows_killed_ten_times_are_done_once(place: Place) -> None:
    rows = 2000
    expected = written(place.folder / "in", rows)
    ends = place.run(random_kills(rows, 10), "again")
    assert ends == [-signal.SIGKILL] * 10 + [0]
    require_exact(place, rows, expected)
    assert place.number("SELECT count(*) FROM bulk_chunk WHERE length(sealed_rows) > 0") == 0


def test_a_survivor_takes_over_from_a_process_that_is_killed_for_good(place: Place) -> None:
    """Each in the vault's own kind of database; DBOS keeps its tables in the same PostgreSQL."""
    expected = written(place.folder / "in", 120)
    first, second = place.run([60], "survive")
    assert (first, second) == (-signal.SIGKILL, 0)
    require_exact(place, 120, expected)
    assert place.violations() == []
    assert "演示企业" not in place.kept_by_dbos()
    assert "job-1-1" in place.kept_by_dbos()


@pytest.mark.slow
@ON_SQLITE
def test_20000_rows_killed_ten_times_are_done_once(place: Place) -> None:
    rows = 20_000
    expected = written(place.folder / "in", rows)
    ends = place.run(random_kills(rows, 10), "again")
    assert ends == [-signal.SIGKILL] * 10 + [0]
    require_exact(place, rows, expected)
    assert place.violations() == []
