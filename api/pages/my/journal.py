"""The journal (用证记录): every use of the licenses of a vault, by whom, for what, which fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import HTMLResponse, Response

from api.headers import attachment
from api.pages.my.forms import Names, field_names
from api.pages.my.vault import Vault, VaultDep

router = APIRouter(prefix="/my/{vault}/journal", include_in_schema=False)

_ON_A_PAGE = 20
_ACTIONS: Mapping[str, tuple[str, str]] = {
    "shown": ("查看了", "looked at"),
    "downloaded": ("下载了", "downloaded"),
    "presented": ("扫码核验了", "scanned the code of"),
    "copied": ("制作了加注件：", "had a copy made of"),
    "verified": ("核验了", "verified"),
    "prefilled": ("预填表单时使用了", "filled a form with"),
    "printed": ("打印了", "printed"),
}
_ACTORS: Mapping[str, tuple[str, str]] = {
    "client": ("业务系统", "System"),
    "officer": ("工作人员", "Officer"),
    "device": ("自助终端", "Kiosk"),
    "agent": ("代理人", "Agent"),
    "representation": ("法定代表人", "Legal representative"),
    "holder": ("持证主体本人", "The holder"),
    "partner": ("伙伴地区", "Partner region"),
}

Agents = Mapping[str, tuple[str, str]]
"""By the id of a mandate: its kind, and who acts by it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries the address asks for: from where on, of which license."""

    after: str | None
    license: str | None


def wanted(
    after: Annotated[str | None, Query(max_length=512)] = None,
    license_: Annotated[str | None, Query(alias="license", max_length=128)] = None,
) -> Wanted:
    """Return which entries the address asks for."""
    return Wanted(after, license_)


WantedDep = Annotated[Wanted, Depends(wanted)]


@router.get("")
async def journal(vault: VaultDep, wanted: WantedDep) -> HTMLResponse:
    """Show who used the licenses, for what; the newest first."""
    if not vault.handle:
        return vault.show("my/journal.html", uses=(), page=None, wanted=wanted)
    page = await _page(vault, wanted)
    agents = await vault.api.get(vault.of_api("mandates"))
    names = {one["id"]: (one["kind"], one["agent"]["name"]) for one in agents["items"]}
    fields = await field_names(vault, {one["code"] for one in page["types"].values()})
    uses = [_use(entry, page, names, fields) for entry in page["items"]]
    return vault.show("my/journal.html", uses=uses, page=page, wanted=wanted)


@router.get("/file")
async def journal_file(vault: VaultDep, wanted: WantedDep) -> Response:
    """Return a page of the journal as it is chained, to be kept and counted up again."""
    told = await vault.api.send("GET", vault.of_api("journal"), params=_asked(wanted))
    headers = {"Content-Disposition": attachment("用证记录.json"), "Cache-Control": "no-store"}
    return Response(told.content, media_type="application/json", headers=headers)


async def _page(vault: Vault, wanted: Wanted) -> Any:
    return await vault.api.get(vault.of_api("journal"), **_asked(wanted))


def _asked(wanted: Wanted) -> dict[str, Any]:
    told = {"limit": _ON_A_PAGE, "after": wanted.after, "license": wanted.license}
    return {name: value for name, value in told.items() if value is not None}


def _use(
    entry: Mapping[str, Any], page: Mapping[str, Any], agents: Agents, fields: Names
) -> dict[str, Any]:
    """Return an entry with words for who and what; the entry itself stays with it."""
    kind, _, name = str(entry["actor"]).partition(":")
    role = agents.get(name, ("", ""))[0] if kind == "agent" else ""
    zh, en = _ACTORS.get(role or kind, _ACTORS.get(kind, (kind, kind)))
    did = _ACTIONS.get(entry["action"], (entry["action"], entry["action"]))
    use = entry["use"]
    organisation = page["organisations"].get(use["organisation"]) if use else None
    type_ = page["types"][entry["license"]]
    return {
        **entry,
        "type": type_,
        "own": kind == "holder",
        "who": {"zh": zh, "en": en},
        "name": _name(kind, name, use, agents),
        "organisation": organisation or (use and use["organisation"]),
        "did": {"zh": did[0], "en": did[1]},
        "seen": [fields.of(type_["code"], path) for path in entry["fields"]],
    }


def _name(kind: str, name: str, use: Mapping[str, Any] | None, agents: Agents) -> str | None:
    """Return who it was by name: an agent, an operator of a system, a region; else None."""
    if kind == "agent":
        return agents.get(name, ("", None))[1]
    if kind == "holder":
        return None
    return str(use["operator"]) if use else name
