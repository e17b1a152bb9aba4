"""The licenses of a package are signed, each for itself, and issued together or not at all.

Each license has the item of its own authority, so one officer may sign some and another the rest.
Until all are signed the package goes from officer to officer as a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, Response

from api.headers import attachment
from api.pages.console.asking import AskingOnceDep, items_by_code
from api.pages.console.package_draft import PackageDraft, Wanted, package_in
from api.pages.console.package_page import (
    basket_page,
    looked_over,
    outlook_of,
    place_of,
    steps_of,
    told_apart,
)
from api.pages.console.signing import STEP_NAMES, signature_text
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import go, show
from api.pages.visitor import FormDep, OfficerDep, Visitor

router = APIRouter(prefix="/console/sign/package", include_in_schema=False)

_LARGEST = 64 * 1024
_OFFICER = "officer:"
# What is wrong with signatures; they are to be made again.
_OF_SIGNATURES = frozenset({"approval-invalid", "approval-missing", "same-person"})


@dataclass(frozen=True, slots=True)
class ToSign:
    """A license of a package on the page that takes signatures.

    ``step`` is what comes next, "" when all have signed; ``told`` what the officer who is logged
    in signs, None where it is another's turn.
    """

    place: int
    wanted: Wanted
    type: Mapping[str, Any]
    outlook: Mapping[str, Any] | None
    steps: tuple[str, ...]
    told: Mapping[str, Any] | None

    @property
    def step(self) -> str:
        """Return the step that nobody has signed yet."""
        done = len(self.wanted.approvals)
        return self.steps[done] if done < len(self.steps) else ""

    @property
    def text(self) -> str:
        """Return the whole request as people read it."""
        return json.dumps(self.wanted.body, ensure_ascii=False, indent=2)


async def sign_package_page(
    visitor: Visitor, draft: PackageDraft, problem: Mapping[str, Any] | None = None
) -> HTMLResponse:
    """Show what is to be signed for each license, and take the signatures."""
    items = await items_by_code(visitor)
    rows = [await _to_sign(visitor, draft, place, items) for place in range(len(draft.licenses))]
    return show(
        visitor,
        "console/package_sign.html",
        status=problem["status"] if problem else 200,
        draft=draft,
        seen=await _sees(visitor, draft.case),
        rows=rows,
        items=items,
        mine=[row for row in rows if row.told],
        left=[row for row in rows if row.step],
        step_names=STEP_NAMES,
        problem=problem,
        place=place_of(problem),
    )


async def _sees(visitor: Visitor, case: str) -> bool:
    """Tell whether who signs may see the case, and so put the package together too."""
    try:
        await visitor.api.get(within("cases", case))
    except ProblemShownError as error:
        if error.status not in {403, 404}:
            raise
        return False
    return True


async def _to_sign(
    visitor: Visitor, draft: PackageDraft, place: int, items: Mapping[str, Any]
) -> ToSign:
    wanted = draft.licenses[place]
    license_type = await visitor.api.get(within("license-types", wanted.body["type_code"]))
    outlook, _ = await outlook_of(visitor, wanted)
    steps = steps_of(items, wanted)
    row = ToSign(place, wanted, license_type, outlook, steps, None)
    if not row.step or not _is_mine(visitor, row):
        return row
    asked = {
        "case_number": wanted.body.get("case_number", ""),
        "item_code": wanted.item_code,
        "request": wanted.body,
        "step": row.step,
    }
    return replace(row, told=await visitor.api.post("/v1/approval-messages", asked))


def _is_mine(visitor: Visitor, row: ToSign) -> bool:
    """Tell whether who is logged in may sign next: for the authority, and not a second time.

    The API tells no stranger who signs for an authority. Where nobody is registered for one of
    the own, the page takes the signature and says that it will not count.
    """
    own = visitor.operator.removeprefix(_OFFICER)
    if row.outlook is None or any(one.get("officer_id") == own for one in row.wanted.approvals):
        return False
    officers = {officer["officer_id"] for officer in row.outlook["officers"]}
    return own in officers or not officers


async def _signed(request: Request) -> PackageDraft:
    """Return the package with the signatures that were brought; none is asked for twice."""
    form = await request.form()
    told = {name: value for name, value in form.items() if isinstance(value, str)}
    draft = package_in(told.get("package", ""))
    licenses = []
    for place, wanted in enumerate(draft.licenses):
        text = "".join(told.get(f"signature.{place}", "").split())
        file = form.get(f"signature_file.{place}")
        if isinstance(file, UploadFile):
            text = signature_text(await file.read(_LARGEST)) or text
        approval = {
            name: told.get(f"{name}.{place}", "") for name in ("officer_id", "step", "signed_at")
        }
        more = ({**approval, "signature": text},) if text and approval["step"] else ()
        licenses.append(replace(wanted, approvals=(*wanted.approvals, *more)))
    return replace(draft, licenses=tuple(licenses))


@router.post("")
async def sign(
    visitor: AskingOnceDep,
    key: FormDep,
    signed: Annotated[PackageDraft, Depends(_signed)],
    package: Annotated[str, Form()],
) -> Response:
    """Take signatures: with the last one all licenses are issued, before it others sign.

    Who signed last and may not see the case hands it back to those who handle it.
    """
    items, seen = await items_by_code(visitor), await _sees(visitor, signed.case)
    before = package_in(package)
    done = all(len(one.approvals) >= len(steps_of(items, one)) for one in signed.licenses)
    if done and seen:
        try:
            path = within("cases", signed.case, "package")
            made = await visitor.api.post(path, signed.body, key=key)
        except ProblemShownError as error:
            if error.status >= 500 or error.code == "unauthenticated":
                raise
            return await _refused(visitor, before, signed, error.document)
        return go(f"/console/packages/{made['id']}?made=1")
    if signed == before:
        return await sign_package_page(visitor, before, _UNSIGNED)
    return show(visitor, "console/package_handover.html", draft=signed, done=done, seen=seen)


_UNSIGNED: Mapping[str, Any] = {
    "status": 422,
    "code": "approval-missing",
    "messages": {
        "zh": {"title": "没有签名", "detail": "请至少为一份证照签字。"},
        "en": {"title": "Nothing was signed", "detail": "Sign at least one of the licenses."},
    },
}


async def _refused(
    visitor: Visitor, before: PackageDraft, signed: PackageDraft, problem: Mapping[str, Any]
) -> HTMLResponse:
    """Show why nothing was issued: at the values that are wrong, or beside the signatures.

    Signatures that stand stay; a value that is put right is signed again.
    """
    by_place, _ = told_apart(problem)
    if by_place:
        looked = await looked_over(visitor, signed, problem)
        return await basket_page(visitor, signed, looked, asked=True, problem=problem)
    kept = before if problem["code"] in _OF_SIGNATURES else signed
    return await sign_package_page(visitor, kept, problem)


@router.post("/file")
async def handed_over(
    visitor: OfficerDep, key: FormDep, package: Annotated[str, Form()]
) -> Response:
    """Return the package with the signatures that are there, as a file for the next officer."""
    del key, visitor
    headers = {"Content-Disposition": attachment("待核准.json"), "Cache-Control": "no-store"}
    data = package_in(package).text().encode()
    return Response(data, media_type="application/json", headers=headers)
