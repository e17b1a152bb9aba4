"""Disputes (异议): say what is wrong in a license, see number, last day and answer.

Also those about licenses of partner regions, which that region answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query
from starlette.responses import HTMLResponse, Response

from api.errors import PageNotFoundError
from api.pages.inner_api import ProblemShownError, within
from api.pages.my.forms import Names, beside_the_form, field_names, licenses_of, type_names
from api.pages.my.vault import Vault, VaultDep
from api.pages.rendering import go
from api.pages.visitor import FormDep

router = APIRouter(prefix="/my/{vault}/disputes", include_in_schema=False)

_OF_EVERY_LICENSE = (
    "number", "holders", "authority", "issued_on", "valid_from", "valid_until", "copy",
)  # fmt: skip
_AFTER = Query(max_length=512)


@dataclass(frozen=True, slots=True)
class DisputeForm:
    """What was typed: which field is wrong, and why."""

    field: str = ""
    grounds: str = ""


def dispute_form(
    field: Annotated[str, Form(max_length=256)] = "",
    grounds: Annotated[str, Form(max_length=4000)] = "",
) -> DisputeForm:
    """Return what was typed; lines become one, for a dispute is one text."""
    return DisputeForm(field, " ".join(grounds.split()))


TypedDep = Annotated[DisputeForm, Depends(dispute_form)]


@router.get("")
async def all_disputes(
    vault: VaultDep, after: Annotated[str | None, _AFTER] = None
) -> HTMLResponse:
    """Show the disputes of a vault with their answers, and which license one may be about."""
    page: Mapping[str, Any] = {"items": (), "next": None}
    if vault.handle:
        page = await vault.api.get(vault.of_api("disputes"), limit=20, after=after)
    abroad = await vault.api.get("/v1/partner-disputes", limit=100) if vault.is_own else page
    return vault.show(
        "my/disputes.html",
        disputes=page["items"],
        next=page["next"],
        abroad=abroad["items"] if vault.is_own else (),
        licenses=await licenses_of(vault),
        partner_licenses=await _partner_licenses(vault),
        types=await type_names(vault),
        names=await field_names(vault, {one["type_code"] for one in page["items"]}),
    )


@router.get("/new/{identifier}")
async def form_for_dispute(vault: VaultDep, identifier: str) -> HTMLResponse:
    """Show the form for a dispute about a license."""
    return await _form(vault, identifier, DisputeForm())


@router.post("/new/{identifier}")
async def file_dispute(vault: VaultDep, identifier: str, key: FormDep, typed: TypedDep) -> Response:
    """File a dispute, and show it with its number."""
    path = vault.of_api("licenses", identifier, "disputes")
    try:
        filed = await vault.api.post(path, asdict(typed), key=key)
    except ProblemShownError as refused:
        return await _form(vault, identifier, typed, beside_the_form(refused))
    return go(vault.page("disputes", filed["number"]))


@router.get("/partners/new/{name}")
async def form_for_partner(vault: VaultDep, name: str) -> HTMLResponse:
    """Show the form for a dispute about a license of a partner region."""
    return await _partner_form(vault, name, DisputeForm())


@router.post("/partners/new/{name}")
async def dispute_at_partner(vault: VaultDep, name: str, key: FormDep, typed: TypedDep) -> Response:
    """Raise a dispute at the region that issued a license."""
    license_ = await _partner_license(vault, name)
    body = {"license": license_["identifier"], **asdict(typed)}
    path = within("partners", license_["region"], "disputes")
    try:
        raised = await vault.api.post(path, body, key=key)
    except ProblemShownError as refused:
        return await _partner_form(vault, name, typed, beside_the_form(refused))
    return go(vault.page("disputes", "partners", raised["reference"]))


@router.get("/partners/{reference}")
async def one_abroad(vault: VaultDep, reference: str) -> HTMLResponse:
    """Show a dispute at a partner region."""
    dispute = await vault.api.get(within("partner-disputes", reference))
    return vault.show("my/dispute.html", dispute=dispute, type=None, names=Names({}))


@router.get("/{number}")
async def one_dispute(vault: VaultDep, number: str) -> HTMLResponse:
    """Show a dispute: what was said, by when there is an answer, and the answer."""
    dispute = await vault.api.get(within("disputes", number))
    code = dispute["type_code"]
    types = await type_names(vault)
    names = await field_names(vault, {code})
    return vault.show("my/dispute.html", dispute=dispute, type=types.get(code), names=names)


async def _form(
    vault: Vault, identifier: str, typed: DisputeForm, problem: Mapping[str, Any] | None = None
) -> HTMLResponse:
    license_ = await vault.api.get(vault.of_api("licenses", identifier), content=True)
    names = await field_names(vault, {license_["type"]["code"]})
    return vault.show(
        "my/dispute_form.html",
        status=problem["status"] if problem else 200,
        license=license_,
        choices=_choices(license_["content"]["fields"], license_["type"]["code"], names),
        typed=typed,
        problem=problem,
    )


async def _partner_form(
    vault: Vault, name: str, typed: DisputeForm, problem: Mapping[str, Any] | None = None
) -> HTMLResponse:
    return vault.show(
        "my/dispute_form.html",
        status=problem["status"] if problem else 200,
        license=await _partner_license(vault, name),
        choices=_choices((), "", Names({})),
        typed=typed,
        problem=problem,
    )


def _choices(
    said: tuple[Mapping[str, Any], ...], type_code: str, names: Names
) -> list[tuple[str, Mapping[str, str]]]:
    """Return the fields that a dispute may be about, each with what it is called."""
    own = [field["path"] for field in said if field["path"].startswith("fields.")]
    return [(path, names.of(type_code, path)) for path in (*_OF_EVERY_LICENSE, *own)]


async def _partner_licenses(vault: Vault) -> tuple[Mapping[str, Any], ...]:
    if not (vault.is_own and vault.handle):
        return ()
    return tuple((await vault.api.get(vault.of_api("partner-licenses")))["items"])


async def _partner_license(vault: Vault, name: str) -> Mapping[str, Any]:
    """Return a license of a partner region in the visitor's own vault.

    Raises:
        PageNotFoundError: there is none of this name.
    """
    for license_ in await _partner_licenses(vault):
        if license_["name"] == name:
            return license_
    raise PageNotFoundError
