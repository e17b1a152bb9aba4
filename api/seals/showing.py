"""Routes that look at seals: list, show, the seal's data, and what happened to it.

People with a seal role see the seals of the own organisation and those below it; a holder sees
the own ones. What is elsewhere is answered as what does not exist.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.dependencies import AfterQuery, LimitQuery, ServicesDep
from api.documentation import problems
from api.headers import attachment
from api.limits import StrictJsonRoute
from api.seals.models import ActsOut, SealOut, SealPage, seal_values
from api.seals.people import AuditorDep, ReaderDep
from api.services import Services
from license_vault.audit import AuditTrail
from license_vault.database.sessions import Reading
from license_vault.errors import AuthorityNotPermittedError, OrganisationUnknownError
from license_vault.registry.authorities import Authorities
from license_vault.seals.acts import OwnHolder
from license_vault.seals.applications import is_seal_code
from license_vault.seals.errors import SealUnknownError
from license_vault.seals.holder_seals import HolderSeals
from license_vault.seals.registry import SealFilter, SealRecord, SealRegistry
from license_vault.seals.roles import SealPerson

router = APIRouter(prefix="/v1/seals", tags=["seals"], route_class=StrictJsonRoute)

LIST = "seals"
ACTS = "seal-acts"
# A header Acting-For that is no handle is an invalid request, wherever a holder may come.
DENIED = ("unauthenticated", "seal-role-missing", "seal-roles-conflict", "invalid-request")
_ESL_TYPE = "application/octet-stream"
_ESL = {"content": {_ESL_TYPE: {"schema": {"type": "string", "format": "binary"}}}}


@router.get(
    "",
    summary="List seals of the own organisation and those below · 印章列表",
    response_model=SealPage,
    responses=problems(*DENIED, "holder-not-found", "invalid-request"),
)
def list_seals(
    services: ServicesDep, reader: ReaderDep, limit: LimitQuery = 20, after: AfterQuery = None
) -> dict[str, Any]:
    """Return seals in the order of their codes; of a holder, the own ones."""
    behind = services.cursors.item(LIST, after) if after else None
    with services.database.reading() as session:
        registry = SealRegistry(session)
        found = registry.page(_filter(reader), limit + 1, behind)
        shown, after_it = services.cursors.page(LIST, found, limit, lambda each: each.seal.code)
        return {
            "items": [_values(services, session, record) for record in shown],
            "next": after_it,
        }


@router.get(
    "/{code}",
    summary="Show a seal · 印章详情",
    response_model=SealOut,
    responses=problems(*DENIED, "holder-not-found", "seal-not-found"),
)
def show_seal(services: ServicesDep, reader: ReaderDep, code: str) -> dict[str, Any]:
    """Return a seal: its state, its certificate, the seal as made, and whose licenses it seals."""
    with services.database.reading() as session:
        return _values(services, session, visible_seal(session, code, reader))


@router.get(
    "/{code}/esl",
    summary="The seal's data, .esl · 印章数据",
    response_class=Response,
    responses=problems(*DENIED, "holder-not-found", "seal-not-found") | {200: _ESL},
)
def seal_data(services: ServicesDep, reader: ReaderDep, code: str) -> Response:
    """Return the seal as its maker signed it: SESeal of GB/T 38540, DER."""
    with services.database.reading() as session:
        record = visible_seal(session, code, reader)
        ses = HolderSeals(session, services.vault).whole(record).seal.ses
    if not ses:
        raise SealUnknownError(code)
    headers = {"Content-Disposition": attachment(f"{code}.esl"), "Cache-Control": "no-store"}
    return Response(ses, media_type=_ESL_TYPE, headers=headers)


@router.get(
    "/{code}/acts",
    summary="What happened to a seal, refusals too · 印章审计",
    response_model=ActsOut,
    responses=problems(*DENIED, "seal-not-found"),
)
def seal_acts(
    services: ServicesDep,
    auditor: AuditorDep,
    code: str,
    limit: LimitQuery = 20,
    after: AfterQuery = None,
) -> dict[str, Any]:
    """Return the audit entries about a seal, the newest first; for auditors only."""
    with services.database.reading() as session:
        visible_seal(session, code, auditor)
        behind = int(services.cursors.item(ACTS, after)) if after else None
        found = AuditTrail(session).page_of_subject(code, limit + 1, behind)
    entries, after_it = services.cursors.page(ACTS, found, limit, lambda entry: str(entry.sequence))
    return {
        "items": [
            {
                "sequence": entry.sequence,
                "recorded_at": entry.act.recorded_at,
                "actor": entry.act.actor,
                "action": entry.act.action,
                "details": dict(entry.act.details),
            }
            for entry in entries
        ],
        "next": after_it,
    }


def visible_seal(session: Reading, code: str, reader: SealPerson | OwnHolder) -> SealRecord:
    """Return a seal that somebody may see.

    Raises:
        SealUnknownError: there is none, or none that the reader may see.
    """
    if not is_seal_code(code):
        raise SealUnknownError(code)
    record = SealRegistry(session).get(code)
    if isinstance(reader, OwnHolder):
        if record.holder != reader.handle:
            raise SealUnknownError(code)
        return record
    try:
        Authorities(session).within(record.seal.owner_code, reader.within or "")
    except (AuthorityNotPermittedError, OrganisationUnknownError) as error:
        raise SealUnknownError(code) from error
    return record


def answer(services: Services, record: SealRecord) -> dict[str, Any]:
    """Return a seal as it is after an act."""
    with services.database.reading() as session:
        return _values(services, session, SealRegistry(session).get(record.seal.code))


def _values(services: Services, session: Reading, record: SealRecord) -> dict[str, Any]:
    grants = SealRegistry(session).grants(record.seal.code)
    values = seal_values(HolderSeals(session, services.vault).whole(record), grants)
    # Of a holder's seal the organisation is who looks after it.
    values["owner"]["organisation_code"] = record.seal.owner_code
    return values


def _filter(reader: SealPerson | OwnHolder) -> SealFilter:
    if isinstance(reader, OwnHolder):
        return SealFilter(holder=reader.handle)
    return SealFilter(within=reader.within)
