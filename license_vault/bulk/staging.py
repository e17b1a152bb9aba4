"""Taking in what came for a job: every row, encrypted, in chunks of some hundred.

Staging may be killed at any time and goes on where it was: each chunk and the offset behind it
are one transaction. The same input by the same organisation is the same job, for ever.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import BinaryIO, Final

from keys.provider import KeyProvider
from keys.sm3 import new as new_sm3
from keys.sm3 import sm3
from license_vault.api_clients import Caller
from license_vault.audit import Act, AuditWriter
from license_vault.bulk.errors import InputUnreadableError, JobStateError
from license_vault.bulk.job_keys import JobKey, new_job_key, open_job_key
from license_vault.bulk.job_writing import JobWriter
from license_vault.bulk.jobs import Job, JobKind, Jobs, JobState, NewJob
from license_vault.bulk.rows import InputRow, Layout, read_rows
from license_vault.clock import Clock
from license_vault.database.sessions import Database
from license_vault.errors import RowConflictError
from license_vault.registry.authorities import Authorities
from license_vault.registry.holders import new_handle

ROWS_A_CHUNK: Final = 500
ROWS, ORDERS, OUTCOMES = "rows", "orders", "outcomes"

_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class JobOrder:
    """What a job is to do: the kind, how its rows are written, and what goes for every row.

    ``defaults`` are members that a row which does not have them gets; ``folder`` is where the
    files are that rows name, as the executors see it.
    """

    kind: JobKind
    layout: Layout
    defaults: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return what is kept of it, encrypted."""
        return {"defaults": dict(self.defaults), "folder": self.folder}


@dataclass(frozen=True, slots=True)
class StagingServices:
    """What taking in works with; ``checkpoint`` is for tests that cut the power."""

    database: Database
    keys: KeyProvider
    clock: Clock
    random_bytes: Callable[[int], bytes]
    rows_a_chunk: int = ROWS_A_CHUNK
    checkpoint: Callable[[str], None] = lambda _step: None


def input_digest(stream: BinaryIO, order: JobOrder) -> bytes:
    """Return what an input is known by: SM3 of its bytes and of what goes for every row."""
    stream.seek(0)
    running = new_sm3()
    while block := stream.read(_BLOCK):
        running.update(block)
    orders = json.dumps([order.layout.value, order.to_json()], sort_keys=True).encode()
    return sm3(running.digest(), orders)


class Staging:
    """Makes jobs and takes their rows in."""

    def __init__(self, services: StagingServices) -> None:
        self._services = services

    def find(self, digest: bytes, order: JobOrder, caller: Caller) -> Job | None:
        """Return the job that the same input made before."""
        with self._services.database.reading() as session:
            organisation = Authorities(session).get(caller.organisation_code)
            return Jobs(session).same(organisation.row_id, order.kind, digest)

    def take_in(self, stream: BinaryIO, digest: bytes, order: JobOrder, caller: Caller) -> Job:
        """Return the job of an input, all its rows in; made now or before.

        Args:
            digest: ``input_digest`` of the stream.

        Raises:
            InputUnreadableError: it has no row, or no header that can be used.
            OrganisationUnknownError: the caller's organisation is not there.
            EnvelopeBrokenError: the job's row was changed.
        """
        job = self.find(digest, order, caller)
        if job is None:
            # Nothing is kept of what cannot be read at all.
            if next(read_rows(stream, order.layout), None) is None:
                raise InputUnreadableError("empty")
            job = self._begin(digest, order, caller)
        if job.state is JobState.STAGING:
            self._stage(stream, job)
        with self._services.database.reading() as session:
            return Jobs(session).get(job.name)

    def _begin(self, digest: bytes, order: JobOrder, caller: Caller) -> Job:
        services, now = self._services, self._services.clock()
        name = new_handle(services.random_bytes)
        key, wrapped = new_job_key(services.keys, name, services.random_bytes)
        details = {"kind": order.kind.value, "organisation": caller.organisation_code}
        try:
            with services.database.writing() as session:
                organisation = Authorities(session).get(caller.organisation_code)
                JobWriter(session).add(
                    NewJob(
                        name=name,
                        kind=order.kind,
                        caller=caller,
                        organisation_id=organisation.row_id,
                        input_sm3=digest,
                        layout=order.layout,
                        wrapped_key=wrapped,
                        sealed_orders=key.seal(ORDERS, order.to_json(), services.random_bytes),
                        at=now,
                    )
                )
                AuditWriter(session).append(
                    Act(caller.name, "job.made", f"job:{name}", details, now)
                )
        except RowConflictError:
            found = self.find(digest, order, caller)
            if found is None:
                raise
            return found
        with services.database.reading() as session:
            return Jobs(session).get(name)

    def _stage(self, stream: BinaryIO, job: Job) -> None:
        services = self._services
        key = open_job_key(services.keys, job.name, job.wrapped_key)
        rows = read_rows(stream, job.layout, job.staged_bytes, job.staged_rows)
        while chunk := tuple(islice(rows, services.rows_a_chunk)):
            job = self._put(job, key, chunk)
        with services.database.writing() as session:
            JobWriter(session).staged(job.row_id, services.clock())

    def _put(self, job: Job, key: JobKey, chunk: tuple[InputRow, ...]) -> Job:
        services, end = self._services, chunk[-1].end
        sealed = key.seal(ROWS, [[row.body, row.problem] for row in chunk], services.random_bytes)
        with services.database.writing() as session:
            if not JobWriter(session).add_chunk(job, len(chunk), end, sealed, services.clock()):
                # Another process takes the same input in; it may go on.
                raise JobStateError(job.name, job.state.value, "staged by two at once")
        services.checkpoint("staged")
        return replace(
            job,
            staged_bytes=end,
            staged_rows=job.staged_rows + len(chunk),
            staged_chunks=job.staged_chunks + 1,
        )
