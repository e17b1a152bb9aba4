"""Routes of bulk jobs: send many rows at once, watch, pause, resume, fetch what was refused.

The rows are taken in before the answer leaves; the work is done by the nodes, in the background.
Rows sent here have no files of their own: those are imported where the files are
(``license-vault import``).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.authentication import ISSUE, require_scope
from api.dependencies import AfterQuery, CallerDep, IdempotencyKeyDep, LimitQuery, ServicesDep
from api.documentation import problems
from api.job_models import JobOut, JobPage, job_values
from api.services import Services
from license_vault.api_clients import Caller
from license_vault.bulk.control import JobControl
from license_vault.bulk.errors import JobNotFoundError
from license_vault.bulk.jobs import Job, JobKind, Jobs, JobState
from license_vault.bulk.outcomes import Ending
from license_vault.bulk.pace import pace_of
from license_vault.bulk.results import outcomes_of
from license_vault.bulk.rows import Layout
from license_vault.bulk.staging import JobOrder, input_digest
from license_vault.database.sessions import Reading, Writing
from license_vault.errors import AuthorityNotPermittedError, OrganisationUnknownError
from license_vault.issuing.license_request import request_digest
from license_vault.registry.authorities import Authorities
from license_vault.registry.writing import RequestMark
from license_vault.requests import earlier_answer, remember_answer

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

LIST = "jobs"
_DENIED = ("unauthenticated", "forbidden")
_POSTED = (
    *_DENIED,
    "idempotency-key-required",
    "idempotency-key-reused",
    "request-in-progress",
    "invalid-request",
    "temporarily-unavailable",
)
_OVER = (JobState.FINISHED, JobState.PAUSED)
_LOOK_SECONDS = 1.0
_NDJSON = "application/x-ndjson"
_AGAIN: dict[int | str, dict[str, Any]] = {
    200: {"description": "the same request was answered before", "model": JobOut}
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {_NDJSON: {"schema": {"type": "string"}}}}
}
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


def order_of(
    layout: Annotated[Layout, Form(description="how they are written")] = Layout.NDJSON,
    kind: Annotated[JobKind, Form(description="what is done with each")] = JobKind.IMPORT,
    basis: Annotated[
        str | None, Form(max_length=500, description="legal basis of rows that name none")
    ] = None,
) -> JobOrder:
    """Return what a job is asked to do."""
    return JobOrder(kind, layout, {"basis": basis} if basis else {})


OrderDep = Annotated[JobOrder, Depends(order_of)]


@router.post(
    "",
    status_code=202,
    summary="Send rows to be worked through · 提交批量作业",
    response_model=JobOut,
    responses=problems(*_POSTED, "rows-unreadable", "unreadable-request", "job-state") | _AGAIN,
)
def send_rows(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    response: Response,
    order: OrderDep,
    file: Annotated[UploadFile, File(description="the rows, NDJSON or CSV, UTF-8")],
) -> dict[str, Any]:
    """Take rows in and make a job of them; the same rows again are the same job."""
    require_scope(caller, ISSUE)
    digest = input_digest(file.file, order)
    mark = _mark(services, caller, key, {"rows": digest.hex(), "kind": order.kind.value})
    with services.database.reading() as session:
        earlier = earlier_answer(session, mark)
    job = services.jobs.staging.take_in(file.file, digest, order, caller)
    if earlier is None:
        with services.database.writing() as session:
            remember_answer(session, mark, _resource(job), services.clock())
    else:
        response.status_code = 200
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["Location"] = f"/v1/jobs/{job.name}"
    return job_values(job)


@router.get(
    "",
    summary="List jobs of the own organisation and those below · 作业列表",
    response_model=JobPage,
    responses=problems(*_DENIED, "invalid-request"),
)
def list_jobs(
    services: ServicesDep, caller: CallerDep, limit: LimitQuery = 20, after: AfterQuery = None
) -> dict[str, Any]:
    """Return jobs, the newest first."""
    require_scope(caller, ISSUE)
    behind = services.cursors.item(LIST, after) if after else None
    with services.database.reading() as session:
        jobs = Jobs(session)
        found = jobs.page(caller.organisation_code, limit + 1, behind)
        shown, after_it = services.cursors.page(LIST, found, limit, lambda each: each.name)
        return {
            "items": [job_values(job, pace_of(jobs, job)) for job in shown],
            "next": after_it,
        }


@router.get(
    "/{name}",
    summary="Show a job · 作业详情",
    response_model=JobOut,
    responses=problems(*_DENIED, "job-not-found"),
)
def show_job(services: ServicesDep, caller: CallerDep, name: str) -> dict[str, Any]:
    """Return how far a job is; counts are exact at every moment."""
    with services.database.reading() as session:
        return _values(session, _visible(session, name, caller))


@router.get(
    "/{name}/errors",
    summary="Fetch the rows that were refused, with why · 下载错误清单",
    response_class=Response,
    responses=problems(*_DENIED, "job-not-found", "temporarily-unavailable") | _STREAM,
)
def job_errors(services: ServicesDep, caller: CallerDep, name: str) -> Response:
    """Return every refused row as NDJSON: its number, code, problems, and what it said."""
    return _lines(services, caller, name, Ending.BAD)


@router.get(
    "/{name}/rows",
    summary="Fetch what became of each row · 下载逐行结果",
    response_class=Response,
    responses=problems(*_DENIED, "job-not-found", "temporarily-unavailable") | _STREAM,
)
def job_rows(services: ServicesDep, caller: CallerDep, name: str) -> Response:
    """Return every row that is done as NDJSON, with the identifier of its license."""
    return _lines(services, caller, name, None)


@router.get(
    "/{name}/events",
    summary="Watch a job · 作业进度（server-sent events）",
    response_class=Response,
    responses=problems(*_DENIED, "job-not-found") | _EVENTS,
)
async def job_events(
    services: ServicesDep, caller: CallerDep, name: str, request: Request
) -> Response:
    """Send the job as an event whenever it has changed, until it is over or paused."""

    def look() -> dict[str, Any]:
        with services.database.reading() as session:
            return _values(session, _visible(session, name, caller))

    first = await run_in_threadpool(look)

    async def events() -> AsyncIterator[str]:
        job, told = first, ""
        while True:
            data, is_over = JobOut(**job).model_dump_json(), job["state"] in _OVER
            if data != told:
                yield f"event: {'end' if is_over else 'progress'}\ndata: {data}\n\n"
                told = data
            if is_over or await request.is_disconnected():
                return
            await asyncio.sleep(_LOOK_SECONDS)
            job = await run_in_threadpool(look)

    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


@router.post(
    "/{name}/pause",
    summary="Stop a job after the rows under way · 暂停作业",
    response_model=JobOut,
    responses=problems(*_POSTED, "job-not-found", "job-state"),
)
def pause_job(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    name: str,
    response: Response,
) -> dict[str, Any]:
    """Pause; what is done stays done."""
    control = JobControl(services.database, services.clock)
    return _changed(services, caller, (key, name, "pause"), control.pause, response)


@router.post(
    "/{name}/resumption",
    summary="Let a paused job go on · 继续作业",
    response_model=JobOut,
    responses=problems(*_POSTED, "job-not-found", "job-state"),
)
def resume_job(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    name: str,
    response: Response,
) -> dict[str, Any]:
    """Resume where it was paused; no row is done twice."""
    control = JobControl(services.database, services.clock)
    return _changed(services, caller, (key, name, "resumption"), control.resume, response)


def _changed(
    services: Services,
    caller: Caller,
    asked: tuple[str, str, str],
    change: Callable[[Job, str, Writing], None],
    response: Response,
) -> dict[str, Any]:
    """Change a job once for an Idempotency-Key, its name and the verb; return it as it is then."""
    key, name, verb = asked
    mark = _mark(services, caller, key, {"job": name, "verb": verb})
    with services.database.writing() as session:
        job = _visible(session, name, caller)
        if earlier_answer(session, mark) is None:
            change(job, caller.name, session)
            remember_answer(session, mark, _resource(job), services.clock())
        else:
            response.headers["Idempotent-Replayed"] = "true"
    with services.database.reading() as session:
        return _values(session, Jobs(session).get(name))


def _values(session: Reading, job: Job) -> dict[str, Any]:
    return job_values(job, pace_of(Jobs(session), job))


def _visible(session: Reading, name: str, caller: Caller) -> Job:
    """Return a job of the caller's organisation or one below.

    Raises:
        ForbiddenError: the caller may not issue at all.
        JobNotFoundError: there is none, or none that the caller may see.
    """
    require_scope(caller, ISSUE)
    job = Jobs(session).get(name)
    try:
        Authorities(session).within(job.caller.organisation_code, caller.organisation_code)
    except (AuthorityNotPermittedError, OrganisationUnknownError) as error:
        raise JobNotFoundError(name) from error
    return job


def _lines(services: Services, caller: Caller, name: str, only: Ending | None) -> Response:
    with services.database.reading() as session:
        job = _visible(session, name, caller)

    def lines() -> Iterator[str]:
        for outcome in outcomes_of(services.database, services.keys, job, only):
            yield json.dumps(outcome, ensure_ascii=False) + "\n"

    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(lines(), media_type=_NDJSON, headers=headers)


def _mark(services: Services, caller: Caller, key: str, asked: dict[str, str]) -> RequestMark:
    key_mac = services.macs.idempotency_key(caller.name, key)
    return RequestMark(caller.name, key_mac, bytes.fromhex(request_digest(asked)))


def _resource(job: Job) -> str:
    return f"job/{job.name}"
