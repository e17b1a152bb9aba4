"""What comes next in a case: whose seal, which officers, what blocks its closing, the request."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.authentication import HANDLE_CASES, require_scope
from api.cases import not_of_this_case, require_viewer
from api.dependencies import CallerDep, ServicesDep
from api.documentation import problems
from api.limits import StrictJsonRoute
from api.services import Services
from api.use_header import UseDep
from keys.certificate import read_certificate
from keys.errors import KeyCustodyError
from license_vault.api_clients import Caller
from license_vault.approvals.items import STEPS
from license_vault.approvals.officers import Officers
from license_vault.cases.case import CaseState
from license_vault.cases.case_desk import CaseView
from license_vault.cases.drafting import drafted_request
from license_vault.database.sessions import Reading
from license_vault.errors import (
    AuthorityNotPermittedError,
    LicenseTypeNotPublishedError,
    LicenseTypeUnknownError,
)
from license_vault.issuing.plan import seals_for
from license_vault.registry.authorities import Authorities, Organisation
from license_vault.seals.errors import SealNotPermittedError, SealUnusableError
from license_vault.seals.registry import SealRecord, require_usable

router = APIRouter(prefix="/v1/cases", tags=["cases"], route_class=StrictJsonRoute)

types = APIRouter(prefix="/v1/license-types", tags=["license types"])

_TYPE_CODE = r"^[0-9A-Z]{18}[0-9]{3}$"

_STEP_NAMES = {
    "decide": ("独任审批", "decides alone"),
    "review": ("审查", "reviews"),
    "check": ("核准", "checks"),
}
_BLOCKING = {
    "not-decided": ("尚未作出决定", "it is not decided yet"),
    "license-lacking": ("应制发的证照尚未制出", "a license it is to make is not there yet"),
    "closed": ("已经办结", "it is closed already"),
}


class NextSealOut(BaseModel):
    """A seal that will be set."""

    code: str
    name: str
    state: str = Field(examples=["active"])
    certificate_until: datetime | None
    unusable: str | None = Field(description="why it cannot be set now; null: it can")


class NextLicenseOut(BaseModel):
    """A license that the case is still to make, and the seals that will be set on it."""

    type_code: str
    seals: list[NextSealOut]
    problem: str | None = Field(
        description="seal-not-permitted, license-type-not-published; null: nothing known"
    )


class StepOut(BaseModel):
    """What officers have to sign, in this order."""

    step: str = Field(examples=["decide"])
    zh: str
    en: str


class NextOfficerOut(BaseModel):
    """An officer who may sign for the organisation."""

    officer_id: str
    organisation: str
    certificate_until: datetime


class BlockingOut(BaseModel):
    """What keeps a case from being closed."""

    code: str = Field(examples=["license-lacking"])
    zh: str
    en: str


class OrganisationOut(BaseModel):
    """Whose case it is."""

    code: str
    name: str


class OutlookOut(BaseModel):
    """What comes next in a case."""

    organisation: OrganisationOut
    steps: list[StepOut]
    officers: list[NextOfficerOut]
    licenses: list[NextLicenseOut] = Field(description="types that the case has not made yet")
    blocking: list[BlockingOut] = Field(description="empty: it may be closed")


class LicenseOutlookOut(NextLicenseOut):
    """Whose seals and officers a license of one authority waits for."""

    authority: OrganisationOut
    officers: list[NextOfficerOut]


class DraftOut(BaseModel):
    """A request to issue as far as the case fills it."""

    request: dict[str, Any] = Field(description='body of POST …/license; "" is not known yet')


@router.get(
    "/{case}/outlook",
    summary="What comes next in a case · 后续环节",
    response_model=OutlookOut,
    responses=problems("unauthenticated", "forbidden", "case-not-found"),
)
def outlook(services: ServicesDep, caller: CallerDep, case: str) -> dict[str, Any]:
    """Return who signs, whose seal will be set, and what keeps the case from being closed."""
    require_viewer(caller)
    view = services.cases.cases.show(case, caller)
    item, organisation = view.case.definition.item, view.case.record.organisation_code
    with services.database.reading() as session:
        officers = _officers(services, session, organisation)
        made = [_license(services, session, organisation, code) for code in _to_make(view)]
        name = Authorities(session).get(organisation).name
    return {
        "organisation": {"code": organisation, "name": name},
        "steps": [_named("step", step.value, _STEP_NAMES) for step in STEPS[item.mode]],
        "officers": officers,
        "licenses": made,
        "blocking": [_named("code", code, _BLOCKING) for code in _blocking(view)],
    }


@types.get(
    "/{type_code}/outlook",
    summary="Whose seals and officers a license waits for · 单份证照后续环节",
    response_model=LicenseOutlookOut,
    responses=problems(
        "unauthenticated",
        "forbidden",
        "authority-not-yours",
        "invalid-request",
    ),
)
def license_outlook(
    services: ServicesDep,
    caller: CallerDep,
    type_code: Annotated[str, Path(pattern=_TYPE_CODE)],
    authority_code: Annotated[
        str,
        Query(
            pattern=r"^[0-9A-Z]{18}$",
            description="the own organisation, or one above or below it",
            examples=["11310114MBDEM0015F"],
        ),
    ],
) -> dict[str, Any]:
    """Return which seals an authority would set on a license, and which officers may sign it."""
    require_viewer(caller)
    with services.database.reading() as session:
        authority = _related(Authorities(session), authority_code, caller)
        return {
            **_license(services, session, authority_code, type_code),
            "authority": {"code": authority_code, "name": authority.name},
            "officers": _officers(services, session, authority_code),
        }


def _related(authorities: Authorities, code: str, caller: Caller) -> Organisation:
    """Return an authority that the caller's organisation may ask, or whose officers it has.

    Raises:
        OrganisationUnknownError, AuthorityNotPermittedError: there is none.
    """
    try:
        return authorities.within(code, caller.organisation_code)
    except AuthorityNotPermittedError:
        authorities.within(caller.organisation_code, code)
    return authorities.get(code)


@router.get(
    "/{case}/license-draft",
    summary="The request to issue that a case fills · 制证请求预填",
    response_model=DraftOut,
    responses=problems(
        "unauthenticated",
        "forbidden",
        "case-not-found",
        "use-required",
        "use-invalid",
        "invalid-request",
        "temporarily-unavailable",
    ),
)
def license_draft(
    services: ServicesDep,
    caller: CallerDep,
    use: UseDep,
    case: str,
    type_code: Annotated[str, Query(pattern=_TYPE_CODE, examples=["11310000MBDEM00076002"])],
) -> dict[str, Any]:
    """Return the request as holders, form and decision fill it; licenses used are journalled."""
    require_scope(caller, HANDLE_CASES)
    view = services.cases.cases.show(case, caller)
    if type_code not in view.case.definition.item.results:
        raise not_of_this_case("/query/type_code")
    form = services.cases.forms.form(case, caller, use)
    try:
        license_type = services.catalogue.for_issuing(type_code, None)
    except (LicenseTypeUnknownError, LicenseTypeNotPublishedError) as error:
        raise not_of_this_case("/query/type_code") from error
    basis = view.decision.basis if view.decision else ""
    return {"request": drafted_request(view.case, form.fields, license_type, basis)}


def _to_make(view: CaseView) -> tuple[str, ...]:
    """Return the types that are still to be issued, also of a case that is not decided."""
    state = view.case.record.state
    if state is CaseState.OPEN:
        return view.case.definition.item.results
    return view.lacking if state is CaseState.APPROVED else ()


def _blocking(view: CaseView) -> tuple[str, ...]:
    state = view.case.record.state
    if state is CaseState.CLOSED:
        return ("closed",)
    if state is CaseState.OPEN:
        return ("not-decided",)
    return ("license-lacking",) if view.lacking and state is CaseState.APPROVED else ()


def _officers(services: Services, session: Reading, authority_code: str) -> list[dict[str, Any]]:
    return [
        {
            "officer_id": officer.officer_id,
            "organisation": officer.organisation_code,
            "certificate_until": read_certificate(officer.certificate).not_after,
        }
        for officer in Officers(session, services.keys).of(authority_code)
    ]


def _license(
    services: Services, session: Reading, organisation: str, type_code: str
) -> dict[str, Any]:
    try:
        license_type = services.catalogue.for_issuing(type_code, None)
        authority = Authorities(session).get(organisation)
        seals = seals_for(session, authority, license_type)
    except (LicenseTypeUnknownError, LicenseTypeNotPublishedError):
        return _cannot(type_code, "license-type-not-published")
    except SealNotPermittedError:
        return _cannot(type_code, "seal-not-permitted")
    made = [_seal(services, seal) for seal in seals]
    return {"type_code": type_code, "seals": made, "problem": None}


def _cannot(type_code: str, problem: str) -> dict[str, Any]:
    return {"type_code": type_code, "seals": [], "problem": problem}


def _seal(services: Services, record: SealRecord) -> dict[str, Any]:
    certificate = record.seal.certificate
    return {
        "code": record.seal.code,
        "name": record.name,
        "state": record.state.value,
        "certificate_until": read_certificate(certificate).not_after if certificate else None,
        "unusable": _unusable(services, record),
    }


def _unusable(services: Services, record: SealRecord) -> str | None:
    try:
        require_usable(record, services.keys, services.clock())
    except SealUnusableError as error:
        return error.reason
    except KeyCustodyError:
        return "key-unavailable"
    return None


def _named(name: str, code: str, names: dict[str, tuple[str, str]]) -> dict[str, str]:
    zh, en = names[code]
    return {name: code, "zh": zh, "en": en}
