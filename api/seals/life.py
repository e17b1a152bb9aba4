"""Routes of a seal's life: apply, approve, make, file, suspend, make anew, cancel, grant.

A seal's own state keeps an act from being done twice: what was done answers 409 the second time.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.dependencies import ServicesDep
from api.documentation import Responses, problems
from api.headers import attachment
from api.limits import StrictJsonRoute
from api.pem import REQUEST, to_pem
from api.seals.models import (
    ApplicationIn,
    BasisIn,
    CertificateRequestIn,
    FilingIn,
    GrantIn,
    MakingIn,
    RemakingIn,
    SealCancellationIn,
    SealOut,
)
from api.seals.people import ApplicantDep, ManagerDep
from api.seals.showing import DENIED, answer
from keys.errors import KeyNotFoundError
from license_vault.seals.acts import OwnHolder
from license_vault.seals.errors import SealInvalidError
from license_vault.seals.office import RemakeOrder
from license_vault.seals.registry import SealRegistry

router = APIRouter(prefix="/v1/seals", tags=["seals"], route_class=StrictJsonRoute)

_PEM = "application/x-pem-file"
_REQUEST = {"content": {_PEM: {"schema": {"type": "string"}}}}


def _problems(*more: str) -> Responses:
    return problems(
        *DENIED,
        "seal-not-found",
        "seal-state",
        "seal-refused",
        "invalid-request",
        "unreadable-request",
        "media-type-not-supported",
        "temporarily-unavailable",
        *more,
    )


@router.post(
    "/applications",
    status_code=201,
    summary="Apply for a seal · 申请印章",
    response_model=SealOut,
    responses=_problems(
        "seal-exists", "seal-picture-refused", "authority-not-yours", "holder-not-found"
    ),
)
def apply_for_seal(
    services: ServicesDep, applicant: ApplicantDep, body: ApplicationIn
) -> dict[str, Any]:
    """Apply for a seal: a manager for an organisation or a holder, a holder for the own one."""
    holder = applicant.handle if isinstance(applicant, OwnHolder) else None
    record = services.seals.office.apply(body.application(holder), applicant)
    return answer(services, record)


@router.post(
    "/{code}/approval",
    summary="Approve an application of somebody else · 批准",
    response_model=SealOut,
    responses=_problems("same-person"),
)
def approve_seal(
    services: ServicesDep, manager: ManagerDep, code: str, body: BasisIn
) -> dict[str, Any]:
    """Approve an application; not who applied."""
    return answer(services, services.seals.office.approve(code, body.basis, manager))


@router.post(
    "/{code}/rejection",
    summary="Reject an application of somebody else · 不予批准",
    response_model=SealOut,
    responses=_problems("same-person"),
)
def reject_seal(
    services: ServicesDep, manager: ManagerDep, code: str, body: BasisIn
) -> dict[str, Any]:
    """Reject an application; somebody may apply again."""
    return answer(services, services.seals.office.reject(code, body.basis, manager))


@router.post(
    "/{code}/making",
    summary="Make the seal with its certificate · 制作",
    response_model=SealOut,
    responses=_problems("same-person", "seal-maker-unusable", "seal-picture-refused"),
)
def make_seal(
    services: ServicesDep, manager: ManagerDep, code: str, body: MakingIn
) -> dict[str, Any]:
    """Make the seal; made anew, not by who ordered that."""
    return answer(services, services.seals.workshop.make(code, body.chain(), manager))


@router.post(
    "/{code}/certificate-requests",
    summary="Ask for the certificate of a seal's key · 生成证书请求",
    response_class=Response,
    responses=_problems() | {200: _REQUEST},
)
def request_certificate(
    services: ServicesDep, manager: ManagerDep, code: str, body: CertificateRequestIn
) -> Response:
    """Return a request (PKCS#10, PEM) for a CA, of the seal's key or of a new one."""
    workshop = services.seals.workshop
    ask = workshop.request_with_new_key if body.new_key else workshop.request
    try:
        request = ask(code, manager)
    except KeyNotFoundError as error:
        # Where keys are kept so that we cannot make one, their keeper makes it first.
        raise SealInvalidError(code, "key-missing") from error
    headers = {"Content-Disposition": attachment(f"{code}.csr.pem"), "Cache-Control": "no-store"}
    return Response(to_pem(REQUEST, (request,)), media_type=_PEM, headers=headers)


@router.post(
    "/{code}/filing",
    summary="Record that the seal was filed · 备案",
    response_model=SealOut,
    responses=_problems(),
)
def file_seal(
    services: ServicesDep, manager: ManagerDep, code: str, body: FilingIn
) -> dict[str, Any]:
    """Record the number under which the seal was filed; from then on it is in use."""
    return answer(services, services.seals.office.file(code, body.number, manager))


@router.post(
    "/{code}/suspension",
    summary="Suspend a seal · 停用",
    response_model=SealOut,
    responses=_problems("holder-not-found"),
)
def suspend_seal(
    services: ServicesDep, who: ApplicantDep, code: str, body: BasisIn
) -> dict[str, Any]:
    """Keep a seal from being set until a manager takes it up again; a holder stops the own one."""
    return answer(services, services.seals.office.suspend(code, body.basis, who))


@router.post(
    "/{code}/resumption",
    summary="Take a suspended seal up again · 恢复",
    response_model=SealOut,
    responses=_problems(),
)
def resume_seal(
    services: ServicesDep, manager: ManagerDep, code: str, body: BasisIn
) -> dict[str, Any]:
    """Let a suspended seal be set again."""
    return answer(services, services.seals.office.resume(code, body.basis, manager))


@router.post(
    "/{code}/remaking",
    summary="Order that a seal be made anew · 重新制作",
    response_model=SealOut,
    responses=_problems("seal-picture-refused"),
)
def remake_seal(
    services: ServicesDep, manager: ManagerDep, code: str, body: RemakingIn
) -> dict[str, Any]:
    """Order a new making; the seal cannot be set until it is made, by another, and filed."""
    picture = body.picture.picture() if body.picture else None
    order = RemakeOrder(body.basis, body.name, picture)
    return answer(services, services.seals.office.remake(code, order, manager))


@router.post(
    "/{code}/cancellation",
    summary="Cancel a seal for good · 注销",
    response_model=SealOut,
    responses=_problems(),
)
def cancel_seal(
    services: ServicesDep, manager: ManagerDep, code: str, body: SealCancellationIn
) -> dict[str, Any]:
    """Cancel a seal, with the number of its cancellation."""
    cancelled = services.seals.office.cancel(code, body.number, body.basis, manager)
    return answer(services, cancelled)


@router.post(
    "/{code}/grants",
    summary="Let a seal be set for licenses of an authority · 授权用印",
    response_model=SealOut,
    responses=_problems("authority-not-yours"),
)
def grant_seal(
    services: ServicesDep, manager: ManagerDep, code: str, body: GrantIn
) -> dict[str, Any]:
    """Let a seal be set for an authority's licenses of a type, or for documents."""
    services.seals.office.grant(body.grant(code), manager)
    return _after(services, code)


@router.post(
    "/{code}/grant-withdrawals",
    summary="Take a grant back · 收回授权",
    response_model=SealOut,
    responses=_problems("authority-not-yours"),
)
def withdraw_grant(
    services: ServicesDep, manager: ManagerDep, code: str, body: GrantIn
) -> dict[str, Any]:
    """Take a grant back; one that does not count changes nothing."""
    services.seals.office.withdraw(body.grant(code), manager)
    return _after(services, code)


def _after(services: ServicesDep, code: str) -> dict[str, Any]:
    with services.database.reading() as session:
        record = SealRegistry(session).get(code)
    return answer(services, record)
