"""Purpose-bound copies (加注件): have one made of a license, look at it on a phone, hand it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query
from starlette.responses import HTMLResponse, Response

from api.pages.inner_api import ProblemShownError
from api.pages.my.forms import beside_the_form, licenses_of
from api.pages.my.handing import handed_on
from api.pages.my.vault import Vault, VaultDep
from api.pages.rendering import go
from api.pages.visitor import FormDep

router = APIRouter(prefix="/my/{vault}/copies", include_in_schema=False)

_AFTER = Query(max_length=512)


@dataclass(frozen=True, slots=True)
class CopyForm:
    """What a form says about a copy to be made, as it was typed."""

    user: str = ""
    item_name: str = ""
    item_code: str = ""
    purpose: str = ""
    until: str = ""


def copy_form(
    user: Annotated[str, Form(max_length=200)] = "",
    item_name: Annotated[str, Form(max_length=200)] = "",
    item_code: Annotated[str, Form(max_length=200)] = "",
    purpose: Annotated[str, Form(max_length=400)] = "",
    until: Annotated[str, Form(max_length=32)] = "",
) -> CopyForm:
    """Return what was typed, without the spaces around it."""
    return CopyForm(*(text.strip() for text in (user, item_name, item_code, purpose, until)))


@router.get("")
async def all_copies(vault: VaultDep, after: Annotated[str | None, _AFTER] = None) -> HTMLResponse:
    """Show which licenses copies can be made of, and every copy that was made."""
    licenses = await licenses_of(vault, status="valid")
    page: Mapping[str, Any] = {"items": (), "next": None}
    if vault.handle:
        page = await vault.api.get(vault.of_api("copies"), limit=20, after=after)
    return vault.show("my/copies.html", licenses=licenses, copies=page["items"], next=page["next"])


@router.get("/of/{identifier}")
async def form_for_copy(vault: VaultDep, identifier: str) -> HTMLResponse:
    """Show the form for a copy of one license, and the copies that were made of it."""
    return await _form(vault, identifier, CopyForm())


@router.post("/of/{identifier}")
async def make_copy(
    vault: VaultDep,
    identifier: str,
    key: FormDep,
    typed: Annotated[CopyForm, Depends(copy_form)],
) -> Response:
    """Have a copy made, and show it."""
    path = vault.of_api("licenses", identifier, "copies")
    try:
        made = await vault.api.post(path, asdict(typed), key=key)
    except ProblemShownError as refused:
        return await _form(vault, identifier, typed, beside_the_form(refused))
    return go(vault.page("copies", made["copy_id"]))


@router.get("/{copy_id}")
async def one_copy(vault: VaultDep, copy_id: str) -> HTMLResponse:
    """Show a copy: its first page large enough to be read, for whom and until when."""
    copy = await vault.api.get(vault.of_api("copies", copy_id))
    return vault.show("my/copy.html", copy=copy)


@router.get("/{copy_id}/picture")
async def copy_picture(vault: VaultDep, copy_id: str) -> Response:
    """Return the first page of a copy as a picture."""
    return handed_on(await vault.api.send("GET", vault.of_api("copies", copy_id, "picture")))


@router.get("/{copy_id}/file")
async def copy_file(vault: VaultDep, copy_id: str) -> Response:
    """Return the copy, byte for byte as it was made."""
    return handed_on(await vault.api.send("GET", vault.of_api("copies", copy_id, "file")))


async def _form(
    vault: Vault, identifier: str, typed: CopyForm, problem: Mapping[str, Any] | None = None
) -> HTMLResponse:
    path = vault.of_api("licenses", identifier)
    license_ = await vault.api.get(path)
    made = await vault.api.get(f"{path}/copies")
    return vault.show(
        "my/copy_form.html",
        status=problem["status"] if problem else 200,
        license=license_,
        copies=made["items"],
        typed=typed,
        problem=problem,
    )
