"""The first page of /my: every license of a vault as a card."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from api.pages.my.vault import OwnVaultDep, Vault, VaultDep

router = APIRouter(prefix="/my", include_in_schema=False)


@router.get("")
async def own_cards(vault: OwnVaultDep) -> HTMLResponse:
    """Show the visitor's own licenses."""
    return await _cards(vault)


@router.get("/{vault}")
async def cards(vault: VaultDep) -> HTMLResponse:
    """Show the licenses of a vault."""
    return await _cards(vault)


async def _cards(vault: Vault) -> HTMLResponse:
    page = await vault.api.get(vault.of_api("licenses"), limit=20) if vault.handle else None
    return vault.show("my/cards.html", licenses=page["items"] if page else ())
