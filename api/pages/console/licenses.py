"""Licenses at the console: find one, what it is, all that happened to it, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from api.headers import attachment
from api.pages.console.asking import MANAGING, for_managing, may, may_issue
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import go, show
from api.pages.visitor import OfficerDep, Visitor
from license_vault.license import LONG_TERM, LicenseMark
from license_vault.lifecycle.verbs import VERBS, Makes, Verb
from license_vault.packages.schedule import (
    CONDITION_FULFILLED,
    ENDED_WITH_PARTS,
    OPEN_STATES,
    PART_CHANGED,
    RESUMED_BY_CONDITION,
    RESUMED_WITH_PARTS,
    SUSPENDED_BY_CONDITION,
    SUSPENDED_WITH_PARTS,
)
from signing.errors import PageNotDrawableError
from signing.pdf.rendering import pdf_page_png

router = APIRouter(prefix="/console/licenses", include_in_schema=False)

FULFILLED = "fulfilment"

_DOTS_PER_MM = 5.0


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
    return show(
        visitor,
        "console/licenses.html",
        found=found,
        types=types,
        type_code=type_code,
        may_issue=may_issue(visitor),
    )


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
    return await license_page(visitor, found, Beside(as_of, made, done, problem))


@dataclass(frozen=True, slots=True)
class Beside:
    """What the page of a license says beside it: the day asked for, what was just done or refused.

    ``typed`` is the basis, ``position`` the number of a condition that was refused to be recorded.
    """

    as_of: str = ""
    made: bool = False
    done: str = ""
    problem: Mapping[str, Any] | None = None
    typed: str = ""
    position: int = 0


async def license_page(visitor: Visitor, found: Mapping[str, Any], beside: Beside) -> HTMLResponse:
    """Return the page of a license that the API has answered."""
    history = await _history(visitor, found["identifier"])
    events = told_events(history["events"]) if history else ()
    return show(
        visitor,
        "console/licenses_one.html",
        status=beside.problem["status"] if beside.problem else 200,
        license=found,
        part_names=await _part_names(visitor, found),
        events=tuple(reversed(events)),
        verbs=possible(visitor, found),
        conditions=await _conditions(visitor, found, beside.as_of),
        may_issue=may_issue(visitor),
        open=found["status"]["code"] in OPEN_STATES,
        names={verb.event: (verb.zh, verb.en) for verb in VERBS.values()} | _EVENTS,
        beside=beside,
        done=_done(beside.done),
        problem=beside.problem,
    )


async def _part_names(visitor: Visitor, found: Mapping[str, Any]) -> dict[str, str]:
    """Return what the parts of a composite license are called, by their codes."""
    if not found["parts"]:
        return {}
    path = within("license-types", found["type"]["code"])
    rule = (await visitor.api.get(path, version=found["type"]["version"]))["parts"]
    return {kind["code"]: kind["name"] for kind in rule["kinds"]} if rule else {}


def _done(name: str) -> tuple[str, str] | None:
    """Return what was just done in words."""
    if name == FULFILLED:
        return _EVENTS[CONDITION_FULFILLED]
    verb = VERBS.get(name)
    return (verb.zh, verb.en) if verb else None


async def _conditions(visitor: Visitor, found: Mapping[str, Any], as_of: str) -> Any:
    """Return a license's conditions; without their texts where only the license is granted."""
    if not found["conditions"]:
        return ()
    reading = for_managing(visitor, f"{MANAGING}：附条件")
    path = within("licenses", found["identifier"], "conditions")
    try:
        day = as_of if found["as_of"] else None
        return (await reading.get(path, as_of=day))["items"]
    except ProblemShownError as error:
        if error.status not in {403, 404}:
            raise
        return [{**each, "text": ""} for each in found["conditions"]]


_EVENTS = {
    "intended": ("拟制", "intended"),
    "void": ("作废", "void"),
    "lapsed": ("到期失效", "lapsed"),
    "in-force": ("生效", "came into force"),
    "kept-in-force": ("继续有效", "kept in force"),
    "suspension-over": ("暂扣期满", "suspension over"),
    "superseded": ("被新版本替代", "superseded"),
    CONDITION_FULFILLED: ("条件已履行", "condition fulfilled"),
    SUSPENDED_BY_CONDITION: ("条件逾期未履行，自动暂扣", "suspended for want of a condition"),
    RESUMED_BY_CONDITION: ("条件已履行，发还", "resumed: condition fulfilled"),
    PART_CHANGED: ("分项变动", "part changed"),
    SUSPENDED_WITH_PARTS: ("随分项暂扣", "suspended with its parts"),
    RESUMED_WITH_PARTS: ("随分项发还", "resumed with its parts"),
    ENDED_WITH_PARTS: ("随分项终止", "ended with its parts"),
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


def told_events(events: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return what happened with ``withdrawn``: planned ahead, and no longer to happen.

    Of the events in effect the one recorded last counts, so whatever is recorded after an event
    that waits for its day, and counts before that day, takes its place.
    """
    return tuple(
        {
            **event,
            "withdrawn": event["effective_from"] > event["recorded_at"]
            and any(later["effective_from"] <= event["effective_from"] for later in events[at:]),
        }
        for at, event in enumerate(events, 1)
    )


def possible(visitor: Visitor, license_: Mapping[str, Any]) -> tuple[Verb, ...]:
    """Return the verbs that may be done to a license in its state by who is logged in."""
    return tuple(
        verb
        for verb in VERBS.values()
        if verb.makes is not Makes.LICENSE
        and license_["status"]["code"] in verb.sources
        and may(visitor, verb.scope)
        and _makes_sense(verb, license_)
    )


def _makes_sense(verb: Verb, license_: Mapping[str, Any]) -> bool:
    """Say whether an order about a renewal is not one that is refused in any case."""
    waits = any(mark["code"] == LicenseMark.RENEWAL_PENDING for mark in license_["marks"])
    if verb.name == "renewal-application":
        return not waits and license_["valid_until"] != LONG_TERM
    return waits or verb.name != "renewal-refusal"


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
    return "pdf" in own_forms(license_)


def own_forms(license_: Mapping[str, Any]) -> frozenset[str]:
    """Return the forms of a license that this node itself has sealed."""
    return frozenset(each["form"] for each in license_["files"] if each["trust_level"] is None)
