"""一件事 at the console: a case's licenses put together, each filled in, signed, and shown.

What is put together travels in the form. Each license is filled in on the form for one license.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse

from api.errors import FormRefusedError
from api.pages.console.asking import (
    MANAGING,
    AskingOnceDep,
    for_case,
    for_managing,
    items_by_code,
)
from api.pages.console.issue_form import (
    Shown,
    Typed,
    TypedDep,
    checked,
    form_page,
    looked_at,
)
from api.pages.console.package_draft import PackageDraft, package_in
from api.pages.console.package_page import basket_page, looked_over, outlook_of
from api.pages.console.package_signing import sign_package_page
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import show
from api.pages.visitor import FormDep, OfficerDep, Visitor

cases = APIRouter(prefix="/console/cases", include_in_schema=False)
router = APIRouter(prefix="/console/packages", include_in_schema=False)

_FILL, _LEAVE_OUT, _ADD, _SIGN = "fill", "leave-out", "add", "sign"


@cases.get("/{case}/package")
async def begin(visitor: AskingOnceDep, case: str) -> HTMLResponse:
    """Show all licenses that the case lacks, each as the case fills it."""
    found = await visitor.api.get(within("cases", case))
    draft = PackageDraft(case, found["case_number"])
    for type_code in found["lacking"]:
        draft = draft.with_one_more(await _drafted(visitor, found, type_code))
    return await basket_page(visitor, draft, await looked_over(visitor, draft))


async def _drafted(visitor: Visitor, case: Mapping[str, Any], type_code: str) -> dict[str, Any]:
    """Return the request for a license as far as the case fills it."""
    reading = for_case(visitor, case, await items_by_code(visitor))
    path = within("cases", case["case"], "license-draft")
    request: dict[str, Any] = (await reading.get(path, type_code=type_code))["request"]
    return request


class BasketForm(BaseModel):
    """What was pressed, such as ``fill 1``, and the package as it is put together so far."""

    package: str
    action: str = Field(default="", max_length=40)
    type_code: str = Field(default="", max_length=21)


@cases.post("/{case}/package")
async def put_together(
    visitor: AskingOnceDep, key: FormDep, case: str, form: Annotated[BasketForm, Form()]
) -> HTMLResponse:
    """Add a license, leave one out, fill one in; or go on to the signatures when all are ready."""
    del key  # nothing is issued before it is signed
    draft, problem = _of_case(case, form.package), None
    act, _, number = form.action.partition(" ")
    if act == _FILL:
        return await _fill_page(visitor, draft, _place(draft, number))
    if act == _LEAVE_OUT:
        draft = draft.without(_place(draft, number))
    elif act == _ADD and draft.has_room:
        try:
            found = await visitor.api.get(within("cases", case))
            draft = draft.with_one_more(await _drafted(visitor, found, form.type_code))
        except ProblemShownError as error:
            if error.status != 422:
                raise
            problem = error.document
    looked = await looked_over(visitor, draft)
    if act == _SIGN and looked and all(one.is_ready for one in looked):
        return await sign_package_page(visitor, draft)
    return await basket_page(visitor, draft, looked, asked=act == _SIGN, problem=problem)


def _of_case(case: str, text: str) -> PackageDraft:
    draft = package_in(text)
    if draft.case != case:
        raise FormRefusedError
    return draft


def _place(draft: PackageDraft, number: str) -> int:
    """Return a place in the package from how a form names it, from 0."""
    if number not in {str(place) for place in range(len(draft.licenses))}:
        raise FormRefusedError
    return int(number)


@cases.post("/{case}/package/license")
async def fill_in(visitor: AskingOnceDep, key: FormDep, case: str, typed: TypedDep) -> HTMLResponse:
    """Show the face of what was typed, or put it into the package; "keep" does so unfinished."""
    del key  # nothing is issued before it is signed
    draft = _of_case(case, typed.told.get("package", ""))
    place = _place(draft, typed.told.get("place", ""))
    body = _said(draft, place, typed)
    now, seen = draft.saying(place, body), {place: await checked(visitor, body)}
    if typed.action == "keep" or (typed.action == "sign" and seen[place].can_be_signed):
        return await basket_page(visitor, now, await looked_over(visitor, now, seen=seen))
    return await _license_page(visitor, draft, place, seen[place])


def _said(draft: PackageDraft, place: int, typed: Typed) -> dict[str, Any]:
    """Return what was typed; type and case are those of the license that was put together."""
    before = draft.licenses[place].body
    return {
        **typed.body,
        "type_code": before["type_code"],
        "case_number": before.get("case_number", draft.case_number),
    }


async def _fill_page(visitor: Visitor, draft: PackageDraft, place: int) -> HTMLResponse:
    """Show one license's form as it was left; nobody is told of what was never typed."""
    body = draft.licenses[place].body
    return await _license_page(visitor, draft, place, await looked_at(visitor, body))


async def _license_page(
    visitor: Visitor, draft: PackageDraft, place: int, shown: Shown
) -> HTMLResponse:
    wanted = draft.saying(place, shown.request).licenses[place]
    outlook, unknown = await outlook_of(visitor, wanted)
    return await form_page(
        visitor,
        "console/package_license.html",
        shown,
        draft=draft,
        place=place,
        items=await items_by_code(visitor),
        outlook=outlook,
        unknown=unknown,
    )


@router.get("/{package}")
async def show_package(visitor: OfficerDep, package: str, made: bool = False) -> HTMLResponse:
    """Show a package: its licenses, their states and files."""
    reading = for_managing(visitor, f"{MANAGING}：一件事")
    found = await reading.get(within("packages", package))
    case = await visitor.api.get(within("cases", found["case"])) if found["case"] else None
    items = await items_by_code(visitor)
    return show(
        visitor,
        "console/package.html",
        package=found,
        case=case,
        item=items.get(found["item_code"]),
        made=made,
    )
