"""How it stands with each region's trust list, for officers and programs: what waits for people.

The lists themselves are public (``api.trust_lists``). The fingerprint of a list that waits is not
told here: whoever approves it types it from the official letter.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.dependencies import CallerDep, ServicesDep
from api.documentation import problems
from api.errors import PageNotFoundError
from api.trust_lists import RegionPath
from license_vault.trust.approving import RESOLVE, ApprovalsKept
from license_vault.trust.kept_lists import KeptList, TrustLists
from license_vault.trust.list_changes import Change, changes_between
from license_vault.trust.overview import RegionTrust, TrustOverview
from license_vault.trust.sightings import Seen, SightingsKept

if TYPE_CHECKING:
    from license_vault.database.sessions import Reading
    from license_vault.trust.alarms import Alarm

router = APIRouter(prefix="/v1", tags=["trust"])

_MOST_CHANGES, _MOST_LISTS, _MOST_SEEN, _MOST_ALARMS = 200, 20, 40, 20


class ListInUseOut(BaseModel):
    """A list that counts, or counted."""

    sequence: int = Field(examples=[7])
    sm3: str = Field(description="the fingerprint, hex")
    issued_at: datetime
    next_update: datetime
    accepted_at: datetime | None
    age_hours: int
    hours_left: int = Field(description="negative: it ran out")
    entries: int


class CandidateOut(BaseModel):
    """A first list that waits for two people; its fingerprint is in the official letter (函)."""

    sequence: int
    issued_at: datetime
    next_update: datetime
    entries: int
    url: str = Field(description="where it was fetched")
    fetched_at: datetime
    approved_by: list[str] = Field(description="who typed the right fingerprint so far")


class SplitOut(BaseModel):
    """Two digests of one sequence: refused until two people say which is right."""

    sequence: int
    found_at: datetime
    shown_by: list[str] = Field(description="the regions that showed them")
    resolved_by: list[str] = Field(description="who said so far which one is right")


class TrustRegionOut(BaseModel):
    """One region's trust list."""

    region: str = Field(examples=["310000"])
    own: bool
    in_use: ListInUseOut | None
    authorities: int = Field(description="that the list in use stands for")
    root_version: int | None
    national: int = Field(description="entries that chain to a national root")
    approved_by: list[str] = Field(description="who accepted the last list that people accepted")
    candidate: CandidateOut | None
    split: SplitOut | None
    alarms: int = Field(description="kinds of refusals on record")


class TrustRegionsOut(BaseModel):
    """All regions of which a list counts or waits, in the order of their codes."""

    region: str = Field(description="our own")
    items: list[TrustRegionOut]


class ChangeOut(BaseModel):
    """One entry that differs between two lists."""

    what: str = Field(description="added, removed, changed, withdrawn, trusted again")
    kind: str = Field(description="authority, anchor, intermediate, seal-maker, system")
    name: str
    key: str
    detail: str


class DifferenceOut(BaseModel):
    """What the later of two lists has otherwise; ``before`` null: all of it is new."""

    before: int | None = Field(description="sequence")
    after: int
    total: int = Field(description="of which 200 at most are told")
    changes: list[ChangeOut]


class SeenOut(BaseModel):
    """A digest of one sequence, and who showed it."""

    sequence: int
    sm3: str
    shown_by: str
    seen_at: datetime


class AlarmOut(BaseModel):
    """What was refused of the region."""

    reason: str = Field(description="docs/trust-lists.md", examples=["too-few-signatures"])
    shown_by: str
    times: int
    first_at: datetime
    last_at: datetime


class TrustRegionDetailsOut(TrustRegionOut):
    """The same with what people look at before they approve."""

    difference: DifferenceOut | None = Field(
        description="of the candidate against the list in use; without one of the last two in use"
    )
    history: list[ListInUseOut] = Field(description="accepted lists, the newest first, 20 at most")
    sightings: list[SeenOut]
    refused: list[AlarmOut]


@router.get(
    "/trust-regions",
    summary="How it stands with each region's trust list · 各地区信任名单概况",
    response_model=TrustRegionsOut,
    responses=problems("unauthenticated", "forbidden", "temporarily-unavailable"),
)
def trust_regions(services: ServicesDep, _: CallerDep) -> dict[str, Any]:
    """Return sequence, age, hours left and last approvers of every region's list."""
    at = services.clock()
    with services.database.reading() as session:
        found = TrustOverview(session).all()
        items = [_region(session, one, services.region_code, at) for one in found]
    return {"region": services.region_code, "items": items}


