"""Routes of a license's conditions and parts: what they are now, and what happens to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from api.authentication import ISSUE, READ, require_scope
from api.dependencies import CallerDep, IdempotencyKeyDep, ServicesDep
from api.documentation import problems
from api.errors import RequestInvalidError
from api.history_answers import AsOfDep
from api.holding.journaling import Reader, record_shown
from api.license_models import LicenseOut, StatusOut, license_values
from api.limits import StrictJsonRoute
from api.seeing import require_identifier, visible_license
from api.use_header import UseDep
from license_vault.api_clients import Caller
from license_vault.clock import civil_date
from license_vault.errors import LicenseNotFoundError
from license_vault.issuing.license_request import Officer, request_digest
from license_vault.issuing.request_reading import text_fault
from license_vault.license import LONG_TERM, STATUS_NAMES
from license_vault.packages.condition_registry import Conditions
from license_vault.packages.conditions import Fulfilment
from license_vault.packages.errors import PartNotFoundError
from license_vault.packages.part_life import PART_VERBS, PartOrder, part_of
from license_vault.packages.part_registry import PartRecord, Parts
from license_vault.packages.part_states import state_on
from license_vault.registry.authorities import Authorities
from license_vault.registry.license_record import Basis, LicenseOpener
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import RequestMark

if TYPE_CHECKING:
    from api.services import Services

router = APIRouter(prefix="/v1/licenses", tags=["licenses"], route_class=StrictJsonRoute)

_DENIED = ("unauthenticated", "forbidden")
_USE = ("use-required", "use-invalid")
_CHANGING = (
    *_DENIED,
    "idempotency-key-required",
    "idempotency-key-reused",
    "transition-not-allowed",
    "invalid-request",
    "unreadable-request",
    "media-type-not-supported",
    "request-in-progress",
    "temporarily-unavailable",
)
_LONGEST = 500
_VERBS = {verb.name: verb for verb in PART_VERBS}
PositionPath = Annotated[int, Path(ge=1, le=999, description="from 1, in the license's order")]
VerbPath = Annotated[str, Path(pattern=f"^({'|'.join(_VERBS)})$")]


@dataclass(frozen=True, slots=True)
class MemberPlace:
    """Which condition or part of which license."""

    identifier: str
    position: int


def member_place(identifier: str, position: PositionPath) -> MemberPlace:
    """Return what the address names.

    Raises:
        LicenseNotFoundError: no license is named so.
    """
    require_identifier(identifier)
    return MemberPlace(identifier, position)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, under which Idempotency-Key."""

    caller: Caller
    key: str


def asking(caller: CallerDep, key: IdempotencyKeyDep) -> Asking:
    """Return who asks."""
    return Asking(caller, key)


PlaceDep = Annotated[MemberPlace, Depends(member_place)]
AskingDep = Annotated[Asking, Depends(asking)]


EvidenceId = Annotated[str, Field(pattern="^[0-9a-z]{26}$")]


class MemberOfficerIn(BaseModel):
    """The officer who decided, as the approval system names them."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=64)


class MemberOrderIn(BaseModel):
    """On which basis something happens to a part."""

    model_config = ConfigDict(extra="forbid")

    basis: str = Field(min_length=1, max_length=500, description="legal basis in words")
    officer: MemberOfficerIn | None = None


class FulfilmentIn(MemberOrderIn):
    """That a condition is fulfilled, and what shows it."""

    evidence: list[EvidenceId] = Field(
        default=[], max_length=20, description="ids of POST /v1/evidence"
    )


class ConditionOut(BaseModel):
    """One condition of a license."""

    position: int
    text: str
    due: date = Field(description="the last day, included")
    fulfilled_at: datetime | None
    overdue: bool


class ConditionList(BaseModel):
    """The conditions that a license was issued with."""

    items: list[ConditionOut]


class PartOut(BaseModel):
    """One part of a composite license."""

    position: int
    code: str
    name: str
    number: str
    authority_code: str
    valid_from: date
    valid_until: str = Field(description="a date, the last day included, or 长期")
    status: StatusOut


class PartList(BaseModel):
    """The parts of a composite license, in its order."""

    items: list[PartOut]


@router.get(
    "/{identifier}/conditions",
    summary="Conditions of a license · 附条件",
    response_model=ConditionList,
    responses=problems(*_DENIED, *_USE, "license-not-found"),
)
def list_conditions(
    services: ServicesDep,
    caller: CallerDep,
    use: UseDep,
    identifier: str,
    as_of: AsOfDep = None,
) -> dict[str, Any]:
    """Return the conditions of a license, fulfilled ones too; with as_of as they were then."""
    with services.database.reading() as session:
        record = visible_license(session, identifier, caller)
    record_shown(services, Reader(caller.name, use), (record,), ("conditions",))
    return conditions_told(services, record, as_of or services.clock())


def conditions_told(services: Services, record: LicenseRecord, at: datetime) -> dict[str, Any]:
    """Return what an answer says of a license's conditions as of an instant, with their texts."""
    with services.database.reading() as session:
        kept = Registry(session).kept(record.identifier)
        found = Conditions(session).of_license(record.row_id)
    said = LicenseOpener(services.vault).secrets(kept).content.conditions
    return {
        "items": [
            {
                "position": each.position,
                "text": said[each.position - 1].text,
                "due": each.due,
                "fulfilled_at": each.fulfilled_at,
                "overdue": each.is_overdue(at),
            }
            for each in (one.as_of(at) for one in found)
        ]
    }


