"""A chunk is worked through once, whatever happens in between; files are kept as they came."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from bulk_world import BulkWorld, order, row, write_rows
from pki import OWNER_CODE
from sqlalchemy import text
from vault_world import CALLER, World, example

from license_vault.bulk.adopted_files import AdoptedFiles
from license_vault.bulk.control import JobControl
from license_vault.bulk.errors import InputUnreadableError, JobStateError
from license_vault.bulk.job_writing import JobWriter
from license_vault.bulk.jobs import Counts, Job, JobKind, Jobs, JobState
from license_vault.bulk.outcomes import Ending
from license_vault.bulk.results import outcomes_of
from license_vault.bulk.slots import hold_any_slot, try_slot
from license_vault.bulk.staging import input_digest
from license_vault.bulk.working import ChunkWorker, Step
from license_vault.database.sessions import Database
from license_vault.errors import StoreUnavailableError
from license_vault.fsck.fsck import Fsck, FsckServices
from license_vault.license import MADE_FROM_RECORDS
from license_vault.license_identifier import compose
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.registry import Registry

TYPE = "11310000MBDEM00076003"


@dataclass
class Desk:
    """A world with one job after the other."""

    bulk: BulkWorld
    jobs: list[Job] = field(default_factory=list)

    @property
    def world(self) -> World:
        return self.bulk.world

    def begin(
        self, rows: list[dict[str, Any]], name: str = "rows", kind: JobKind = JobKind.IMPORT
    ) -> Job:
        path = self.bulk.folder / f"{name}.ndjson"
        write_rows(path, rows)
        job = self.bulk.take_in(path, order(self.bulk.folder, kind))
        with self.world.database.writing() as session:
            JobWriter(session).begin(job.row_id, 1, self.world.now)
        return self.again(job)

    def again(self, job: Job) -> Job:
        with self.world.database.reading() as session:
            return Jobs(session).get(job.name)

    def work(self, job: Job, worker: ChunkWorker | None = None) -> list[Step]:
        worker, steps = worker or self.bulk.worker(), []
        while not steps or steps[-1] is Step.DONE:
            steps.append(worker.run(job.row_id, job.attempt, len(steps)))
        if steps[-1] is Step.END:
            worker.finish(job.row_id)
        return steps

    def outcomes(self, job: Job, only: Ending | None = None) -> list[dict[str, Any]]:
        return list(outcomes_of(self.world.database, self.world.keys, self.again(job), only))


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "in"
    folder.mkdir()
    return Desk(BulkWorld(world, folder, rows_a_chunk=3))


def test_rows_are_issued_adopted_found_or_refused(desk: Desk) -> None:
    folder, world = desk.bulk.folder, desk.world
    (folder / "4.pdf").write_bytes(b"%PDF sealed elsewhere")
    (folder / "5.pdf").write_bytes(b"%PDF altered")
    own = compose(TYPE, OWNER_CODE, "OLD1").text
    rows = [
        row(1),
        row(1),
        row(2, valid_from="2026-02-30"),
        row(4, file="4.pdf", identifier=own),
        row(5, file="5.pdf"),
        row(6, file="../bulk.pdf"),
        row(7, file="none.pdf"),
        row(8, file=["4.pdf"]),
        row(9, authority_code=OWNER_CODE[:-1] + "X"),
    ]
    body_type = rows[0]["type_code"]
    rows[3]["identifier"] = own = compose(str(body_type), OWNER_CODE, "OLD1").text
    job = desk.begin(rows)
    assert desk.work(job) == [Step.DONE] * 3 + [Step.END]

    job = desk.again(job)
    assert (job.state, job.counts) == (JobState.FINISHED, Counts(done=2, existing=2, bad=5))
    found = desk.outcomes(job)
    assert [outcome["outcome"] for outcome in found[:2]] == ["done", "existing"]
    assert found[0]["identifier"] == found[1]["identifier"]
    assert (found[3]["identifier"], found[7]["identifier"]) == (own, own)
    refused = {outcome["row"]: outcome["code"] for outcome in desk.outcomes(job, Ending.BAD)}
    assert refused == {
        3: "field-invalid",
        5: "file-altered",
        6: "file-outside-folder",
        7: "file-missing",
        9: "field-invalid",
    }
    bad = desk.outcomes(job, Ending.BAD)[0]
    assert bad["problems"][0]["pointer"] == "/valid_from"
    assert bad["input"] == rows[2]

    with world.database.reading() as session:
        registry = Registry(session)
        issued, adopted = registry.get(found[0]["identifier"]), registry.get(own)
        kept_issued, kept = registry.kept(issued.identifier), registry.kept(own)
        (grade,) = AdoptedFiles(session).of_licenses([adopted.row_id])
    opener = LicenseOpener(world.vault)
    content = opener.secrets(kept_issued).content
    assert (content.making, content.issued_on.year) == (MADE_FROM_RECORDS, 2024)
    assert opener.secrets(kept).content.making == ""
    assert opener.file(kept, adopted.form("pdf")) == b"%PDF sealed elsewhere"
    assert (grade.trust_level, grade.codes) == ("B", ("x",))
    services = FsckServices(world.database, world.store, world.vault, world.keys, world.clock)
    assert [str(violation) for violation in Fsck(services).run()] == []


def test_the_same_input_is_the_same_job_and_nothing_is_done_twice(desk: Desk) -> None:
    rows = [row(1), row(2)]
    job = desk.begin(rows)
    desk.work(job)
    again = desk.begin(rows)
    assert again.name == job.name
    assert desk.work(again) == [Step.STOPPED]
    # The same licenses in another file: they are there.
    other = desk.begin([*rows, row(3)], "other")
    desk.work(other)
    assert desk.again(other).counts == Counts(done=1, existing=2)


def test_a_chunk_that_was_done_before_is_not_counted_again(desk: Desk) -> None:
    job = desk.begin([row(1)])
    worker = desk.bulk.worker()
    assert worker.run(job.row_id, 1, 0) is Step.DONE
    assert worker.run(job.row_id, 1, 0) is Step.DONE
    with desk.world.database.writing() as session:
        assert not JobWriter(session).end_chunk(job, 0, Counts(done=9), b"", desk.world.now)
    assert desk.again(job).counts == Counts(done=1)
    worker.finish(job.row_id)
    worker.finish(job.row_id)
    finished = text("SELECT count(*) FROM audit_entry WHERE action = 'job.finished'")
    with desk.world.database.reading() as session:
        assert session.execute(finished).scalar() == 1


def test_what_nobody_is_to_blame_for_is_tried_later(desk: Desk) -> None:
    class Unplugged:
        def put_new(self, key: str, data: bytes, media_type: str) -> None:
            raise StoreUnavailableError("unplugged")

        def find(self, key: str) -> bytes | None:
            return None

    job = desk.begin([row(1)])
    broken = replace(desk.bulk, world=desk.world.with_(store=Unplugged()))
    assert broken.worker().run(job.row_id, 1, 0) is Step.LATER
    assert desk.again(job).counts == Counts()
    # What it has begun is finished at once: nobody else has this row.
    assert desk.work(job) == [Step.DONE, Step.END]
    assert desk.again(job).counts == Counts(done=1)


def test_a_paused_job_stands_still_and_goes_on_as_another_attempt(desk: Desk) -> None:
    world = desk.world
    job = desk.begin([row(1)])
    control = JobControl(world.database, world.clock)
    with world.database.writing() as session:
        control.pause(job, CALLER.name, session)
    assert desk.work(job) == [Step.STOPPED]
    with pytest.raises(JobStateError), world.database.writing() as session:
        control.pause(job, CALLER.name, session)
    with world.database.writing() as session:
        control.resume(job, CALLER.name, session)
    with world.database.writing() as session:
        assert JobWriter(session).begin(job.row_id, 1, world.now)
        assert not JobWriter(session).begin(job.row_id, 2, world.now)
    assert desk.work(job) == [Step.STOPPED], "the attempt of before does nothing more"
    assert desk.work(desk.again(job)) == [Step.DONE, Step.END]


def test_licenses_are_revalidated_once_a_year(desk: Desk) -> None:
    """By identifier or by number; the record stands in the next version, the one before is over."""
    bodies = [
        example("medical-institution-duplicate", case_number=f"C{n}", copy=copy)
        for n, copy in enumerate(
            ({"kind": "副本", "ordinal": 1, "of": 2}, {"kind": "副本", "ordinal": 2, "of": 2})
        )
    ]
    first = desk.begin(bodies, "stock")
    desk.work(first)
    one, two = (outcome["identifier"] for outcome in desk.outcomes(first))
    record = {"year": "2027", "result": "合格", "by": "演示机关", "on": "2026-03-01"}
    shared = {"record": record, "basis": "校验"}
    by_number = {name: bodies[1][name] for name in ("type_code", "number", "copy")}
    rows = [
        {**shared, "identifier": one},
        {**shared, **by_number},
        {**shared, **{**by_number, "number": "none"}},
        shared,
        {**shared, "identifier": "x"},
        {"identifier": one, "basis": "校验", "record": {"year": "x"}},
    ]
    job = desk.begin(rows, "revalidation", JobKind.REVALIDATION)
    desk.work(job)

    assert desk.again(job).counts == Counts(done=2, bad=4)
    codes = [outcome["code"] for outcome in desk.outcomes(job, Ending.BAD)]
    assert codes == [
        "license-not-found",
        "license-not-named",
        "identifier-invalid",
        "field-invalid",
    ]
    after = [outcome["identifier"] for outcome in desk.outcomes(job)[:2]]
    with desk.world.database.reading() as session:
        registry = Registry(session)
        states = [str(registry.get(identifier).status) for identifier in (one, two, *after)]
        content = LicenseOpener(desk.world.vault).secrets(registry.kept(after[1])).content
    assert states == ["superseded", "superseded", "valid", "valid"]
    assert "2027" in str(content.fields["revalidations"])

    # The same year again, in another file, by the new identifiers: it is done already.
    again = [{**shared, "identifier": identifier} for identifier in after]
    other = desk.begin(again, "again", JobKind.REVALIDATION)
    desk.work(other)
    assert desk.again(other).counts == Counts(existing=2)


def test_nothing_is_kept_of_an_input_without_rows(desk: Desk) -> None:
    path = desk.bulk.folder / "empty.ndjson"
    path.write_text("\n\n")
    with pytest.raises(InputUnreadableError):
        desk.bulk.take_in(path, order(desk.bulk.folder))
    with desk.world.database.reading() as session:
        assert Jobs(session).page(None, 10) == ()


def test_staging_goes_on_behind_the_last_chunk(desk: Desk) -> None:
    path = desk.bulk.folder / "cut.ndjson"
    write_rows(path, [row(number) for number in range(1, 9)])
    left = [2]

    class CutError(BaseException):
        pass

    def cut(step: str) -> None:
        left[0] -= step == "staged"
        if not left[0]:
            raise CutError

    dying = replace(desk.bulk, world=desk.world.with_(checkpoint=cut))
    with pytest.raises(CutError):
        dying.take_in(path, order(desk.bulk.folder))
    with desk.world.database.reading() as session:
        (job,) = Jobs(session).page(None, 10)
    assert (job.state, job.staged_rows, job.staged_chunks) == (JobState.STAGING, 6, 2)
    job = desk.bulk.take_in(path, order(desk.bulk.folder))
    assert (job.state, job.staged_rows, job.staged_chunks) == (JobState.WAITING, 8, 3)


def test_names_and_numbers_are_not_in_the_database(desk: Desk) -> None:
    secret = example("public-place-hygiene")["holders"][0]["name"]  # type: ignore[index]
    job = desk.begin([row(1, valid_from="x", basis="某某依据"), row(2)])
    before = Path(str(desk.world.database.engine.url.database))
    for path in (before, before.with_name(before.name + "-wal")):
        for planted in (str(secret), "演示企业", "某某依据", "沪嘉卫公证字"):
            assert planted.encode() not in path.read_bytes()
    desk.work(job)
    assert "演示企业".encode() not in before.read_bytes()


def test_the_digest_of_an_input_holds_what_goes_for_every_row(desk: Desk) -> None:
    path = desk.bulk.folder / "rows.ndjson"
    write_rows(path, [row(1)])
    one = order(desk.bulk.folder)
    other = replace(one, defaults={"basis": "other"})
    with path.open("rb") as stream:
        assert input_digest(stream, one) == input_digest(stream, one)
        assert input_digest(stream, one) != input_digest(stream, other)


def test_a_slot_is_held_by_one_and_falls_with_its_holder(either_database: Database) -> None:
    first = hold_any_slot(either_database)
    assert (first.number, first.is_held()) == (1, True)
    assert try_slot(either_database, 1) is None
    second = hold_any_slot(either_database)
    assert second.number == 2
    first.release()
    assert not first.is_held()
    again = hold_any_slot(either_database)
    assert again.number == 1
    for held in (again, second):
        held.release()