@router.get(
    "/trust-regions/{region}",
    summary="One region's trust list: difference, history, sightings · 单个地区信任名单",
    response_model=TrustRegionDetailsOut,
    responses=problems("unauthenticated", "forbidden", "page-not-found", "temporarily-unavailable"),
)
def trust_region(services: ServicesDep, _: CallerDep, region: RegionPath) -> dict[str, Any]:
    """Return what people look at before they approve a list or settle a split."""
    at = services.clock()
    with services.database.reading() as session:
        if region not in TrustLists(session).regions():
            raise PageNotFoundError
        found = TrustOverview(session).of(region)
        history = TrustLists(session).history(region)
        return {
            **_region(session, found, services.region_code, at),
            "difference": _difference(found.candidate, history),
            "history": [_in_use(kept, at) for kept in history[:_MOST_LISTS]],
            "sightings": [_seen(one) for one in SightingsKept(session).of(region, _MOST_SEEN)],
            "refused": [_alarm(alarm) for alarm in found.alarms[:_MOST_ALARMS]],
        }


def _region(session: Reading, found: RegionTrust, own: str, at: datetime) -> dict[str, Any]:
    return {
        "region": found.region,
        "own": found.region == own,
        "in_use": None if found.in_use is None else _in_use(found.in_use, at),
        "authorities": found.authorities,
        "root_version": found.root_version,
        "national": found.national,
        "approved_by": list(found.approvers),
        "candidate": _candidate(found),
        "split": _split(session, found),
        "alarms": len(found.alarms),
    }


def _in_use(kept: KeptList, at: datetime) -> dict[str, Any]:
    return {
        "sequence": kept.sequence,
        "sm3": kept.sm3.hex(),
        "issued_at": kept.issued_at,
        "next_update": kept.next_update,
        "accepted_at": kept.accepted_at,
        "age_hours": int((at - kept.issued_at).total_seconds() // 3600),
        "hours_left": int((kept.next_update - at).total_seconds() // 3600),
        "entries": len(kept.trust_list.content.entries),
    }


def _candidate(found: RegionTrust) -> dict[str, Any] | None:
    kept = found.candidate
    if kept is None:
        return None
    return {
        "sequence": kept.sequence,
        "issued_at": kept.issued_at,
        "next_update": kept.next_update,
        "entries": len(kept.trust_list.content.entries),
        "url": kept.url,
        "fetched_at": kept.added_at,
        "approved_by": list(found.candidate_approvers),
    }


def _split(session: Reading, found: RegionTrust) -> dict[str, Any] | None:
    split = found.split
    if split is None:
        return None
    kept = ApprovalsKept(session)
    said = [person for sm3, _ in split.shown for person in kept.of(found.region, sm3, RESOLVE)]
    return {
        "sequence": split.sequence,
        "found_at": split.found_at,
        "shown_by": sorted({region for _, region in split.shown}),
        "resolved_by": list(dict.fromkeys(said)),
    }


def _difference(candidate: KeptList | None, history: tuple[KeptList, ...]) -> dict[str, Any] | None:
    order = (*([candidate] if candidate else []), *history)
    if not order:
        return None
    after, before = order[0], order[1] if len(order) > 1 else None
    earlier = None if before is None else before.trust_list
    changes = changes_between(earlier, after.trust_list)
    return {
        "before": None if before is None else before.sequence,
        "after": after.sequence,
        "total": len(changes),
        "changes": [_change(change) for change in changes[:_MOST_CHANGES]],
    }


def _change(change: Change) -> dict[str, str]:
    return {name: getattr(change, name) for name in ChangeOut.model_fields}


def _seen(seen: Seen) -> dict[str, Any]:
    return {
        "sequence": seen.sequence,
        "sm3": seen.sm3.hex(),
        "shown_by": seen.shown_by,
        "seen_at": seen.seen_at,
    }


def _alarm(alarm: Alarm) -> dict[str, Any]:
    return {
        "reason": alarm.refusal.reason,
        "shown_by": alarm.refusal.shown_by,
        "times": alarm.times,
        "first_at": alarm.first_at,
        "last_at": alarm.last_at,
    }
