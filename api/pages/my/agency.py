"""Acting for somebody (代理): who may act for this vault, and whose the visitor may act for.

A mandate (授权委托) is given and taken back here. A representation (法定代表人) is recorded by an
authority with its evidence, and only shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from starlette.responses import HTMLResponse, Response

from api.dependencies import ServicesDep
from api.pages.inner_api import ProblemShownError
from api.pages.my.forms import beside_the_form, licenses_of, type_names
from api.pages.my.vault import Vault, VaultDep
from api.pages.rendering import go
from api.pages.visitor import FormDep
from license_vault.holding.mandates import ACTIONS, EVERY_TYPE, GIVE
from license_vault.license import CITIZEN_DOCUMENT

router = APIRouter(prefix="/my/{vault}/agency", include_in_schema=False)

_WORDS: Mapping[str, tuple[str, str]] = {
    "view": ("查看", "look"),
    "download": ("下载", "download"),
    "present": ("亮证", "show by code"),
    "copy": ("制作加注件", "have copies made"),
    "print": ("打印", "print"),
    "dispute": ("提出异议", "dispute"),
    GIVE: ("再授权他人", "give mandates"),
}
_DOCUMENTS: Mapping[str, tuple[str, str]] = {
    CITIZEN_DOCUMENT: ("居民身份证", "Resident identity card"),
    "414": ("普通护照", "Passport"),
    "511": ("台湾居民来往大陆通行证", "Mainland travel permit for Taiwan residents"),
    "516": ("港澳居民来往内地通行证", "Mainland travel permit for Hong Kong and Macao residents"),
    "114": ("军官证", "Military officer card"),
    "001": ("统一社会信用代码（单位）", "Unified social credit code (an organisation)"),
}


@dataclass(frozen=True, slots=True)
class MandateForm:
    """What was typed about a mandate to be given."""

    name: str = ""
    document_type: str = CITIZEN_DOCUMENT
    document_number: str = ""
    actions: tuple[str, ...] = ("view",)
    types: tuple[str, ...] = (EVERY_TYPE,)
    until: str = ""

    def body(self) -> dict[str, Any]:
        """Return it as the API takes it."""
        return {
            "agent": {
                "name": self.name,
                "document_type": self.document_type,
                "document_number": self.document_number,
            },
            "type_codes": list(self.types),
            "actions": list(self.actions),
            "until": self.until,
        }


@dataclass(frozen=True, slots=True)
class AgentTyped:
    """Who is to act, as it was typed."""

    name: str
    document_type: str
    document_number: str


def agent_typed(
    name: Annotated[str, Form(max_length=256)] = "",
    document_type: Annotated[str, Form(max_length=8)] = "",
    document_number: Annotated[str, Form(max_length=128)] = "",
) -> AgentTyped:
    """Return who is to act, without the spaces around."""
    return AgentTyped(name.strip(), document_type, document_number.strip())


def mandate_form(
    agent: Annotated[AgentTyped, Depends(agent_typed)],
    actions: Annotated[list[str] | None, Form(max_length=20)] = None,
    types: Annotated[list[str] | None, Form(max_length=50)] = None,
    until: Annotated[str, Form(max_length=32)] = "",
) -> MandateForm:
    """Return what was typed; "every type" is every type, whatever else is ticked."""
    chosen = tuple(types or ())
    return MandateForm(
        agent.name,
        agent.document_type,
        agent.document_number,
        tuple(actions or ()),
        (EVERY_TYPE,) if EVERY_TYPE in chosen else chosen,
        until.strip(),
    )


@router.get("")
async def agency(vault: VaultDep, services: ServicesDep) -> HTMLResponse:
    """Show who may act for this vault, for whom the visitor may act, and the form for a mandate."""
    return await _agency(vault, services.clock(), MandateForm())


@router.post("")
async def give_mandate(
    vault: VaultDep,
    services: ServicesDep,
    key: FormDep,
    typed: Annotated[MandateForm, Depends(mandate_form)],
) -> Response:
    """Give a mandate."""
    try:
        await vault.api.post(vault.of_api("mandates"), typed.body(), key=key)
    except ProblemShownError as refused:
        return await _agency(vault, services.clock(), typed, beside_the_form(refused))
    return go(vault.page("agency"))


@router.post("/{mandate}/withdrawal")
async def withdraw_mandate(vault: VaultDep, mandate: str, key: FormDep) -> Response:
    """Take a mandate back; the agent is out at once."""
    await vault.api.post(vault.of_api("mandates", mandate, "revocation"), key=key)
    return go(vault.page("agency"))


async def _agency(
    vault: Vault, at: datetime, typed: MandateForm, problem: Mapping[str, Any] | None = None
) -> HTMLResponse:
    given = await vault.api.get(vault.of_api("mandates")) if vault.handle else {"items": ()}
    names = await type_names(vault)
    in_force = [one for one in given["items"] if _counts(one, at)]
    return vault.show(
        "my/agency.html",
        status=problem["status"] if problem else 200,
        in_force=in_force,
        ended=[one for one in given["items"] if one not in in_force],
        types=names,
        choices=await _choices(vault, names),
        words=_WORDS,
        actions=ACTIONS,
        documents=_DOCUMENTS,
        typed=typed,
        problem=problem,
    )


def _counts(mandate: Mapping[str, Any], at: datetime) -> bool:
    """Tell whether a mandate is neither taken back nor past its last day."""
    ends = mandate["ends_at"]
    return mandate["revoked_at"] is None and (ends is None or datetime.fromisoformat(ends) >= at)


async def _choices(
    vault: Vault, names: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Mapping[str, str]]:
    """Return the types a mandate may be limited to: those of the own licenses, where they tell.

    For somebody else's vault all types: looking at the licenses would stand in its journal.
    """
    if not vault.is_own:
        return names
    licenses = await licenses_of(vault)
    codes = {one["type"]["code"] for one in licenses}
    return {code: name for code, name in names.items() if code in codes}
