"""The page /verify: the same verification for people, with or without JavaScript."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import HTMLResponse

from api.dependencies import ServicesDep
from api.observability import request_id_of
from api.pages.verdict import verify_page
from api.pages.visitor import VisitorDep
from api.problems.answers import log_fault, problem_of
from api.problems.table import TABLE
from api.qr_keys import page_keys
from api.verifications import answer

router = APIRouter(include_in_schema=False)


@router.get("/verify", response_class=HTMLResponse)
def show_form(services: ServicesDep, visitor: VisitorDep) -> HTMLResponse:
    """Show the form. The part after # in a QR code's address stays in the browser."""
    return verify_page(visitor, codes=page_keys(services))


@router.post("/verify", response_class=HTMLResponse)
def verify_form(
    request: Request,
    services: ServicesDep,
    visitor: VisitorDep,
    file: Annotated[list[UploadFile] | None, File()] = None,
    identifier: Annotated[str | None, Form(max_length=128)] = None,
    check_code: Annotated[str | None, Form(max_length=32)] = None,
) -> HTMLResponse:
    """Show the report, verdict first; a refusal is shown on the same page."""
    try:
        return verify_page(visitor, answer(services, file or [], identifier, check_code, None))
    except tuple(TABLE) as error:
        problem = problem_of(error)
        request_id = request_id_of(request.scope)
        log_fault(problem, error, request_id)
        document = problem.document(visitor.language, request_id)
        return verify_page(visitor, problem=document, status=problem.kind.status)
