"""Routes of what a case shows: files that are brought, the pre-filled form, its sealed sheet."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, File, Response, UploadFile

from api.authentication import HANDLE_CASES, require_scope
from api.case_models import (
    DocumentList,
    DocumentOut,
    DocumentReportOut,
    FormOut,
    SheetIn,
    document_list,
    document_values,
    form_values,
)
from api.cases import require_viewer
from api.dependencies import CallerDep, IdempotencyKeyDep, ServicesDep
from api.documentation import problems
from api.headers import attachment
from api.limits import StrictJsonRoute
from api.services import Services
from api.use_header import UseDep
from keys.sm3 import sm3
from license_vault.cases.case import SealPlace
from license_vault.cases.case_services import Request
from license_vault.cases.form_desk import CaseFile, KeptDocument
from license_vault.vault import MEDIA_TYPES
from verification.errors import DocumentTooLargeError

uploads = APIRouter(prefix="/v1/cases", tags=["cases"])
forms = APIRouter(prefix="/v1/cases", tags=["cases"], route_class=StrictJsonRoute)

_DENIED = ("unauthenticated", "forbidden", "case-not-found")
_CHANGE = (
    "idempotency-key-required",
    "idempotency-key-reused",
    "request-in-progress",
    "invalid-request",
    "unreadable-request",
    "temporarily-unavailable",
    "case-state",
)
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in MEDIA_TYPES.values()
        }
    }
}
FileIn = Annotated[UploadFile, File(description="one PDF, OFD or JSON")]


@uploads.post(
    "/{case}/documents",
    status_code=201,
    summary="Bring a file into a case; it is verified · 提交并核验材料",
    response_model=DocumentOut,
    responses=problems(*_DENIED, *_CHANGE, "unreadable-document", "document-too-large")
    | {200: {"description": "the same request was answered before", "model": DocumentOut}},
)
def bring_document(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    case: str,
    file: FileIn,
    response: Response,
) -> dict[str, Any]:
    """Verify a file and keep it, encrypted, with the verdict; an invalid one is kept too."""
    require_scope(caller, HANDLE_CASES)
    data = _content(services, file)
    asked = {"act": "case.bring", "case": case, "file": sm3(data).hex()}
    kept = services.cases.forms.bring(case, data, Request(caller, key, asked))
    return _answer(case, kept, response)


@uploads.get(
    "/{case}/documents",
    summary="List the files of a case · 办件材料",
    response_model=DocumentList,
    responses=problems(*_DENIED),
)
def list_documents(services: ServicesDep, caller: CallerDep, case: str) -> dict[str, Any]:
    """Return the files of a case, in the order they came."""
    require_viewer(caller)
    return document_list(case, services.cases.forms.documents(case, caller))


@uploads.get(
    "/{case}/documents/{document}",
    summary="Show a file of a case with its report · 材料核验报告",
    response_model=DocumentReportOut,
    responses=problems(*_DENIED, "case-document-not-found"),
)
def show_document(
    services: ServicesDep, caller: CallerDep, case: str, document: str
) -> dict[str, Any]:
    """Return what the verifier said of a file when it came, whole."""
    require_viewer(caller)
    kept = services.cases.forms.document(case, document, caller)
    report = None if kept.judged is None else json.loads(kept.judged.report)
    return {**document_values(case, kept), "report": report}


@uploads.get(
    "/{case}/documents/{document}/file",
    summary="Download a file of a case · 下载材料",
    response_class=Response,
    responses=problems(*_DENIED, "case-document-not-found", "temporarily-unavailable") | _FILES,
)
def document_file(services: ServicesDep, caller: CallerDep, case: str, document: str) -> Response:
    """Return a file as it came, checked against its digests before the first byte leaves."""
    require_viewer(caller)
    return _file(services.cases.forms.file(case, document, caller))


@forms.get(
    "/{case}/form",
    summary="Fill the form from the holders' licenses · 表单预填",
    response_model=FormOut,
    responses=problems(
        *_DENIED, "use-required", "use-invalid", "invalid-request", "temporarily-unavailable"
    ),
)
def filled_form(
    services: ServicesDep, caller: CallerDep, use: UseDep, case: str, response: Response
) -> dict[str, Any]:
    """Return the form as far as licenses fill it; each value names license, version and verdict.

    Every license that is used is in its holder's journal.
    """
    require_scope(caller, HANDLE_CASES)
    response.headers["Cache-Control"] = "no-store"
    return form_values(case, services.cases.forms.form(case, caller, use))


@forms.post(
    "/{case}/form/sheet",
    summary="Draw the filled form as a document · 生成表单文件",
    response_class=Response,
    responses=problems(
        *_DENIED, *_CHANGE, "use-required", "use-invalid", "media-type-not-supported"
    )
    | _FILES,
)
def form_sheet(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    use: UseDep,
    case: str,
    body: SheetIn,
) -> Response:
    """Return the filled form as PDF or OFD, unsealed; the case keeps it.

    The holder consents to its SM3 and has the own seal set on it (POST /v1/seals/{code}/sealings)
    where the header Seal-Place says; the result is brought back to /form/sealed.
    """
    require_scope(caller, HANDLE_CASES)
    asked = {"act": "case.sheet", "case": case, "form": body.form}
    return _file(services.cases.forms.sheet(case, body.form, use, Request(caller, key, asked)))


@uploads.post(
    "/{case}/form/sealed",
    status_code=201,
    summary="Bring back the form with the holder's seal · 提交已用印表单",
    response_model=DocumentOut,
    responses=problems(
        *_DENIED, *_CHANGE, "sealed-form-refused", "unreadable-document", "document-too-large"
    )
    | {200: {"description": "the same request was answered before", "model": DocumentOut}},
)
def bring_sealed_form(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    case: str,
    file: FileIn,
    response: Response,
) -> dict[str, Any]:
    """Keep a sheet of this case that this node sealed with a case holder's own seal."""
    require_scope(caller, HANDLE_CASES)
    data = _content(services, file)
    asked = {"act": "case.sealed-form", "case": case, "file": sm3(data).hex()}
    kept = services.cases.forms.sealed(case, data, Request(caller, key, asked))
    return _answer(case, kept, response)


def _content(services: Services, file: UploadFile) -> bytes:
    limit = services.limits.max_document_bytes
    data = file.file.read(limit + 1)
    if len(data) > limit:
        raise DocumentTooLargeError(len(data), limit)
    return data


def _answer(case: str, kept: KeptDocument, response: Response) -> dict[str, Any]:
    if kept.replayed:
        response.status_code = 200
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["Location"] = f"/v1/cases/{case}/documents/{kept.document.handle}"
    response.headers["Cache-Control"] = "no-store"
    return document_values(case, kept)


def _file(file: CaseFile) -> Response:
    document, said = file.kept.document, file.kept.said
    headers = {
        "Content-Disposition": attachment(f"{document.handle}.{document.form}"),
        "Cache-Control": "no-store",
    }
    if isinstance(said, SealPlace):
        headers["Seal-Place"] = f"page={said.page}, x_mm={said.x_mm:g}, y_mm={said.y_mm:g}"
    return Response(file.data, media_type=MEDIA_TYPES[document.form], headers=headers)
