"""Cases at the console: what is under way, a new one, what it has and lacks, decide, close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, Response

from api.headers import attachment
from api.pages.console.asking import for_case, items_by_code, may_handle, may_issue
from api.pages.console.signing import DECISION, Draft, draft_in, sign_page
from api.pages.inner_api import ProblemShownError, Told, within
from api.pages.rendering import go, show
from api.pages.visitor import FormDep, OfficerDep, Visitor
from api.pages.window.finding import license_number
from license_vault.license import DOCUMENT_NAMES

router = APIRouter(prefix="/console/cases", include_in_schema=False)

State = Literal["open", "approved", "refused", "closed", "approved-no-license"]


@router.get("")
async def list_cases(
    visitor: OfficerDep,
    state: State | None = None,
    after: Annotated[str | None, Query(max_length=256)] = None,
) -> HTMLResponse:
    """Show cases, the newest first, all or in one state."""
    found = await visitor.api.get(within("cases"), state=state, after=after, limit=20)
    return show(
        visitor,
        "console/cases.html",
        found=found,
        state=state,
        items=await items_by_code(visitor),
        may_handle=may_handle(visitor),
    )


# --- a new one ---


class NewCaseForm(BaseModel):
    """What is typed to open a case; a handle stands for name and number."""

    item_code: str = Field(default="", max_length=64)
    case_number: str = Field(default="", max_length=64)
    handle: str = Field(default="", max_length=64)
    name: str = Field(default="", max_length=128)
    document_type: str = Field(default="001", max_length=3)
    document_number: str = Field(default="", max_length=64)

    def body(self) -> dict[str, Any]:
        """Return the request to the API."""
        holder: dict[str, str] = (
            {"handle": self.handle.strip()}
            if self.handle.strip()
            else {
                "name": self.name.strip(),
                "document_type": self.document_type,
                "document_number": self.document_number.strip().upper(),
            }
        )
        return {
            "item_code": self.item_code,
            "case_number": self.case_number.strip(),
            "holders": [holder],
        }


@router.get("/new")
async def new_case(visitor: OfficerDep) -> HTMLResponse:
    """Show the form that opens a case."""
    return await _new_page(visitor, NewCaseForm())


@router.post("/new")
async def open_case(
    visitor: OfficerDep, key: FormDep, form: Annotated[NewCaseForm, Form()]
) -> Response:
    """Open a case; what is refused is shown beside what was typed."""
    try:
        made = await visitor.api.post(within("cases"), form.body(), key=key)
    except ProblemShownError as error:
        if error.status not in {404, 409, 422}:
            raise
        return await _new_page(visitor, form, _of_what_was_typed(error.document, form))
    return go(f"/console/cases/{made['case']}")


def _of_what_was_typed(problem: Mapping[str, Any], form: NewCaseForm) -> Mapping[str, Any]:
    """Return a problem without what it says of the other way to name an applicant."""
    other, own = "HolderHandleIn", "HolderStatedIn"
    if form.handle.strip():
        other, own = own, other
    errors = [
        {**each, "pointer": each["pointer"].replace(f"/{own}", "")}
        for each in problem.get("errors", ())
        if f"/{other}/" not in each["pointer"]
    ]
    return {**problem, "errors": errors} if errors else problem


async def _new_page(
    visitor: Visitor, typed: NewCaseForm, problem: Mapping[str, Any] | None = None
) -> HTMLResponse:
    return show(
        visitor,
        "console/cases_new.html",
        status=problem["status"] if problem else 200,
        items=await items_by_code(visitor),
        typed=typed,
        problem=problem,
        documents=DOCUMENT_NAMES,
    )


# --- one ---


@router.get("/{case}")
async def show_case(visitor: OfficerDep, case: str) -> HTMLResponse:
    """Show a case: what it has and lacks, what was brought, who and whose seal comes next."""
    return await _case_page(visitor, case)


async def _case_page(
    visitor: Visitor, handle: str, problem: Mapping[str, Any] | None = None, **typed: str
) -> HTMLResponse:
    case = await visitor.api.get(within("cases", handle))
    items = await items_by_code(visitor)
    path = ("cases", handle)
    form = None
    if may_handle(visitor):
        form = await for_case(visitor, case, items).get(within(*path, "form"))
    documents = (await visitor.api.get(within(*path, "documents")))["items"]
    return show(
        visitor,
        "console/cases_one.html",
        status=problem["status"] if problem else 200,
        case=case,
        item=items.get(case["item_code"]),
        form=form,
        documents=documents,
        reports={each["document"]: await _report(visitor, handle, each) for each in documents},
        outlook=await visitor.api.get(within(*path, "outlook")),
        packages=(await visitor.api.get(within(*path, "packages")))["items"],
        types=await type_names(visitor, case, items),
        problem=problem,
        typed=typed,
        may_handle=may_handle(visitor),
        may_issue=may_issue(visitor),
    )


async def _report(visitor: Visitor, case: str, document: Mapping[str, Any]) -> Any:
    """Return what the verifier said of a file, None of a form sheet of our own."""
    if document["verdict"] is None:
        return None
    path = within("cases", case, "documents", document["document"])
    return (await visitor.api.get(path))["report"]


async def type_names(
    visitor: Visitor, case: Mapping[str, Any], items: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the names of the types that a case needs and makes, by code."""
    item = items.get(case["item_code"], {})
    codes = {code for need in item.get("needs", ()) for code in need["types"]}
    codes.update(item.get("results", ()), (made["type_code"] for made in case["licenses"]))
    names: dict[str, Any] = {}
    for code in sorted(codes):
        try:
            names[code] = (await visitor.api.get(within("license-types", code)))["name"]
        except ProblemShownError:
            names[code] = {"zh": code, "en": code}
    return names


