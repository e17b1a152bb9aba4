"""Routes of access: ask for the use of licenses, decide, take back, list.

The consumer asks for itself; officers of the type's owner decide. What somebody may not see is
not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from api.authentication import READ, require_scope
from api.dependencies import AfterQuery, CallerDep, IdempotencyKeyDep, LimitQuery, ServicesDep
from api.documentation import Responses, problems
from api.errors import ForbiddenError
from api.limits import StrictJsonRoute
from api.problems.state_words import ACCESS_STATES
from api.request_marks import done_once, marked
from api.services import Services
from license_vault.access.requests import (
    AccessRequest,
    AccessRequests,
    AccessRequestWriter,
    AccessWish,
)
from license_vault.access.use import LONGEST
from license_vault.api_clients import Caller
from license_vault.approvals.errors import SamePersonError
from license_vault.database.sessions import Writing


def _require_reader(caller: CallerDep) -> None:
    """Check that the caller may read licenses at all: nobody else has a use, or knows one."""
    require_scope(caller, READ)


router = APIRouter(
    prefix="/v1/access-requests",
    tags=["access"],
    route_class=StrictJsonRoute,
    dependencies=[Depends(_require_reader)],
)

LIST = "access-requests"
_SUBJECT = "access-request:"
_OFFICER = "officer:"
_DENIED = ("unauthenticated", "forbidden")

_Text = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"\S")]


class AccessRequestIn(BaseModel):
    """What the own organisation wants to use licenses for."""

    model_config = ConfigDict(extra="forbid")

    item_code: str = Field(pattern=r"^[0-9A-Za-z一-鿿〔〕（）()._/-]{1,64}$")
    type_code: str = Field(pattern=r"^[0-9A-Z]{21}$")
    purpose: _Text = Field(description="word for word what the uses will say")
    basis: _Text = Field(description="why that is lawful")


class AccessGrantIn(BaseModel):
    """Until when a use is granted, that day included."""

    model_config = ConfigDict(extra="forbid")

    until: date


class AccessStateOut(BaseModel):
    """A state: its code for programs, and both languages."""

    code: str = Field(examples=["granted"])
    zh: str = Field(examples=["已授权"])
    en: str = Field(examples=["granted"])


class AccessRequestOut(BaseModel):
    """A request and what became of it."""

    number: str
    consumer: str = Field(description="code of the organisation that asks")
    item_code: str
    type_code: str
    purpose: str
    basis: str
    state: AccessStateOut
    asked_at: datetime
    decided_at: datetime | None
    expires_at: datetime | None


class AccessRequestPage(BaseModel):
    """A page of requests."""

    items: list[AccessRequestOut]
    next: str | None


def _problems(*more: str) -> Responses:
    return problems(
        *_DENIED,
        "idempotency-key-required",
        "idempotency-key-reused",
        "request-in-progress",
        "invalid-request",
        "unreadable-request",
        "media-type-not-supported",
        "temporarily-unavailable",
        *more,
    )


_DECISION = ("access-request-not-found", "access-request-state", "same-person")


@router.post(
    "",
    status_code=201,
    summary="Ask for the use of licenses · 申请用证授权",
    response_model=AccessRequestOut,
    responses=_problems("authority-not-yours"),
)
def ask_for_access(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    body: AccessRequestIn,
    response: Response,
) -> dict[str, Any]:
    """Ask that the own organisation may use a license type for an item and a purpose."""
    wish = AccessWish(body.item_code, body.type_code, body.purpose, body.basis)

    def do(session: Writing, at: datetime) -> tuple[str, Mapping[str, str]]:
        made = AccessRequestWriter(session, services.keys, at).ask(
            caller.organisation_code, wish, caller.name, services.random_bytes
        )
        details = {"consumer": caller.organisation_code, "type": wish.type_code}
        return f"{_SUBJECT}{made.number}", {**details, "item": wish.item_code}

    request = marked(services, caller, key, "access.requested", body.model_dump())
    number = done_once(services, request, response, do).removeprefix(_SUBJECT)
    response.headers["Location"] = f"/v1/access-requests/{number}"
    return _answer(services, caller, number)


@router.get(
    "",
    summary="List requests asked for or to decide · 用证申请列表",
    response_model=AccessRequestPage,
    responses=problems(*_DENIED, "invalid-request", "authority-not-yours"),
)
def list_requests(
    services: ServicesDep, caller: CallerDep, limit: LimitQuery = 20, after: AfterQuery = None
) -> dict[str, Any]:
    """Return what the own organisation and those below asked for or own, the newest first."""
    behind = services.cursors.item(LIST, after) if after else None
    with services.database.reading() as session:
        found = AccessRequests(session, services.keys, services.clock()).seen_by(
            caller.organisation_code, limit + 1, behind
        )
    shown, after_it = services.cursors.page(LIST, found, limit, lambda each: each.number)
    return {
        "items": [_values(request) for request in shown],
        "next": after_it,
    }


@router.get(
    "/{number}",
    summary="Show a request · 用证申请详情",
    response_model=AccessRequestOut,
    responses=problems(*_DENIED, "access-request-not-found", "authority-not-yours"),
)
def show_request(services: ServicesDep, caller: CallerDep, number: str) -> dict[str, Any]:
    """Return a request and what became of it."""
    return _answer(services, caller, number)


class Deciding:
    """An officer who decides one request; a dependency of the routes that do."""

    def __init__(
        self,
        services: ServicesDep,
        caller: CallerDep,
        key: IdempotencyKeyDep,
        number: str,
        response: Response,
    ) -> None:
        self._services = services
        self.caller = caller
        self._key = key
        self._number = number
        self._response = response

    def do(
        self,
        action: str,
        told: Mapping[str, object],
        decide: Callable[[AccessRequestWriter, AccessRequest], None],
    ) -> dict[str, Any]:
        """Decide once for the key, and return the request as it is then.

        Raises:
            ForbiddenError: the caller is no officer of the owner.
            SamePersonError: who asked decides.
            AccessRequestUnknownError, AccessStateError, AccessPeriodError: as ``decide``.
        """
        services, caller, number = self._services, self.caller, self._number
        if not caller.name.startswith(_OFFICER):
            raise ForbiddenError("license-officer")

        def do(session: Writing, at: datetime) -> tuple[str, Mapping[str, str]]:
            writer = AccessRequestWriter(session, services.keys, at)
            found = writer.get(number, caller.organisation_code)
            if not writer.owns(caller.organisation_code, found.wish.type_code):
                raise ForbiddenError("license-type-owner")
            if found.asked_by == caller.name:
                raise SamePersonError(caller.name, action)
            decide(writer, found)
            return f"{_SUBJECT}{number}", {"consumer": found.consumer_code}

        request = marked(services, caller, self._key, action, {"number": number, **told})
        done_once(services, request, self._response, do)
        return _answer(services, caller, number)


DecidingDep = Annotated[Deciding, Depends()]


@router.post(
    "/{number}/grant",
    summary="Grant a request · 同意授权",
    response_model=AccessRequestOut,
    responses=_problems(*_DECISION, "access-period-invalid"),
)
def grant_access(deciding: DecidingDep, body: AccessGrantIn) -> dict[str, Any]:
    """Grant a use until a day; by an officer of the type's owner, not by who asked."""
    by = deciding.caller.name
    return deciding.do(
        "access.granted",
        {"until": body.until.isoformat()},
        lambda writer, found: writer.grant(found, body.until, by),
    )


