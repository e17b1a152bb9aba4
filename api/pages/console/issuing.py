"""A case's license: the form as the case fills it, its preview, and on to the signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from api.pages.console.asking import for_case, items_by_code
from api.pages.console.issue_form import Shown, TypedDep, checked, form_page, looked_at
from api.pages.console.signing import LICENSE, Draft, sign_page
from api.pages.inner_api import within
from api.pages.visitor import FormDep, OfficerDep, Visitor

router = APIRouter(prefix="/console/cases", include_in_schema=False)

TypeQuery = Annotated[str, Query(max_length=21)]


@router.get("/{case}/license")
async def issue_form(visitor: OfficerDep, case: str, type_code: TypeQuery) -> HTMLResponse:
    """Show the form as the case fills it, and the face as far as it is known."""
    found = await visitor.api.get(within("cases", case))
    items = await items_by_code(visitor)
    reading = for_case(visitor, found, items)
    draft = await reading.get(within("cases", case, "license-draft"), type_code=type_code)
    request: dict[str, Any] = draft["request"]
    # Nobody is told of what is missing before anything was typed.
    return await _page(visitor, found, await looked_at(visitor, request))


@router.post("/{case}/license")
async def issue(visitor: OfficerDep, key: FormDep, case: str, typed: TypedDep) -> HTMLResponse:
    """Show the face of what was typed, or, where nothing is wrong with it, what is to be signed."""
    del key  # nothing is issued before it is signed
    found = await visitor.api.get(within("cases", case))
    signing = typed.action == "sign"
    shown = await checked(visitor, typed.body, signing=signing)
    if signing and shown.can_be_signed:
        number, item = found["case_number"], found["item_code"]
        draft = Draft(LICENSE, case, typed.body, case_number=number, item_code=item)
        return await sign_page(visitor, draft)
    return await _page(visitor, found, shown)


async def _page(visitor: Visitor, case: Mapping[str, Any], shown: Shown) -> HTMLResponse:
    return await form_page(visitor, "console/cases_issue.html", shown, case=case)
