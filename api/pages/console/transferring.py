"""转入: a license of the own authority for one that was transferred out elsewhere.

Which one it follows is named first. What that one says is filled in where this node has it and
who is logged in may read it; else it is typed from the paper or file that was brought.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse

from api.pages.console.asking import MANAGING, for_case, for_managing, items_by_code
from api.pages.console.issue_form import Shown, TypedDep, checked, form_page, looked_at
from api.pages.console.signing import Draft, sign_page
from api.pages.console.telling_again import told_again
from api.pages.inner_api import InnerApi, ProblemShownError, within
from api.pages.rendering import show
from api.pages.visitor import FormDep, OfficerDep, Visitor
from license_vault.errors import IdentifierInvalidError
from license_vault.license import LicenseStatus
from license_vault.license_identifier import LicenseIdentifier, parse
from license_vault.lifecycle.verbs import VERBS

router = APIRouter(prefix="/console/licenses/transfer-in", include_in_schema=False)

TRANSFER_IN = VERBS["transfer-in"].name
_NO_IDENTIFIER = {
    "zh": "应为有效的电子证照标识，以 1.2.156.3005.2 开头。",
    "en": "This must be the identifier of a license; it begins with 1.2.156.3005.2.",
}
_NO_TYPE = {"zh": "本库没有此类证照。", "en": "Licenses of its type are not issued here."}
_OWN = {
    "zh": "与原证照的发证机关相同；转入须由另一机关办理。",
    "en": "This authority issued the one before; another one takes it over.",
}


class WhichForm(BaseModel):
    """What is typed first: which license, for which item and case."""

    previous: str = Field(default="", max_length=128)
    item_code: str = Field(default="", max_length=64)
    case_number: str = Field(default="", max_length=64)


@router.get("")
async def ask_which(
    visitor: OfficerDep, previous: Annotated[str, Query(max_length=128)] = ""
) -> HTMLResponse:
    """Ask which license is taken over."""
    return await _which_page(visitor, WhichForm(previous=previous))


@router.post("")
async def begin(
    visitor: OfficerDep, key: FormDep, form: Annotated[WhichForm, Form()]
) -> HTMLResponse:
    """Show the form, filled in from the license before as far as that can be read."""
    del key  # nothing is issued before it is signed
    try:
        before = parse(form.previous.strip())
    except IdentifierInvalidError:
        return await _which_page(visitor, form, _NO_IDENTIFIER)
    try:
        license_type = await visitor.api.get(within("license-types", before.type_code))
    except ProblemShownError as error:
        if error.status != 404:
            raise
        return await _which_page(visitor, form, _NO_TYPE)
    reading = await _reading(visitor, form)
    found = await _found(reading, before)
    if found is not None and found["status"]["code"] != LicenseStatus.TRANSFERRED:
        return await _which_page(visitor, form, _not_out(found["status"]))
    said = await told_again(reading, found) if found else {}
    request = {**_empty(visitor, license_type, form), **said}
    shown = await looked_at(visitor, request, previous=before.text)
    return await _form_page(visitor, before, shown, known="holders" in said)


@router.post("/license")
async def take_in(
    visitor: OfficerDep, key: FormDep, typed: TypedDep, previous: Annotated[str, Form()]
) -> HTMLResponse:
    """Show the face of what was typed, or, where nothing is wrong with it, what is to be signed."""
    del key  # nothing is issued before it is signed
    try:
        before = parse(previous)
    except IdentifierInvalidError:
        return await _which_page(visitor, WhichForm(previous=previous[:128]), _NO_IDENTIFIER)
    body, holders_typed = typed.body, bool(typed.told.get("holders_typed"))
    own = body.get("authority_code") == before.authority_code
    errors, signing = {"/authority_code": _OWN} if own else {}, typed.action == "sign"
    shown = await checked(visitor, body, errors, before.text, signing=signing)
    if signing and shown.can_be_signed:
        item = body.get("item_code", "")
        draft = Draft(
            TRANSFER_IN,
            before.text,
            body,
            case_number=body["case_number"],
            item_code=item,
            holders_typed=holders_typed,
        )
        return await sign_page(visitor, draft)
    return await _form_page(visitor, before, shown, known=not holders_typed)


async def _which_page(
    visitor: Visitor, form: WhichForm, wrong: Mapping[str, str] | None = None
) -> HTMLResponse:
    return show(
        visitor,
        "console/transfer_which.html",
        status=422 if wrong else 200,
        typed=form,
        wrong=wrong,
        items=await items_by_code(visitor),
    )


async def _form_page(
    visitor: Visitor, before: LicenseIdentifier, shown: Shown, *, known: bool
) -> HTMLResponse:
    return await form_page(
        visitor,
        "console/transfer_form.html",
        replace(shown, holders_typed=not known),
        previous=before.text,
        items=await items_by_code(visitor),
    )


async def _reading(visitor: Visitor, form: WhichForm) -> InnerApi:
    """Return the API that reads for the item and case, where both are named."""
    item, number = form.item_code.strip(), form.case_number.strip()
    if not item or not number:
        return for_managing(visitor, f"{MANAGING}：转入")
    case = {"item_code": item, "case_number": number}
    return for_case(visitor, case, await items_by_code(visitor))


async def _found(reading: InnerApi, before: LicenseIdentifier) -> Any:
    """Return the license before; None where it is not here, or not to be read by who asks."""
    try:
        return await reading.get(within("licenses", before.text))
    except ProblemShownError as error:
        if error.status not in {403, 404, 422}:
            raise
        return None


def _not_out(status: Mapping[str, str]) -> dict[str, str]:
    zh, en = status["zh"], status["en"]
    return {
        "zh": f"该证照的状态为“{zh}”；须先由原发证机关办理转出。",
        "en": f"It is {en}; the authority that issued it transfers it out first.",
    }


def _empty(visitor: Visitor, license_type: Mapping[str, Any], form: WhichForm) -> dict[str, Any]:
    """Return the request of which nothing is known but type, authority, item and case."""
    holder = {
        "kind": license_type["holder_kinds"][0],
        "name": "",
        "document_type": license_type["holder_document_types"][0],
        "document_number": "",
    }
    named = {"item_code": form.item_code.strip()} if form.item_code.strip() else {}
    return {
        "type_code": license_type["code"],
        "authority_code": visitor.officer.organisation_code,
        "case_number": form.case_number.strip(),
        **named,
        "number": "",
        "holders": [holder],
        "valid_from": "",
        "valid_until": "",
        "fields": {},
        "basis": "",
    }
