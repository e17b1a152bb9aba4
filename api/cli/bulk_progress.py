"""The progress of a job on a terminal: how far, how fast, when it will be done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TextIO

from license_vault.bulk.jobs import Jobs, JobState
from license_vault.clock import CIVIL_ZONE

if TYPE_CHECKING:
    from api.bulk_work import JobWork
    from api.services import Services
    from license_vault.bulk.jobs import Job

_LOOK_SECONDS = 0.2
_TELL_SECONDS = 1.0
_OVER = (JobState.FINISHED, JobState.PAUSED)


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a job is: rows ended of all, and those that this process ended in some seconds."""

    ended: int
    rows: int
    ended_here: int
    seconds: float

    @property
    def rate(self) -> float:
        """Return rows a second, here; 0 while none ended."""
        return self.ended_here / self.seconds if self.seconds > 0 else 0.0

    def finish(self, now: datetime) -> datetime | None:
        """Return when the last row will have ended at this pace; None while nothing is known."""
        if self.rate == 0:
            return None
        return now + timedelta(seconds=(self.rows - self.ended) / self.rate)


def line_of(pace: Pace, bad: int, now: datetime) -> str:
    """Return the line that is shown of a job."""
    percent = 100 * pace.ended / pace.rows if pace.rows else 100.0
    finish = pace.finish(now)
    at = finish.astimezone(CIVIL_ZONE).strftime("%m-%d %H:%M:%S") if finish else "-"
    return (
        f"{pace.ended}/{pace.rows} ({percent:.1f}%)  {pace.rate:.1f} 行 rows/s  "
        f"预计完成 finish {at}  有误 bad {bad}"
    )


class Progress:
    """Watches a job that this process works on, and tells how far it is."""

    def __init__(
        self, services: Services, out: TextIO, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._services = services
        self._out = out
        self._sleep = sleep
        self._here = 0

    def reached(self, step: str) -> None:
        """Count a row that ended here."""
        self._here += step == "row-done"

    def until_over(self, job: Job, work: JobWork) -> Job:
        """Tend jobs until this one is finished or paused; return it as it is then."""
        began = told = time.monotonic()
        at_first = job.counts.total
        while job.state not in _OVER:
            work.tend()
            self._sleep(_LOOK_SECONDS)
            with self._services.database.reading() as session:
                job = Jobs(session).get(job.name)
            if time.monotonic() - told >= _TELL_SECONDS:
                told = time.monotonic()
                # Rows of a chunk under way are not counted in the job yet.
                ended = min(job.staged_rows, max(job.counts.total, at_first + self._here))
                self._tell(Pace(ended, job.staged_rows, self._here, told - began), job)
        self._out.write("\n")
        return job

    def _tell(self, pace: Pace, job: Job) -> None:
        line = line_of(pace, job.counts.bad, self._services.clock())
        # A terminal shows one line that moves; a file gets one line each.
        self._out.write(f"\r{line}\x1b[K" if self._out.isatty() else f"{line}\n")
        self._out.flush()
