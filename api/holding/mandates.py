"""Routes of acting for a holder: mandates by the holder, representations by an authority."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from api.authentication import ISSUE, HolderPerson, Principal
from api.dependencies import CallerDep, HolderDep, IdempotencyKeyDep, PrincipalDep, ServicesDep
from api.documentation import problems
from api.errors import RequestInvalidError
from api.holding.acting import Acting, ActingDep, ActingFor, vault_of
from api.holding.asking import BODY, MADE, mark_of, require_document, require_plain, tell
from api.holding.naming import name_of
from api.limits import StrictJsonRoute
from api.seeing import visible_license
from api.services import Services
from license_vault.api_clients import Caller
from license_vault.clock import civil_date, end_of, start_of
from license_vault.database.sessions import Reading
from license_vault.errors import LicenseNotFoundError
from license_vault.holding.acts import Made, done_once
from license_vault.holding.errors import MandateNotFoundError
from license_vault.holding.mandates import (
    EVERY_TYPE,
    EVERYTHING,
    GIVE,
    MANDATE,
    REPRESENTATION,
    AgentPerson,
    Mandate,
    MandateOrder,
    Mandates,
    MandateWriter,
)
from license_vault.license import PERSON_DOCUMENTS
from license_vault.registry.holders import HolderRecord, Holders

router = APIRouter(tags=["vaults"], route_class=StrictJsonRoute)

LONGEST_DAYS = 366
_DENIED = ("unauthenticated", "forbidden", "holder-not-found")
_TYPE_CODE = re.compile(r"[0-9A-Z]{18}[0-9]{3}|\*", re.ASCII)


class AgentIn(BaseModel):
    """Who is to act, by an identity document (GB/T 36903, annex A)."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=64)
    document_type: str = Field(max_length=3, examples=["111"])
    document_number: str = Field(min_length=1, max_length=64)


class MandateIn(BaseModel):
    """A mandate (授权委托)."""

    model_config = ConfigDict(extra="forbid")

    agent: AgentIn
    type_codes: list[str] = Field(min_length=1, max_length=50, description="'*': every type")
    actions: list[Literal["view", "download", "present", "copy", "print", "dispute"]] = Field(
        min_length=1, max_length=6
    )
    until: date = Field(description="the last day, at most a year ahead")


class RepresentationIn(BaseModel):
    """A legal representative (法定代表人), as an authority saw it."""

    model_config = ConfigDict(extra="forbid")

    agent: AgentIn
    license: str = Field(max_length=128, description="identifier of the license that shows it")
    evidence: str = Field(min_length=1, max_length=500, description="what was seen, in words")
    since: date | None = None
    until: date | None = None


class AgentOut(BaseModel):
    """Who acts."""

    name: str
    document_type: str


class MandateOut(BaseModel):
    """Who may do what for the holder, until when."""

    id: str
    kind: str = Field(examples=["mandate"], description="mandate or representation")
    principal: str = Field(description="handle; the agent sends it as Acting-For")
    principal_name: str | None = Field(
        default=None, description="in the agent's own list, as the newest license names them"
    )
    agent: AgentOut | None = Field(description="null in the agent's own list")
    type_codes: list[str]
    actions: list[str]
    begins_at: datetime
    ends_at: datetime | None
    license: str | None
    recorded_at: datetime
    revoked_at: datetime | None


class MandateList(BaseModel):
    """Mandates, the newest first."""

    items: list[MandateOut]


def _values(mandate: Mandate, agent: AgentPerson | None) -> dict[str, Any]:
    return {
        "id": mandate.mandate_id,
        "kind": mandate.kind,
        "principal": mandate.principal,
        "agent": agent and {"name": agent.name, "document_type": agent.document_type},
        "type_codes": sorted(mandate.type_codes),
        "actions": sorted(mandate.actions),
        "begins_at": mandate.begins_at,
        "ends_at": mandate.ends_at,
        "license": mandate.license,
        "recorded_at": mandate.recorded_at,
        "revoked_at": mandate.revoked_at,
    }