@router.post("/{case}/documents")
async def bring_document(
    visitor: OfficerDep,
    key: FormDep,
    case: str,
    file: Annotated[UploadFile, File()],
    kind: Annotated[Literal["license", "sealed-sheet"], Form()] = "license",
) -> Response:
    """Keep what is brought: a license, verified, of whichever region; or the sealed form."""
    place = ("documents",) if kind == "license" else ("form", "sealed")
    sent = {"file": (file.filename or "file", await file.read())}
    try:
        await visitor.api.send(
            "POST",
            within("cases", case, *place),
            files=sent,
            headers={"Idempotency-Key": key},
        )
    except ProblemShownError as error:
        if error.status not in {409, 413, 422}:
            raise
        return await _case_page(visitor, case, error.document)
    return go(f"/console/cases/{case}#documents")


@router.post("/{case}/lookup")
async def look_up(
    visitor: OfficerDep,
    key: FormDep,
    case: str,
    code: Annotated[str, Form(max_length=3000)],
    check_code: Annotated[str, Form(max_length=32)] = "",
) -> Response:
    """Ask the issuing region about a license by its number, and keep the signed receipt."""
    found = await visitor.api.get(within("cases", case))
    reading = for_case(visitor, found, await items_by_code(visitor))
    try:
        number = license_number(code, check_code)
        asked = {"item_code": found["item_code"], "purpose": "审批办理", "receipt": "json"}
        told = await reading.send("POST", "/v1/verifications", data={**asked, **number})
        await visitor.api.send(
            "POST",
            within("cases", case, "documents"),
            files={"file": ("receipt.json", told.content, "application/json")},
            headers={"Idempotency-Key": key},
        )
    except ProblemShownError as error:
        if error.status not in {404, 409, 422}:
            raise
        return await _case_page(visitor, case, error.document, code=code)
    return go(f"/console/cases/{case}#documents")


@router.get("/{case}/documents/{document}")
async def show_document(visitor: OfficerDep, case: str, document: str) -> HTMLResponse:
    """Show what the verifier said of a file when it came."""
    found = await visitor.api.get(within("cases", case, "documents", document))
    return show(visitor, "console/cases_document.html", case=case, document=found)


@router.get("/{case}/documents/{document}/file")
async def document_file(visitor: OfficerDep, case: str, document: str) -> Response:
    """Hand out a file of a case as it came."""
    path = within("cases", case, "documents", document, "file")
    return as_file(await visitor.api.send("GET", path), f"{document}")


@router.post("/{case}/sheet")
async def form_sheet(
    visitor: OfficerDep, key: FormDep, case: str, form: Annotated[Literal["pdf", "ofd"], Form()]
) -> Response:
    """Draw the filled form for the holder to seal; the case keeps it."""
    found = await visitor.api.get(within("cases", case))
    reading = for_case(visitor, found, await items_by_code(visitor))
    told = await reading.send(
        "POST",
        within("cases", case, "form", "sheet"),
        json={"form": form},
        headers={"Idempotency-Key": key},
    )
    return as_file(told, f"{case}.{form}")


def as_file(told: Told, name: str) -> Response:
    """Return what the API answered as a file to be saved."""
    headers = {
        "Content-Disposition": told.headers.get("content-disposition") or attachment(name),
        "Cache-Control": "no-store",
    }
    media_type = told.headers.get("content-type", "application/octet-stream")
    return Response(told.content, media_type=media_type, headers=headers)


class DecisionForm(BaseModel):
    """What is decided, or the decision that somebody was about to sign and wants to type over."""

    outcome: Literal["准予", "不予", ""] = ""
    basis: str = Field(default="", max_length=500)
    unsigned: str = ""

    def said(self) -> dict[str, str]:
        """Return the decision.

        Raises:
            FormRefusedError: what was carried along is none.
        """
        if not self.unsigned:
            return {"outcome": self.outcome, "basis": self.basis.strip()}
        body = draft_in(self.unsigned).body
        return {name: str(body.get(name, "")) for name in ("outcome", "basis")}


@router.post("/{case}/decision")
async def decide(
    visitor: OfficerDep, key: FormDep, case: str, form: Annotated[DecisionForm, Form()]
) -> HTMLResponse:
    """Show the decision as it will be signed, or its form as it was typed."""
    del key  # the act itself is sent with the signature
    body = form.said()
    if form.unsigned or not all(body.values()):
        typed = {"outcome": body["outcome"], "basis": body["basis"]}
        return await _case_page(visitor, case, None, **typed)
    found = await visitor.api.get(within("cases", case))
    draft = Draft(
        DECISION, case, body, case_number=found["case_number"], item_code=found["item_code"]
    )
    return await sign_page(visitor, draft)


@router.post("/{case}/closing")
async def close_case(visitor: OfficerDep, key: FormDep, case: str) -> Response:
    """Close a case; what blocks it is said."""
    try:
        await visitor.api.post(within("cases", case, "closing"), key=key)
    except ProblemShownError as error:
        if error.status != 409:
            raise
        return await _case_page(visitor, case, error.document)
    return go(f"/console/cases/{case}")
