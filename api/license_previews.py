"""The route that draws what a license would look like: not recorded, not sealed, not kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Response

from api.authentication import ISSUE
from api.dependencies import CallerDep, ServicesDep
from api.documentation import problems
from api.examples import ISSUE_EXAMPLE
from api.lifecycle_models import preview_body
from api.limits import StrictJsonRoute
from api.pointing import pointing_at_the_body
from api.services import Services
from license_vault.clock import civil_date
from license_vault.database.sessions import Reading
from license_vault.issuing.member_search import require_part_authorities
from license_vault.issuing.preview import (
    part_authorities,
    preview_pdf,
    require_complete,
    type_code_of,
)
from license_vault.issuing.request_members import PREVIOUS
from license_vault.lifecycle.versions import take_previous
from license_vault.registry.authorities import Authorities
from signing.pdf.rendering import pdf_page_png

router = APIRouter(prefix="/v1/licenses", tags=["licenses"], route_class=StrictJsonRoute)

_DOTS_PER_MM = 4.0
_COLOURS = 256
DRAWN: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in ("image/png", "application/pdf")
        }
    }
}


@router.post(
    "/preview",
    summary="Draw what a license would look like · 制证预览",
    response_class=Response,
    openapi_extra=preview_body(ISSUE_EXAMPLE),
    responses=problems(
        "unauthenticated",
        "forbidden",
        "scope-missing",
        "authority-not-yours",
        "unreadable-request",
        "media-type-not-supported",
        "invalid-request",
        "license-type-not-published",
        "seal-not-permitted",
        "seal-unusable",
        "item-not-registered",
        "approval-missing",
        "approval-invalid",
        "same-person",
        "case-already-issued",
        "license-exists",
        "license-not-transferred",
        "version-pending",
        "temporarily-unavailable",
    )
    | DRAWN,
)
def preview(
    services: ServicesDep,
    caller: CallerDep,
    body: Annotated[Any, Body()],
    form: Annotated[Literal["png", "pdf"], Query()] = "png",
    complete: Annotated[
        bool, Query(description="refuse what issuing would refuse of its values")
    ] = False,
) -> Response:
    """Draw the face of a request to issue as far as it is filled in, marked 预览 all over.

    Nothing is recorded, sealed or kept. Unless complete is asked for, a request of which only
    the type is known is drawn too; the authority is the caller's own where none is named. The
    body may be one of 转入: the face names the license before, and complete refuses all that 转入
    would be refused for, as previews of the other orders do.
    """
    find_type, now = services.catalogue.for_issuing, services.clock()
    with pointing_at_the_body():
        caller.require(ISSUE, type_code_of(body))
        own = caller.organisation_code
        asked = body.get("authority_code")
        with services.database.reading() as session:
            if complete:
                _require_complete(body, services, session, own)
            named = asked if isinstance(asked, str) and asked else own
            authority = Authorities(session).within(named, own).as_authority
            names = Authorities(session).names(part_authorities(body))
        if complete and PREVIOUS in body:
            services.versions.foresee_transfer(body, caller)
        drawing = services.issuance.services.drawing
        pdf = preview_pdf(body, find_type, authority, names, drawing, now)
    return drawn(pdf, form)


def drawn(pdf: bytes, form: str) -> Response:
    """Return a face that was drawn, as the form that is asked for: pdf, or the picture of it."""
    picture = pdf if form == "pdf" else pdf_page_png(pdf, 1, _DOTS_PER_MM, _COLOURS)
    media_type = "application/pdf" if form == "pdf" else "image/png"
    return Response(picture, media_type=media_type, headers={"Cache-Control": "no-store"})


def _require_complete(
    body: Mapping[str, Any], services: Services, session: Reading, own: str
) -> None:
    """Check what issuing would check of a request's values; of 转入 also what it follows."""
    request = dict(body)
    if PREVIOUS in request:
        take_previous(request)
    today = civil_date(services.clock())
    read = require_complete(request, services.catalogue.for_issuing, today)
    codes = [part.authority_code for part in read.members.parts]
    require_part_authorities(session, codes, own)
