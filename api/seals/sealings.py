"""Routes of setting seals on documents: a holder's consent, and the sealing itself.

Licenses are sealed by issuing and never here. A sealed document is handed out and not kept.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile

from api.dependencies import IdempotencyKeyDep, ServicesDep
from api.documentation import problems
from api.headers import attachment
from api.limits import StrictJsonRoute
from api.seals.models import ConsentIn, ConsentOut
from api.seals.people import ConsentingDep, UserDep
from api.seals.showing import DENIED
from license_vault.seals.consents import ConsentOrder
from license_vault.seals.document_sealing import MEDIA_TYPES, SealingOrder
from verification.errors import DocumentTooLargeError

consents = APIRouter(prefix="/v1/seals", tags=["seals"], route_class=StrictJsonRoute)
sealings = APIRouter(prefix="/v1/seals", tags=["seals"])

_USUAL = ("idempotency-key-required", "idempotency-key-reused", "temporarily-unavailable")
_SEALED = {
    "content": {
        media_type: {"schema": {"type": "string", "format": "binary"}}
        for media_type in MEDIA_TYPES.values()
    }
}


@consents.post(
    "/{code}/consents",
    status_code=201,
    summary="Consent to one use of the own seal · 同意用印",
    response_model=ConsentOut,
    responses=problems(
        *DENIED,
        *_USUAL,
        "forbidden",
        "holder-not-found",
        "seal-not-found",
        "seal-refused",
        "seal-unusable",
        "invalid-request",
        "unreadable-request",
        "media-type-not-supported",
    )
    | {200: {"description": "the same consent was given before", "model": ConsentOut}},
)
def give_consent(
    services: ServicesDep,
    holder: ConsentingDep,
    key: IdempotencyKeyDep,
    code: str,
    body: ConsentIn,
    response: Response,
) -> dict[str, Any]:
    """Consent that the own seal be set on one document, once, within some minutes."""
    order = ConsentOrder(body.document_sm3, body.purpose, body.minutes)
    consent = services.seals.consents.give(code, order, holder, key)
    if consent.replayed:
        response.status_code = 200
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["Cache-Control"] = "no-store"
    return {
        "consent_id": consent.consent_id,
        "document_sm3": consent.document_sm3.hex(),
        "given_at": consent.given_at,
        "expires_at": consent.expires_at,
    }


def sealing_order_of(
    services: ServicesDep,
    file: Annotated[UploadFile, File(description="one PDF or OFD, unsealed, no license")],
    page: Annotated[int, Form(ge=1, le=10_000, description="from 1")],
    x_mm: Annotated[float, Form(ge=0, le=5000, description="the seal's left edge")],
    y_mm: Annotated[float, Form(ge=0, le=5000, description="the seal's top edge")],
    consent: Annotated[
        str | None, Form(max_length=64, description="id of the holder's consent")
    ] = None,
) -> SealingOrder:
    """Return the document of a form and where the seal is to stand.

    Raises:
        DocumentTooLargeError: the document is larger than the setting allows.
    """
    limit = services.limits.max_document_bytes
    data = file.file.read(limit + 1)
    if len(data) > limit:
        raise DocumentTooLargeError(len(data), limit)
    return SealingOrder(data, page, x_mm, y_mm, consent)


@sealings.post(
    "/{code}/sealings",
    summary="Set a seal on a document that is no license · 用印",
    response_class=Response,
    responses=problems(
        *DENIED,
        *_USUAL,
        "scope-missing",
        "holder-not-found",
        "seal-not-found",
        "seal-not-permitted",
        "seal-unusable",
        "seal-consent-missing",
        "seal-consent-unusable",
        "document-refused",
        "document-too-large",
        "invalid-request",
        "unreadable-request",
    )
    | {200: _SEALED},
)
def set_seal(
    services: ServicesDep,
    user: UserDep,
    key: IdempotencyKeyDep,
    code: str,
    order: Annotated[SealingOrder, Depends(sealing_order_of)],
) -> Response:
    """Return the document with the seal; the key is spent, for the result is not kept."""
    sealed = services.seals.sealing.seal(code, order, user, key)
    headers = {
        "Content-Disposition": attachment(f"{code}-sealed.{sealed.form}"),
        "Cache-Control": "no-store",
    }
    return Response(sealed.data, media_type=MEDIA_TYPES[sealed.form], headers=headers)
