"""Jobs in the database, written: made, staged, run, paused, finished.

What state a job may leave is in the guarded updates; its counts are the sums of its chunks, moved
in the transaction that ends a chunk, so they are always exact. Never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from license_vault.api_clients import Caller
from license_vault.bulk.errors import JobStateError
from license_vault.bulk.jobs import Counts, Job, Jobs, JobState, NewJob
from license_vault.database.bulk_tables import BulkChunkRow, BulkJobRow
from license_vault.database.columns import table_of
from license_vault.database.sessions import Writing

_JOB = table_of(BulkJobRow)
_CHUNK = table_of(BulkChunkRow)


class JobWriter(Jobs):
    """Changes jobs, in a session that its opener commits."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, job: NewJob) -> int:
        """Make a job whose rows come in from now on; return its row's key.

        Raises:
            RowConflictError: the same input made one meanwhile.
        """
        return self._writing.add_row(
            _JOB,
            name=job.name,
            kind=job.kind.value,
            organisation_id=job.organisation_id,
            actor=job.caller.name,
            scopes=_scopes_text(job.caller),
            input_sm3=job.input_sm3,
            layout=job.layout.value,
            wrapped_key=job.wrapped_key,
            sealed_orders=job.sealed_orders,
            state=JobState.STAGING.value,
            staged_bytes=0,
            staged_rows=0,
            staged_chunks=0,
            done=0,
            existing=0,
            bad=0,
            attempt=1,
            created_at=job.at,
            changed_at=job.at,
        )

    def add_chunk(self, job: Job, rows: int, end: int, sealed_rows: bytes, at: datetime) -> bool:
        """Put rows behind those of a job; False if somebody else has put them there.

        Args:
            end: the offset of the byte of the input behind them.
        """
        moved = self._writing.change_rows(
            update(_JOB)
            .where(
                _JOB.c.id == job.row_id,
                _JOB.c.state == JobState.STAGING.value,
                _JOB.c.staged_chunks == job.staged_chunks,
            )
            .values(
                staged_bytes=end,
                staged_rows=job.staged_rows + rows,
                staged_chunks=job.staged_chunks + 1,
                changed_at=at,
            )
        )
        if moved == 0:
            return False
        self._writing.add_rows(
            _CHUNK,
            [
                {
                    "job_id": job.row_id,
                    "ordinal": job.staged_chunks,
                    "first_row": job.staged_rows + 1,
                    "rows": rows,
                    "sealed_rows": sealed_rows,
                    "done": 0,
                    "existing": 0,
                    "bad": 0,
                }
            ],
        )
        return True

    def begin(self, row_id: int, slot: int, at: datetime) -> bool:
        """Give a waiting job to the executor of a slot; False if another one has it."""
        return self._move(
            row_id, (JobState.WAITING,), JobState.RUNNING, at, slot=slot, started_at=at
        )

    def take_over(self, dead: int, slot: int, at: datetime) -> int:
        """Give the running jobs of a slot that nobody holds to another; return how many."""
        return self._writing.change_rows(
            update(_JOB)
            .where(_JOB.c.state == JobState.RUNNING.value, _JOB.c.slot == dead)
            .values(slot=slot, changed_at=at)
        )

    def begin_again(self, row_id: int, attempt: int, at: datetime) -> bool:
        """Count another attempt at a running job whose workflow ended without finishing it."""
        return (
            self._writing.change_rows(
                update(_JOB)
                .where(
                    _JOB.c.id == row_id,
                    _JOB.c.attempt == attempt,
                    _JOB.c.state == JobState.RUNNING.value,
                )
                .values(attempt=attempt + 1, changed_at=at)
            )
            == 1
        )

    def staged(self, row_id: int, at: datetime) -> bool:
        """Say that all rows came in: the job waits for an executor."""
        return self._move(row_id, (JobState.STAGING,), JobState.WAITING, at)

    def pause(self, job: Job, at: datetime) -> None:
        """Stop a job after the row it is at.

        Raises:
            JobStateError: it neither waits nor runs.
        """
        if not self._move(job.row_id, (JobState.WAITING, JobState.RUNNING), JobState.PAUSED, at):
            raise JobStateError(job.name, self.get(job.name).state.value, JobState.PAUSED.value)

    def resume(self, job: Job, at: datetime) -> None:
        """Let a paused job go on, as another attempt.

        Raises:
            JobStateError: it is not paused.
        """
        again = {"attempt": _JOB.c.attempt + 1, "slot": None}
        if not self._move(job.row_id, (JobState.PAUSED,), JobState.WAITING, at, **again):
            raise JobStateError(job.name, self.get(job.name).state.value, "resumed")

    def end_chunk(
        self, job: Job, ordinal: int, counts: Counts, sealed_outcomes: bytes, at: datetime
    ) -> bool:
        """Keep what became of a chunk's rows, once; False if that was kept before."""
        ended = self._writing.change_rows(
            update(_CHUNK)
            .where(
                _CHUNK.c.job_id == job.row_id,
                _CHUNK.c.ordinal == ordinal,
                _CHUNK.c.done_at.is_(None),
            )
            .values(
                sealed_outcomes=sealed_outcomes,
                done=counts.done,
                existing=counts.existing,
                bad=counts.bad,
                done_at=at,
            )
        )
        if ended == 0:
            return False
        self._writing.change_rows(
            update(_JOB)
            .where(_JOB.c.id == job.row_id)
            .values(
                done=_JOB.c.done + counts.done,
                existing=_JOB.c.existing + counts.existing,
                bad=_JOB.c.bad + counts.bad,
                changed_at=at,
            )
        )
        return True

    def finish(self, row_id: int, at: datetime) -> bool:
        """End a job whose chunks are all done and empty its rows; False if it ended before."""
        if not self._move(
            row_id, (JobState.RUNNING,), JobState.FINISHED, at, finished_at=at, slot=None
        ):
            return False
        self._writing.change_rows(
            update(_CHUNK).where(_CHUNK.c.job_id == row_id).values(sealed_rows=b"")
        )
        return True

    def _move(
        self,
        row_id: int,
        before: Sequence[JobState],
        after: JobState,
        at: datetime,
        **values: object,
    ) -> bool:
        return (
            self._writing.change_rows(
                update(_JOB)
                .where(_JOB.c.id == row_id, _JOB.c.state.in_([state.value for state in before]))
                .values(state=after.value, changed_at=at, **values)
            )
            == 1
        )


def _scopes_text(caller: Caller) -> str:
    return " ".join(sorted(f"{scope.action}:{scope.type_code}" for scope in caller.scopes))
