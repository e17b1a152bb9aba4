"""Whose vault a page of /my shows: the visitor's own, or that of somebody they act for.

The address says it, ``?for=HANDLE``, so that two windows of one browser may show two vaults and
going back shows what was there. Whether the visitor may is asked of the API each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query

from api.pages.inner_api import InnerApi, ProblemShownError, within
from api.pages.visitor import HolderDep, Visitor

NO_VAULT = "holder-not-found"
_FOR = Query(alias="for", pattern=r"^[0-9a-z]{26}$")


@dataclass(frozen=True, slots=True)
class Whose:
    """A vault that a page shows, and the API as who may look into it.

    Args:
        handle: the vault's; empty: the visitor has none, for nothing was ever issued to them.
        mandates: by which the visitor may act for others, as ``GET /v1/mandates`` tells them.
        acting_for: handle of the other whose vault it is; None: it is the visitor's own.
    """

    visitor: Visitor
    api: InnerApi
    handle: str
    mandates: tuple[Mapping[str, Any], ...]
    acting_for: str | None

    @property
    def powers(self) -> frozenset[str]:
        """Return what the visitor may do in this vault, as mandates call it."""
        if self.acting_for is None:
            return frozenset({"view", "download", "present", "copy", "print", "dispute", "mandate"})
        mine = (each for each in self.mandates if each["principal"] == self.acting_for)
        return frozenset[str]().union(*(each["actions"] for each in mine))

    def path(self, *names: str) -> str:
        """Return the API's path of something in this vault."""
        return within("holders", self.handle, *names)

    def to(self, page: str, **query: str | None) -> str:
        """Return the address of another page about the same vault."""
        asked = {name: value for name, value in query.items() if value}
        if self.acting_for is not None:
            asked["for"] = self.acting_for
        return f"{page}?{urlencode(asked)}" if asked else page


async def whose(visitor: HolderDep, acting_for: Annotated[str | None, _FOR] = None) -> Whose:
    """Return the vault that an address asks for; nobody else's is found by it."""
    mandates = tuple((await visitor.api.get("/v1/mandates"))["items"])
    if acting_for is not None:
        api = visitor.api.acting_for(acting_for)
        return Whose(visitor, api, acting_for, mandates, acting_for)
    return Whose(visitor, visitor.api, await _own_handle(visitor), mandates, None)


async def _own_handle(visitor: Visitor) -> str:
    try:
        return str((await visitor.api.get("/v1/holders/me"))["handle"])
    except ProblemShownError as refused:
        if refused.code == NO_VAULT:
            return ""
        raise


WhoseDep = Annotated[Whose, Depends(whose)]
