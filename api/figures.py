"""Figures about the work of a library, by day and as they stand now. For programs and officers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.authentication import READ, require_scope
from api.dependencies import CallerDep, ServicesDep
from api.directory import FiguresOut, figure_values
from api.documentation import problems
from api.errors import RequestInvalidError
from api.figure_words import FIGURE_WORDS
from api.verification_models import SentenceOut
from license_vault.api_clients import EVERY_TYPE, Caller
from license_vault.clock import civil_date
from license_vault.figures.canary_runs import CanaryRun
from license_vault.figures.daily import DailyFigures, Figure
from license_vault.figures.days import MOST_DAYS, Days
from license_vault.figures.standing import ListAge, StandingNow

router = APIRouter(prefix="/v1/figures", tags=["figures"])

_USUAL = timedelta(days=29)
# No library is older.
_BEGIN = date(2000, 1, 1)
_FROM = Query(alias="from", description="first civil day; unset: 29 days before the last")
_TO = Query(alias="to", description="last civil day, included; unset: today")


class DayCountOut(BaseModel):
    """So many of so many, on one civil day (+08:00)."""

    day: date = Field(examples=["2026-06-30"])
    part: int = Field(examples=[48])
    whole: int = Field(examples=[50])


class FigureOut(BaseModel):
    """One figure: what is counted of what, on each day and together."""

    name: str = Field(
        description="signed, collected_same_day, paper_waived, presented, disputes_in_time, canary",
        examples=["signed"],
    )
    title: SentenceOut
    part_of: SentenceOut = Field(description="what is counted")
    whole_of: SentenceOut = Field(description="of what it is counted")
    part: int = Field(examples=[48], description="on all days together")
    whole: int = Field(examples=[50])
    rate: float | None = Field(
        examples=[0.96], description="part of whole; null where there is nothing to count"
    )
    days: list[DayCountOut]


class DailyFiguresOut(BaseModel):
    """All figures over the same days."""

    first_day: date
    last_day: date
    items: list[FigureOut]


class CanaryOut(BaseModel):
    """One run of the canary."""

    at: datetime
    passed: bool
    failed_step: str | None = Field(description="seal or verify", examples=["verify"])
    reason: str | None = Field(
        description="kind of error, or codes of the verifier", examples=["copy-signer-not-trusted"]
    )
    seal_milliseconds: int
    verify_milliseconds: int


class ListAgeOut(BaseModel):
    """The list of a kind and a region that is oldest, or that runs out first."""

    kind: str = Field(description="status-list, revocation-list or trust-list")
    region: str = Field(examples=["310000"])
    own: bool = Field(description="of our own region")
    known_at: datetime = Field(description="when it was made, or confirmed last as the newest")
    ends_at: datetime | None = Field(description="until when it counts; null: asked for again")
    age_seconds: int


class UndeliveredOut(BaseModel):
    """Webhook deliveries of the own organisation and those below it."""

    waiting: int
    oldest_at: datetime | None = Field(description="when the oldest of these happened")
    given_up: int


class StandingOut(BaseModel):
    """How it stands now."""

    at: datetime
    canary: CanaryOut | None = Field(description="the newest run; null: none yet")
    canary_passed_at: datetime | None = Field(description="the newest run that passed")
    lists: list[ListAgeOut] = Field(description="the oldest first")
    undelivered: UndeliveredOut
    upper_directory: bool = Field(description="one is set, to which licenses are reported")
    collection: FiguresOut = Field(description="归集, as GET /v1/directory/figures")


@router.get(
    "",
    summary="Figures by day, as counts over counts · 签发率、归集率、免交率、亮证量、异议办结率",
    response_model=DailyFiguresOut,
    responses=problems("unauthenticated", "forbidden", "scope-missing", "invalid-request"),
)
def daily_figures(
    services: ServicesDep,
    caller: CallerDep,
    first: Annotated[date | None, _FROM] = None,
    last: Annotated[date | None, _TO] = None,
) -> dict[str, Any]:
    """Count what happened on each day, of the own organisation and those below it.

    Presentations and the canary are the whole library's.
    """
    _require_everything(caller)
    today = civil_date(services.clock())
    last = min(last or today, today)
    days = _days(first, min(last or today, today))
    with services.database.reading() as session:
        found = DailyFigures(session, caller.organisation_code).count(days, today)
    items = [_figure(figure) for figure in found]
    return {"first_day": days.first, "last_day": days.last, "items": items}


@router.get(
    "/now",
    summary="How it stands now: canary, oldest lists, undelivered, uncollected · 运行概况",
    response_model=StandingOut,
    responses=problems("unauthenticated", "forbidden", "temporarily-unavailable"),
)
def figures_now(services: ServicesDep, caller: CallerDep) -> dict[str, Any]:
    """Return what somebody on duty looks at first: counts and ages, nothing of any license."""
    at = services.clock()
    with services.database.reading() as session:
        found = StandingNow(session, services.region_code).look(caller.organisation_code, at)
    passed = found.canary_passed
    return {
        "at": at,
        "canary": None if found.canary is None else _canary(found.canary),
        "canary_passed_at": None if passed is None else passed.began_at,
        "lists": [_list(one, services.region_code, at) for one in found.lists],
        "undelivered": {
            "waiting": found.undelivered.waiting,
            "oldest_at": found.undelivered.oldest_at,
            "given_up": found.undelivered.given_up,
        },
        "upper_directory": services.events.reporting is not None,
        "collection": figure_values(found.collection),
    }


def _days(first: date | None, last: date) -> Days:
    """Return the days asked about.

    Raises:
        RequestInvalidError: there are none, or too many.
    """
    days = Days(first or last - _USUAL, last) if last > _BEGIN else None
    if days is None or not days.is_askable:
        raise RequestInvalidError(
            "/query/from",
            "not-a-period",
            f"应不晚于最后一天和今天，且不超过 {MOST_DAYS} 天。",
            f"This must not be later than the last day or today, at most {MOST_DAYS} days.",
        )
    return days


def _require_everything(caller: Caller) -> None:
    require_scope(caller, READ)
    caller.require(READ, EVERY_TYPE)


def _figure(figure: Figure) -> dict[str, Any]:
    words, part, whole = FIGURE_WORDS[figure.name], figure.part, figure.whole
    return {
        "name": figure.name.value,
        "title": words.title,
        "part_of": words.part,
        "whole_of": words.whole,
        "part": part,
        "whole": whole,
        "rate": round(part / whole, 4) if whole else None,
        "days": [{"day": c.day, "part": c.part, "whole": c.whole} for c in figure.counts],
    }


def _canary(run: CanaryRun) -> dict[str, Any]:
    return {
        "at": run.began_at,
        "passed": run.has_passed,
        "failed_step": run.failed_step or None,
        "reason": run.reason or None,
        "seal_milliseconds": run.seal_milliseconds,
        "verify_milliseconds": run.verify_milliseconds,
    }


def _list(one: ListAge, own_region: str, at: datetime) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "region": one.region,
        "own": one.region == own_region,
        "known_at": one.known_at,
        "ends_at": one.ends_at,
        "age_seconds": max(0, int((at - one.known_at).total_seconds())),
    }
