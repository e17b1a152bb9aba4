"""Routes of a license's life: every verb of the table, 转入, and the history. No holders here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response

from api.authentication import ISSUE, require_scope
from api.dependencies import CallerDep, IdempotencyKeyDep, ServicesDep
from api.documentation import problems
from api.examples import ISSUE_EXAMPLE
from api.history_answers import event_values
from api.holding.journaling import Reader, record_shown
from api.issue_answers import issued_values
from api.license_models import IssuedOut, LicenseOut, license_values, tag_of
from api.lifecycle_models import HistoryOut, order_body, transfer_body
from api.limits import StrictJsonRoute
from api.pointing import pointing_at_the_body
from api.seeing import visible_license
from api.services import Services
from api.use_header import UseDep, use_of
from license_vault.api_clients import Caller
from license_vault.issuing.issuance import IssuedLicense
from license_vault.lifecycle.history import History
from license_vault.lifecycle.verbs import VERBS, Makes, Verb
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.registry import LicenseRecord, Registry

router = APIRouter(prefix="/v1/licenses", tags=["lifecycle"], route_class=StrictJsonRoute)

_DENIED = ("unauthenticated", "forbidden")
_ASKED = (
    "scope-missing",
    "idempotency-key-required",
    "idempotency-key-reused",
    "unreadable-request",
    "media-type-not-supported",
    "invalid-request",
    "approval-missing",
    "approval-invalid",
    "same-person",
    "transition-not-allowed",
    "version-pending",
    "effective-date-invalid",
    "license-exists",
    "temporarily-unavailable",
)
_MADE = (
    "authority-not-yours",
    "seal-not-permitted",
    "license-type-not-published",
    "license-void",
    "request-in-progress",
    "case-already-issued",
    "seal-unusable",
    "item-not-registered",
)
_RENEWED = ("renewal-too-late", "renewal-not-pending")
_AGAIN: dict[int | str, dict[str, Any]] = {
    200: {"description": "the same order was answered before", "model": IssuedOut}
}
_BodyIn = Annotated[Any, Body()]


def _about(verb: Verb) -> str:
    """Return what the document says of a verb."""
    sources = ", ".join(sorted(verb.sources))
    if verb.makes is Makes.VERSION:
        return (
            f"Seal the next version of a license ({verb.zh}); possible from: {sources}.\n\n"
            "The version before is over in the moment the new one comes into force, not before: "
            "at once, or on the day named in effective or valid_from; until then the new one is "
            "pending. 200 with Idempotent-Replayed: true when the same key and body come again."
        )
    becomes = f"; it becomes {verb.becomes}" if verb.becomes else ""
    return (
        f"Record {verb.zh} of a license; possible from: {sources}{becomes}.\n\n"
        "From the answer on this region's nodes say so. The same key and body again change "
        "nothing and answer with Idempotent-Replayed: true."
    )


def _making(verb: Verb) -> Callable[..., dict[str, Any]]:
    def make(
        services: ServicesDep,
        caller: CallerDep,
        key: IdempotencyKeyDep,
        identifier: str,
        response: Response,
        body: _BodyIn,
    ) -> dict[str, Any]:
        _require_visible(services, identifier, caller, verb)
        with pointing_at_the_body():
            issued = services.versions.make(identifier, verb, body, caller, key)
        return _issued(services, issued, response)

    return make


def _doing(verb: Verb) -> Callable[..., dict[str, Any]]:
    def do(
        services: ServicesDep,
        caller: CallerDep,
        key: IdempotencyKeyDep,
        identifier: str,
        response: Response,
        body: _BodyIn,
    ) -> dict[str, Any]:
        _require_visible(services, identifier, caller, verb)
        key_mac = services.macs.idempotency_key(caller.name, key)
        changed = services.lifecycle.act(identifier, verb, body, caller, key_mac)
        if changed.replayed:
            response.headers["Idempotent-Replayed"] = "true"
        _tag(response, changed.license)
        return license_values(services.catalogue, changed.license)

    return do


def _require_visible(services: Services, identifier: str, caller: Caller, verb: Verb) -> None:
    with services.database.reading() as session:
        visible_license(session, identifier, caller, verb.scope)


def _issued(services: Services, issued: IssuedLicense, response: Response) -> dict[str, Any]:
    response.status_code = 200 if issued.replayed else 201
    if issued.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["Location"] = f"/v1/licenses/{issued.license.identifier}"
    _tag(response, issued.license)
    return issued_values(services.catalogue, issued)


def _tag(response: Response, record: LicenseRecord) -> None:
    response.headers["ETag"] = f'"{tag_of(record)}"'
    response.headers["Cache-Control"] = "private, no-cache"


@router.post(
    "/transfer-in",
    status_code=201,
    summary="Issue a license that follows one of another authority · 转入",
    response_model=IssuedOut,
    openapi_extra=transfer_body(ISSUE_EXAMPLE),
    responses=problems(*_DENIED, *_ASKED, *_MADE, "license-not-transferred") | _AGAIN,
)
def transfer_in(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    response: Response,
    body: _BodyIn,
) -> dict[str, Any]:
    """Issue a license of the own authority for one that was transferred out (转出) elsewhere.

    Type and holders are the same; that one is over in the moment this one comes into force. One
    of an authority that this node does not keep is linked by its identifier only.
    """
    require_scope(caller, ISSUE)
    with pointing_at_the_body():
        issued = services.versions.transfer_in(body, caller, key)
    return _issued(services, issued, response)


@router.get(
    "/{identifier}/history",
    summary="Show everything that happened to a license · 证照履历",
    response_model=HistoryOut,
    responses=problems(*_DENIED, "use-required", "use-invalid", "license-not-found"),
    dependencies=[Depends(use_of)],
)
def history(
    services: ServicesDep, caller: CallerDep, use: UseDep, identifier: str
) -> dict[str, Any]:
    """Return each event with who, on what basis, when it was recorded and from when it counts."""
    opener = LicenseOpener(services.vault)
    with services.database.reading() as session:
        record = visible_license(session, identifier, caller)
        kept = Registry(session).kept(identifier)
        happened = History(session).of(record)
    record_shown(services, Reader(caller.name, use), (record,), ("history",))
    return {
        "identifier": identifier,
        "predecessor": record.predecessor,
        "successor": record.successor,
        "events": [
            event_values(one, opener.basis(kept, one.event.sealed_basis)) for one in happened
        ],
    }


def _add(verb: Verb) -> None:
    makes = verb.makes is Makes.VERSION
    renewed = _RENEWED if verb.name.startswith("renewal-") else ()
    router.add_api_route(
        f"/{{identifier}}/{verb.name}",
        _making(verb) if makes else _doing(verb),
        methods=["POST"],
        status_code=201 if makes else 200,
        summary=f"{verb.en.capitalize()} · {verb.zh}",
        description=_about(verb),
        name=verb.name.replace("-", "_"),
        response_model=IssuedOut if makes else LicenseOut,
        openapi_extra=order_body(verb),
        responses=problems(
            *_DENIED, "license-not-found", *_ASKED, *(_MADE if makes else ()), *renewed
        )
        | (_AGAIN if makes else {}),
    )


for _verb in VERBS.values():
    if _verb.makes is not Makes.LICENSE:
        _add(_verb)
