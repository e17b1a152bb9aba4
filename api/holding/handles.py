"""Route of trading name and number for a holder's handle, while the holder is present."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import CallerDep, ServicesDep
from api.documentation import problems
from api.holding.asking import BODY, require_document, require_plain
from api.limits import StrictJsonRoute
from api.use_header import UseDep
from license_vault.audit import Act, AuditWriter
from license_vault.holding.holder_handles import HandleGiving, Presence

router = APIRouter(prefix="/v1/holder-handles", tags=["vaults"], route_class=StrictJsonRoute)


class PresenceIn(BaseModel):
    """How the system knows that the holder is there."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["id-card-read", "face-match", "app-login", "window-check", "signature"]
    reference: str = Field(min_length=1, max_length=200, description="the system's own record")


class HandleIn(BaseModel):
    """Name and document, as read from the document itself."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=128)
    document_type: str = Field(max_length=3, examples=["111"])
    document_number: str = Field(min_length=1, max_length=64)
    evidence: PresenceIn


class HandleOut(BaseModel):
    """A handle for the next minutes, for the organisation that asked."""

    handle: str
    kind: str = Field(examples=["natural_person"])
    expires_at: datetime


@router.post(
    "",
    status_code=201,
    summary="Trade name and number for a handle · 换取持证主体句柄",
    response_model=HandleOut,
    responses=problems(
        "unauthenticated", "forbidden", "use-required", "use-invalid", "holder-not-found", *BODY
    ),
)
def trade_for_handle(
    services: ServicesDep, caller: CallerDep, use: UseDep, body: HandleIn, response: Response
) -> dict[str, Any]:
    """Give a new handle each time; it counts for 15 minutes and opens nothing by itself.

    A number that nothing was issued to, and one under another name, are answered
    alike. No Idempotency-Key: a handle is told once and not kept.
    """
    require_plain(name=body.name, evidence__reference=body.evidence.reference)
    require_document(body.document_type, body.document_number)
    at = services.clock()
    presence = Presence(
        name=body.name,
        document_type=body.document_type,
        document_number=body.document_number,
        evidence_kind=body.evidence.kind,
        evidence=body.evidence.reference,
    )
    with services.database.writing() as session:
        giving = HandleGiving(session, services.macs, services.vault, services.random_bytes)
        given = giving.give(presence, caller, at)
        details = {"evidence": presence.evidence_kind, "item_code": use.item_code}
        act = Act(caller.name, "holder.handle-given", caller.organisation_code, details, at)
        AuditWriter(session).append(act)
    response.headers["Cache-Control"] = "no-store"
    return {"handle": given.handle, "kind": given.kind, "expires_at": given.expires_at}
