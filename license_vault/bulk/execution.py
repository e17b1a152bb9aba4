"""Running jobs on DBOS: durable workflows, one step a chunk, taken over from dead processes.

Imported only by processes that run jobs, for DBOS takes a second to load. What it stores are the
workflow's arguments (a job's row key and its attempt) and the word each step answered: never a
row. Its application version is fixed, its executor id is the slot that this process holds, so a
job goes on after an update and after a death (docs/adr/0031).

Source: DBOS Transact 3.4, workflow recovery.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from typing import Any, Final

from dbos import DBOS, DBOSConfig, Serializer, SetWorkflowID

from license_vault.bulk.job_writing import JobWriter
from license_vault.bulk.jobs import Job, Jobs, JobState
from license_vault.bulk.slots import SLOTS, Held, hold_any_slot, try_slot
from license_vault.bulk.working import ChunkWorker, Step
from license_vault.clock import Clock
from license_vault.database.sessions import Database

APPLICATION: Final = "license-vault"
APPLICATION_VERSION: Final = "jobs-1"
"""Changes only when a workflow of before could not go on with the code of now."""

_LONGEST_WAIT_SECONDS: Final = 60
_OVER: Final = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})

_worker: ChunkWorker | None = None


class _Json(Serializer):
    """Arguments and answers as JSON: nothing that runs when it is read."""

    def serialize(self, data: Any) -> str:
        """Return data as JSON; of an error only its kind."""
        if isinstance(data, BaseException):
            data = {"error": type(data).__name__}
        return json.dumps(data)

    def deserialize(self, serialized_data: str) -> Any:
        """Return what was serialised."""
        return json.loads(serialized_data)

    def name(self) -> str:
        """Return what DBOS notes beside the data."""
        return "license-vault-json"


@DBOS.step(name="bulk-chunk")
def _chunk(row_id: int, attempt: int, ordinal: int) -> str:
    return _the_worker().run(row_id, attempt, ordinal).value


@DBOS.step(name="bulk-finish")
def _finish(row_id: int) -> None:
    _the_worker().finish(row_id)


@DBOS.workflow(name="bulk-job", max_recovery_attempts=1_000_000)
def _job(row_id: int, attempt: int) -> str:
    """Do a job chunk by chunk; what each step answered is on record, so this may run again."""
    ordinal = waits = 0
    while (step := _chunk(row_id, attempt, ordinal)) != Step.END.value:
        if step == Step.STOPPED.value:
            return step
        if step == Step.LATER.value:
            DBOS.sleep(min(2**waits, _LONGEST_WAIT_SECONDS))
            waits += 1
            continue
        ordinal, waits = ordinal + 1, 0
    _finish(row_id)
    return Step.DONE.value


def _the_worker() -> ChunkWorker:
    assert _worker is not None, "jobs are run by an Executor only"
    return _worker


@dataclass(frozen=True, slots=True)
class ExecutorServices:
    """What an executor works with; ``system_url`` is DBOS's own database."""

    database: Database
    worker: ChunkWorker
    clock: Clock
    system_url: str
    schema: str = "dbos"


class Executor:
    """Runs jobs in this process, as long as it is open. One a process."""

    def __init__(self, services: ExecutorServices) -> None:
        """Hold a slot and go on with what whoever held it before has left.

        Raises:
            SlotsTakenError: there is no free slot.
            DatabaseUnavailableError: the database does not answer.
        """
        global _worker
        assert _worker is None, "one executor a process: DBOS is one too"
        _worker = services.worker
        self._services = services
        self._slot = hold_any_slot(services.database)
        self._lock = threading.Lock()
        logging.getLogger("dbos").setLevel(logging.ERROR)
        DBOS(config=_config(services, self._slot))
        DBOS.launch()

    @property
    def slot(self) -> int:
        """Return the number of the slot that is held."""
        return self._slot.number

    def tend(self) -> int:
        """Begin the jobs that wait, and go on with those that nobody works on; return how many.

        Safe to call at any time, again and again; whoever has lost its slot does nothing more.
        """
        with self._lock:
            if not self._slot.is_held():
                return 0
            self._take_over()
            return self._begin_waiting() + self._go_on()

    def close(self) -> None:
        """Stop; what is not done yet is left to the next that holds the slot."""
        global _worker
        # The step under way cannot be noted any more and is done again: that is no error to tell.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        DBOS.destroy()
        _worker = None
        self._slot.release()

    def _begin_waiting(self) -> int:
        services, begun = self._services, 0
        with services.database.reading() as session:
            waiting = Jobs(session).in_state(JobState.WAITING)
        for job in waiting:
            with services.database.writing() as session:
                begun += JobWriter(session).begin(job.row_id, self.slot, services.clock())
        return begun

    def _take_over(self) -> None:
        """Take the jobs of every slot that nobody holds."""
        services = self._services
        for dead in self._slots_of_others():
            held = try_slot(services.database, dead)
            if held is None:
                continue
            try:
                DBOS._recover_pending_workflows([executor_id(dead)])
                with services.database.writing() as session:
                    JobWriter(session).take_over(dead, self.slot, services.clock())
            finally:
                held.release()

    def _slots_of_others(self) -> list[int]:
        with self._services.database.reading() as session:
            running = Jobs(session).in_state(JobState.RUNNING)
        found = {job.slot for job in running if job.slot is not None}
        return sorted(number for number in found - {self.slot} if 1 <= number <= SLOTS)

    def _go_on(self) -> int:
        """Start the workflow of every job of ours that has none under way."""
        with self._services.database.reading() as session:
            running = Jobs(session).in_state(JobState.RUNNING)
        return sum(self._start(job) for job in running if job.slot == self.slot)

    def _start(self, job: Job) -> bool:
        attempt = job.attempt
        status = DBOS.get_workflow_status(workflow_id(job.row_id, attempt))
        if status is not None and status.status not in _OVER:
            return False
        if status is not None:
            # It ended without ending the job: an outage just where it was to be written.
            with self._services.database.writing() as session:
                if not JobWriter(session).begin_again(job.row_id, attempt, self._services.clock()):
                    return False
            attempt += 1
        with SetWorkflowID(workflow_id(job.row_id, attempt)):
            DBOS.start_workflow(_job, job.row_id, attempt)
        return True


def workflow_id(row_id: int, attempt: int) -> str:
    """Return the name of the workflow of an attempt at a job."""
    return f"job-{row_id}-{attempt}"


def executor_id(slot: int) -> str:
    """Return what DBOS knows the holder of a slot by."""
    return f"slot-{slot}"


def _config(services: ExecutorServices, slot: Held) -> DBOSConfig:
    return {
        "name": APPLICATION,
        "system_database_url": services.system_url,
        "dbos_system_schema": services.schema,
        "application_version": APPLICATION_VERSION,
        "executor_id": executor_id(slot.number),
        "serializer": _Json(),
        "log_level": "ERROR",
        "enable_otlp": False,
    }
