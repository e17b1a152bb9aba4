"""Showing licenses (亮证): which, to whom, what for, which fields, how long; the code; who scanned.

The code stands on a page of its own, which counts the seconds down and asks again by itself until
it was scanned, taken back or has expired; without scripts the browser asks again every five
seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from api.dependencies import ServicesDep
from api.pages.inner_api import InnerApi, ProblemShownError, within
from api.pages.my.forms import beside_the_form, every_license
from api.pages.my.one_license import handed_out
from api.pages.my.vault import Vault, VaultDep
from api.pages.rendering import go, told
from api.pages.visitor import FormDep, HolderDep, Language
from license_vault.holding.mandates import PRESENT, VIEW
from license_vault.presenting.order import LONGEST_MINUTES, WHOLE

router = APIRouter(prefix="/my/{vault}/show", include_in_schema=False)

_LISTED = 20
_ALREADY_TICKED = ("holders.name", "number", "validity", "authority.name")
_SHOWABLE = ("valid", "suspended", "pending")
_MINUTES = (1, 3, 5, LONGEST_MINUTES)


@dataclass(frozen=True, slots=True)
class ShowForm:
    """What the form says, as it was typed; ``fields``: the paths ticked for each license.

    ``everybody``: licenses of all whom the visitor may show for are offered, beside the own ones.
    """

    licenses: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    minutes: int = 5
    recipient: str = ""
    purpose: str = ""
    everybody: bool = False

    def ticked(self, identifier: str, path: str) -> bool:
        """Say whether a field is ticked; at first those that say least."""
        if identifier in self.fields:
            return path in self.fields[identifier]
        return path in _ALREADY_TICKED


async def show_form_of(
    request: Request,
    minutes: Annotated[int, Form()] = 5,
    recipient: Annotated[str, Form(max_length=100)] = "",
    purpose: Annotated[str, Form(max_length=200)] = "",
    everybody: Annotated[bool, Form()] = False,
) -> ShowForm:
    """Return what was ticked and typed: ``license`` and, for each, ``fields-{identifier}``."""
    form = await request.form()
    licenses = _texts(form, "license")
    fields = {identifier: _texts(form, f"fields-{identifier}") for identifier in licenses}
    words = (recipient.strip(), purpose.strip())
    return ShowForm(licenses, fields, minutes, *words, everybody=everybody)


def _texts(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(value for value in form.getlist(name) if isinstance(value, str))


ShowFormDep = Annotated[ShowForm, Depends(show_form_of)]


@router.get("")
async def show_form(
    vault: VaultDep,
    license_: Annotated[str, Query(alias="license", max_length=128)] = "",
    everybody: bool = False,
) -> HTMLResponse:
    """Show what can be shown, and what was shown."""
    form = ShowForm(licenses=(license_,) if license_ else (), everybody=everybody)
    return await _form(vault, form)


@router.post("")
async def make_code(vault: VaultDep, key: FormDep, form: ShowFormDep) -> Response:
    """Make a code and go to its page."""
    asked = {
        "licenses": list(form.licenses),
        "fields": {one: list(_consented(paths)) for one, paths in form.fields.items()},
        "minutes": form.minutes,
        "recipient": form.recipient,
        "purpose": form.purpose,
    }
    try:
        made = await vault.visitor.api.post("/v1/presentations", asked, key=key)
    except ProblemShownError as refused:
        return await _form(vault, form, beside_the_form(refused))
    return go(vault.page("show", made["presentation_id"]))


@router.get("/{presentation_id}")
async def shown(vault: VaultDep, services: ServicesDep, presentation_id: str) -> HTMLResponse:
    """Show the code, the seconds left, and then who scanned it."""
    found = await vault.visitor.api.get(within("presentations", presentation_id))
    licenses = [await _license(vault, one) for one in found["licenses"]]
    response = vault.show(
        "my/shown.html",
        presentation=found,
        licenses=tuple(zip(found["licenses"], licenses, strict=True)),
        seconds=_seconds_left(found, services.clock()),
    )
    if found["state"] == "waiting":
        response.headers["Content-Security-Policy"] = _MAY_ASK_AGAIN
    return response


@router.get("/{presentation_id}/state")
async def state(visitor: HolderDep, services: ServicesDep, presentation_id: str) -> dict[str, Any]:
    """Return state and seconds left, for the script of the page."""
    found = await visitor.api.get(within("presentations", presentation_id))
    return {"state": found["state"], "seconds": _seconds_left(found, services.clock())}


@router.get("/{presentation_id}/qr")
async def picture(vault: VaultDep, presentation_id: str) -> Response:
    """Return the picture that is scanned."""
    path = within("presentations", presentation_id, "qr")
    return await handed_out(vault.visitor.api, path, format="svg")


@router.post("/{presentation_id}/withdrawal")
async def withdraw(vault: VaultDep, key: FormDep, presentation_id: str) -> Response:
    """Take the code back; one that was scanned meanwhile shows by whom."""
    path = within("presentations", presentation_id, "withdrawal")
    try:
        await vault.visitor.api.post(path, key=key)
    except ProblemShownError as problem:
        if problem.code != "presentation-code-unusable":
            raise
    return go(vault.page("show", presentation_id))


@router.get("/{presentation_id}/receipt")
async def receipt(vault: VaultDep, presentation_id: str) -> Response:
    """Hand out the signed receipt, the same that the window has."""
    return await handed_out(vault.visitor.api, within("presentations", presentation_id, "receipt"))


_MAY_ASK_AGAIN = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def _consented(paths: Sequence[str]) -> Sequence[str]:
    """Return what is consented to: the whole license takes in everything else."""
    return (WHOLE,) if WHOLE in paths else paths


Group = tuple[str | None, list[Mapping[str, Any]]]
"""Licenses of one vault with whose they are; None: the visitor's own."""


