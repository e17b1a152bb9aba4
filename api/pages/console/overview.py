"""The first page of /console: whether everything works now, and the figures of the last days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from api.pages.console.plots import plot_of
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import show
from api.pages.visitor import OfficerDep, Visitor
from license_vault.clock import CIVIL_ZONE

router = APIRouter(include_in_schema=False)

PERIODS = (7, 30, 90)
_USUAL = 30
# The canary sings every five minutes; twice missed may be a restart.
_CANARY_LATE = timedelta(minutes=16)
# Partners' states are asked for every twenty seconds.
_CONFIRMED_LATE = timedelta(hours=1)
_ENDS_SOON = timedelta(hours=24)


@router.get("/console")
async def overview(
    visitor: OfficerDep, days: Annotated[int, Query(ge=1, le=366)] = _USUAL
) -> HTMLResponse:
    """Show how it stands, then the figures of the last days."""
    chosen = days if days in PERIODS else _USUAL
    now = await visitor.api.get(within("figures", "now"))
    figures = await _figures(visitor, _instant(now["at"]), chosen)
    return show(
        visitor,
        "console/overview.html",
        now=now,
        canary_tone=canary_tone(now),
        lists=[(one, list_tone(one, _instant(now["at"]))) for one in now["lists"]],
        figures=[(one, plot_of(one["days"])) for one in figures["items"]] if figures else None,
        period=figures,
        chosen=chosen,
        periods=PERIODS,
    )


async def _figures(visitor: Visitor, at: datetime, days: int) -> Mapping[str, Any] | None:
    """Return the figures of the last days; None to somebody who may read no licenses."""
    today = at.astimezone(CIVIL_ZONE).date()
    first = today - timedelta(days=days - 1)
    period = {"from": first.isoformat(), "to": today.isoformat()}
    try:
        answer: Mapping[str, Any] = await visitor.api.get(within("figures"), **period)
    except ProblemShownError as error:
        if error.status != 403:
            raise
        return None
    return answer


def canary_tone(now: Mapping[str, Any]) -> str:
    """Return how the canary does: good, bad, ended (it did not run in time) or unknown."""
    run = now["canary"]
    if run is None:
        return "unknown"
    if not run["passed"]:
        return "bad"
    return "good" if _instant(now["at"]) - _instant(run["at"]) <= _CANARY_LATE else "ended"


def list_tone(one: Mapping[str, Any], at: datetime) -> str:
    """Return how a list does: bad when it ran out, ended when it soon will or is old, else good."""
    if one["ends_at"] is None:
        late = at - _instant(one["known_at"]) > _CONFIRMED_LATE
        return "ended" if late else "good"
    ends_at = _instant(one["ends_at"])
    left, lasts = ends_at - at, ends_at - _instant(one["known_at"])
    if left <= timedelta(0):
        return "bad"
    return "ended" if left < min(_ENDS_SOON, lasts / 4) else "good"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
