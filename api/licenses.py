"""Routes of issuing: issue, list, show, download. Programs and officers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Response

from api.authentication import ISSUE, require_scope
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
from api.history_answers import AskedDep, AsOfDep, as_of_values
from api.holding.journaling import Reader, record_shown
from api.issue_answers import issued_set
from api.issue_log import PROOF_ANSWERS, PROOF_PROBLEMS, proof_file
from api.license_models import (
    ISSUE_BODY,
    NO_MEMBERS,
    LicenseOut,
    LicensePage,
    SetOut,
    license_values,
    tag_of,
)
from api.limits import StrictJsonRoute
from api.member_reports import members_of
from api.pointing import pointing_at_the_body
from api.seeing import filter_for, readable_license
from api.use_header import UseDep, use_of
from license_vault.access.grants import AccessGuard
from license_vault.lifecycle.history import History
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
    as_of: AsOfDep = None,
) -> dict[str, Any]:
    """Return licenses, the newest first.

    With as_of those that were recorded by then, each with what was true and known of it then.
    """
    wanted = replace(filter_for(caller, type_code), recorded_by=as_of)
    behind = services.cursors.item(LIST, after) if after else None
    with services.database.reading() as session:
        found = Registry(session).page(wanted, limit + 1, behind)
    page = page_of(services, found, limit, "/v1/licenses")
    if as_of is not None:
        add_as_of(services, found, page, as_of)
    return page


def page_of(
    services: ServicesDep, found: tuple[LicenseRecord, ...], limit: int, base: str
) -> dict[str, Any]:
    """Return a page of licenses from one more than fits on it."""
    shown, after_it = services.cursors.page(LIST, found, limit, lambda each: each.identifier)
    return {
        "items": [license_values(services.catalogue, record, base) for record in shown],
        "next": after_it,
    }


def add_as_of(
    services: ServicesDep, found: tuple[LicenseRecord, ...], page: dict[str, Any], at: datetime
) -> None:
    """Add to the licenses of a page what was true and known of them as of an instant."""
    with services.database.reading() as session:
        history = History(session)
        for record, item in zip(found, page["items"], strict=False):
            item["as_of"] = as_of_values(history.as_of(record, at))


@router.get(
    "/{identifier}",
    summary="Show a license · 证照详情",
    response_model=LicenseOut,
    responses=problems(*_DENIED, *_USE, "license-not-found", "access-not-granted")
    | {304: {"description": "unchanged"}},
)
def show(
    services: ServicesDep,
    caller: CallerDep,
    use: UseDep,
    identifier: str,
    response: Response,
    asked: AskedDep,
) -> Any:
    """Return a license of the own organisation or one below, or one that was granted to read.

    With as_of also what was true of it then, and what had been recorded of it by then; its parts
    and conditions are those of then.
    """
    now = services.clock()
    with services.database.reading() as session:
        guard = AccessGuard(session, services.macs, now)
        record = readable_license(session, guard, identifier, caller, use)
        past = None if asked.as_of is None else History(session).as_of(record, asked.as_of)
        members = members_of(session, identifier, min(asked.as_of or now, now))
    record_shown(services, Reader(caller.name, use), (record,))
    values = {**license_values(services.catalogue, record), **members}
    if past is not None:
        response.headers["Cache-Control"] = "private, no-cache"
        return {**values, "as_of": as_of_values(past)}
    tag = tag_of(record, members)
    if matches(asked.if_none_match, tag):
        return Response(status_code=304, headers={"ETag": f'"{tag}"'})
    _tag(response, record, members)
    return values


@router.get(
    "/{identifier}/file",
    summary="Download the sealed file · 下载证照文件",
    response_class=Response,
    responses=problems(
        *_DENIED,
        *_USE,
        "license-not-found",
        "access-not-granted",
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
        guard = AccessGuard(session, services.macs, services.clock())
        record = readable_license(session, guard, identifier, caller, use)
    return download(services, record, wish, Reader(caller.name, use))


@router.get(
    "/{identifier}/manifest",
    summary="Get the signed list of a license's files · 下载签名清单",
    response_class=Response,
    responses=problems(
        *_DENIED, *_USE, "license-not-found", "access-not-granted", "temporarily-unavailable"
    )
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
        guard = AccessGuard(session, services.macs, services.clock())
        record = readable_license(session, guard, identifier, caller, use)
    record_shown(services, Reader(caller.name, use), (record,))
    return manifest(services, record, if_none_match)


@router.get(
    "/{identifier}/proof",
    summary="Get the proof that it is in the issue log · 下载存在证明",
    response_class=Response,
    responses=problems(
        *_DENIED,
        *_USE,
        "license-not-found",
        "access-not-granted",
        *PROOF_PROBLEMS,
        "temporarily-unavailable",
    )
    | PROOF_ANSWERS,
)
def license_proof(
    services: ServicesDep, caller: CallerDep, use: UseDep, identifier: str
) -> Response:
    """Return the proof of existence, which is kept beside the file and verified with it."""
    with services.database.reading() as session:
        guard = AccessGuard(session, services.macs, services.clock())
        record = readable_license(session, guard, identifier, caller, use)
    record_shown(services, Reader(caller.name, use), (record,))
    return proof_file(services, record)


def _tag(
    response: Response, record: LicenseRecord, members: Mapping[str, Any] = NO_MEMBERS
) -> None:
    response.headers["ETag"] = f'"{tag_of(record, members)}"'
    response.headers["Cache-Control"] = "private, no-cache"
