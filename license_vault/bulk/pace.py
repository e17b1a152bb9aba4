"""How fast a running job goes, and when it will be done, from the chunks that ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from license_vault.bulk.jobs import Job, Jobs, JobState

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """Rows a minute since the job was last begun, and when the last row ends if it goes on so."""

    rows_per_minute: float
    expected_at: datetime


def pace_of(jobs: Jobs, job: Job) -> Pace | None:
    """Return the pace of a job; None where it does not run, or nothing ended since it began.

    What ended before a pause is not counted: the pause would make the job look slow.
    """
    if job.state is not JobState.RUNNING or job.started_at is None:
        return None
    ended, last = jobs.done_since(job, job.started_at)
    if last is None or last <= job.started_at:
        return None
    a_row = (last - job.started_at) / ended
    return Pace(_MINUTE / a_row, last + a_row * (job.staged_rows - job.counts.total))
