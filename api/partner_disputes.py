"""Routes of disputes (异议) against licenses of partner regions: raised here, answered there.

A holder raises one with the own document, an officer with the five elements. It is sent signed to
the region that issued the license, which gives it a number and a term; its answer shows here too.
If the region does not answer now, the dispute is kept and sent as soon as it does.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from api.authentication import HolderPerson
from api.dependencies import (
    AfterQuery,
    IdempotencyKeyDep,
    LimitQuery,
    PrincipalDep,
    ServicesDep,
)
from api.documentation import problems
from api.holding.asking import BODY, MADE, mark_of, require_officer, require_plain, tell
from api.limits import StrictJsonRoute
from api.services import Services
from api.use_header import ViewerUseDep
from license_vault.access.use import Use
from license_vault.clock import civil_date
from license_vault.errors import LicenseVaultError
from license_vault.exchange.dispute_rows import (
    ANSWERED,
    OPEN,
    PartnerDispute,
    PartnerDisputes,
    of_holder,
    of_organisation,
)
from license_vault.exchange.dispute_work import RaisedDispute
from license_vault.exchange.errors import PartnerDisputeUnknownError
from license_vault.holding.acts import done_once
from license_vault.holding.disputes import OUTCOME_NAMES

router = APIRouter(tags=["disputes"], route_class=StrictJsonRoute)

RAISED = "partner-dispute.raised"
_LIST = "partner-disputes"
_DENIED = ("unauthenticated", "forbidden")
_USE = ("use-required", "use-invalid")
_OF_A_HOLDER = "持证主体提出异议"


class PartnerDisputeIn(BaseModel):
    """What is wrong in a license of a partner region, and why."""

    model_config = ConfigDict(extra="forbid")

    license: str = Field(
        pattern=r"^[0-9A-Z.]{1,128}$",
        description="identifier",
        examples=["1.2.156.3005.2.11310000MBDEM00076002.11310000MBDEM0001A.2026000001.001.X"],
    )
    field: str = Field(min_length=1, max_length=128, examples=["number"])
    grounds: str = Field(min_length=1, max_length=1000)


class PartnerOutcomeOut(BaseModel):
    """How it was answered."""

    code: str
    zh: str
    en: str


class PartnerDisputeOut(BaseModel):
    """A dispute at a partner; number and term are the partner's, once it has taken it."""

    reference: str = Field(examples=["KY20260601K3V0Q9M2K7C8"], description="ours")
    region: str
    license: str
    field: str
    grounds: str
    filed_at: datetime
    state: str = Field(description="sending, open, overdue, answered or not-taken")
    reason: str | None = Field(description="why the region did not take it")
    number: str | None
    due_on: date | None
    outcome: PartnerOutcomeOut | None
    answer: str | None
    answered_at: datetime | None


class PartnerDisputePage(BaseModel):
    """One page of disputes, the newest first."""

    items: list[PartnerDisputeOut]
    next: str | None


@dataclass(frozen=True, slots=True)
class _Raiser:
    """Who raises or reads disputes: a holder by the own document, or an officer for a use."""

    actor: str
    use: Use
    document: tuple[str, str] | None
    holder_mac: bytes | None


def raiser_of(services: ServicesDep, principal: PrincipalDep, use: ViewerUseDep) -> _Raiser:
    """Return who raises or reads disputes.

    Raises:
        ForbiddenError: it is a program.
        UseMissingError, UseInvalidError: an officer does not say what for.
    """
    if isinstance(principal, HolderPerson):
        document = (principal.document_type, principal.document_number)
        said = Use(services.region_code, "holder", "异议", "dispute", "-", _OF_A_HOLDER)
        mac = services.macs.holder(*document)
        return _Raiser(f"holder-mac:{mac.hex()[:16]}", said, document, mac)
    require_officer(principal)
    said = use or Use(principal.organisation_code, "-", "-", "-", "-", "-")
    return _Raiser(principal.name, said, None, None)


def keyed_region(region: str, key: IdempotencyKeyDep) -> tuple[str, str]:
    """Return the region that an address names, and the Idempotency-Key."""
    return region, key


RaiserDep = Annotated[_Raiser, Depends(raiser_of)]
KeyedRegionDep = Annotated[tuple[str, str], Depends(keyed_region)]


