"""Whose vault a page of /my is about: the own one, or that of somebody whom the person acts for.

In addresses the own vault is called ``me`` and another one by its random handle, so that every
form says itself in whose vault it acts, whatever other windows show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path
from starlette.responses import HTMLResponse

from api.errors import PageNotFoundError
from api.pages.inner_api import InnerApi, ProblemShownError, within
from api.pages.rendering import show
from api.pages.visitor import HolderDep, Visitor
from license_vault.holding.mandates import EVERYTHING

OWN = "me"


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault that the visitor has opened; ``api`` acts for whose it is.

    ``handle`` is empty as long as nothing was ever kept here for the person. ``rights`` are
    actions of ``license_vault.holding.mandates``; the API decides, this only spares dead buttons.
    """

    visitor: Visitor
    api: InnerApi
    name: str
    handle: str
    rights: frozenset[str]
    actings: tuple[Mapping[str, Any], ...]
    acting: Mapping[str, Any] | None

    @property
    def is_own(self) -> bool:
        """Say whether it is the visitor's own, nobody being acted for."""
        return self.name == OWN

    def may(self, action: str) -> bool:
        """Say whether the visitor may do something here: view, download, …, mandate."""
        return action in self.rights

    def page(self, *names: str) -> str:
        """Return the address of a page of this vault: ``page("licenses", identifier)``."""
        return "/".join((f"/my/{self.name}", *names))

    def of_api(self, *names: str) -> str:
        """Return the path of the API below this vault: ``of_api("journal")``."""
        return within("holders", self.handle or OWN, *names)

    def show(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """Return a rendered page with the frame of this vault; the template has ``vault``."""
        return show(self.visitor, template, status=status, vault=self, **values)


async def opened(visitor: Visitor, name: str) -> Vault:
    """Return the vault of this name, for a visitor who is a holder.

    Raises:
        PageNotFoundError: it is nobody's whom the visitor acts for now.
    """
    actings = tuple((await visitor.api.get("/v1/mandates"))["items"])
    handle = await _own_handle(visitor)
    if name in {OWN, handle}:
        everything = frozenset(EVERYTHING)
        return Vault(visitor, visitor.api, OWN, handle, everything, actings, None)
    mine = [one for one in actings if one["principal"] == name]
    if not mine:
        raise PageNotFoundError
    rights = frozenset[str]().union(*(one["actions"] for one in mine))
    api = visitor.api.acting_for(name)
    return Vault(visitor, api, name, name, rights, actings, mine[0])


async def _own_handle(visitor: Visitor) -> str:
    """Return the visitor's handle; empty if nothing was ever kept here for them."""
    try:
        return str((await visitor.api.get("/v1/holders/me"))["handle"])
    except ProblemShownError as error:
        if error.code != "holder-not-found":
            raise
        return ""


async def _of_address(visitor: HolderDep, vault: Annotated[str, Path(max_length=26)]) -> Vault:
    return await opened(visitor, vault)


async def _own(visitor: HolderDep) -> Vault:
    return await opened(visitor, OWN)


VaultDep = Annotated[Vault, Depends(_of_address)]
"""The vault that ``{vault}`` in the address names: ``me`` or a handle."""
OwnVaultDep = Annotated[Vault, Depends(_own)]
"""The visitor's own vault."""
