"""What a bulk job looks like in answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from license_vault.bulk.jobs import Job
from license_vault.bulk.pace import Pace


class JobCounts(BaseModel):
    """What became of rows: done by this job, there already, refused."""

    done: int
    existing: int
    bad: int


class JobOut(BaseModel):
    """A job over many rows; ``rows`` is how many came in."""

    id: str = Field(examples=["x3v0q9m2k7c8w5r1t6y4n0b2dz"])
    kind: str = Field(examples=["import"])
    state: str = Field(examples=["running"])
    rows: int
    counts: JobCounts
    left: int
    created_at: datetime
    started_at: datetime | None
    changed_at: datetime
    finished_at: datetime | None
    rows_per_minute: float | None = Field(
        description="since it was last begun; null: it does not run, or no row ended yet"
    )
    expected_at: datetime | None = Field(description="when the last row ends at this pace")
    errors: str = Field(examples=["/v1/jobs/x3v0q9m2k7c8w5r1t6y4n0b2dz/errors"])
    events: str = Field(examples=["/v1/jobs/x3v0q9m2k7c8w5r1t6y4n0b2dz/events"])


class JobPage(BaseModel):
    """Some jobs, the newest first; ``next`` asks for those behind them."""

    items: list[JobOut]
    next: str | None


def job_values(job: Job, pace: Pace | None = None) -> dict[str, Any]:
    """Return what a job looks like in an answer; ``pace`` is that of one that runs."""
    counts = job.counts
    return {
        "id": job.name,
        "kind": job.kind.value,
        "state": job.state.value,
        "rows": job.staged_rows,
        "counts": {"done": counts.done, "existing": counts.existing, "bad": counts.bad},
        "left": job.staged_rows - counts.total,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "changed_at": job.changed_at,
        "finished_at": job.finished_at,
        "rows_per_minute": round(pace.rows_per_minute, 1) if pace else None,
        "expected_at": pace.expected_at if pace else None,
        "errors": f"/v1/jobs/{job.name}/errors",
        "events": f"/v1/jobs/{job.name}/events",
    }
