"""Routes of presenting (亮证): a holder makes a code, a window resolves it once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response

from api.authentication import HolderPerson, bearer_of, is_jwt
from api.dependencies import HolderDep, IdempotencyKeyDep, ServicesDep, principal_of
from api.device_access import WindowDep, WindowUseDep, window_of
from api.documentation import problems
from api.downloads import FILE_ANSWERS, WantedDep, download
from api.errors import RequestInvalidError
from api.headers import attachment
from api.holding.journaling import Reader
from api.limits import StrictJsonRoute
from api.presenting_models import (
    PresentationIn,
    PresentationList,
    PresentationOut,
    ResolutionIn,
    ResolutionOut,
    presentation_values,
    resolution_values,
    scanning,
)
from api.services import Services
from license_vault.issuing.license_request import request_digest
from license_vault.presenting.code_picture import MEDIA_TYPES, code_in, code_picture
from license_vault.presenting.errors import PresentationCodeError, PresentationInvalidError
from license_vault.presenting.kept import Presentation
from license_vault.presenting.presenter import Presenter, presenter_of
from license_vault.registry.authorities import Authorities
from license_vault.registry.writing import RequestMark

router = APIRouter(prefix="/v1/presentations", tags=["presenting"], route_class=StrictJsonRoute)

_HOLDER = ("unauthenticated", "forbidden", "holder-not-found")
_WINDOW = ("unauthenticated", "forbidden", "use-required", "use-invalid")
_KEYED = ("idempotency-key-required", "idempotency-key-reused", "request-in-progress")
_BODY = ("invalid-request", "unreadable-request", "media-type-not-supported")
_REPLAYED = "Idempotent-Replayed"
_SENTENCES = {
    "licenses": ("证照应为 1 至 16 份，不重复。", "Name 1 to 16 licenses, each once."),
    "unknown-license": (
        "没有此证照，或本人无权出示。",
        "There is no such license, or it is not yours to show.",
    ),
    "consent-missing": (
        "未说明同意出示该证照的哪些内容。",
        "It is not said which fields of this license may be seen.",
    ),
    "unknown-field": ("证照没有此项内容。", "A license has no such field."),
    "minutes": ("有效时间应为 1 至 10 分钟。", "A code lives 1 to 10 minutes."),
}


def _presenter(services: ServicesDep, person: HolderDep) -> Presenter:
    mac = services.macs.holder(person.document_type, person.document_number)
    with services.database.reading() as session:
        return presenter_of(session, mac, services.clock())


def _told(services: ServicesDep, found: Sequence[Presentation]) -> list[dict[str, Any]]:
    """Return what presentations look like to their holder, with who scanned them by name."""
    with services.database.reading() as session:
        names = Authorities(session).names(scanning(found))
    return [presentation_values(each, names) for each in found]


@contextmanager
def _pointing() -> Iterator[None]:
    try:
        yield
    except PresentationInvalidError as error:
        zh, en = _SENTENCES[error.reason]
        raise RequestInvalidError(error.pointer, error.reason, zh, en) from error


def _mark(services: ServicesDep, caller: str, key: str, told: dict[str, Any]) -> RequestMark:
    digest = bytes.fromhex(request_digest(told))
    return RequestMark(caller, services.macs.idempotency_key(caller, key), digest)


@router.post(
    "",
    status_code=201,
    summary="Make a one-use code that shows licenses · 亮证",
    response_model=PresentationOut,
    responses=problems(*_HOLDER, *_KEYED, *_BODY, "temporarily-unavailable")
    | {200: {"description": "the same request was answered before", "model": PresentationOut}},
)
def make_presentation(
    services: ServicesDep,
    person: HolderDep,
    key: IdempotencyKeyDep,
    body: PresentationIn,
    response: Response,
) -> dict[str, Any]:
    """Make a code for own licenses, and for those of whom the person represents."""
    presenter = _presenter(services, person)
    told = {"present": body.model_dump(mode="json") | {"minutes": str(body.minutes)}}
    mark = _mark(services, presenter.actor, key, told)
    with _pointing():
        made = services.presenting.presentations.make(body.order(), presenter, mark)
    if made.replayed:
        response.status_code = 200
        response.headers[_REPLAYED] = "true"
    response.headers["Location"] = f"/v1/presentations/{made.presentation_id}"
    response.headers["Cache-Control"] = "no-store"
    return _told(services, (made,))[0]


@router.get(
    "",
    summary="List the own presentations · 我的亮证记录",
    response_model=PresentationList,
    responses=problems(*_HOLDER),
)
def list_presentations(
    services: ServicesDep, person: HolderDep, response: Response
) -> dict[str, Any]:
    """Return the newest hundred: what waits, what was scanned and by whom."""
    response.headers["Cache-Control"] = "no-store"
    found = services.presenting.presentations.newest(_presenter(services, person))
    return {"items": _told(services, found)}


@router.get(
    "/{presentation_id}",
    summary="Show a presentation · 亮证状态",
    response_model=PresentationOut,
    responses=problems(*_HOLDER, "presentation-not-found"),
)
def show_presentation(
    services: ServicesDep, person: HolderDep, presentation_id: str, response: Response
) -> dict[str, Any]:
    """Return whether the code waits, was scanned and by whom, has expired or was withdrawn."""
    response.headers["Cache-Control"] = "no-store"
    presenter = _presenter(services, person)
    return _told(services, (services.presenting.presentations.show(presentation_id, presenter),))[0]


@router.get(
    "/{presentation_id}/qr",
    summary="Get the code as a QR picture · 亮证二维码",
    response_class=Response,
    responses=problems(*_HOLDER, "presentation-not-found", "presentation-code-unusable")
    | {200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}}},
)
def presentation_picture(
    services: ServicesDep,
    person: HolderDep,
    presentation_id: str,
    kind: Annotated[Literal["svg", "png"], Query(alias="format")] = "svg",
) -> Response:
    """Return the picture as long as the code waits."""
    presenter = _presenter(services, person)
    shown = services.presenting.presentations.show(presentation_id, presenter)
    if shown.code is None:
        raise PresentationCodeError("used" if shown.state == "resolved" else shown.state)
    picture = code_picture(shown.code, kind)
    headers = {"Cache-Control": "no-store"}
    return Response(picture, media_type=MEDIA_TYPES[kind], headers=headers)


@router.post(
    "/{presentation_id}/withdrawal",
    summary="Take a code back · 撤回亮证",
    response_model=PresentationOut,
    responses=problems(
        *_HOLDER,
        "idempotency-key-required",
        "presentation-not-found",
        "presentation-code-unusable",
        "temporarily-unavailable",
    ),
)
def withdraw_presentation(
    services: ServicesDep,
    person: HolderDep,
    key: IdempotencyKeyDep,
    presentation_id: str,
) -> dict[str, Any]:
    """Take a code back before it is scanned; again, it answers alike."""
    del key  # taking back twice is taking back once, whatever the key
    presenter = _presenter(services, person)
    taken = services.presenting.presentations.withdraw(presentation_id, presenter)
    return _told(services, (taken,))[0]


# --- the window -----------------------------------------------------------------------------


@router.post(
    "/resolution",
    summary="Resolve a scanned code, once · 窗口扫码",
    response_model=ResolutionOut,
    responses=problems(
        *_WINDOW,
        *_KEYED,
        *_BODY,
        "access-not-granted",
        "presentation-code-unusable",
        "temporarily-unavailable",
    ),
)
def resolve_presentation(
    services: ServicesDep,
    caller: WindowDep,
    use: WindowUseDep,
    key: IdempotencyKeyDep,
    body: ResolutionIn,
    response: Response,
) -> dict[str, Any]:
    """Return what the holder consents to, with a signed receipt; the code is used up by it.

    The same key, code and use answer alike, with Idempotent-Replayed: true.
    """
    code = code_in(body.code)
    told = {"resolve": code, "use": [use.operator, use.item_code, use.case_number, use.purpose]}
    mark = _mark(services, caller.name, key, told)
    resolved = services.presenting.resolution.resolve(code, use, caller, mark)
    if resolved.replayed:
        response.headers[_REPLAYED] = "true"
    response.headers["Cache-Control"] = "no-store"
    return resolution_values(resolved)


@router.get(
    "/{presentation_id}/receipt",
    summary="Get the signed receipt again · 亮证回执",
    response_class=Response,
    responses=problems("unauthenticated", "forbidden", "presentation-not-found")
    | {200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def presentation_receipt(
    services: ServicesDep,
    presentation_id: str,
    authorization: Annotated[str | None, Header()] = None,
) -> Response:
    """Return the receipt that was signed when the code was resolved, byte for byte.

    To the organisation that scanned, and to the holder who presented.
    """
    person = _person(services, authorization)
    if person is None:
        organisation = window_of(services, authorization).organisation_code
        found = services.presenting.resolution.receipt_for(presentation_id, organisation)
    else:
        presenter = _presenter(services, person)
        found = services.presenting.presentations.receipt(presentation_id, presenter)
    headers = {
        "Content-Disposition": attachment(f"presenting-receipt-{presentation_id}.json"),
        "Cache-Control": "no-store",
    }
    return Response(found.file, media_type="application/json", headers=headers)


def _person(services: Services, authorization: str | None) -> HolderPerson | None:
    """Return the holder that calls; None if it is somebody else."""
    if not is_jwt(bearer_of(authorization)):
        return None
    principal = principal_of(services, authorization)
    return principal if isinstance(principal, HolderPerson) else None


@router.get(
    "/{presentation_id}/licenses/{identifier}/file",
    summary="Download a license that was shown as a whole · 下载所亮证照",
    response_class=Response,
    responses=problems(
        *_WINDOW,
        "presentation-not-found",
        "license-not-found",
        "form-not-available",
        "not-acceptable",
        "temporarily-unavailable",
    )
    | FILE_ANSWERS,
)
def presented_file(
    services: ServicesDep,
    caller: WindowDep,
    use: WindowUseDep,
    presentation_id: str,
    identifier: str,
    wish: WantedDep,
) -> Response:
    """Return a sealed file for a day after the scan, if the holder consented to all of it."""
    organisation = caller.organisation_code
    found = services.presenting.resolution.license_shown(presentation_id, identifier, organisation)
    return download(services, found, wish, Reader(caller.name, use))
