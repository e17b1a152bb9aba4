"""Licenses at the console: find one, what it is, all that happened to it, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from api.headers import attachment
from api.pages.console.asking import MANAGING, for_managing, may
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import go, show
from api.pages.visitor import OfficerDep, Visitor
from license_vault.lifecycle.verbs import VERBS, Makes, Verb
from signing.errors import PageNotDrawableError
from signing.pdf.rendering import pdf_page_png

router = APIRouter(prefix="/console/licenses", include_in_schema=False)

_DOTS_PER_MM = 5.0
_FORMS = {"pdf": "pdf", "ofd": "ofd", "json": "json"}


@router.get("")
async def list_licenses(
    visitor: OfficerDep,
    after: Annotated[str | None, Query(max_length=256)] = None,
    type_code: Annotated[str, Query(max_length=21)] = "",
    identifier: Annotated[str, Query(max_length=128)] = "",
) -> Response:
    """Show the licenses of the own organisation and those below, or go to the one that is named."""
    if identifier.strip():
        return go(f"/console/licenses/{identifier.strip()}")
    reading = for_managing(visitor, MANAGING)
    found = await reading.get(
        within("licenses"), after=after, type_code=type_code or None, limit=20
    )
    types = (await visitor.api.get(within("license-types"), limit=100))["items"]
    return show(visitor, "console/licenses.html", found=found, types=types, type_code=type_code)


@router.get("/stale")
async def stale(visitor: OfficerDep) -> HTMLResponse:
    """Show licenses with values that their source says otherwise by now, and the 变更 for each."""
    found = await for_managing(visitor, "一数一源：待变更证照").get(
        within("stale-licenses"), limit=100
    )
    return show(visitor, "console/licenses_stale.html", found=found["items"])


@router.get("/{identifier}")
async def show_license(
    visitor: OfficerDep,
    identifier: str,
    as_of: Annotated[str, Query(max_length=40)] = "",
    made: bool = False,
    done: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """Show a license: its state, today and on a day, its files, history, and the verbs."""
    reading = for_managing(visitor, MANAGING)
    problem = None
    try:
        found = await reading.get(within("licenses", identifier), as_of=as_of or None)
    except ProblemShownError as error:
        if error.status != 422 or not as_of:
            raise
        problem = error.document
        found = await reading.get(within("licenses", identifier))
    history = await _history(visitor, identifier)
    return show(
        visitor,
        "console/licenses_one.html",
        status=problem["status"] if problem else 200,
        license=found,
        events=tuple(reversed(history["events"])) if history else (),
        verbs=possible(visitor, found),
        names={verb.event: (verb.zh, verb.en) for verb in VERBS.values()} | _EVENTS,
        typed_day=as_of,
        made=made,
        done=VERBS.get(done),
        problem=problem,
    )


_EVENTS = {
    "intended": ("拟制", "intended"),
    "void": ("作废", "void"),
    "lapsed": ("到期失效", "lapsed"),
    "in-force": ("生效", "came into force"),
    "kept-in-force": ("继续有效", "kept in force"),
    "suspension-over": ("暂扣期满", "suspension over"),
    "superseded": ("被新版本替代", "superseded"),
}


async def _history(visitor: Visitor, identifier: str) -> Any:
    """Return what happened to a license; None of one that is only granted to be read."""
    try:
        reading = for_managing(visitor, f"{MANAGING}：履历")
        return await reading.get(within("licenses", identifier, "history"))
    except ProblemShownError as error:
        if error.status not in {403, 404}:
            raise
        return None


def possible(visitor: Visitor, license_: Mapping[str, Any]) -> tuple[Verb, ...]:
    """Return the verbs that may be done to a license in its state by who is logged in."""
    return tuple(
        verb
        for verb in VERBS.values()
        if verb.makes is not Makes.LICENSE
        and license_["status"]["code"] in verb.sources
        and may(visitor, verb.scope)
    )


@router.get("/{identifier}/file")
async def file(
    visitor: OfficerDep,
    identifier: str,
    form: Annotated[str, Query(pattern="^(pdf|ofd|json)$")] = "pdf",
) -> Response:
    """Hand out a sealed file."""
    told = await for_managing(visitor, f"{MANAGING}：下载").send(
        "GET", within("licenses", identifier, "file"), params={"form": form}
    )
    headers = {
        "Content-Disposition": told.headers.get("content-disposition")
        or attachment(f"{identifier}.{form}"),
        "Cache-Control": "no-store",
    }
    return Response(told.content, media_type=told.headers["content-type"], headers=headers)


@router.get("/{identifier}/face.png")
async def face(visitor: OfficerDep, identifier: str) -> Response:
    """Draw the first page of a license that was sealed here; it is a read of the license."""
    reading = for_managing(visitor, f"{MANAGING}：查看照面")
    found = await reading.get(within("licenses", identifier))
    # What others have sealed is parsed in another process only, by the verifier.
    if not own_pdf(found):
        return Response(status_code=404)
    told = await reading.send("GET", within("licenses", identifier, "file"), params={"form": "pdf"})
    try:
        picture = await run_in_threadpool(pdf_page_png, told.content, 1, _DOTS_PER_MM)
    except PageNotDrawableError:
        return Response(status_code=404)
    return Response(picture, media_type="image/png", headers={"Cache-Control": "no-store"})


def own_pdf(license_: Mapping[str, Any]) -> bool:
    """Tell whether a license has a PDF that this node itself has drawn and sealed."""
    return any(each["form"] == "pdf" and each["trust_level"] is None for each in license_["files"])
