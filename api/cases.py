"""Routes of cases: open, show, list, decide, issue, close."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Response

from api.authentication import HANDLE_CASES, ISSUE, READ, require_scope
from api.case_models import CaseIn, CaseOut, CasePage, DecisionIn, case_values
from api.dependencies import AfterQuery, CallerDep, IdempotencyKeyDep, LimitQuery, ServicesDep
from api.documentation import problems
from api.errors import ForbiddenError, RequestInvalidError
from api.license_models import ISSUE_BODY, IssuedOut, license_values, tag_of
from api.limits import StrictJsonRoute
from api.pointing import pointing_at_the_body
from license_vault.api_clients import Caller
from license_vault.cases.case import CaseState, OpenCase
from license_vault.cases.case_desk import CaseOrder, CaseView
from license_vault.cases.case_services import Request
from license_vault.cases.errors import CaseStateError
from license_vault.cases.rows import CaseFilter
from license_vault.check_code import grouped

router = APIRouter(prefix="/v1/cases", tags=["cases"], route_class=StrictJsonRoute)

APPROVED_NO_LICENSE = "approved-no-license"
_LIST = "cases"
_DENIED = ("unauthenticated", "forbidden")
_CHANGE = (
    "idempotency-key-required",
    "idempotency-key-reused",
    "request-in-progress",
    "invalid-request",
    "unreadable-request",
    "media-type-not-supported",
    "temporarily-unavailable",
)


def require_viewer(caller: Caller) -> None:
    """Check that a caller handles cases, or reads licenses as officers do.

    Raises:
        ForbiddenError: neither.
    """
    if not any(scope.action in {HANDLE_CASES, READ} for scope in caller.scopes):
        raise ForbiddenError(HANDLE_CASES)


@router.post(
    "",
    status_code=201,
    summary="Open a case · 受理办件",
    response_model=CaseOut,
    responses=problems(*_DENIED, *_CHANGE, "item-not-found", "holder-not-found", "case-exists")
    | {200: {"description": "the same request was answered before", "model": CaseOut}},
)
def open_case(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    body: CaseIn,
    response: Response,
) -> dict[str, Any]:
    """Open a case of the own organisation, under what its item needs now."""
    require_scope(caller, HANDLE_CASES)
    order = CaseOrder(body.item_code, body.case_number, body.named())
    asked = {"act": "case.open", "body": body.model_dump()}
    view = services.cases.cases.open(order, Request(caller, key, asked))
    response.headers["Location"] = f"/v1/cases/{view.case.record.handle}"
    return _answer(view, response)


@router.get(
    "",
    summary="List cases · 办件列表",
    response_model=CasePage,
    responses=problems(*_DENIED, "invalid-request"),
)
def list_cases(
    services: ServicesDep,
    caller: CallerDep,
    limit: LimitQuery = 20,
    after: AfterQuery = None,
    state: Annotated[
        Literal["open", "approved", "refused", "closed", "approved-no-license"] | None,
        Query(description="approved-no-license: decided 准予, and a license of it is lacking"),
    ] = None,
) -> dict[str, Any]:
    """Return cases of the own organisation and those below it, the newest first."""
    require_viewer(caller)
    lacking = state == APPROVED_NO_LICENSE
    wanted = CaseFilter(
        caller.organisation_code,
        CaseState.APPROVED if lacking else state and CaseState(state),
        lacking,
    )
    behind = services.cursors.item(_LIST, after) if after else None
    found = services.cases.cases.page(wanted, limit + 1, behind)
    shown, after_it = services.cursors.page(
        _LIST, found, limit, lambda each: each.case.record.handle
    )
    return {
        "items": [case_values(view) for view in shown],
        "next": after_it,
    }


@router.get(
    "/{case}",
    summary="Show a case · 办件详情",
    response_model=CaseOut,
    responses=problems(*_DENIED, "case-not-found"),
)
def show_case(services: ServicesDep, caller: CallerDep, case: str) -> dict[str, Any]:
    """Return a case with its decision and its licenses."""
    require_viewer(caller)
    return case_values(services.cases.cases.show(case, caller))


@router.post(
    "/{case}/decision",
    summary="Decide a case · 作出决定",
    response_model=CaseOut,
    responses=problems(
        *_DENIED,
        *_CHANGE,
        "case-not-found",
        "case-state",
        "approval-missing",
        "approval-invalid",
        "same-person",
    ),
)
def decide_case(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    case: str,
    body: DecisionIn,
    response: Response,
) -> dict[str, Any]:
    """Decide 准予 or 不予, once, with the signatures that the item demands."""
    require_scope(caller, HANDLE_CASES)
    told = body.model_dump()
    asked = {"act": "case.decide", "case": case, "body": told}
    view = services.cases.cases.decide(case, told, Request(caller, key, asked))
    return _answer(view, response)


@router.post(
    "/{case}/license",
    status_code=201,
    summary="Issue the license of a case · 办件制证",
    response_model=IssuedOut,
    openapi_extra=ISSUE_BODY,
    responses=problems(
        *_DENIED,
        *_CHANGE,
        "case-not-found",
        "case-state",
        "scope-missing",
        "authority-not-yours",
        "seal-not-permitted",
        "license-type-not-published",
        "license-void",
        "case-already-issued",
        "license-exists",
        "seal-unusable",
        "approval-missing",
        "approval-invalid",
        "same-person",
    )
    | {200: {"description": "the same request was answered before", "model": IssuedOut}},
)
def issue_for_case(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    case: str,
    response: Response,
    body: Annotated[Any, Body()],
) -> dict[str, Any]:
    """Issue as POST /v1/licenses does, for a case that is decided 准予; number and item are its."""
    require_scope(caller, HANDLE_CASES)
    require_scope(caller, ISSUE)
    view = services.cases.cases.show(case, caller)
    _require_of_case(view.case, body)
    if view.case.record.state not in {CaseState.APPROVED, CaseState.CLOSED}:
        raise CaseStateError(case, view.case.record.state.value)
    with pointing_at_the_body():
        issued = services.issuance.issue(body, caller, key)
    record = issued.license
    response.status_code = 200 if issued.replayed else 201
    if issued.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["Location"] = f"/v1/licenses/{record.identifier}"
    response.headers["ETag"] = f'"{tag_of(record)}"'
    response.headers["Cache-Control"] = "private, no-cache"
    return {**license_values(services.catalogue, record), "check_code": grouped(issued.check_code)}


@router.post(
    "/{case}/closing",
    summary="Close a case · 办结",
    response_model=CaseOut,
    responses=problems(*_DENIED, *_CHANGE, "case-not-found", "case-state", "case-without-license"),
)
def close_case(
    services: ServicesDep, caller: CallerDep, key: IdempotencyKeyDep, case: str, response: Response
) -> dict[str, Any]:
    """Close a decided case; one decided 准予 only when every license of it is there."""
    require_scope(caller, HANDLE_CASES)
    asked = {"act": "case.close", "case": case}
    return _answer(services.cases.cases.close(case, Request(caller, key, asked)), response)


def _answer(view: CaseView, response: Response) -> dict[str, Any]:
    if view.replayed:
        response.headers["Idempotent-Replayed"] = "true"
        response.status_code = 200
    response.headers["Cache-Control"] = "no-store"
    return case_values(view)


def _require_of_case(case: OpenCase, body: Any) -> None:
    """Check that a request to issue is the case's: number, item, and one of its types."""
    told = body if isinstance(body, dict) else {}
    item = case.definition.item
    for name, allowed in (
        ("case_number", (case.number,)),
        ("item_code", (item.code,)),
        ("type_code", item.results),
    ):
        if told.get(name) not in allowed:
            raise not_of_this_case(f"/{name}")


def not_of_this_case(pointer: str) -> RequestInvalidError:
    """Return what is raised where a request says another thing than its case."""
    return RequestInvalidError(
        pointer, "not-of-this-case", "与办件不一致。", "This is not what the case says."
    )
