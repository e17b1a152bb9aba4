"""Trust lists in the console: how old each region's is, what differs, and two people's approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, Response

from api.authentication import TRUST_APPROVE, seal_role_of
from api.pages.console.trust_words import CHANGES, DETAILS, KINDS, REFUSALS
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import go, show
from api.pages.visitor import FormDep, OfficerDep, Visitor
from license_vault.trust.approving import ACCEPT, RESOLVE

router = APIRouter(prefix="/console/trust", include_in_schema=False)

_SOON_HOURS = 72


class FingerprintForm(BaseModel):
    """What an administrator types from the official letter."""

    fingerprint: str = Field(default="", max_length=200)
    purpose: str = Field(default=ACCEPT, pattern=f"^({ACCEPT}|{RESOLVE})$")


@router.get("")
async def regions(visitor: OfficerDep) -> HTMLResponse:
    """Show every region's list: number, age, hours left, who approved."""
    found = await visitor.api.get(within("trust-regions"))
    return show(visitor, "console/trust.html", regions=found["items"], **_words(visitor))


@router.get("/{region}")
async def region_page(visitor: OfficerDep, region: str) -> HTMLResponse:
    """Show one region's list, and what waits for two people."""
    return await _region_page(visitor, region, FingerprintForm())


@router.post("/{region}")
async def approve(
    visitor: OfficerDep, key: FormDep, region: str, form: Annotated[FingerprintForm, Form()]
) -> Response:
    """Take a typed fingerprint; what is refused is shown beside what was typed."""
    body = {"fingerprint": form.fingerprint.strip(), "purpose": form.purpose}
    try:
        await visitor.api.post(within("trust-lists", region, "approvals"), body, key=key)
    except ProblemShownError as error:
        if error.status not in {409, 422}:
            raise
        return await _region_page(visitor, region, form, error.document)
    return go(f"/console/trust/{region}")


async def _region_page(
    visitor: Visitor,
    region: str,
    typed: FingerprintForm,
    problem: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    found = await visitor.api.get(within("trust-regions", region))
    return show(
        visitor,
        "console/trust_region.html",
        status=problem["status"] if problem else 200,
        found=found,
        typed=typed,
        problem=problem,
        may_approve=may_approve(visitor),
        person=visitor.officer.name.removeprefix("officer:"),
        **_words(visitor),
    )


def may_approve(visitor: Visitor) -> bool:
    """Tell whether a visitor administers security and nothing with seals (三权分立)."""
    officer = visitor.officer
    has = any(scope.action == TRUST_APPROVE for scope in officer.scopes)
    return has and seal_role_of(officer) is None


def list_tone(in_use: Mapping[str, Any] | None) -> str:
    """Return how a list in use does: unknown (none), bad (ran out), ended (soon will), good."""
    if in_use is None:
        return "unknown"
    hours = in_use["hours_left"]
    if hours < 0:
        return "bad"
    return "ended" if hours < _SOON_HOURS else "good"


def _words(visitor: Visitor) -> dict[str, Any]:
    index = 0 if visitor.language == "zh" else 1
    return {
        "tone": list_tone,
        "refusal": lambda code: REFUSALS[code][index] if code in REFUSALS else code,
        "change_of": lambda what: (CHANGES[what][index], CHANGES[what][2]),
        "kind_of": lambda kind: KINDS[kind][index] if kind in KINDS else kind,
        "detail_of": lambda detail: DETAILS[detail][index] if detail in DETAILS else detail,
    }