@router.post(
    "/v1/partners/{region}/disputes",
    status_code=201,
    summary="Dispute a license of a partner region · 对伙伴地区证照提出异议",
    response_model=PartnerDisputeOut,
    responses=problems(
        *_DENIED, *_USE, *MADE, *BODY, "partner-not-found", "partner-suspended",
        "temporarily-unavailable",
    )
    | {200: {"description": "the same request was answered before", "model": PartnerDisputeOut}},
)  # fmt: skip
def raise_partner_dispute(
    services: ServicesDep,
    raiser: RaiserDep,
    place: KeyedRegionDep,
    body: PartnerDisputeIn,
    response: Response,
) -> dict[str, Any]:
    """Raise a dispute: it is kept, and sent signed to the region, at once if it answers."""
    require_plain(field=body.field, grounds=body.grounds)
    region, key = place
    at = services.clock()
    raised = RaisedDispute(
        region, body.license, body.field, body.grounds, raiser.use, raiser.document
    )
    work = services.exchange.disputes
    services.exchange.asking.require_partner(region)
    with services.database.writing() as session:
        mark = mark_of(services, raiser.actor, key, {"dispute": region, **body.model_dump()})

        def file() -> tuple[str, dict[str, str]]:
            reference = work.raise_(session, raised, raiser.actor, at)
            return reference, {"region": region, "reference": reference}

        made = done_once(session, mark, at, file, (RAISED, f"license:{body.license}"))
    if not made.replayed:
        # It is kept: what goes wrong now is mended by the next try.
        with suppress(LicenseVaultError):
            work.follow(_found(services, made.name))
    tell(response, made, f"/v1/partner-disputes/{made.name}")
    return _values(_found(services, made.name), civil_date(at))


@router.get(
    "/v1/partner-disputes",
    summary="Disputes raised at partner regions · 跨地区异议列表",
    response_model=PartnerDisputePage,
    responses=problems(*_DENIED, *_USE, "invalid-request"),
)
def list_partner_disputes(
    services: ServicesDep, raiser: RaiserDep, limit: LimitQuery = 20, after: AfterQuery = None
) -> dict[str, Any]:
    """Return a holder's own disputes, or those that the own organisation raised."""
    behind = services.cursors.item(_LIST, after) if after else None
    with services.database.reading() as session:
        whose = _whose(raiser)
        disputes = PartnerDisputes(session, services.keys, services.vault)
        found = disputes.page(whose, limit=limit + 1, behind=behind)
    shown, after_it = services.cursors.page(_LIST, found, limit, lambda each: each.reference)
    today = civil_date(services.clock())
    return {
        "items": [_values(dispute, today) for dispute in shown],
        "next": after_it,
    }


@router.get(
    "/v1/partner-disputes/{reference}",
    summary="Show a dispute at a partner region · 跨地区异议详情",
    response_model=PartnerDisputeOut,
    responses=problems(*_DENIED, *_USE, "partner-dispute-not-found"),
)
def show_partner_dispute(
    services: ServicesDep, raiser: RaiserDep, reference: str
) -> dict[str, Any]:
    """Return a dispute with its number, its term, and the region's answer."""
    dispute = _found(services, reference)
    own = dispute.organisation == raiser.use.organisation and raiser.holder_mac is None
    mine = raiser.holder_mac is not None and dispute.holder_mac == raiser.holder_mac
    if not (own or mine):
        raise PartnerDisputeUnknownError(reference)
    return _values(dispute, civil_date(services.clock()))


def _whose(raiser: _Raiser) -> Any:
    if raiser.holder_mac is not None:
        return of_holder(raiser.holder_mac)
    return of_organisation(raiser.use.organisation)


def _found(services: Services, reference: str) -> PartnerDispute:
    with services.database.reading() as session:
        return PartnerDisputes(session, services.keys, services.vault).get(reference)


def _values(dispute: PartnerDispute, today: date) -> dict[str, Any]:
    state = dispute.state
    if state == OPEN and dispute.due_on is not None and dispute.due_on < today:
        state = "overdue"
    outcome = None
    if state == ANSWERED and dispute.outcome is not None:
        zh, en = OUTCOME_NAMES[dispute.outcome]
        outcome = {"code": dispute.outcome, "zh": zh, "en": en}
    return {
        "reference": dispute.reference,
        "region": dispute.region,
        "license": dispute.identifier,
        "field": dispute.path,
        "grounds": dispute.grounds,
        "filed_at": dispute.filed_at,
        "state": state,
        "reason": dispute.reason,
        "number": dispute.number,
        "due_on": dispute.due_on,
        "outcome": outcome,
        "answer": dispute.answer,
        "answered_at": dispute.answered_at,
    }