@dataclass(frozen=True, slots=True)
class Place:
    """A vault of which licenses may be shown; ``name`` None: the visitor's own."""

    name: str | None
    handle: str
    api: InnerApi

    async def licenses(self) -> list[Mapping[str, Any]]:
        """Return the licenses that can be shown, with what they say."""
        path = within("holders", self.handle, "licenses")
        found = await every_license(self.api, path)
        return [one for one in found if one["status"]["code"] in _SHOWABLE]


def _places(vault: Vault, everybody: bool) -> list[Place]:
    """Return this vault, and with ``everybody`` all of which the visitor may show licenses."""
    visitor, found = vault.visitor, []
    if vault.handle and vault.may(VIEW):
        name = _name_of(vault.acting) if vault.acting else None
        found.append(Place(name, vault.handle, vault.api))
    if not everybody:
        return found
    for one in vault.actings:
        handle = one["principal"]
        if _shown_by_mandate(one) and all(place.handle != handle for place in found):
            found.append(Place(_name_of(one), handle, visitor.api.acting_for(handle)))
    return found


def _shown_by_mandate(acting: Mapping[str, Any]) -> bool:
    return {PRESENT, VIEW} <= set(acting["actions"])


def _name_of(acting: Mapping[str, Any]) -> str:
    return str(acting.get("principal_name") or acting["principal"][:6])


async def _form(
    vault: Vault, form: ShowForm, problem: Mapping[str, Any] | None = None
) -> HTMLResponse:
    places = _places(vault, form.everybody)
    offered, earlier = await asyncio.gather(
        asyncio.gather(*(place.licenses() for place in places)), _earlier(vault)
    )
    groups = [
        (place.name, licenses) for place, licenses in zip(places, offered, strict=True) if licenses
    ]
    others = any(map(_shown_by_mandate, vault.actings))
    return vault.show(
        "my/show.html",
        status=int(problem["status"]) if problem else 200,
        groups=groups,
        others=others and not form.everybody,
        earlier=earlier,
        form=form,
        whole=WHOLE,
        minutes=_MINUTES,
        problem=problem,
        labels=_labels(form, groups, vault.visitor.language),
    )


def _labels(form: ShowForm, groups: Sequence[Group], language: Language) -> dict[str, str]:
    """Return what the places of a refusal are called: licenses by their type."""
    types = {one["identifier"]: one["type"] for _, licenses in groups for one in licenses}
    found = {
        "/licenses": {"zh": "证照", "en": "Licenses"},
        "/minutes": {"zh": "有效时间", "en": "Minutes"},
        "/fields": {"zh": "可以看到的内容", "en": "What may be seen"},
    }
    for number, identifier in enumerate(form.licenses):
        type_ = types.get(identifier, {"name_zh": identifier, "name_en": identifier})
        found[f"/licenses/{number}"] = {"zh": type_["name_zh"], "en": type_["name_en"]}
    return {place: told(name, language) for place, name in found.items()}


async def _earlier(vault: Vault) -> Sequence[Mapping[str, Any]]:
    try:
        found = await vault.visitor.api.get("/v1/presentations")
    except ProblemShownError as problem:
        if problem.code != "holder-not-found":
            raise
        return ()
    return tuple(found["items"][:_LISTED])


async def _license(vault: Vault, identifier: str) -> Mapping[str, Any] | None:
    """Return a license that is shown, of whichever vault; None if it is nobody's any more."""
    for place in _places(vault, everybody=True):
        path = within("holders", place.handle, "licenses", identifier)
        try:
            found: Mapping[str, Any] = await place.api.get(path, content=True)
        except ProblemShownError as problem:
            if problem.status != 404:
                raise
        else:
            return found
    return None


def _seconds_left(found: Mapping[str, Any], at: datetime) -> int:
    ends = datetime.fromisoformat(found["expires_at"].replace("Z", "+00:00"))
    return max(0, int((ends - at).total_seconds()))
