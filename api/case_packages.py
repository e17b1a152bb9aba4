"""The result of a case that is a package (一件事): licenses of several authorities, all or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, Field

from api.authentication import HANDLE_CASES, ISSUE, require_scope
from api.cases import not_of_this_case, require_viewer
from api.dependencies import CallerDep, IdempotencyKeyDep, ServicesDep
from api.documentation import problems
from api.license_models import ISSUE_SCHEMA
from api.limits import StrictJsonRoute
from api.packages import (
    ASKED,
    IssuedPackageOut,
    is_seen,
    issued_package,
    pointing_into_the_package,
)
from license_vault.cases.case import CaseState, OpenCase
from license_vault.cases.errors import CaseStateError
from license_vault.packages.package_registry import Packages
from license_vault.packages.packages import MAXIMUM_LICENSES

router = APIRouter(prefix="/v1/cases", tags=["cases"], route_class=StrictJsonRoute)

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "title": "CasePackageRequest",
                    "required": ["licenses"],
                    "additionalProperties": False,
                    "properties": {
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


@router.post(
    "/{case}/package",
    status_code=201,
    summary="Issue all licenses of a case, or none · 办件成组制证",
    response_model=IssuedPackageOut,
    openapi_extra=_BODY,
    responses=problems(*ASKED, "case-not-found", "case-state")
    | {200: {"description": "the same request was answered before", "model": IssuedPackageOut}},
)
def issue_package_for_case(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    case: str,
    response: Response,
    body: Annotated[Any, Body()],
) -> dict[str, Any]:
    """Issue as POST /v1/packages does, for a case that is decided 准予.

    Each license has the case's number and a type that the item issues; its item is that of its
    own authority, whose officers sign it.
    """
    require_scope(caller, HANDLE_CASES)
    require_scope(caller, ISSUE)
    view = services.cases.cases.show(case, caller)
    for place, asked in _licenses(body):
        _require_of_package(view.case, place, asked)
    if view.case.record.state not in {CaseState.APPROVED, CaseState.CLOSED}:
        raise CaseStateError(case, view.case.record.state.value)
    told = dict(body) if isinstance(body, dict) else {}
    item = view.case.definition.item.code
    package = {**told, "item_code": item, "case_number": view.case.number}
    with pointing_into_the_package():
        issued = services.packages.issuing.issue(package, caller, key)
    return issued_package(services, issued, response)


class CasePackageOut(BaseModel):
    """A package that was asked for in a case; GET /v1/packages/{id} shows it."""

    id: str = Field(examples=["x3v0q9m2k7c8w5r1t6y4n0b2dz"])
    asked_at: datetime
    licenses: list[str] = Field(description="identifiers")


class CasePackageList(BaseModel):
    """The packages of a case, the oldest first."""

    items: list[CasePackageOut]


@router.get(
    "/{case}/packages",
    summary="List the packages of a case · 办件的一件事申请",
    response_model=CasePackageList,
    responses=problems("unauthenticated", "forbidden", "case-not-found"),
)
def packages_of_case(services: ServicesDep, caller: CallerDep, case: str) -> dict[str, Any]:
    """Return what was asked for at once and has made licenses of the case."""
    require_viewer(caller)
    view = services.cases.cases.show(case, caller)
    made = {identifier for identifier, _ in view.licenses}
    with services.database.reading() as session:
        found = [
            each
            for each in Packages(session).of_number(view.case.record.case_mac)
            if made & set(each.licenses) and is_seen(session, each, caller)
        ]
    return {
        "items": [
            {"id": each.package_id, "asked_at": each.asked_at, "licenses": list(each.licenses)}
            for each in found
        ]
    }


def _licenses(body: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the requests that can be read as such; what is wrong with others is said later."""
    asked = body.get("licenses") if isinstance(body, dict) else None
    for place, one in enumerate(asked if isinstance(asked, list) else []):
        if isinstance(one, dict):
            yield place, one


def _require_of_package(case: OpenCase, place: int, asked: dict[str, Any]) -> None:
    allowed = {"case_number": (case.number,), "type_code": case.definition.item.results}
    for name, values in allowed.items():
        if asked.get(name) not in values:
            raise not_of_this_case(f"/licenses/{place}/{name}")
