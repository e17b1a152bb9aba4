"""What a node has to take bulk jobs in and to run them.

DBOS is loaded when there is a job to run, not before: a node that has none pays nothing for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from api.bulk_grading import judge_by
from license_vault.bulk.adoption import Adoption
from license_vault.bulk.importing import RowImporting
from license_vault.bulk.jobs import JobKind, Jobs, JobState
from license_vault.bulk.row_issuing import RowIssuing
from license_vault.bulk.row_revalidation import RowRevalidation
from license_vault.bulk.slots import try_slot
from license_vault.bulk.staging import Staging, StagingServices
from license_vault.bulk.working import ChunkWorker, WorkingServices
from license_vault.issuing.side_by_side import SideBySide

if TYPE_CHECKING:
    from api.settings import Settings
    from keys.provider import KeyProvider
    from license_vault.bulk.execution import Executor
    from license_vault.bulk.working import RowWork
    from license_vault.clock import Clock
    from license_vault.database.sessions import Database
    from license_vault.issuing.issuance import Issuance
    from license_vault.lifecycle.versions import Versions
    from verification.verifier import Verifier


@dataclass(frozen=True, slots=True)
class JobServices:
    """What jobs are run with; ``system_url`` is the address of DBOS's own database."""

    database: Database
    keys: KeyProvider
    clock: Clock
    random_bytes: Callable[[int], bytes]
    works: dict[JobKind, RowWork]
    system_url: str
    rows_at_once: int


class JobWork:
    """Takes jobs in and runs them. Made once, used by all threads."""

    def __init__(
        self, services: JobServices, checkpoint: Callable[[str], None] = lambda _step: None
    ) -> None:
        """Take what it stands on; ``checkpoint`` is told of every row that ended."""
        self._services = services
        self._lock = threading.Lock()
        self._executor: Executor | None = None
        self.staging = Staging(
            StagingServices(services.database, services.keys, services.clock, services.random_bytes)
        )
        self.worker = ChunkWorker(
            WorkingServices(
                database=services.database,
                keys=services.keys,
                clock=services.clock,
                random_bytes=services.random_bytes,
                works=services.works,
                doing=SideBySide(services.rows_at_once),
                checkpoint=checkpoint,
            )
        )

    def watched(self, checkpoint: Callable[[str], None]) -> JobWork:
        """Return the same work with somebody told of every row that ended."""
        return JobWork(self._services, checkpoint)

    def tend(self) -> int:
        """Begin and take over jobs, if there are any; return how many."""
        with self._lock:
            if self._executor is None:
                if not self._is_needed():
                    return 0
                self._executor = self._executor_now()
            return self._executor.tend()

    def close(self) -> None:
        """Stop running jobs; what is not done is left to others."""
        with self._lock:
            if self._executor is not None:
                self._executor.close()
                self._executor = None

    def _is_needed(self) -> bool:
        database = self._services.database
        with database.reading() as session:
            jobs = Jobs(session)
            if jobs.in_state(JobState.WAITING):
                return True
            slots = {job.slot for job in jobs.in_state(JobState.RUNNING)}
        for slot in slots - {None}:
            held = try_slot(database, int(slot or 0))
            if held is not None:
                # Whoever ran it is dead.
                held.release()
                return True
        return False

    def _executor_now(self) -> Executor:
        from license_vault.bulk.execution import Executor, ExecutorServices

        services = self._services
        return Executor(
            ExecutorServices(services.database, self.worker, services.clock, services.system_url)
        )


def job_work(
    settings: Settings,
    issuance: Issuance,
    versions: Versions,
    verifier: Verifier,
) -> JobWork:
    """Return what takes in and runs the jobs of a node."""
    issuing = issuance.services
    adoption = Adoption(issuing, judge_by(verifier))
    return JobWork(
        JobServices(
            database=issuing.database,
            keys=issuing.keys,
            clock=issuing.clock,
            random_bytes=issuing.random_bytes,
            works={
                JobKind.IMPORT: RowImporting(RowIssuing(issuance), adoption),
                JobKind.REVALIDATION: RowRevalidation(issuance, versions),
            },
            system_url=system_url(settings),
            rows_at_once=settings.jobs.rows_at_once,
        )
    )


def system_url(settings: Settings) -> str:
    """Return where DBOS keeps its own tables: in the same PostgreSQL, or beside the SQLite file."""
    if settings.jobs.database_url is not None:
        return settings.jobs.database_url.get_secret_value()
    address = make_url(settings.database_url)
    if address.get_backend_name() == "sqlite":
        address = address.set(database=f"{address.database}.jobs")
    return address.render_as_string(hide_password=False)
