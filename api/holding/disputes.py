"""Routes of disputes (异议): filed by holders, answered by officers of the issuing authority."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.authentication import READ, HolderPerson, require_scope
from api.dependencies import (
    AfterQuery,
    CallerDep,
    IdempotencyKeyDep,
    LimitQuery,
    ServicesDep,
)
from api.documentation import problems
from api.errors import RequestInvalidError
from api.holding.acting import (
    ActingDep,
    PlaceDep,
    Viewer,
    ViewerDep,
    license_of,
    seen_license,
    vault_of,
)
from api.holding.asking import BODY, MADE, mark_of, require_officer, require_plain, tell
from api.limits import StrictJsonRoute
from api.seeing import visible_license
from api.services import Services
from api.use_header import UseDep
from license_vault.api_clients import Caller
from license_vault.clock import civil_date
from license_vault.database.sessions import Reading, Writing
from license_vault.errors import HolderNotFoundError, LicenseNotFoundError
from license_vault.events.outbox import Outbox
from license_vault.holding.acts import done_once
from license_vault.holding.disputes import (
    OUTCOME_NAMES,
    Dispute,
    DisputeOrder,
    Disputes,
    DisputeWriter,
    disputable,
)
from license_vault.holding.errors import DisputeNotFoundError
from license_vault.holding.mandates import DISPUTE
from license_vault.license import LicenseMark
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.marks import MarkWriter
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry

router = APIRouter(tags=["disputes"], route_class=StrictJsonRoute)

FILED, ANSWERED = "dispute.filed", "dispute.answered"
_LIST = "disputes"
_DENIED = ("unauthenticated", "forbidden")
_USE = ("use-required", "use-invalid")


class DisputeIn(BaseModel):
    """What is wrong, and why."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(
        max_length=128, description="number, valid_until, …, or fields.NAME", examples=["number"]
    )
    grounds: str = Field(min_length=1, max_length=1000)


class AnswerIn(BaseModel):
    """The authority's answer."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal["upheld", "rejected"]
    answer: str = Field(min_length=1, max_length=1000)


class OutcomeOut(BaseModel):
    """How it was answered."""

    code: str
    zh: str
    en: str


class DisputeOut(BaseModel):
    """A dispute."""

    number: str = Field(examples=["YY20260601K3V0Q9M2K7C8"])
    license: str = Field(description="identifier")
    type_code: str
    authority_code: str
    holder: str = Field(description="handle")
    field: str
    grounds: str
    filed_at: datetime
    due_on: date = Field(description="the last day for an answer")
    state: str = Field(description="open, overdue or answered", examples=["open"])
    outcome: OutcomeOut | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


class DisputePage(BaseModel):
    """One page of disputes, the newest first."""

    items: list[DisputeOut]
    next: str | None


@router.post(
    "/v1/holders/{handle}/licenses/{identifier}/disputes",
    status_code=201,
    summary="Say what is wrong in a license · 提出异议",
    response_model=DisputeOut,
    responses=problems(
        *_DENIED,
        *MADE,
        *BODY,
        "holder-not-found",
        "license-not-found",
        "dispute-open",
        "temporarily-unavailable",
    )
    | {200: {"description": "the same request was answered before", "model": DisputeOut}},
)
def file_dispute(
    services: ServicesDep,
    acting: ActingDep,
    key: IdempotencyKeyDep,
    place: PlaceDep,
    body: DisputeIn,
    response: Response,
) -> dict[str, Any]:
    """File a dispute; it gets a number and a term, and the license says 异议中 from now on."""
    require_plain(field=body.field, grounds=body.grounds)
    at = acting.at
    with services.database.writing() as session:
        access = vault_of(session, services, acting, place.handle, DISPUTE)
        record = license_of(session, access, place.identifier)
        _require_field(services, session, record, body.field)
        due_on = services.dispute_terms.due_after(civil_date(at))
        order = DisputeOrder(body.field, body.grounds, due_on)
        writer = DisputeWriter(session, services.vault, services.random_bytes)

        def file() -> tuple[str, dict[str, str]]:
            number = writer.file(record, access.holder, order, access.actor, at)
            MarkWriter(session).set(record.row_id, LicenseMark.DISPUTED, at, f"dispute/{number}")
            told = {"number": number, "due_on": due_on.isoformat()}
            Outbox(session).add_of_license(FILED, record.row_id, told, at)
            return number, told

        asked = {"dispute": record.identifier, **body.model_dump()}
        mark = mark_of(services, access.actor, key, asked)
        made = done_once(session, mark, at, file, (FILED, record.identifier))
        tell(response, made, f"/v1/disputes/{made.name}")
        return _values(writer.get(made.name), civil_date(at))


@router.get(
    "/v1/holders/{handle}/disputes",
    summary="Disputes of a holder · 我的异议",
    response_model=DisputePage,
    responses=problems(*_DENIED, "holder-not-found", "invalid-request"),
)
def disputes_of_holder(
    services: ServicesDep,
    acting: ActingDep,
    handle: str,
    limit: LimitQuery = 20,
    after: AfterQuery = None,
) -> dict[str, Any]:
    """Return a holder's disputes with their answers."""
    behind = services.cursors.item(_LIST, after) if after else None
    with services.database.reading() as session:
        access = vault_of(session, services, acting, handle, DISPUTE)
        found = Disputes(session, services.vault).of_holder(access.holder, limit + 1, behind)
    return _page(services, found, limit, civil_date(acting.at))


