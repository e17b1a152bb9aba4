"""Routes of packages (一件事): several licenses of several authorities by one request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, Field

from api.authentication import ISSUE, READ, require_scope
from api.dependencies import CallerDep, IdempotencyKeyDep, ServicesDep
from api.documentation import problems
from api.holding.journaling import Reader, record_shown
from api.issue_answers import issued_values
from api.license_models import ISSUE_SCHEMA, IssuedOut, LicenseOut, license_values
from api.lifecycle_models import order_body
from api.limits import StrictJsonRoute
from api.members import AskingDep
from api.pointing import pointing_at_the_body
from api.seeing import visible_license
from api.services import Services
from api.use_header import UseDep
from license_vault.api_clients import Caller
from license_vault.cases.rows import Cases
from license_vault.database.sessions import Reading
from license_vault.errors import AuthorityNotPermittedError, OrganisationUnknownError
from license_vault.lifecycle.verbs import VERBS
from license_vault.packages.errors import PackageLicenseError, PackageNotFoundError
from license_vault.packages.package_registry import PackageRecord, Packages
from license_vault.packages.packages import MAXIMUM_LICENSES, IssuedPackage
from license_vault.registry.authorities import Authorities
from license_vault.registry.registry import Registry

sets = APIRouter(prefix="/v1/licenses", tags=["lifecycle"], route_class=StrictJsonRoute)
router = APIRouter(prefix="/v1/packages", tags=["packages"], route_class=StrictJsonRoute)

_DENIED = ("unauthenticated", "forbidden")
ASKED = (
    *_DENIED,
    "scope-missing",
    "authority-not-yours",
    "seal-not-permitted",
    "idempotency-key-required",
    "unreadable-request",
    "media-type-not-supported",
    "invalid-request",
    "idempotency-key-reused",
    "license-void",
    "request-in-progress",
    "case-already-issued",
    "license-exists",
    "seal-unusable",
    "approval-missing",
    "approval-invalid",
    "same-person",
    "item-not-registered",
    "evidence-not-found",
    "temporarily-unavailable",
)
_PACKAGE_ID = re.compile(r"[0-9a-z]{26}", re.ASCII)
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "title": "PackageRequest",
                    "required": ["item_code", "case_number", "licenses"],
                    "additionalProperties": False,
                    "properties": {
                        "item_code": {"type": "string", "description": "code of the 一件事"},
                        "case_number": {"type": "string"},
                        "licenses": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": MAXIMUM_LICENSES,
                            "items": ISSUE_SCHEMA,
                        },
                    },
                }
            }
        },
    }
}


class PackageOut(BaseModel):
    """A package and its licenses, in its order; duplicates follow their original."""

    id: str = Field(examples=["x3v0q9m2k7c8w5r1t6y4n0b2dz"])
    item_code: str
    asked_at: datetime
    case: str | None = Field(description="the case it has made licenses of; null: none to be seen")
    licenses: list[LicenseOut]


class IssuedPackageOut(BaseModel):
    """A package that was just issued, with the check codes of its licenses."""

    id: str = Field(examples=["x3v0q9m2k7c8w5r1t6y4n0b2dz"])
    item_code: str
    asked_at: datetime
    licenses: list[IssuedOut]


class RevalidatedOut(BaseModel):
    """The new versions of a set, with their check codes; a renewed 正本 first."""

    licenses: list[IssuedOut]


@router.post(
    "",
    status_code=201,
    summary="Issue several licenses, all or none · 一件事制证",
    response_model=IssuedPackageOut,
    openapi_extra=_BODY,
    responses=problems(*ASKED)
    | {200: {"description": "the same request was answered before", "model": IssuedPackageOut}},
)
def issue_package(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    response: Response,
    body: Annotated[Any, Body()],
) -> dict[str, Any]:
    """Issue all licenses of a package; when this answers, all are in force, or none is."""
    require_scope(caller, ISSUE)
    with pointing_into_the_package():
        issued = services.packages.issuing.issue(body, caller, key)
    return issued_package(services, issued, response)


def issued_package(services: Services, issued: IssuedPackage, response: Response) -> dict[str, Any]:
    """Return the answer about a package that was issued, once or before."""
    if issued.replayed:
        response.status_code = 200
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["Location"] = f"/v1/packages/{issued.package.package_id}"
    licenses = [issued_values(services.catalogue, one) for one in issued.licenses]
    return {**_values(issued.package), "licenses": licenses}


@router.get(
    "/{package_id}",
    summary="Show a package · 一件事详情",
    response_model=PackageOut,
    responses=problems(*_DENIED, "use-required", "use-invalid", "package-not-found"),
)
def show_package(
    services: ServicesDep, caller: CallerDep, use: UseDep, package_id: str
) -> dict[str, Any]:
    """Return a package that the own organisation, or one below it, has asked for."""
    require_scope(caller, READ)
    if not _PACKAGE_ID.fullmatch(package_id):
        raise PackageNotFoundError
    with services.database.reading() as session:
        package = Packages(session).get(package_id)
        if not is_seen(session, package, caller):
            raise PackageNotFoundError
        licenses = list(map(Registry(session).get, package.licenses))
        case = _case_of(session, package, caller)
    record_shown(services, Reader(caller.name, use), licenses)
    shown = [license_values(services.catalogue, one) for one in licenses]
    return {**_values(package), "case": case, "licenses": shown}


def is_seen(session: Reading, package: PackageRecord, caller: Caller) -> bool:
    """Tell whether the caller's organisation, or one below it, has asked for a package."""
    return _is_within(session, package.organisation_code, caller)