@router.post(
    "/{number}/refusal",
    summary="Refuse a request · 不同意授权",
    response_model=AccessRequestOut,
    responses=_problems(*_DECISION),
)
def refuse_access(deciding: DecidingDep) -> dict[str, Any]:
    """Refuse a request; by an officer of the type's owner."""
    by = deciding.caller.name
    return deciding.do("access.refused", {}, lambda writer, found: writer.refuse(found, by))


@router.post(
    "/{number}/revocation",
    summary="Take a grant back · 收回授权",
    response_model=AccessRequestOut,
    responses=_problems(*_DECISION),
)
def revoke_access(deciding: DecidingDep) -> dict[str, Any]:
    """Take a grant back; the next use is refused."""
    by = deciding.caller.name
    return deciding.do("access.revoked", {}, lambda writer, found: writer.revoke(found, by))


def _answer(services: Services, caller: Caller, number: str) -> dict[str, Any]:
    with services.database.reading() as session:
        requests = AccessRequests(session, services.keys, services.clock())
        return _values(requests.get(number, caller.organisation_code))


def _values(request: AccessRequest) -> dict[str, Any]:
    zh, en = ACCESS_STATES[request.state]
    return {
        "number": request.number,
        "consumer": request.consumer_code,
        "item_code": request.wish.item_code,
        "type_code": request.wish.type_code,
        "purpose": request.wish.purpose,
        "basis": request.wish.basis,
        "state": {"code": request.state.value, "zh": zh, "en": en},
        "asked_at": request.asked_at,
        "decided_at": request.decided_at,
        "expires_at": request.expires_at,
    }
