"""Batches at the console: send rows, see how far they are and whether it is safe to stop.

A job that runs tells its page of every change; without scripts the page asks again by itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from starlette.responses import HTMLResponse, Response, StreamingResponse

from api.headers import SECURITY_HEADERS, attachment
from api.pages.inner_api import InnerApi, ProblemShownError, Told, within
from api.pages.rendering import go, show
from api.pages.visitor import FormDep, OfficerDep, Visitor
from license_vault.bulk.jobs import JobKind, JobState
from license_vault.bulk.rows import Layout

router = APIRouter(prefix="/console/jobs", include_in_schema=False)

_OVER = (JobState.FINISHED, JobState.PAUSED)
_MOVING = (JobState.STAGING, JobState.WAITING, JobState.RUNNING)
_LOOK_SECONDS = 1.0
_NDJSON = "application/x-ndjson"
_WATCHED = SECURITY_HEADERS["Content-Security-Policy"] + "; connect-src 'self'"


@dataclass(frozen=True, slots=True)
class Sent:
    """How the rows that are sent are written, and what is done with each."""

    layout: Layout = Layout.NDJSON
    kind: JobKind = JobKind.IMPORT
    basis: str = ""


def sent_of(
    layout: Annotated[Layout, Form()] = Layout.NDJSON,
    kind: Annotated[JobKind, Form()] = JobKind.IMPORT,
    basis: Annotated[str, Form(max_length=500)] = "",
) -> Sent:
    """Return what a form says about its rows."""
    return Sent(layout, kind, basis)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a page says of a job beside its counts.

    ``safe`` says whether it may be stopped now (None: there is nothing to stop).
    """

    ended: int
    percent: float
    can_pause: bool
    can_resume: bool
    safe: bool | None
    is_moving: bool


def standing_of(job: Mapping[str, Any]) -> Standing:
    """Return how a job of the API stands: how far it is, and what may be done with it."""
    state, rows = JobState(job["state"]), int(job["rows"])
    ended = rows - int(job["left"])
    begun = state in (JobState.WAITING, JobState.RUNNING)
    return Standing(
        ended=ended,
        percent=round(100 * ended / rows, 1) if rows else 0.0,
        can_pause=begun,
        can_resume=state is JobState.PAUSED,
        safe=None if state in _OVER else begun,
        is_moving=state in _MOVING,
    )


@router.get("")
async def list_jobs(
    visitor: OfficerDep, after: Annotated[str | None, Query(max_length=256)] = None
) -> HTMLResponse:
    """Show batches, the newest first, and the form that sends another."""
    return await _listed(visitor, after)


@router.post("")
async def send_rows(
    visitor: OfficerDep,
    key: FormDep,
    file: Annotated[UploadFile, File()],
    sent: Annotated[Sent, Depends(sent_of)],
) -> Response:
    """Send rows; the same file again is the same batch."""
    told = {"layout": sent.layout.value, "kind": sent.kind.value}
    if sent.basis.strip():
        told["basis"] = sent.basis.strip()
    try:
        answer = await visitor.api.send(
            "POST",
            within("jobs"),
            files={"file": ("rows", file.file, "application/octet-stream")},
            data=told,
            headers={"Idempotency-Key": key},
        )
    except ProblemShownError as problem:
        return await _listed(visitor, None, sent, problem)
    return go(f"/console/jobs/{json.loads(answer.content)['id']}")


async def _listed(
    visitor: Visitor,
    after: str | None,
    sent: Sent | None = None,
    problem: ProblemShownError | None = None,
) -> HTMLResponse:
    found = await visitor.api.get(within("jobs"), after=after, limit=20)
    return show(
        visitor,
        "console/jobs.html",
        status=problem.status if problem else 200,
        jobs=[(job, standing_of(job)) for job in found["items"]],
        next=found["next"],
        sent=sent or Sent(),
        problem=problem.document if problem else None,
    )


@router.get("/{name}")
async def show_job(visitor: OfficerDep, name: str) -> HTMLResponse:
    """Show how far a batch is."""
    job = await visitor.api.get(within("jobs", name))
    page = show(visitor, "console/job.html", job=job, standing=standing_of(job))
    page.headers["Content-Security-Policy"] = _WATCHED
    return page


@router.get("/{name}/events")
async def watch_job(visitor: OfficerDep, name: str, request: Request) -> Response:
    """Send the part of the page that moves, whenever it has changed, until the batch is over."""
    first = await visitor.api.get(within("jobs", name))
    events = _events(visitor, first, request)
    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(visitor: Visitor, job: Any, request: Request) -> AsyncIterator[str]:
    told = ""
    while True:
        page = show(visitor, "console/job_progress.html", job=job, standing=standing_of(job))
        html = bytes(page.body).decode()
        is_over = job["state"] in _OVER
        if html != told:
            lines = "".join(f"data: {line}\n" for line in html.splitlines())
            yield f"event: {'end' if is_over else 'progress'}\n{lines}\n"
            told = html
        if is_over or await request.is_disconnected():
            return
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            job = await visitor.api.get(within("jobs", job["id"]))
        except ProblemShownError:
            # Logged out meanwhile: the page says so when it is loaded again.
            return


@router.get("/{name}/errors")
async def refused_rows(visitor: OfficerDep, name: str) -> Response:
    """Give the rows that were refused, with why, to be saved."""
    return _file(await _lines(visitor.api, name, "errors"), f"{name}.errors.ndjson")


@router.get("/{name}/rows")
async def row_outcomes(visitor: OfficerDep, name: str) -> Response:
    """Give what became of each row, to be saved."""
    return _file(await _lines(visitor.api, name, "rows"), f"{name}.rows.ndjson")


@router.post("/{name}/pause")
async def pause_job(visitor: OfficerDep, key: FormDep, name: str) -> Response:
    """Pause a batch after the rows under way."""
    await visitor.api.post(within("jobs", name, "pause"), key=key)
    return go(f"/console/jobs/{name}")


@router.post("/{name}/resumption")
async def resume_job(visitor: OfficerDep, key: FormDep, name: str) -> Response:
    """Let a paused batch go on."""
    await visitor.api.post(within("jobs", name, "resumption"), key=key)
    return go(f"/console/jobs/{name}")


async def _lines(api: InnerApi, name: str, what: str) -> Told:
    return await api.send("GET", within("jobs", name, what))


def _file(told: Told, name: str) -> Response:
    headers = {"Content-Disposition": attachment(name), "Cache-Control": "no-store"}
    return Response(told.content, media_type=_NDJSON, headers=headers)
