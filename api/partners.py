"""Which regions are partners, and how old what we hold of each is. For programs and officers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.dependencies import CallerDep, ServicesDep
from api.documentation import problems
from license_vault.partners.overview import Overview, PartnerOverview

if TYPE_CHECKING:
    from license_vault.partners.states import PartState
    from license_vault.partners.status_lists import KeptList
    from license_vault.sharing.documents import KeptDocument
    from license_vault.trust.kept_lists import KeptList as KeptTrustList

router = APIRouter(prefix="/v1", tags=["partners"])


class PartnerTrustView(BaseModel):
    """The trust list in use: which one, and for how long it counts."""

    sequence: int
    sm3: str = Field(description="the fingerprint, hex")
    issued_at: datetime
    next_update: datetime
    hours_left: int


class PartnerStatusView(BaseModel):
    """A status list as it is kept here."""

    uri: str
    sequence: int
    issued_at: datetime
    checked_at: datetime = Field(description="when the region said last that nothing is newer")
    age_seconds: int


class PartnerPartView(BaseModel):
    """How pulling one part went last."""

    part: str = Field(
        description="trust-list, sightings, revocation-lists, status-lists, issue-log, "
        "sharing-catalogue, use-list or sharing-maps"
    )
    succeeded_at: datetime | None
    failed_at: datetime | None
    reason: str = Field(description="stable code of the last failure; empty: none yet")
    failures: int = Field(description="failures in a row; 0: it went well last")


class PartnerSharingView(BaseModel):
    """A sharing document as it is kept here."""

    kind: str = Field(description="catalogue, use-list or maps")
    version: int
    published_at: datetime
    checked_at: datetime | None = Field(
        description="when the region said last that nothing is newer; null: loaded by hand"
    )
    age_seconds: int | None


class PartnerView(BaseModel):
    """One partner region."""

    region: str
    name: str
    state: str = Field(description="accepted or suspended")
    url: str
    trust_list: PartnerTrustView | None
    status_lists: tuple[PartnerStatusView, ...]
    sharing: tuple[PartnerSharingView, ...]
    parts: tuple[PartnerPartView, ...]


class PartnersView(BaseModel):
    """All partner regions, in the order of their codes."""

    region: str = Field(description="our own")
    partners: tuple[PartnerView, ...]


@router.get(
    "/partners",
    summary="Partner regions, and how old what we hold of each is · 伙伴地区",
    responses=problems("unauthenticated", "forbidden", "temporarily-unavailable"),
)
def partners(services: ServicesDep, _: CallerDep) -> PartnersView:
    """Return every partner region with its trust list, its status lists, and how pulling goes."""
    at = services.clock()
    with services.database.reading() as session:
        found = Overview(session).all()
    return PartnersView(
        region=services.region_code, partners=tuple(_view(one, at) for one in found)
    )


def _view(one: PartnerOverview, at: datetime) -> PartnerView:
    return PartnerView(
        region=one.partner.region,
        name=one.partner.name,
        state=one.partner.state.value,
        url=one.partner.url,
        trust_list=_trust(one.trust_list, one.hours_left(at)),
        status_lists=tuple(_status(kept, at) for kept in one.status_lists),
        sharing=tuple(_sharing(kept, checked_at, at) for kept, checked_at in one.sharing),
        parts=tuple(map(_part, one.parts)),
    )


def _trust(kept: KeptTrustList | None, hours_left: int | None) -> PartnerTrustView | None:
    if kept is None:
        return None
    return PartnerTrustView(
        sequence=kept.sequence,
        sm3=kept.sm3.hex(),
        issued_at=kept.issued_at,
        next_update=kept.next_update,
        hours_left=hours_left or 0,
    )


def _status(kept: KeptList, at: datetime) -> PartnerStatusView:
    return PartnerStatusView(
        uri=kept.uri,
        sequence=kept.sequence,
        issued_at=kept.issued_at,
        checked_at=kept.checked_at,
        age_seconds=max(0, int((at - kept.checked_at).total_seconds())),
    )


def _sharing(kept: KeptDocument, checked_at: datetime | None, at: datetime) -> PartnerSharingView:
    document, age = kept.document, None if checked_at is None else at - checked_at
    return PartnerSharingView(
        kind=document.kind.value,
        version=document.version,
        published_at=document.published_at,
        checked_at=checked_at,
        age_seconds=None if age is None else max(0, int(age.total_seconds())),
    )


def _part(state: PartState) -> PartnerPartView:
    return PartnerPartView(
        part=state.part.value,
        succeeded_at=state.succeeded_at,
        failed_at=state.failed_at,
        reason=state.reason,
        failures=state.failures,
    )