@router.post(
    "/v1/holders/{handle}/mandates",
    status_code=201,
    summary="Let somebody act · 授权委托",
    response_model=MandateOut,
    responses=problems(*_DENIED, *MADE, *BODY, "mandate-invalid", "temporarily-unavailable")
    | {200: {"description": "the same request was answered before", "model": MandateOut}},
)
def give_mandate(
    services: ServicesDep,
    acting: ActingDep,
    key: IdempotencyKeyDep,
    handle: str,
    body: MandateIn,
    response: Response,
) -> dict[str, Any]:
    """Let a person act for the holder; given by the holder or the recorded representative."""
    agent = _agent(body.agent)
    _check_scope(body, acting.at)
    with services.database.writing() as session:
        access = vault_of(session, services, acting, handle, GIVE)
        order = MandateOrder(
            kind=MANDATE,
            agent=agent,
            agent_mac=services.macs.holder(agent.document_type, agent.document_number),
            type_codes=tuple(body.type_codes),
            actions=tuple(body.actions),
            begins_at=acting.at,
            ends_at=end_of(body.until),
        )
        writer = MandateWriter(session, services.vault, services.random_bytes)
        made = done_once(
            session,
            mark_of(services, access.actor, key, _asked("mandate", handle, body)),
            acting.at,
            lambda: (writer.give(access.holder, order, access.actor, acting.at), {}),
            ("mandate.given", handle),
        )
        return _answer(services, session, access.holder, made, response)


@router.post(
    "/v1/holders/{handle}/representations",
    status_code=201,
    summary="Record a legal representative · 登记法定代表人",
    response_model=MandateOut,
    responses=problems(
        *_DENIED, *MADE, *BODY, "license-not-found", "mandate-invalid", "temporarily-unavailable"
    )
    | {200: {"description": "the same request was answered before", "model": MandateOut}},
)
def record_representation(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    handle: str,
    body: RepresentationIn,
    response: Response,
) -> dict[str, Any]:
    """Record who represents an organisation; by a program that issues one of its licenses."""
    agent = _agent(body.agent)
    require_plain(evidence=body.evidence)
    _require_person(agent.document_type)
    at = services.clock()
    with services.database.writing() as session:
        holder, license_row_id = _shown_by(session, caller, handle, body.license)
        order = MandateOrder(
            kind=REPRESENTATION,
            agent=agent,
            agent_mac=services.macs.holder(agent.document_type, agent.document_number),
            type_codes=(EVERY_TYPE,),
            actions=EVERYTHING,
            begins_at=start_of(body.since) if body.since else at,
            ends_at=end_of(body.until) if body.until else None,
            evidence=body.evidence,
            license_row_id=license_row_id,
        )
        writer = MandateWriter(session, services.vault, services.random_bytes)
        made = done_once(
            session,
            mark_of(services, caller.name, key, _asked("representation", handle, body)),
            at,
            lambda: (writer.give(holder, order, caller.name, at), {"license": body.license}),
            ("representation.recorded", handle),
        )
        return _answer(services, session, holder, made, response)


@router.get(
    "/v1/holders/{handle}/mandates",
    summary="Who may act for the holder · 授权列表",
    response_model=MandateList,
    responses=problems(*_DENIED, "invalid-request"),
)
def list_mandates(services: ServicesDep, acting: ActingDep, handle: str) -> dict[str, Any]:
    """Return all mandates and representations, ended ones too."""
    with services.database.reading() as session:
        access = vault_of(session, services, acting, handle, GIVE)
        found = Mandates(session).of_principal(access.holder)
        return {"items": [_shown(services, session, access.holder, mandate) for mandate in found]}


@router.get(
    "/v1/mandates",
    summary="Whom the caller may act for · 我的代理",
    response_model=MandateList,
    responses=problems("unauthenticated", "forbidden"),
)
def my_mandates(services: ServicesDep, person: HolderDep) -> dict[str, Any]:
    """Return the mandates by which the person that calls may act now."""
    mac = services.macs.holder(person.document_type, person.document_number)
    with services.database.reading() as session:
        found = Mandates(session).of_agent(mac, services.clock())
        names = {one: name_of(services, session, one) for one in {m.principal for m in found}}
    return {
        "items": [
            {**_values(mandate, None), "principal_name": names[mandate.principal]}
            for mandate in found
        ]
    }


@dataclass(frozen=True, slots=True)
class Revocation:
    """Whose mandate is to be taken back, and by whom."""

    handle: str
    mandate_id: str
    principal: Principal
    acting_for: str | None


def revocation_of(
    principal: PrincipalDep, handle: str, mandate_id: str, acting_for: ActingFor = None
) -> Revocation:
    """Return which mandate a request takes back."""
    return Revocation(handle, mandate_id, principal, acting_for)


