"""Seals at the console: which there are, how each stands, and what may be done by whom next.

What may be done is offered by the state of the seal and the role of who looks; whether it is done
is the API's to say: two people, the own organisation, the right certificate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api.authentication import seal_role_of
from api.dependencies import AfterQuery, ServicesDep
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import go, show
from api.pages.seal_words import FIELDS, actor_words, details_of, refusal_of, why
from api.pages.visitor import OfficerDep, Visitor
from api.services import Services
from license_vault.seals.life import ARROWS, SealAct, SealState
from license_vault.seals.roles import SealRole
from signing.picture.seal_picture import UPLOADED

router = APIRouter(prefix="/console/seals", include_in_schema=False)

SOON_DAYS = 60
_APPLICATION = "applications"
_NOTHING_TYPED = {
    **dict.fromkeys(("code", "name", "kind", "basis", "shape", "ring_text", "lower_text"), ""),
    **dict.fromkeys(("width_mm", "height_mm"), "42"),
}
_KEPT = "keep"
# What the templates say in words.
WORDS: Mapping[str, Any] = {
    "labels": FIELDS,
    "why": why,
    "actor_words": actor_words,
    "details_of": details_of,
    "refusal_of": refusal_of,
}
# Making a seal takes two forms: the request for its certificate, and the certificate itself.
_FORMS_OF = {SealAct.MAKE: ("certificate-requests", "making")}
_ENDED = (SealState.REJECTED, SealState.CANCELLED)


@dataclass(frozen=True, slots=True)
class CertificatePeriod:
    """How long the certificate of a seal still holds; days are whole ones, below 0 after its end.

    ``tone`` is that of a chip.
    """

    days: int
    tone: str


def period_of(seal: Mapping[str, Any], now: datetime) -> CertificatePeriod | None:
    """Return how long the certificate holds; None if the seal has none yet."""
    if seal["certificate"] is None:
        return None
    ends = datetime.fromisoformat(seal["certificate"]["valid_until"].replace("Z", "+00:00"))
    days = (ends - now).days
    return CertificatePeriod(days, "bad" if days < 0 else "ended" if days < SOON_DAYS else "good")


def acts_for(seal: Mapping[str, Any], role: SealRole | None) -> tuple[SealAct, ...]:
    """Return what a person of a role may do to a seal in its state, in the order of its life."""
    if role is not SealRole.MANAGE:
        return ()
    state = SealState(seal["state"]["code"])
    return tuple(act for act in SealAct if act is not SealAct.APPLY and state in ARROWS[act][0])


def forms_for(seal: Mapping[str, Any], role: SealRole | None) -> tuple[str, ...]:
    """Return which forms a person of a role finds on the page of a seal in its state."""
    state = SealState(seal["state"]["code"])
    if role is SealRole.USE:
        return ("sealings",) if state is SealState.ACTIVE else ()
    forms = [form for act in acts_for(seal, role) for form in _FORMS_OF.get(act, (act.value,))]
    if role is SealRole.MANAGE and state not in _ENDED and not seal["owner"]["holder"]:
        forms.append("grant")
    return tuple(forms)


@dataclass(frozen=True, slots=True)
class Refused:
    """What was sent just now and refused: the form, what was typed into it, and the problem."""

    form: str
    typed: Mapping[str, str]
    problem: Mapping[str, Any]


def refused(form: str, typed: Mapping[str, str], problem: ProblemShownError) -> Refused:
    """Return what is shown beside the form.

    Raises:
        ProblemShownError: whoever typed cannot mend it: logged out, or our own fault.
    """
    if problem.status >= 500 or problem.code == "unauthenticated":
        raise problem
    return Refused(form, typed, problem.document)


@router.get("")
async def list_seals(
    services: ServicesDep,
    visitor: OfficerDep,
    after: AfterQuery = None,
) -> HTMLResponse:
    """Show seals by their codes, and who manages, uses and audits."""
    role = seal_role_of(visitor.officer)
    if role is None:
        return show(visitor, "console/seals_no_role.html", status=403)
    found = await visitor.api.get(within("seals"), after=after, limit=20)
    roles = await visitor.api.get(within("seals", "roles"))
    now = services.clock()
    return show(
        visitor,
        "console/seals.html",
        seals=[(seal, period_of(seal, now)) for seal in found["items"]],
        next=found["next"],
        roles=roles["items"],
        role=role.value,
    )


@router.get("/{code}")
async def show_seal(
    services: ServicesDep, visitor: OfficerDep, code: str, after: AfterQuery = None
) -> Response:
    """Show a seal, and what may be done next; ``applications`` shows managers how to apply."""
    if code == _APPLICATION:
        is_manager = seal_role_of(visitor.officer) is SealRole.MANAGE
        return application_page(visitor) if is_manager else go("/console/seals")
    return await seal_page(visitor, services, code, after=after)


def application_page(visitor: Visitor, refused: Refused | None = None) -> HTMLResponse:
    """Return the form of applying for a seal; with what was typed and refused just now."""
    return show(
        visitor,
        "console/seal_application.html",
        status=refused.problem["status"] if refused else 200,
        typed={
            **_NOTHING_TYPED,
            "organisation_code": visitor.officer.organisation_code,
            **(refused.typed if refused else {}),
        },
        refused=refused,
        **WORDS,
    )


def look_of(seal: Mapping[str, Any]) -> dict[str, str]:
    """Return what the form of making a seal anew begins with: how the seal looks now.

    An uploaded picture stays unless another is chosen: a file is in no form.
    """
    now = seal["picture"]
    begun = {name: str(now[name]) for name in ("ring_text", "lower_text", "width_mm", "height_mm")}
    return {**begun, "shape": _KEPT if now["shape"] == UPLOADED else now["shape"]}


async def seal_page(
    visitor: Visitor,
    services: Services,
    code: str,
    refused: Refused | None = None,
    after: str | None = None,
) -> HTMLResponse:
    """Return the page of a seal; with what the API refused just now, if it did.

    ``after`` is where the page before of what happened ended, for auditors.
    """
    role = seal_role_of(visitor.officer)
    seal = await visitor.api.get(within("seals", code))
    acts = None
    if role is SealRole.AUDIT:
        acts = await visitor.api.get(within("seals", code, "acts"), after=after, limit=50)
    return show(
        visitor,
        "console/seal.html",
        status=refused.problem["status"] if refused else 200,
        seal=seal,
        period=period_of(seal, services.clock()),
        uses=await visitor.api.get(within("seals", code, "uses")),
        applications=(await visitor.api.get(within("seals", code, "applications")))["items"],
        acts=acts,
        role=role.value if role else None,
        may=forms_for(seal, role),
        types=services.catalogue.codes(),
        refused=refused,
        typed={**look_of(seal), **(refused.typed if refused else {})},
        **WORDS,
    )


@router.get("/{code}/picture")
async def seal_picture(visitor: OfficerDep, code: str) -> Response:
    """Give what the seal looks like."""
    told = await visitor.api.send("GET", within("seals", code, "picture"))
    return Response(told.content, media_type="image/png", headers={"Cache-Control": "no-store"})


@router.get("/{code}/esl")
async def seal_data(visitor: OfficerDep, code: str) -> Response:
    """Give the seal's data, to be saved."""
    told = await visitor.api.send("GET", within("seals", code, "esl"))
    kept = {name: told.headers[name] for name in ("Content-Type", "Content-Disposition")}
    return Response(told.content, headers={**kept, "Cache-Control": "no-store"})
