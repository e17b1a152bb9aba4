"""Routes that look at the books about seals: uses against signatures, roles, applications.

And at the picture of a seal, taken from its signed data where it is made.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.dependencies import ServicesDep
from api.documentation import problems
from api.limits import StrictJsonRoute
from api.seals.models import WordOut
from api.seals.people import ReaderDep
from api.seals.showing import DENIED, visible_seal
from keys.errors import KeyFileDamagedError
from license_vault.seals.acts import OwnHolder
from license_vault.seals.applications import (
    DECISION_NAMES,
    PURPOSE_NAMES,
    ApplicationRecord,
    SealApplications,
)
from license_vault.seals.errors import SealRoleMissingError
from license_vault.seals.holder_seals import HolderSeals
from license_vault.seals.life import SealState
from license_vault.seals.registry import SealRecord
from license_vault.seals.roles import ROLE_NAMES, SealRole, SealRoles
from license_vault.seals.use_counts import UseCount, count_of_key, labels_of_seal
from signing.ses.seal import read_ses_seal

router = APIRouter(prefix="/v1/seals", tags=["seals"], route_class=StrictJsonRoute)

_PNG = "image/png"
_PICTURE = {"content": {_PNG: {"schema": {"type": "string", "format": "binary"}}}}


class SealUsesOut(BaseModel):
    """What the keys of a seal have signed: by their keeper's own count, and on record here."""

    agrees: bool = Field(description="each signature stands on record, and each record was signed")
    readable: bool = Field(description="false: the keeper's own count is damaged; nothing agrees")
    signatures: int = Field(description="by the keeper of the keys")
    recorded: int = Field(description="documents and requests on record, each with its seal")
    unfinished: int = Field(description="begun and never completed; each may have one signature")
    unexplained: int = Field(description="signatures that stand for nothing on record")
    missing: int = Field(description="on record, but never signed by the keeper's count")


class SealRoleOut(BaseModel):
    """Who has which role with seals, as registered at the node."""

    person: str = Field(description="the sub of their tokens", examples=["anna"])
    role: WordOut
    since: datetime


class SealApplicationOut(BaseModel):
    """An application for a seal, or an order to make it anew, and what came of it."""

    purpose: WordOut
    basis: str
    applied_by: str | None = Field(description="null for holders: officers are not named to them")
    applied_at: datetime
    decision: WordOut | None = Field(description="null: it waits; made anew is approved")
    decision_basis: str | None
    decided_by: str | None
    decided_at: datetime | None


class SealApplicationsOut(BaseModel):
    """Everything that was asked for a seal, the oldest first."""

    items: list[SealApplicationOut]


class SealRolesOut(BaseModel):
    """The people with a role, by name."""

    items: list[SealRoleOut]


@router.get(
    "/roles",
    summary="Who manages, uses and audits seals · 印章岗位",
    response_model=SealRolesOut,
    responses=problems(*DENIED),
)
def seal_roles(services: ServicesDep, reader: ReaderDep) -> dict[str, Any]:
    """Return who is registered with a role; a person has at most one."""
    if isinstance(reader, OwnHolder):
        raise SealRoleMissingError(reader.actor, SealRole.AUDIT)
    with services.database.reading() as session:
        found = SealRoles(session).everyone()
    return {
        "items": [
            {"person": one.person, "role": _role(one.role), "since": one.given_at} for one in found
        ]
    }


@router.get(
    "/{code}/uses",
    summary="Signatures of a seal's keys against the documents on record · 用印对账",
    response_model=SealUsesOut,
    responses=problems(*DENIED, "holder-not-found", "seal-not-found", "temporarily-unavailable"),
)
def seal_uses(services: ServicesDep, reader: ReaderDep, code: str) -> dict[str, Any]:
    """Hold the keeper's count of a seal's signatures against the documents on record."""
    with services.database.reading() as session:
        labels = labels_of_seal(session, visible_seal(session, code, reader).row_id)
    total, readable = UseCount(), True
    for label in labels:
        try:
            total += count_of_key(services.database, services.keys, label)
        except KeyFileDamagedError:
            readable = False
    return {
        "agrees": total.agrees and readable,
        "readable": readable,
        "signatures": total.signatures,
        "recorded": total.recorded,
        "unfinished": total.unfinished,
        "unexplained": total.unexplained,
        "missing": total.missing.total(),
    }


@router.get(
    "/{code}/applications",
    summary="What was applied for and decided · 印章申请记录",
    response_model=SealApplicationsOut,
    responses=problems(*DENIED, "holder-not-found", "seal-not-found"),
)
def seal_applications(services: ServicesDep, reader: ReaderDep, code: str) -> dict[str, Any]:
    """Return each application and order to make anew, the oldest first, with its basis."""
    with services.database.reading() as session:
        record = visible_seal(session, code, reader)
        found = SealApplications(session).of_seal(record.row_id)
    names_people = not isinstance(reader, OwnHolder)
    return {"items": [_application(one, names_people=names_people) for one in found]}


@router.get(
    "/{code}/picture",
    summary="What a seal looks like · 印模",
    response_class=Response,
    responses=problems(*DENIED, "holder-not-found", "seal-not-found", "seal-picture-refused")
    | {200: _PICTURE},
)
def seal_picture(services: ServicesDep, reader: ReaderDep, code: str) -> Response:
    """Return the picture that the maker signed; while a making waits, the one to be made. PNG."""
    with services.database.reading() as session:
        record = visible_seal(session, code, reader)
        whole = HolderSeals(session, services.vault).whole(record)
    signed = None if record.state is SealState.REMAKING else _signed_png(whole)
    png = signed or services.seals.services.maker.draw(whole.seal.picture)
    return Response(png, media_type=_PNG, headers={"Cache-Control": "no-store"})


def _signed_png(record: SealRecord) -> bytes | None:
    """Return the PNG in the seal's signed data, None if there is none."""
    if not record.seal.ses:
        return None
    picture = read_ses_seal(record.seal.ses).picture
    return picture.data if picture.kind.upper() == "PNG" else None


def _application(one: ApplicationRecord, *, names_people: bool) -> dict[str, Any]:
    return {
        "purpose": _word(one.purpose.value, PURPOSE_NAMES[one.purpose]),
        "basis": one.basis,
        "applied_by": one.applied_by if names_people else None,
        "applied_at": one.applied_at,
        "decision": _word(one.decision, DECISION_NAMES[one.decision]) if one.decision else None,
        "decision_basis": one.decision_basis or None,
        "decided_by": one.decided_by if names_people else None,
        "decided_at": one.decided_at,
    }


def _word(code: str, names: tuple[str, str]) -> dict[str, str]:
    return {"code": code, "zh": names[0], "en": names[1]}


def _role(role: SealRole) -> dict[str, str]:
    return _word(role.value, ROLE_NAMES[role])
