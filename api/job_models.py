"""What a bulk job looks like in answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from license_vault.bulk.jobs import Job


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
    errors: str = Field(examples=["/v1/jobs/x3v0q9m2k7c8w5r1t6y4n0b2dz/errors"])
    events: str = Field(examples=["/v1/jobs/x3v0q9m2k7c8w5r1t6y4n0b2dz/events"])


class JobPage(BaseModel):
    """Some jobs, the newest first; ``next`` asks for those behind them."""

    items: list[JobOut]
    next: str | None


def job_values(job: Job) -> dict[str, Any]:
    """Return what a job looks like in an answer."""
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
        "errors": f"/v1/jobs/{job.name}/errors",
        "events": f"/v1/jobs/{job.name}/events",
    }
