"""The route that draws what a license would look like: not recorded, not sealed, not kept."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Response

from api.authentication import ISSUE
from api.dependencies import CallerDep, ServicesDep
from api.documentation import problems
from api.license_models import ISSUE_BODY
from api.limits import StrictJsonRoute
from api.pointing import pointing_at_the_body
from license_vault.clock import civil_date
from license_vault.issuing.preview import preview_pdf, require_complete, type_code_of
from license_vault.registry.authorities import Authorities
from signing.pdf.rendering import pdf_page_png

router = APIRouter(prefix="/v1/licenses", tags=["licenses"], route_class=StrictJsonRoute)

_DOTS_PER_MM = 4.0
_DRAWN: dict[int | str, dict[str, Any]] = {
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
    openapi_extra=ISSUE_BODY,
    responses=problems(
        "unauthenticated",
        "forbidden",
        "scope-missing",
        "authority-not-yours",
        "unreadable-request",
        "media-type-not-supported",
        "invalid-request",
        "license-type-not-published",
    )
    | _DRAWN,
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
    the type is known is drawn too; the authority is the caller's own where none is named.
    """
    find_type, now = services.catalogue.for_issuing, services.clock()
    with pointing_at_the_body():
        caller.require(ISSUE, type_code_of(body))
        if complete:
            require_complete(body, find_type, civil_date(now))
        own = caller.organisation_code
        asked = body.get("authority_code")
        with services.database.reading() as session:
            named = asked if isinstance(asked, str) and asked else own
            authority = Authorities(session).within(named, own).as_authority
        pdf = preview_pdf(body, find_type, authority, services.issuance.services.drawing, now)
    picture = pdf if form == "pdf" else pdf_page_png(pdf, 1, _DOTS_PER_MM)
    media_type = "application/pdf" if form == "pdf" else "image/png"
    return Response(picture, media_type=media_type, headers={"Cache-Control": "no-store"})