def _is_within(session: Reading, organisation_code: str, caller: Caller) -> bool:
    try:
        Authorities(session).within(organisation_code, caller.organisation_code)
    except (AuthorityNotPermittedError, OrganisationUnknownError):
        return False
    return True


def _case_of(session: Reading, package: PackageRecord, caller: Caller) -> str | None:
    """Return the case that a package has made licenses of; None: none that is to be seen."""
    cases = Cases(session)
    for case in cases.of_number(package.case_mac):
        made = {identifier for identifier, _ in cases.licenses(case)}
        if made & set(package.licenses) and _is_within(session, case.organisation_code, caller):
            return case.handle
    return None


@sets.post(
    "/{identifier}/set-revalidation",
    status_code=201,
    summary="Revalidate a 正本 with its 副本 · 成套校验",
    response_model=RevalidatedOut,
    openapi_extra=order_body(VERBS["revalidation"]),
    responses=problems(
        *ASKED,
        "license-not-found",
        "no-duplicates",
        "transition-not-allowed",
        "version-pending",
        "effective-date-invalid",
    )
    | {200: {"description": "the same order was answered before", "model": RevalidatedOut}},
)
def revalidate_set(
    services: ServicesDep,
    who: AskingDep,
    identifier: str,
    response: Response,
    body: Annotated[Any, Body()],
) -> dict[str, Any]:
    """Write one 校验 on all 副本 of a license, each as its next version, all or none.

    The 正本 stays as it is, unless the order names a new last day: then it is renewed with them.
    """
    with services.database.reading() as session:
        visible_license(session, identifier, who.caller, ISSUE)
    with pointing_at_the_body():
        issued = services.packages.sets.make(identifier, body, who.caller, who.key)
    if issued.replayed:
        response.status_code = 200
        response.headers["Idempotent-Replayed"] = "true"
    made = (issued, *issued.others)
    return {"licenses": [issued_values(services.catalogue, one) for one in made]}


def _values(package: PackageRecord) -> dict[str, Any]:
    return {
        "id": package.package_id,
        "item_code": package.item_code,
        "asked_at": package.asked_at,
    }


@contextmanager
def pointing_into_the_package() -> Iterator[None]:
    """Let an error about a license of a package point to it there."""
    try:
        yield
    except PackageLicenseError as error:
        with pointing_at_the_body(f"/licenses/{error.place}"):
            raise error.error from error
