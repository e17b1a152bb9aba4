"""The route that tells before anybody signs what an order to a license would come to.

Everything that the order would be refused for is answered as the order would answer it. The face
of the next version is drawn as that of a request to issue is; nothing of it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Response

from api.dependencies import CallerDep, ServicesDep
from api.documentation import problems
from api.holding.journaling import Reader, record_looked
from api.license_previews import DRAWN, drawn
from api.lifecycle_models import any_order_body
from api.limits import StrictJsonRoute
from api.pointing import pointing_at_the_body
from api.seeing import visible_license
from api.services import Services
from api.use_header import UseHeader, use_in
from license_vault.api_clients import Caller
from license_vault.issuing.preview import part_authorities, preview_pdf
from license_vault.issuing.request_members import PREVIOUS
from license_vault.lifecycle.verbs import VERBS, Makes, Verb
from license_vault.registry.authorities import Authorities
from license_vault.registry.records import LicenseRecord

router = APIRouter(prefix="/v1/licenses", tags=["lifecycle"], route_class=StrictJsonRoute)

_ORDERS = {name: verb for name, verb in VERBS.items() if verb.makes is not Makes.LICENSE}
VerbPath = Annotated[str, Path(pattern=f"^({'|'.join(_ORDERS)})$")]
_NOTHING_AGAINST: dict[int | str, dict[str, Any]] = {
    204: {"description": "nothing stands against the order, and it makes no version to be drawn"}
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An order that somebody thinks of, with the caller who would send it."""

    services: Services
    caller: Caller
    identifier: str
    verb: Verb
    body: Any


def _asked(
    services: ServicesDep,
    caller: CallerDep,
    identifier: str,
    verb: VerbPath,
    body: Annotated[Any, Body()],
) -> Asked:
    return Asked(services, caller, identifier, _ORDERS[verb], body)


@router.post(
    "/{identifier}/{verb}/preview",
    summary="Check an order before it is signed, draw the next version · 办理预览",
    status_code=200,
    response_class=Response,
    openapi_extra=any_order_body(),
    responses=problems(
        "unauthenticated",
        "forbidden",
        "scope-missing",
        "authority-not-yours",
        "seal-not-permitted",
        "use-required",
        "use-invalid",
        "license-not-found",
        "unreadable-request",
        "media-type-not-supported",
        "invalid-request",
        "approval-missing",
        "approval-invalid",
        "same-person",
        "item-not-registered",
        "transition-not-allowed",
        "version-pending",
        "effective-date-invalid",
        "license-exists",
        "case-already-issued",
        "license-type-not-published",
        "seal-unusable",
        "renewal-too-late",
        "renewal-not-pending",
        "temporarily-unavailable",
    )
    | DRAWN
    | _NOTHING_AGAINST,
)
def preview_order(
    asked: Annotated[Asked, Depends(_asked)],
    form: Annotated[Literal["png", "pdf"], Query()] = "png",
    complete: Annotated[
        bool,
        Query(description="refuse what the order would be refused for; false: draw what is there"),
    ] = True,
    license_use: UseHeader = None,
) -> Response:
    """Tell whether an order would be carried out, and draw what it makes, marked 预览 all over.

    The body is that of the order; officers need not have signed it. Nothing is recorded, sealed
    or kept, and the next version's identifier is not spent. An order that makes no version is
    answered 204. The face shows what the license says, so that drawing it is a read: it needs
    License-Use, and stands in the holder's journal, once an hour for one use.
    """
    services, caller, verb = asked.services, asked.caller, asked.verb
    makes_version = verb.makes is Makes.VERSION
    use = use_in(license_use, caller.organisation_code) if makes_version else None
    with services.database.reading() as session:
        record = visible_license(session, asked.identifier, caller, verb.scope)
    if not makes_version:
        services.lifecycle.foresee(asked.identifier, verb, asked.body, caller)
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    with pointing_at_the_body():
        versions = services.versions
        read = versions.foresee if complete else versions.draft
        pdf = _face(asked, record, read(asked.identifier, verb, asked.body, caller))
    record_looked(services, Reader(caller.name, use), record)
    return drawn(pdf, form)


def _face(asked: Asked, record: LicenseRecord, request: dict[str, object]) -> bytes:
    services, caller = asked.services, asked.caller
    with services.database.reading() as session:
        authorities = Authorities(session)
        own = authorities.within(record.authority_code, caller.organisation_code).as_authority
        names = authorities.names(part_authorities(request))
    follows = {**request, PREVIOUS: record.identifier}
    find_type, drawing = services.catalogue.for_issuing, services.issuance.services.drawing
    return preview_pdf(follows, find_type, own, names, drawing, services.clock())
