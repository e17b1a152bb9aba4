"""Jobs in the database, read; with ``job_writing`` all their SQL. A job has a random name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.engine import Row

from license_vault.api_clients import Caller, Scope
from license_vault.bulk.errors import JobNotFoundError
from license_vault.bulk.rows import Layout
from license_vault.database.bulk_tables import BulkChunkRow, BulkJobRow
from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading
from license_vault.database.tables import OrganisationRow
from license_vault.registry.authorities import subtree_of

_JOB = table_of(BulkJobRow)
_CHUNK = table_of(BulkChunkRow)
_ORG = table_of(OrganisationRow)

_JOBS = select(_JOB, _ORG.c.code.label("organisation_code")).join(
    _ORG, _ORG.c.id == _JOB.c.organisation_id
)


class JobKind(StrEnum):
    """What is done with each row."""

    IMPORT = "import"
    REVALIDATION = "revalidation"


class JobState(StrEnum):
    """How far a job is: rows come in, it waits for an executor, is worked on, is over."""

    STAGING = "staging"
    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of rows: done now (or by this job before), there already, refused."""

    done: int = 0
    existing: int = 0
    bad: int = 0

    @property
    def total(self) -> int:
        """Return how many rows came to an end."""
        return self.done + self.existing + self.bad


@dataclass(frozen=True, slots=True)
class Job:
    """One job as its row says; ``sealed_orders`` and ``wrapped_key`` are opened by its worker."""

    row_id: int
    name: str
    kind: JobKind
    caller: Caller
    layout: Layout
    input_sm3: bytes
    wrapped_key: bytes = field(repr=False)
    sealed_orders: bytes = field(repr=False)
    state: JobState
    staged_bytes: int
    staged_rows: int
    staged_chunks: int
    counts: Counts
    attempt: int
    slot: int | None
    created_at: datetime
    started_at: datetime | None
    changed_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job that is going to be made."""

    name: str
    kind: JobKind
    caller: Caller
    organisation_id: int
    input_sm3: bytes
    layout: Layout
    wrapped_key: bytes = field(repr=False)
    sealed_orders: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a job, encrypted, and what became of them."""

    ordinal: int
    first_row: int
    rows: int
    sealed_rows: bytes = field(repr=False)
    sealed_outcomes: bytes | None = field(repr=False)
    counts: Counts
    done_at: datetime | None


class Jobs:
    """Looks jobs up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, name: str) -> Job:
        """Return a job.

        Raises:
            JobNotFoundError: there is none with this name.
        """
        return self._one(_JOBS.where(_JOB.c.name == name), name)

    def by_row_id(self, row_id: int) -> Job:
        """Return a job by its row's key.

        Raises:
            JobNotFoundError: there is none.
        """
        return self._one(_JOBS.where(_JOB.c.id == row_id), str(row_id))

    def same(self, organisation_id: int, kind: JobKind, input_sm3: bytes) -> Job | None:
        """Return the job that the same input made before."""
        found = self._session.execute(
            _JOBS.where(
                _JOB.c.organisation_id == organisation_id,
                _JOB.c.kind == kind.value,
                _JOB.c.input_sm3 == input_sm3,
            )
        ).first()
        return None if found is None else _job(found)

    def page(self, within: str | None, limit: int, after: str | None = None) -> tuple[Job, ...]:
        """Return jobs of an organisation and those below (all: None), the newest first."""
        query = _JOBS.order_by(_JOB.c.id.desc()).limit(limit)
        if within is not None:
            query = query.where(_JOB.c.organisation_id.in_(select(subtree_of(within).c.id)))
        if after is not None:
            last = select(_JOB.c.id).where(_JOB.c.name == after).scalar_subquery()
            query = query.where(_JOB.c.id < last)
        return tuple(_job(row) for row in self._session.execute(query))

    def in_state(self, state: JobState) -> tuple[Job, ...]:
        """Return the jobs in a state, the oldest first."""
        query = _JOBS.where(_JOB.c.state == state.value).order_by(_JOB.c.id)
        return tuple(_job(row) for row in self._session.execute(query))

    def chunk(self, job: Job, ordinal: int) -> Chunk | None:
        """Return a chunk of a job; None behind its last."""
        query = select(_CHUNK).where(_CHUNK.c.job_id == job.row_id, _CHUNK.c.ordinal == ordinal)
        row = self._session.execute(query).first()
        return None if row is None else _chunk(row)

    def first_open(self, row_id: int) -> int | None:
        """Return the first chunk of a job that is not done."""
        query = (
            select(_CHUNK.c.ordinal)
            .where(_CHUNK.c.job_id == row_id, _CHUNK.c.done_at.is_(None))
            .order_by(_CHUNK.c.ordinal)
            .limit(1)
        )
        found = self._session.execute(query).scalar()
        return None if found is None else int(found)

    def done_since(self, job: Job, at: datetime) -> tuple[int, datetime | None]:
        """Return how many rows of a job ended since an instant, and when the last of them did."""
        ended = select(func.coalesce(func.sum(_CHUNK.c.rows), 0), func.max(_CHUNK.c.done_at)).where(
            _CHUNK.c.job_id == job.row_id, _CHUNK.c.done_at >= at
        )
        rows, last = self._session.execute(ended).one()
        return int(rows), last

    def is_running(self, row_id: int, attempt: int) -> bool:
        """Say whether an attempt of a job is to go on: nobody paused it or began another."""
        query = select(_JOB.c.id).where(
            _JOB.c.id == row_id, _JOB.c.attempt == attempt, _JOB.c.state == JobState.RUNNING.value
        )
        return self._session.execute(query).first() is not None

    def _one(self, query: Select[Any], name: str) -> Job:
        row = self._session.execute(query).first()
        if row is None:
            raise JobNotFoundError(name)
        return _job(row)


def _scopes(text: str) -> frozenset[Scope]:
    return frozenset(Scope(*word.rsplit(":", 1)) for word in text.split())


def _job(row: Row[Any]) -> Job:
    return Job(
        row_id=row.id,
        name=row.name,
        kind=JobKind(row.kind),
        caller=Caller(row.actor, row.organisation_code, _scopes(row.scopes)),
        layout=Layout(row.layout),
        input_sm3=row.input_sm3,
        wrapped_key=row.wrapped_key,
        sealed_orders=row.sealed_orders,
        state=JobState(row.state),
        staged_bytes=row.staged_bytes,
        staged_rows=row.staged_rows,
        staged_chunks=row.staged_chunks,
        counts=Counts(row.done, row.existing, row.bad),
        attempt=row.attempt,
        slot=row.slot,
        created_at=row.created_at,
        started_at=row.started_at,
        changed_at=row.changed_at,
        finished_at=row.finished_at,
    )


def _chunk(row: Row[Any]) -> Chunk:
    return Chunk(
        ordinal=row.ordinal,
        first_row=row.first_row,
        rows=row.rows,
        sealed_rows=row.sealed_rows,
        sealed_outcomes=row.sealed_outcomes,
        counts=Counts(row.done, row.existing, row.bad),
        done_at=row.done_at,
    )