@router.post(
    "/v1/holders/{handle}/mandates/{mandate_id}/revocation",
    summary="Take a mandate back · 撤回授权",
    response_model=MandateOut,
    responses=problems(
        *_DENIED, *MADE, "mandate-not-found", "license-not-found", "invalid-request"
    ),
)
def revoke_mandate(
    services: ServicesDep,
    key: IdempotencyKeyDep,
    wanted: Annotated[Revocation, Depends(revocation_of)],
    response: Response,
) -> dict[str, Any]:
    """Take a mandate back at once: the holder's own; a representation, by who may record it.

    One that was taken back before answers alike.
    """
    at = services.clock()
    with services.database.writing() as session:
        holder, by = _revoker(session, services, wanted, at)
        mandate = Mandates(session).get(wanted.mandate_id)
        writer = MandateWriter(session, services.vault, services.random_bytes)

        def revoke() -> tuple[str, dict[str, str]]:
            writer.revoke(wanted.mandate_id, by, at)
            return wanted.mandate_id, {"mandate": wanted.mandate_id}

        mark = mark_of(services, by, key, {"revocation": wanted.mandate_id})
        made = done_once(session, mark, at, revoke, (f"{mandate.kind}.revoked", holder.handle))
        return _answer(services, session, holder, made, response)


def _revoker(
    session: Reading, services: Services, wanted: Revocation, at: datetime
) -> tuple[HolderRecord, str]:
    """Return the principal of a mandate, and who may take it back.

    Raises:
        MandateNotFoundError: there is none, or it is not this caller's to take back.
        HolderNotFoundError, LicenseNotFoundError, ForbiddenError: the caller may not.
    """
    mandate = Mandates(session).get(wanted.mandate_id)
    if mandate.principal != wanted.handle:
        raise MandateNotFoundError(wanted.mandate_id)
    if isinstance(wanted.principal, HolderPerson):
        acting = Acting(wanted.principal, wanted.acting_for, at)
        access = vault_of(session, services, acting, wanted.handle, GIVE)
        if mandate.kind != MANDATE:
            raise MandateNotFoundError(wanted.mandate_id)
        return access.holder, access.actor
    if mandate.license is None:
        raise MandateNotFoundError(wanted.mandate_id)
    holder, _ = _shown_by(session, wanted.principal, wanted.handle, mandate.license)
    return holder, wanted.principal.name


def _shown_by(
    session: Reading, caller: Caller, handle: str, identifier: str
) -> tuple[HolderRecord, int]:
    """Return a holder, and the row of a license of theirs that the caller may issue.

    Raises:
        ForbiddenError: the caller issues nothing.
        LicenseNotFoundError: it is not this holder's, or not one the caller may issue.
    """
    record = visible_license(session, identifier, caller, ISSUE)
    if handle not in record.holders:
        raise LicenseNotFoundError(identifier)
    return Holders(session).by_handle(handle), record.row_id


def _answer(
    services: Services, session: Reading, holder: HolderRecord, made: Made, response: Response
) -> dict[str, Any]:
    tell(response, made, f"/v1/holders/{holder.handle}/mandates")
    return _shown(services, session, holder, Mandates(session).get(made.name))


def _shown(
    services: Services, session: Reading, holder: HolderRecord, mandate: Mandate
) -> dict[str, Any]:
    key = services.vault.open_holder_key(holder.handle, holder.key_version, holder.wrapped_key)
    agent, _ = Mandates(session).details(services.vault, key, mandate)
    return _values(mandate, agent)


def _agent(asked: AgentIn) -> AgentPerson:
    require_plain(agent__name=asked.name, agent__document_number=asked.document_number)
    require_document(asked.document_type, asked.document_number, "/agent")
    return AgentPerson(asked.name, asked.document_type, asked.document_number)


def _asked(verb: str, handle: str, body: MandateIn | RepresentationIn) -> dict[str, Any]:
    return {verb: handle, **body.model_dump(mode="json", exclude_none=True)}


def _check_scope(body: MandateIn, at: datetime) -> None:
    for place, type_code in enumerate(body.type_codes):
        if not _TYPE_CODE.fullmatch(type_code):
            raise RequestInvalidError(
                f"/type_codes/{place}",
                "wrong-form",
                "应为证照类型代码或 *。",
                "This must be the code of a license type, or *.",
            )
    if body.until > civil_date(at) + timedelta(LONGEST_DAYS):
        raise RequestInvalidError(
            "/until", "too-far", "授权最长一年。", "A mandate lasts a year at most."
        )


def _require_person(document_type: str) -> None:
    if document_type not in PERSON_DOCUMENTS:
        raise RequestInvalidError(
            "/agent/document_type",
            "not-a-person",
            "法定代表人应为自然人。",
            "A legal representative is a natural person.",
        )