@router.post(
    "/{identifier}/conditions/{position}/fulfilment",
    summary="A condition is fulfilled · 条件已履行",
    response_model=LicenseOut,
    responses=problems(
        *_CHANGING,
        "license-not-found",
        "condition-not-found",
        "condition-fulfilled",
        "evidence-not-found",
    ),
)
def fulfil_condition(
    services: ServicesDep,
    who: AskingDep,
    place: PlaceDep,
    body: FulfilmentIn,
    response: Response,
) -> dict[str, Any]:
    """Record it; a license that was suspended for want of it is in force again."""
    with services.database.reading() as session:
        visible_license(session, place.identifier, who.caller, ISSUE)
    fulfilment = Fulfilment(place.position, _basis(body), tuple(body.evidence))
    mark = _mark(services, who, place, "fulfilment", body)
    keeping = services.packages.conditions
    if keeping.fulfil(place.identifier, fulfilment, who.caller, mark):
        response.headers["Idempotent-Replayed"] = "true"
    with services.database.reading() as session:
        record = Registry(session).get(place.identifier)
    return license_values(services.catalogue, record)


@router.get(
    "/{identifier}/parts",
    summary="Parts of a composite license · 综合证照分项",
    response_model=PartList,
    responses=problems(*_DENIED, *_USE, "license-not-found", "invalid-request"),
)
def list_parts(
    services: ServicesDep,
    caller: CallerDep,
    use: UseDep,
    identifier: str,
    as_of: AsOfDep = None,
) -> dict[str, Any]:
    """Return the parts with their states, to who sees the license or answers for one of them."""
    require_scope(caller, READ)
    require_identifier(identifier)
    at = as_of or services.clock()
    with services.database.reading() as session:
        parts = Parts(session).as_of(identifier, at)
        try:
            visible_license(session, identifier, caller)
        except LicenseNotFoundError:
            _require_one_of(parts, Authorities(session), identifier, caller)
        record = Registry(session).get(identifier)
    record_shown(services, Reader(caller.name, use), (record,), ("parts",))
    return parts_told(services, identifier, parts, civil_date(at))


@router.post(
    "/{identifier}/parts/{position}/{verb}",
    summary="Suspend, resume, rescind, revoke or cancel a part · 分项暂扣、发还、撤销、吊销、注销",
    response_model=PartList,
    responses=problems(*_CHANGING, "scope-missing", "license-not-found", "part-not-found"),
)
def change_part(
    services: ServicesDep,
    who: AskingDep,
    place: PlaceDep,
    verb: VerbPath,
    body: MemberOrderIn,
    response: Response,
) -> dict[str, Any]:
    """Do it to a part, by its own authority; the license lives while one of its parts lives."""
    order = PartOrder(place.position, _VERBS[verb], _basis(body))
    mark = _mark(services, who, place, verb, body)
    if services.packages.parts.do(place.identifier, order, who.caller, mark):
        response.headers["Idempotent-Replayed"] = "true"
    now = services.clock()
    with services.database.reading() as session:
        parts = Parts(session).as_of(place.identifier, now)
    return parts_told(services, place.identifier, parts, civil_date(now))


def _require_one_of(
    parts: tuple[PartRecord, ...], authorities: Authorities, identifier: str, caller: Caller
) -> None:
    """Check that the caller answers for a part at least.

    Raises:
        LicenseNotFoundError: it does not.
    """
    for part in parts:
        try:
            part_of(parts, authorities, identifier, part.position, caller)
        except PartNotFoundError:
            continue
        return
    raise LicenseNotFoundError(identifier)


def parts_told(
    services: Services, identifier: str, parts: tuple[PartRecord, ...], day: date
) -> dict[str, Any]:
    """Return what an answer says of a license's parts, with their names and numbers."""
    with services.database.reading() as session:
        kept = Registry(session).kept(identifier)
    said = LicenseOpener(services.vault).secrets(kept).content.parts
    items = [
        {
            "position": part.position,
            "code": part.code,
            "name": said[part.position - 1].name,
            "number": said[part.position - 1].number,
            "authority_code": part.authority_code,
            "valid_from": part.valid_from,
            "valid_until": part.valid_until.isoformat() if part.valid_until else LONG_TERM,
            "status": _status(part, day),
        }
        for part in parts
    ]
    return {"items": items}


def _status(part: PartRecord, day: date) -> dict[str, str]:
    state = state_on(part, day)
    zh, en = STATUS_NAMES[state]
    return {"code": state.value, "zh": zh, "en": en}


def _basis(body: MemberOrderIn) -> Basis:
    officer = Officer(body.officer.id, body.officer.name) if body.officer else None
    texts = [("/basis", body.basis)]
    if officer is not None:
        texts += [("/officer/id", officer.id), ("/officer/name", officer.name)]
    for pointer, text in texts:
        problem = text_fault(text, _LONGEST)
        if problem:
            raise RequestInvalidError(pointer, *problem)
    return Basis(body.basis, officer)


def _mark(
    services: Services, who: Asking, place: MemberPlace, what: str, body: MemberOrderIn
) -> RequestMark:
    told = body.model_dump(mode="json", exclude_none=True)
    asked = {what: [place.identifier, place.position], "body": told}
    key_mac = services.macs.idempotency_key(who.caller.name, who.key)
    return RequestMark(who.caller.name, key_mac, bytes.fromhex(request_digest(asked)))
