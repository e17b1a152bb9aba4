"""Routes of issuing: issue, list, show, download, cancel. Programs and officers only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Response

from api.authentication import CANCEL, ISSUE, require_scope
from api.cancelling import CancellationIn, cancel
from api.dependencies import (
    AfterQuery,
    CallerDep,
    IdempotencyKeyDep,
    LimitQuery,
    ServicesDep,
)
from api.documentation import problems
from api.downloads import FILE_ANSWERS, MANIFEST_ANSWERS, WantedDep, download, manifest
from api.headers import matches
from api.holding.journaling import Reader, record_shown
from api.issue_answers import issued_set
from api.license_models import (
    ISSUE_BODY,
    LicenseOut,
    LicensePage,
    SetOut,
    license_values,
    tag_of,
)
from api.limits import StrictJsonRoute
from api.pointing import pointing_at_the_body
from api.seeing import filter_for, visible_license
from api.use_header import UseDep, use_of
from license_vault.license import LicenseStatus
from license_vault.registry.registry import LicenseRecord, Registry

router = APIRouter(prefix="/v1/licenses", tags=["licenses"], route_class=StrictJsonRoute)

LIST = "licenses"
_DENIED = ("unauthenticated", "forbidden")
_USE = ("use-required", "use-invalid")
_FOR_A_USE = [Depends(use_of)]


@router.post(
    "",
    status_code=201,
    summary="Issue a license · 制证",
    response_model=SetOut,
    openapi_extra=ISSUE_BODY,
    responses=problems(
        *_DENIED,
        "scope-missing",
        "authority-not-yours",
        "seal-not-permitted",
        "idempotency-key-required",
        "unreadable-request",
        "media-type-not-supported",
        "invalid-request",
        "license-type-not-published",
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
    | {200: {"description": "the same request was answered before", "model": SetOut}},
)
def issue(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    response: Response,
    body: Annotated[Any, Body()],
) -> dict[str, Any]:
    """Issue, seal and keep a license; when this answers, it is in force and in its vault.

    201 the first time; 200 with Idempotent-Replayed: true when the same key and
    body come again.
    """
    require_scope(caller, ISSUE)
    with pointing_at_the_body():
        issued = services.issuance.issue(body, caller, key)
    record = issued.license
    response.status_code = 200 if issued.replayed else 201
    if issued.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["Location"] = f"/v1/licenses/{record.identifier}"
    _tag(response, record)
    return issued_set(services.catalogue, issued)


@router.get(
    "",
    summary="List licenses of the own organisation and those below · 证照列表",
    response_model=LicensePage,
    dependencies=_FOR_A_USE,
    responses=problems(*_DENIED, *_USE, "scope-missing", "invalid-request"),
)
def list_licenses(
    services: ServicesDep,
    caller: CallerDep,
    limit: LimitQuery = 20,
    after: AfterQuery = None,
    type_code: Annotated[str | None, Query(pattern=r"^[0-9A-Z]{18}[0-9]{3}$")] = None,
) -> dict[str, Any]:
    """Return licenses, the newest first."""
    wanted = filter_for(caller, type_code)
    behind = services.cursors.item(LIST, after) if after else None
    with services.database.reading() as session:
        found = Registry(session).page(wanted, limit + 1, behind)
    return page_of(services, found, limit, "/v1/licenses")


def page_of(
    services: ServicesDep, found: tuple[LicenseRecord, ...], limit: int, base: str
) -> dict[str, Any]:
    """Return a page of licenses from one more than fits on it."""
    shown = found[:limit]
    more = len(found) > limit
    return {
        "items": [license_values(services.catalogue, record, base) for record in shown],
        "next": services.cursors.after(LIST, shown[-1].identifier) if more else None,
    }


@router.get(
    "/{identifier}",
    summary="Show a license · 证照详情",
    response_model=LicenseOut,
    responses=problems(*_DENIED, *_USE, "license-not-found") | {304: {"description": "unchanged"}},
)
def show(
    services: ServicesDep,
    caller: CallerDep,
    use: UseDep,
    identifier: str,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Any:
    """Return a license of the own organisation or one below."""
    with services.database.reading() as session:
        record = visible_license(session, identifier, caller)
    record_shown(services, Reader(caller.name, use), (record,))
    if matches(if_none_match, tag_of(record)):
        return Response(status_code=304, headers={"ETag": f'"{tag_of(record)}"'})
    _tag(response, record)
    return license_values(services.catalogue, record)


@router.get(
    "/{identifier}/file",
    summary="Download the sealed file · 下载证照文件",
    response_class=Response,
    responses=problems(
        *_DENIED,
        *_USE,
        "license-not-found",
        "form-not-available",
        "not-acceptable",
        "temporarily-unavailable",
    )
    | FILE_ANSWERS,
)
def file(
    services: ServicesDep, caller: CallerDep, use: UseDep, identifier: str, wish: WantedDep
) -> Response:
    """Return a sealed file, checked against its digests before the first byte leaves.

    Which form: as ?form= says, else as Accept says, else the PDF.
    """
    with services.database.reading() as session:
        record = visible_license(session, identifier, caller)
    return download(services, record, wish, Reader(caller.name, use))


@router.get(
    "/{identifier}/manifest",
    summary="Get the signed list of a license's files · 下载签名清单",
    response_class=Response,
    responses=problems(*_DENIED, *_USE, "license-not-found", "temporarily-unavailable")
    | MANIFEST_ANSWERS,
)
def license_manifest(
    services: ServicesDep,
    caller: CallerDep,
    use: UseDep,
    identifier: str,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return which files of a license were issued, signed by this license library."""
    with services.database.reading() as session:
        record = visible_license(session, identifier, caller)
    record_shown(services, Reader(caller.name, use), (record,))
    return manifest(services, record, if_none_match)


@router.post(
    "/{identifier}/cancellation",
    summary="Cancel a license · 注销",
    response_model=LicenseOut,
    responses=problems(
        *_DENIED,
        "license-not-found",
        "idempotency-key-required",
        "idempotency-key-reused",
        "transition-not-allowed",
        "effective-date-invalid",
        "invalid-request",
        "unreadable-request",
        "media-type-not-supported",
        "temporarily-unavailable",
    ),
)
def cancel_license(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    identifier: str,
    body: CancellationIn,
    response: Response,
) -> dict[str, Any]:
    """Cancel a license; from the answer on, this region's nodes report it as cancelled.

    A license that is cancelled already answers alike, with Idempotent-Replayed:
    true; the same key with another order, or for another license, is refused.
    """
    with services.database.reading() as session:
        record = visible_license(session, identifier, caller, CANCEL)
        replayed = record.status is LicenseStatus.CANCELLED
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    record = cancel(services, identifier, body, caller, key)
    _tag(response, record)
    return license_values(services.catalogue, record)


def _tag(response: Response, record: LicenseRecord) -> None:
    response.headers["ETag"] = f'"{tag_of(record)}"'
    response.headers["Cache-Control"] = "private, no-cache"
