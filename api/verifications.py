"""POST /v1/verifications: is this file, or this number with its check code, a license in force?

Several files are reported on together: each by itself, then whether they say the same.
No login. A verdict is an answer, never an error: whatever is wrong with a
document stands in the report, with status 200. Uploads are not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import ServicesDep
from api.documentation import problems
from api.errors import RequestInvalidError
from api.looking_up import look_up
from api.member_reports import with_members
from api.services import Services
from signing.sealed_json.presenting_receipt import is_receipt
from verification.errors import AsOfInvalidError, DocumentTooLargeError
from verification.manifest_judgement import is_manifest
from verification.moments import read_as_of

# The forms of a license, its manifest, and room for copies.
MAX_FILES = 8

router = APIRouter(prefix="/v1/verifications", tags=["verification"])


class SentenceOut(BaseModel):
    """One statement in both languages."""

    zh: str
    en: str


class CheckOut(BaseModel):
    """One line of the report."""

    model_config = ConfigDict(extra="allow")

    check: str = Field(examples=["integrity"])
    outcome: str = Field(examples=["passed"])
    code: str
    sentence: SentenceOut
    how: SentenceOut
    known_at: str | None
    who_acts: SentenceOut | None
    clause: str


class ReportOut(BaseModel):
    """The report, license-vault/report/1; described in docs/verification-process.md."""

    model_config = ConfigDict(extra="allow")

    # Not "schema": pydantic's own models have that name.
    schema_: str = Field(alias="schema", examples=["license-vault/report/1"])
    verdict: str = Field(
        description="valid, valid_copy (a purpose-bound copy, not the license), not_in_force, "
        "indeterminate, altered, untrusted or unsealed",
        examples=["valid"],
    )
    state: str | None = Field(description="with not_in_force: which state")
    marks: list[str]
    sentence: SentenceOut
    as_of: str
    verified_at: str
    document: dict[str, Any]
    license: dict[str, Any] | None
    checks: list[CheckOut]
    seals: list[dict[str, Any]]
    not_checked: list[str]


class ReceiptReportOut(BaseModel):
    """The report on a presenting receipt, license-vault/receipt-report/1."""

    schema_: str = Field(alias="schema", examples=["license-vault/receipt-report/1"])
    verdict: str
    sentence: SentenceOut
    receipt: dict[str, Any] | None = Field(description="what it says, if it is believed")
    checks: list[CheckOut]


class TogetherOut(BaseModel):
    """Reports on files given together, license-vault/together/1."""

    model_config = ConfigDict(extra="allow")

    schema_: str = Field(alias="schema", examples=["license-vault/together/1"])
    reports: list[ReportOut]
    same_content: bool | None = Field(
        description="whether the files carry the same claims; null: it cannot be known"
    )
    sentence: SentenceOut
    manifests: list[dict[str, Any]]


@router.post(
    "",
    summary="Verify files, or a number with its check code · 核验",
    response_model=ReportOut | TogetherOut | ReceiptReportOut,
    responses=problems(
        "invalid-request",
        "check-code-mismatch",
        "document-too-large",
        "unreadable-document",
        "unreadable-request",
        "temporarily-unavailable",
    ),
)
def verify(
    services: ServicesDep,
    response: Response,
    file: Annotated[
        list[UploadFile] | None,
        File(
            description="a sealed PDF, OFD or JSON, or a seal (.esl); not together with "
            "identifier. May be repeated for files of one license, its manifest among them: "
            f"at most {MAX_FILES}"
        ),
    ] = None,
    identifier: Annotated[
        str | None, Form(max_length=128, description="证照标识, as printed on the face")
    ] = None,
    check_code: Annotated[
        str | None, Form(max_length=32, description="查验码, as printed on the face")
    ] = None,
    as_of: Annotated[
        str | None,
        Form(
            max_length=40,
            description="the time asked about: RFC 3339 with an offset, or a date, which means "
            "its end at +08:00; unset: now",
            examples=["2026-06-30"],
        ),
    ] = None,
) -> dict[str, Any]:
    """Return the report on uploaded files, or on the file on record of a license."""
    response.headers["Cache-Control"] = "no-store"
    return answer(services, file or [], identifier, check_code, as_of)


def answer(
    services: Services,
    files: Sequence[UploadFile],
    identifier: str | None,
    check_code: str | None,
    as_of: str | None,
) -> dict[str, Any]:
    """Return the report on what a form holds; of several files the report on them together.

    Raises:
        RequestInvalidError: it holds neither a file nor a number with its code, or both.
    """
    at = _as_of(as_of)
    if files and (identifier or check_code):
        raise _either()
    if files:
        return _verify(services, files, at)
    if not identifier or not check_code:
        raise _either()
    return look_up(services, identifier, check_code, at)


def _verify(services: Services, files: Sequence[UploadFile], at: datetime | None) -> dict[str, Any]:
    if len(files) > MAX_FILES:
        raise RequestInvalidError(
            "/file",
            "too-many-files",
            f"一次最多核验 {MAX_FILES} 个文件。",
            f"At most {MAX_FILES} files are verified together.",
        )
    contents = [_content(services, file) for file in files]
    if len(contents) == 1 and is_receipt(contents[0]):
        return services.verifier.verify_receipt(contents[0], at).to_json()
    if len(contents) == 1 and not is_manifest(contents[0]):
        report = services.verifier.verify(contents[0], at).to_json()
    else:
        report = services.verifier.verify_together(contents, at).to_json()
    return with_members(services.database, report, at, services.clock())


def _content(services: Services, file: UploadFile) -> bytes:
    limit = services.limits.max_document_bytes
    data = file.file.read(limit + 1)
    if len(data) > limit:
        raise DocumentTooLargeError(len(data), limit)
    return data


def _as_of(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return read_as_of(text)
    except AsOfInvalidError as error:
        raise RequestInvalidError(
            "/as_of",
            "not-a-time",
            "应为带时区的时刻或日期，如 2026-06-30。",
            "This must be an instant with an offset, or a date such as 2026-06-30.",
        ) from error


def _either() -> RequestInvalidError:
    return RequestInvalidError(
        "/file",
        "file-or-number",
        "请上传一个文件，或同时填写证照标识和查验码。",
        "Send one file, or identifier and check code together.",
    )
