"""Pausing and resuming jobs, on record."""

from __future__ import annotations

from license_vault.audit import Act, AuditWriter
from license_vault.bulk.job_writing import JobWriter
from license_vault.bulk.jobs import Job, Jobs
from license_vault.clock import Clock
from license_vault.database.sessions import Database, Writing


class JobControl:
    """Stops jobs and lets them go on. Used by all threads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def pause(self, job: Job, actor: str, session: Writing) -> None:
        """Stop a job after the rows that are under way; what is done stays.

        Raises:
            JobStateError: it neither waits nor runs.
        """
        now = self._clock()
        JobWriter(session).pause(job, now)
        AuditWriter(session).append(Act(actor, "job.paused", f"job:{job.name}", {}, now))

    def resume(self, job: Job, actor: str, session: Writing) -> None:
        """Let a paused job go on where it was.

        Raises:
            JobStateError: it is not paused.
        """
        now = self._clock()
        JobWriter(session).resume(job, now)
        AuditWriter(session).append(Act(actor, "job.resumed", f"job:{job.name}", {}, now))

    def get(self, name: str) -> Job:
        """Return a job.

        Raises:
            JobNotFoundError: there is none with this name.
        """
        with self._database.reading() as session:
            return Jobs(session).get(name)
