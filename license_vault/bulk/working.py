"""Working through a chunk of a job: each row once, whatever happens in between.

A chunk may be begun any number of times. Rows that an earlier try has done answer alike, for each
goes under a key of its own (``job/<job>/<row>``); what became of the chunk is kept in one
transaction, which only the first to end it can write. So counts are exact without counting rows
while they are done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol

from keys.errors import KeyUnavailableError
from keys.provider import KeyProvider
from license_vault.audit import Act, AuditWriter
from license_vault.bulk.errors import JudgeUnavailableError
from license_vault.bulk.job_keys import JobKey, open_job_key
from license_vault.bulk.job_writing import JobWriter
from license_vault.bulk.jobs import Chunk, Counts, Job, JobKind, Jobs
from license_vault.bulk.outcomes import Ending, RowOutcome, counts_of
from license_vault.bulk.staging import ORDERS, OUTCOMES, ROWS
from license_vault.clock import Clock
from license_vault.database.sessions import Database
from license_vault.errors import (
    DatabaseUnavailableError,
    FieldInvalidError,
    FieldProblem,
    LicenseVaultError,
    StoreUnavailableError,
)
from license_vault.face.errors import FaceError, face_problem
from license_vault.issuing.side_by_side import Doing, one_by_one
from signing.errors import SigningError, TimestampUnavailableError

_log = logging.getLogger("license_vault.bulk")

# It is not the row's fault: the chunk is tried again later.
LATER: Final = (
    DatabaseUnavailableError,
    StoreUnavailableError,
    KeyUnavailableError,
    TimestampUnavailableError,
    JudgeUnavailableError,
)
ROWS_AT_ONCE: Final = 20


class Step(StrEnum):
    """What came of trying a chunk."""

    DONE = "done"
    STOPPED = "stopped"
    LATER = "later"
    END = "end"


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job with its key and orders, open."""

    job: Job
    key: JobKey
    defaults: Mapping[str, str] = field(repr=False)
    folder: str | None

    def row_key(self, number: int) -> str:
        """Return the Idempotency-Key of a row."""
        return f"job/{self.job.name}/{number}"


class RowWork(Protocol):
    """Does one row; may be called again for the same row, and then answers alike."""

    def __call__(self, job: OpenJob, number: int, body: dict[str, Any]) -> RowOutcome:
        """Return how the row ended; whatever it raises besides ``LATER`` is the row's fault."""
        ...


@dataclass(frozen=True, slots=True)
class WorkingServices:
    """What working through jobs takes; ``checkpoint`` is told of every row that ended."""

    database: Database
    keys: KeyProvider
    clock: Clock
    random_bytes: Callable[[int], bytes]
    works: Mapping[JobKind, RowWork]
    doing: Doing = one_by_one
    checkpoint: Callable[[str], None] = lambda _step: None


class ChunkWorker:
    """Does chunks of jobs. Made once, used by all threads."""

    def __init__(self, services: WorkingServices) -> None:
        self._services = services

    def run(self, row_id: int, attempt: int, ordinal: int) -> Step:
        """Do a chunk, or what is left of it.

        Returns:
            DONE; STOPPED if the job is paused or another attempt goes on; LATER if something is
            out of order that may come back; END if there is no such chunk.
        """
        try:
            with self._services.database.reading() as session:
                jobs = Jobs(session)
                if not jobs.is_running(row_id, attempt):
                    return Step.STOPPED
                job = jobs.by_row_id(row_id)
                chunk = jobs.chunk(job, ordinal)
            if chunk is None:
                return Step.END
            if chunk.done_at is not None:
                return Step.DONE
            return self._do(self.open(job), chunk)
        except LATER as error:
            _log.warning("job-waits", extra={"fields": {"why": type(error).__name__}})
            return Step.LATER

    def finish(self, row_id: int) -> None:
        """End a job whose chunks are all done; once, whoever says it.

        Raises:
            DatabaseUnavailableError: it may be said again later.
        """
        now = self._services.clock()
        with self._services.database.writing() as session:
            writer = JobWriter(session)
            if writer.first_open(row_id) is None and writer.finish(row_id, now):
                job = writer.by_row_id(row_id)
                details = {name: str(count) for name, count in _named(job.counts).items()}
                AuditWriter(session).append(
                    Act(job.caller.name, "job.finished", f"job:{job.name}", details, now)
                )

    def open(self, job: Job) -> OpenJob:
        """Open a job's key and orders.

        Raises:
            EnvelopeBrokenError: its row was changed.
        """
        key = open_job_key(self._services.keys, job.name, job.wrapped_key)
        orders = key.open(ORDERS, job.sealed_orders)
        return OpenJob(job, key, orders["defaults"], orders["folder"])

    def _do(self, opened: OpenJob, chunk: Chunk) -> Step:
        services, job = self._services, opened.job
        rows = list(enumerate(opened.key.open(ROWS, chunk.sealed_rows), start=chunk.first_row))
        outcomes: list[RowOutcome] = []
        for start in range(0, len(rows), ROWS_AT_ONCE):
            with services.database.reading() as session:
                if not Jobs(session).is_running(job.row_id, job.attempt):
                    return Step.STOPPED
            outcomes += self._some(opened, rows[start : start + ROWS_AT_ONCE])
        sealed = opened.key.seal(
            OUTCOMES, [outcome.to_json() for outcome in outcomes], services.random_bytes
        )
        with services.database.writing() as session:
            JobWriter(session).end_chunk(
                job, chunk.ordinal, counts_of(outcomes), sealed, services.clock()
            )
        services.checkpoint("chunk-done")
        return Step.DONE

    def _some(self, opened: OpenJob, rows: Sequence[tuple[int, list[Any]]]) -> Sequence[RowOutcome]:
        return self._services.doing(lambda row: self._row(opened, row[0], *row[1]), rows)

    def _row(
        self, opened: OpenJob, number: int, body: dict[str, Any] | None, problem: str | None
    ) -> RowOutcome:
        if body is None:
            return RowOutcome(number, Ending.BAD, code=problem or "row-not-json")
        try:
            outcome = self._services.works[opened.job.kind](opened, number, body)
        except LATER:
            raise
        except Exception as error:
            outcome = refused(number, body, error)
        self._services.checkpoint("row-done")
        return outcome


def refused(number: int, body: dict[str, Any], error: Exception) -> RowOutcome:
    """Return the outcome of a row that cannot be done."""
    known = isinstance(error, LicenseVaultError | SigningError)
    if not known:
        # Only its kind: what it says may hold what the row says.
        _log.error("row-failed", extra={"fields": {"why": type(error).__name__}})
    problems = _places(error)
    identifier = getattr(error, "identifier", "")
    code = code_of(error) if known else "unexpected"
    return RowOutcome(
        number, Ending.BAD, identifier=identifier, code=code, problems=problems, body=body
    )


def _places(error: Exception) -> tuple[FieldProblem, ...]:
    if isinstance(error, FieldInvalidError):
        return error.problems
    place = face_problem(error) if isinstance(error, FaceError) else None
    return () if place is None else (place,)


def code_of(error: Exception) -> str:
    """Return the code of why a row was refused: the error's own, else its class's name."""
    own = getattr(error, "code", None)
    name = type(error).__name__.removesuffix("Error")
    if isinstance(own, str) and type(error).__name__ == "RowRefusedError":
        return own
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).removeprefix("-")


def _named(counts: Counts) -> dict[str, int]:
    return {"done": counts.done, "existing": counts.existing, "bad": counts.bad}
