"""One license of a vault: what it says, what to do, its versions, its files, its prints."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api.dependencies import ServicesDep
from api.pages.inner_api import InnerApi, within
from api.pages.my.next_steps import TONES, next_steps
from api.pages.my.vault import Vault, VaultDep
from api.pages.rendering import go
from api.pages.visitor import FormDep
from license_vault.clock import civil_date
from license_vault.holding.mandates import GIVE

router = APIRouter(prefix="/my/{vault}/licenses/{identifier}", include_in_schema=False)

_HEADERS = ("content-type", "content-disposition", "cache-control")
_NEWEST_USES = 100
_SHOWN_USES = 5


@router.get("")
async def one_license(vault: VaultDep, services: ServicesDep, identifier: str) -> HTMLResponse:
    """Show one license with all that is known of it."""
    of_api = vault.of_api("licenses", identifier)
    license_, versions, deliveries, uses = await asyncio.gather(
        vault.api.get(of_api, content=True),
        vault.api.get(f"{of_api}/versions"),
        vault.api.get(f"{of_api}/deliveries"),
        _uses(vault, identifier),
    )
    state = license_["status"]["code"]
    return vault.show(
        "my/license.html",
        license=license_,
        tone=TONES.get(state, "ended"),
        tones=TONES,
        steps=next_steps(license_, civil_date(services.clock())),
        part_names=_part_names(license_),
        versions=versions["items"],
        received=deliveries["received"],
        uses=uses,
    )


@router.get("/file")
async def license_file(
    vault: VaultDep, identifier: str, form: Literal["pdf", "ofd", "json"]
) -> Response:
    """Hand out a sealed file; the first download is the receipt of the license."""
    return await handed_out(vault.api, vault.of_api("licenses", identifier, "file"), form=form)


@router.get("/picture")
async def license_picture(vault: VaultDep, identifier: str) -> Response:
    """Hand out the license's face as a picture."""
    return await handed_out(vault.api, vault.of_api("licenses", identifier, "picture"))


@router.get("/manifest")
async def license_manifest(vault: VaultDep, identifier: str) -> Response:
    """Hand out the signed list of a license's files."""
    return await handed_out(vault.api, vault.of_api("licenses", identifier, "manifest"))


@router.get("/proof")
async def license_proof(vault: VaultDep, identifier: str) -> Response:
    """Hand out the proof that a license stands in the issue log."""
    return await handed_out(vault.api, vault.of_api("licenses", identifier, "proof"))


@router.post("/prints")
async def number_print(vault: VaultDep, key: FormDep, identifier: str) -> Response:
    """Number a print and show the sheet that goes with it."""
    made = await vault.api.post(vault.of_api("licenses", identifier, "prints"), key=key)
    return go(vault.page("licenses", identifier, "prints", made["code"]))


@router.get("/prints/{code}")
async def print_sheet(vault: VaultDep, identifier: str, code: str) -> HTMLResponse:
    """Show number, address and code of a print, to be printed with the license."""
    license_, printed = await asyncio.gather(
        vault.api.get(vault.of_api("licenses", identifier), content=True),
        vault.api.get(within("prints", code)),
    )
    return vault.show("my/print_made.html", license=license_, printed=printed, code=code)


async def handed_out(api: InnerApi, path: str, **query: Any) -> Response:
    """Return a file of the API as it is, with the name it is saved under."""
    told = await api.send("GET", path, params=query)
    headers = {name: told.headers[name] for name in _HEADERS if name in told.headers}
    return Response(told.content, told.status, headers)


def _part_names(license_: Mapping[str, Any]) -> dict[int, str]:
    """Return what the parts of a composite license are called, by their position from 1."""
    texts = {one["path"]: one["text"] for one in license_["content"]["fields"]}
    positions = (part["position"] for part in license_["parts"] or ())
    return {number: texts.get(f"parts.{number - 1}.name", str(number)) for number in positions}


async def _uses(vault: Vault, identifier: str) -> dict[str, Any]:
    """Return the newest uses of a license, among the newest hundred of the vault."""
    if not vault.may(GIVE):
        return {"items": (), "organisations": {}}
    page = await vault.api.get(vault.of_api("journal"), limit=_NEWEST_USES)
    mine = [entry for entry in page["items"] if entry["license"] == identifier]
    return {"items": mine[:_SHOWN_USES], "organisations": page["organisations"]}