@router.get(
    "/v1/disputes",
    summary="Disputes that wait for an answer · 待答复异议",
    response_model=DisputePage,
    responses=problems(*_DENIED, *_USE, "invalid-request"),
)
def open_disputes(
    services: ServicesDep,
    caller: CallerDep,
    use: UseDep,
    limit: LimitQuery = 20,
    after: AfterQuery = None,
) -> dict[str, Any]:
    """Return what the own organisation and those below have to answer; for officers."""
    del use  # it must be said; what a dispute says is its holder's own writing
    require_officer(caller)
    require_scope(caller, READ)
    behind = services.cursors.item(_LIST, after) if after else None
    with services.database.reading() as session:
        disputes = Disputes(session, services.vault)
        found = disputes.open_within(caller.organisation_code, limit + 1, behind)
    return _page(services, found, limit, civil_date(services.clock()))


@router.get(
    "/v1/disputes/{number}",
    summary="Show a dispute · 异议详情",
    response_model=DisputeOut,
    responses=problems(*_DENIED, *_USE, "dispute-not-found", "invalid-request"),
)
def show_dispute(services: ServicesDep, viewer: ViewerDep, number: str) -> dict[str, Any]:
    """Return a dispute, for its holder and for officers of the authority."""
    if not isinstance(viewer.principal, HolderPerson):
        # Before any look: a program would learn which numbers there are.
        require_officer(viewer.principal)
    with services.database.reading() as session:
        dispute = Disputes(session, services.vault).get(number)
        _require_visible(session, services, viewer, dispute)
    return _values(dispute, civil_date(viewer.at))


@router.post(
    "/v1/disputes/{number}/answer",
    summary="Answer a dispute · 答复异议",
    response_model=DisputeOut,
    responses=problems(*_DENIED, *MADE, *BODY, "dispute-not-found", "dispute-answered"),
)
def answer_dispute(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    number: str,
    body: AnswerIn,
    response: Response,
) -> dict[str, Any]:
    """Answer a dispute, once; the license loses the mark 异议中 with its last open dispute.

    An upheld one changes nothing by itself: correct or change the license.
    """
    require_officer(caller)
    require_plain(answer=body.answer)
    at = services.clock()
    with services.database.writing() as session:
        writer = DisputeWriter(session, services.vault, services.random_bytes)
        dispute = writer.get(number)
        _require_officer_sees(session, caller, dispute)

        def answer() -> tuple[str, dict[str, str]]:
            writer.answer(dispute, body.outcome, body.answer, caller.name, at)
            _unmark(session, dispute, at)
            told = {"number": number, "outcome": body.outcome}
            Outbox(session).add_of_license(ANSWERED, dispute.license_row_id, told, at)
            return number, told

        asked = {"answer": number, **body.model_dump()}
        mark = mark_of(services, caller.name, key, asked)
        made = done_once(session, mark, at, answer, (ANSWERED, dispute.identifier))
        tell(response, made, f"/v1/disputes/{number}")
        return _values(writer.get(number), civil_date(at))


def _unmark(session: Writing, dispute: Dispute, at: datetime) -> None:
    reference = f"dispute/{dispute.number}"
    MarkWriter(session).clear(dispute.license_row_id, LicenseMark.DISPUTED, at, reference)


def _require_field(services: Services, session: Reading, record: LicenseRecord, name: str) -> None:
    kept = Registry(session).kept(record.identifier)
    content = LicenseOpener(services.vault).secrets(kept).content
    if name not in disputable(content):
        raise RequestInvalidError(
            "/field", "unknown-field", "证照没有此项内容。", "The license has no such field."
        )


def _require_visible(
    session: Reading, services: Services, viewer: Viewer, dispute: Dispute
) -> None:
    if not isinstance(viewer.principal, HolderPerson):
        _require_officer_sees(session, viewer.principal, dispute)
        return
    try:
        place = (dispute.handle, dispute.identifier)
        seen_license(session, services, viewer, place, DISPUTE)
    except (HolderNotFoundError, LicenseNotFoundError) as error:
        raise DisputeNotFoundError(dispute.number) from error


def _require_officer_sees(session: Reading, caller: Caller, dispute: Dispute) -> None:
    require_officer(caller)
    try:
        visible_license(session, dispute.identifier, caller)
    except LicenseNotFoundError as error:
        raise DisputeNotFoundError(dispute.number) from error


def _page(
    services: Services, found: tuple[Dispute, ...], limit: int, today: date
) -> dict[str, Any]:
    shown, after_it = services.cursors.page(_LIST, found, limit, lambda each: each.number)
    return {
        "items": [_values(dispute, today) for dispute in shown],
        "next": after_it,
    }


def _values(dispute: Dispute, today: date) -> dict[str, Any]:
    waits = "overdue" if dispute.due_on < today else "open"
    outcome = None
    if dispute.outcome is not None:
        zh, en = OUTCOME_NAMES[dispute.outcome]
        outcome = {"code": dispute.outcome, "zh": zh, "en": en}
    return {
        "number": dispute.number,
        "license": dispute.identifier,
        "type_code": dispute.type_code,
        "authority_code": dispute.authority_code,
        "holder": dispute.handle,
        "field": dispute.path,
        "grounds": dispute.grounds,
        "filed_at": dispute.filed_at,
        "due_on": dispute.due_on,
        "state": "answered" if outcome else waits,
        "outcome": outcome,
        "answer": dispute.answer,
        "answered_by": dispute.answered_by,
        "answered_at": dispute.answered_at,
    }
