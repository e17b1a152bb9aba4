"""The first page of /my: every license of a vault as a card, with what to do and who looked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import HTMLResponse

from api.dependencies import ServicesDep
from api.pages.my.forms import every_license
from api.pages.my.next_steps import TONES, NextStep, next_steps
from api.pages.my.vault import OwnVaultDep, Vault, VaultDep
from license_vault.clock import civil_date
from license_vault.holding.mandates import GIVE, VIEW

router = APIRouter(prefix="/my", include_in_schema=False)

_ON_A_PAGE = 20
_NEWEST_USES = 100
_NOW_USED = ("superseded", "void")


@dataclass(frozen=True, slots=True)
class Card:
    """A license as its card shows it; ``use`` is the last entry of the journal about it."""

    license: Mapping[str, Any]
    tone: str
    steps: tuple[NextStep, ...]
    use: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Wish:
    """Which cards are wanted: those of now, or with the versions before; from which on."""

    which: str
    after: str | None


def wish_of(
    which: Literal["now", "all"] = "now",
    after: Annotated[str | None, Query(max_length=512)] = None,
) -> Wish:
    """Return what the address asks for."""
    return Wish(which, after)


WishDep = Annotated[Wish, Depends(wish_of)]


@router.get("")
async def own_cards(vault: OwnVaultDep, services: ServicesDep, wish: WishDep) -> HTMLResponse:
    """Show the visitor's own licenses."""
    return await _cards(vault, wish, civil_date(services.clock()))


@router.get("/{vault}")
async def cards(vault: VaultDep, services: ServicesDep, wish: WishDep) -> HTMLResponse:
    """Show the licenses of a vault."""
    return await _cards(vault, wish, civil_date(services.clock()))


async def _cards(vault: Vault, wish: Wish, today: date) -> HTMLResponse:
    if not vault.handle or not vault.may(VIEW):
        return vault.show("my/no_vault.html")
    page, uses = await asyncio.gather(
        vault.api.get(vault.of_api("licenses"), content=True, limit=_ON_A_PAGE, after=wish.after),
        _last_uses(vault),
    )
    wanted = [one for one in page["items"] if wish.which == "all" or _of_now(one)]
    shown = await _made(vault, wanted, uses["items"], today)
    # What presses is told at once, not only to whoever leafs to the page of its card.
    path = vault.of_api("licenses")
    behind = await every_license(vault.api, path, page) if wish.after is None else ()
    others = await _made(vault, behind, {}, today)
    return vault.show(
        "my/cards.html",
        cards=shown,
        pressing=[card for card in (*shown, *others) if card.steps[0].pressing],
        which=wish.which,
        organisations=uses["organisations"],
        all_uses=uses["all"],
        next=page["next"],
    )


async def _made(
    vault: Vault, licenses: Iterable[Mapping[str, Any]], uses: Mapping[str, Any], today: date
) -> list[Card]:
    """Return licenses as cards."""
    told = await asyncio.gather(*(_with_conditions(vault, one) for one in licenses))
    return [
        Card(
            one,
            TONES.get(one["status"]["code"], "ended"),
            next_steps(one, today),
            uses.get(one["identifier"]),
        )
        for one in told
    ]


def _of_now(license_: Mapping[str, Any]) -> bool:
    return license_["status"]["code"] not in _NOW_USED


async def _with_conditions(vault: Vault, license_: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a license with its conditions, which lists leave out."""
    if not any(mark["code"] == "conditional" for mark in license_["marks"]):
        return license_
    told = await vault.api.get(vault.of_api("licenses", license_["identifier"], "conditions"))
    return {**license_, "conditions": told["items"]}


async def _last_uses(vault: Vault) -> dict[str, Any]:
    """Return the last use of each license by others, among the newest hundred of the vault.

    ``all``: there are no more than those. An agent does not see the journal.
    """
    if not vault.may(GIVE):
        return {"items": {}, "organisations": {}, "all": False}
    page = await vault.api.get(vault.of_api("journal"), limit=_NEWEST_USES)
    me = _names_of_visitor(vault)
    newest_first = [entry for entry in page["items"] if entry["actor"] not in me]
    last = {entry["license"]: entry for entry in reversed(newest_first)}
    return {
        "items": last,
        "organisations": page["organisations"],
        "all": page["next"] is None,
    }


def _names_of_visitor(vault: Vault) -> set[str]:
    """Return how the vault's journal names the visitor: as its holder, or as who acts for them."""
    mine = (one["id"] for one in vault.actings if one["principal"] == vault.handle)
    return {f"holder:{vault.handle}", *(f"agent:{mandate}" for mandate in mine)}
