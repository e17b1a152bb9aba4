"""The route that says what an officer has to sign: the very bytes, with the moment in them."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.authentication import CANCEL, HANDLE_CASES, ISSUE, SUSPEND
from api.dependencies import CallerDep, ServicesDep
from api.documentation import problems
from api.errors import ForbiddenError
from api.limits import StrictJsonRoute
from api.pointing import pointing_at_the_body
from api.services import Services
from keys.certificate import read_certificate
from license_vault.api_clients import Caller
from license_vault.approvals.approvals import ApprovedCase, approval_bytes
from license_vault.approvals.items import ApprovalStep
from license_vault.approvals.officers import PERSON, Officers
from license_vault.issuing.license_request import APPROVALS, request_digest

router = APIRouter(prefix="/v1/approval-messages", tags=["approvals"], route_class=StrictJsonRoute)

_MAY = frozenset({ISSUE, SUSPEND, CANCEL, HANDLE_CASES})
_OFFICER = "officer:"


class ApprovalMessageIn(BaseModel):
    """What is to be approved, by whom, in which step."""

    model_config = ConfigDict(extra="forbid")

    case_number: str = Field(min_length=1, max_length=64, examples=["JD-2026-GGWS-000123"])
    item_code: str = Field(min_length=1, max_length=64, examples=["演示事项-公共场所卫生许可"])
    request: dict[str, Any] = Field(
        description="the body that will be sent, its approvals left out; of an order to a license "
        '{"<verb>": identifier, "order": that}',
        examples=[{"outcome": "准予", "basis": "《公共场所卫生管理条例》第四条"}],
    )
    step: ApprovalStep = Field(description="独任 decide; 一审一核 review, then check")
    officer_id: str | None = Field(
        default=None, pattern=f"^{PERSON.pattern}$", description="unset: the officer who asks"
    )


class SigningOfficerOut(BaseModel):
    """Who is to sign, as the register of officers knows them."""

    officer_id: str
    registered: bool = Field(description="may sign for the caller's organisation")
    certificate_until: datetime | None


class ApprovalMessageOut(BaseModel):
    """What is to be signed with SM2, with the default signer id."""

    step: ApprovalStep
    signed_at: str = Field(description="goes into the approval as it is; UTC, with Z")
    digest: str = Field(description="SM3 of the RFC 8785 form of the request, hex")
    message: str = Field(description="the text to be signed, RFC 8785 JSON, as UTF-8")
    message_base64: str
    officer: SigningOfficerOut


@router.post(
    "",
    summary="What an officer has to sign · 待签内容",
    response_model=ApprovalMessageOut,
    responses=problems(
        "unauthenticated",
        "forbidden",
        "invalid-request",
        "unreadable-request",
        "media-type-not-supported",
    ),
)
def approval_message(
    services: ServicesDep, caller: CallerDep, body: ApprovalMessageIn
) -> dict[str, Any]:
    """Return the bytes that an approval signs, with this moment in them; nothing is recorded."""
    if not any(scope.action in _MAY for scope in caller.scopes):
        raise ForbiddenError(HANDLE_CASES)
    at, officer = services.clock(), body.officer_id or _own_id(caller)
    with pointing_at_the_body():
        rest = {name: value for name, value in body.request.items() if name != APPROVALS}
        digest = request_digest(rest)
    case = ApprovedCase(body.case_number, body.item_code, digest)
    message = approval_bytes(case, body.step.value, officer, at)
    return {
        "step": body.step,
        "signed_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "digest": digest,
        "message": message.decode(),
        "message_base64": base64.b64encode(message).decode(),
        "officer": _registered(services, caller, officer),
    }


def _own_id(caller: Caller) -> str:
    """Return the id of the officer who asks; a program has no keys of an officer."""
    if not caller.name.startswith(_OFFICER):
        raise ForbiddenError(HANDLE_CASES)
    return caller.name.removeprefix(_OFFICER)


def _registered(services: Services, caller: Caller, officer_id: str) -> dict[str, Any]:
    with services.database.reading() as session:
        found = Officers(session, services.keys).within((officer_id,), caller.organisation_code)
    until = read_certificate(found[0].certificate).not_after if found else None
    return {"officer_id": officer_id, "registered": bool(found), "certificate_until": until}
