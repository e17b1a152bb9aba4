"""POST /v1/verifications/batch: up to 50 files and numbers at once, each with its own verdict.

Sent as a form, or as NDJSON. Order is kept. One that cannot be read, or is no license, spoils none
of the others: it is answered with its problem in its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from api.dependencies import ServicesDep
from api.documentation import problems
from api.errors import RequestInvalidError
from api.looking_up import look_up
from api.observability import request_id_of
from api.problems.answers import language_of, log_fault, problem_of
from api.problems.table import TABLE
from api.services import Services
from api.verification_answers import LicenseAnswer, answer_to, require_license_file
from api.verification_lines import LONGEST_NUMBER, MEDIA_TYPE, BatchEntry, entries_in
from api.verification_models import ReportOut
from api.verification_question import (
    Asker,
    QuestionDep,
    VerificationQuestion,
    asker_of,
    purpose_of,
    question_of,
)
from verification.errors import DocumentTooLargeError

MOST = 50
SCHEMA = "license-vault/verification-batch/1"
REFUSED = "refused"

router = APIRouter(prefix="/v1/verifications", tags=["verification"])


class BatchResultOut(BaseModel):
    """One answer: a verdict with its report, or the problem that stood against it."""

    position: int
    name: str = Field(description="the file's name as it was sent, or the identifier")
    verdict: str = Field(description="as in the report, or refused")
    report: ReportOut | None
    problem: dict[str, Any] | None


class BatchOut(BaseModel):
    """All answers in the order of the request, license-vault/verification-batch/1."""

    schema_: str = Field(alias="schema", examples=[SCHEMA])
    counts: dict[str, int] = Field(description="how many of each verdict", examples=[{"valid": 2}])
    decisions: dict[str, int] = Field(description="how many of each decision, with item_code")
    results: list[BatchResultOut]


async def entries_of(request: Request, services: ServicesDep) -> tuple[BatchEntry, ...]:
    """Return the parts ``file`` and ``number`` of a form, or the lines of NDJSON, as they came.

    Raises:
        RequestInvalidError: there are none, too many, or a form's number without its check code.
    """
    if _is_lines(request):
        entries = entries_in(await request.body(), services.limits.max_json_depth)
        _require_count(len(entries))
        return entries
    form = await request.form()
    parts = [(name, value) for name, value in form.multi_items() if name in ("file", "number")]
    _require_count(len(parts))
    limit = services.limits.max_document_bytes + 1
    found = []
    for position, (part, value) in enumerate(parts):
        if isinstance(value, UploadFile) != (part == "file"):
            raise RequestInvalidError(
                f"/{part}",
                "wrong-type",
                "应为文件或文字。",
                "Send files as files, numbers as text.",
            )
        if isinstance(value, UploadFile):
            content = await value.read(limit)
            found.append(BatchEntry(position, (value.filename or "")[:255], content))
        else:
            found.append(_number(position, value))
    return tuple(found)


def _is_lines(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == MEDIA_TYPE


def _require_count(count: int) -> None:
    if not 0 < count <= MOST:
        raise RequestInvalidError(
            "/file",
            "wrong-count",
            f"一次核验 1 至 {MOST} 个文件或证照标识。",
            f"Send 1 to {MOST} files and numbers.",
        )


def _number(position: int, text: str) -> BatchEntry:
    identifier, _, check_code = text.strip().partition(" ")
    if not check_code or len(text) > LONGEST_NUMBER:
        raise RequestInvalidError(
            f"/number/{position}",
            "wrong-format",
            "应为“证照标识 查验码”，以空格分开。",
            "Write the identifier, a blank and the check code.",
        )
    return BatchEntry(position, identifier, number=(identifier, check_code))


def batch_question_of(
    request: Request,
    question: QuestionDep,
    asker: Annotated[Asker, Depends(asker_of)],
    as_of: Annotated[
        str | None, Query(max_length=40, description="as in a form, of NDJSON only")
    ] = None,
    policy: Annotated[
        Literal["default", "strict", "historical"],
        Query(description="as in a form, of NDJSON only"),
    ] = "default",
    item_code: Annotated[
        str | None, Query(max_length=64, description="as in a form, of NDJSON only")
    ] = None,
) -> VerificationQuestion:
    """Return what is asked of all: a form says it itself, for NDJSON the address does.

    Raises:
        RequestInvalidError: as ``question_of``.
    """
    if not _is_lines(request):
        return question
    return question_of(request, asker, purpose_of(item_code), as_of, policy)


EntriesDep = Annotated[tuple[BatchEntry, ...], Depends(entries_of)]
BatchQuestionDep = Annotated[VerificationQuestion, Depends(batch_question_of)]
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "sealed files; together with numbers at most 50",
                        },
                        "number": {
                            "type": "array",
                            "items": {"type": "string"},
                            "description": "证照标识 查验码, parted by a blank",
                        },
                        "as_of": {"type": "string"},
                        "policy": {"type": "string"},
                        "item_code": {"type": "string"},
                    },
                }
            },
            MEDIA_TYPE: {
                "schema": {
                    "type": "string",
                    "description": "at most 50 lines, each a number with its check code or a file",
                },
                "example": '{"identifier": "1.2.156.3005.2.…", "check_code": "…"}\n'
                '{"name": "license.pdf", "file_base64": "JVBERi0…"}\n',
            },
        },
    },
    "security": [{}, {"client": []}, {"person": []}],
}


@router.post(
    "/batch",
    summary="Verify many files and numbers at once · 批量核验",
    response_model=BatchOut,
    responses=problems(
        "unauthenticated",
        "use-invalid",
        "invalid-request",
        "unreadable-request",
        "temporarily-unavailable",
    ),
    openapi_extra=_BODY,
)
def verify_batch(
    request: Request,
    services: ServicesDep,
    entries: EntriesDep,
    question: BatchQuestionDep,
    response: Response,
) -> dict[str, Any]:
    """Return a verdict for each part or line in its order; at most 50, as large as one upload."""
    response.headers["Cache-Control"] = "no-store"
    return _batch(services, request, entries, question)


def _batch(
    services: Services,
    request: Request,
    entries: Sequence[BatchEntry],
    question: VerificationQuestion,
) -> dict[str, Any]:
    results = [_result(services, request, entry, question) for entry in entries]
    decided = (result["report"] for result in results if result["report"] is not None)
    outcomes = (report["decision"]["outcome"] for report in decided if "decision" in report)
    return {
        "schema": SCHEMA,
        "counts": dict(sorted(Counter(str(r["verdict"]) for r in results).items())),
        "decisions": dict(sorted(Counter(map(str, outcomes)).items())),
        "results": results,
    }


def _result(
    services: Services, request: Request, entry: BatchEntry, question: VerificationQuestion
) -> dict[str, Any]:
    """Answer one entry; whatever stands against it is told in its place."""
    told: dict[str, Any] = {"position": entry.position, "name": entry.name}
    try:
        report = _report(services, entry, question)
    except tuple(TABLE) as error:
        problem, request_id = problem_of(error), request_id_of(request.scope)
        log_fault(problem, error, request_id)
        language = language_of(request.headers.get("accept-language", ""))
        shown = problem.document(language, request_id)
        return {**told, "verdict": REFUSED, "report": None, "problem": shown}
    return {**told, "verdict": report["verdict"], "report": report, "problem": None}


def _report(
    services: Services, entry: BatchEntry, question: VerificationQuestion
) -> dict[str, Any]:
    if entry.fault is not None:
        raise entry.fault
    if entry.number is not None:
        found = look_up(services, *entry.number, question)
        return found.shown if isinstance(found, LicenseAnswer) else found
    content, limit = entry.file or b"", services.limits.max_document_bytes
    if len(content) > limit:
        raise DocumentTooLargeError(len(content), limit)
    require_license_file(content)
    return answer_to(services, content, question).shown
