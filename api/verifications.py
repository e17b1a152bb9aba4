"""POST /v1/verifications: is this file, or this number with its check code, a license in force?

Several files are reported on together: each by itself, then whether they say the same. With an
item the answer ends in a decision; as a receipt it is signed and kept.
No login. A verdict is an answer, never an error: whatever is wrong with a
document stands in the report, with status 200. Uploads are not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Response, UploadFile

from api.dependencies import ServicesDep
from api.documentation import problems
from api.errors import RequestInvalidError
from api.headers import attachment
from api.looking_up import look_up
from api.services import Services
from api.verification_answers import (
    LicenseAnswer,
    answer_to,
    report_on_several,
    require_license_file,
)
from api.verification_models import (
    ReceiptReportOut,
    ReportOut,
    TogetherOut,
    VerificationReceiptReportOut,
)
from api.verification_question import QuestionDep, VerificationQuestion
from api.verification_receipts import RECEIPT_TYPE, receipt_report, signed_receipt
from keys.sm3 import sm3
from license_vault.sharing.receipts import VerificationReceipts
from signing.issue_proof import is_issue_proof
from signing.sealed_json.presenting_receipt import is_receipt
from signing.sealed_json.verification_receipt import is_verification_receipt
from verification.errors import DocumentTooLargeError
from verification.manifest_judgement import is_manifest

# The forms of a license, its manifest, and room for copies.
MAX_FILES = 8

# Of a number that is a partner's.
BY_NUMBER = (
    "number-of-partner-region",
    "use-required",
    "use-invalid",
    "forbidden",
    "partner-refused",
    "partner-answer-refused",
)

router = APIRouter(prefix="/v1/verifications", tags=["verification"])

_ANYBODY: dict[str, Any] = {"security": [{}, {"client": []}, {"person": []}]}
_RECEIPT_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {RECEIPT_TYPE: {"schema": {"type": "object"}}}}
}


@router.post(
    "",
    summary="Verify files, or a number with its check code · 核验",
    response_model=ReportOut | TogetherOut | ReceiptReportOut | VerificationReceiptReportOut,
    responses=problems(
        "unauthenticated",
        "invalid-request",
        "check-code-mismatch",
        *BY_NUMBER,
        "document-too-large",
        "unreadable-document",
        "unreadable-request",
        "temporarily-unavailable",
    )
    | _RECEIPT_ANSWER,
    openapi_extra=_ANYBODY,
)
def verify(
    services: ServicesDep,
    question: QuestionDep,
    response: Response,
    file: Annotated[
        list[UploadFile] | None,
        File(
            description="a sealed PDF, OFD or JSON, or a seal (.esl); not together with "
            "identifier. May be repeated for files of one license, its manifest and its proof "
            "of existence among them: "
            f"at most {MAX_FILES}. A verification receipt, alone or with the file it is about"
        ),
    ] = None,
    identifier: Annotated[
        str | None, Form(max_length=128, description="证照标识, as printed on the face")
    ] = None,
    check_code: Annotated[
        str | None, Form(max_length=32, description="查验码, as printed on the face")
    ] = None,
) -> Any:
    """Return the report on uploaded files, or on the file on record of a license.

    No login is needed; a caller who has one is named in the receipt by its organisation. With
    License-Use its number may be of a partner region's license, which is then asked for the file.
    """
    response.headers["Cache-Control"] = "no-store"
    found = _answer(services, file or [], (identifier, check_code), question)
    if not question.wants_receipt:
        return _shown(services, found, question)
    if not isinstance(found, LicenseAnswer):
        raise RequestInvalidError(
            "/receipt",
            "one-license-only",
            "核验回执只针对一份证照文件。",
            "A receipt is given about one file of a license.",
        )
    number, signed = signed_receipt(services, found, question)
    headers = {
        "Cache-Control": "no-store",
        "Location": f"/v1/verifications/receipts/{number}",
        "Content-Disposition": attachment(f"verification-receipt-{number}.json"),
    }
    return Response(signed, media_type=RECEIPT_TYPE, headers=headers)


def _shown(
    services: Services, found: LicenseAnswer | dict[str, Any], question: VerificationQuestion
) -> dict[str, Any]:
    """Return the report; of one license with the number of its receipt, where that is wanted."""
    if not isinstance(found, LicenseAnswer):
        return found
    if not question.tells_receipt:
        return found.shown
    number, signed = signed_receipt(services, found, question)
    told = {
        "receipt_id": number,
        "href": f"/v1/verifications/receipts/{number}",
        "sm3": sm3(signed).hex(),
    }
    return {**found.shown, "receipt": told}


@router.get(
    "/receipts/{receipt_id}",
    summary="Get a signed verification receipt again · 核验回执",
    response_class=Response,
    responses=problems("verification-receipt-not-found", "temporarily-unavailable")
    | _RECEIPT_ANSWER,
)
def verification_receipt(services: ServicesDep, receipt_id: str) -> Response:
    """Return a receipt, byte for byte, to whoever has its random number."""
    with services.database.reading() as session:
        kept = VerificationReceipts(session, services.keys).get(receipt_id)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": attachment(f"verification-receipt-{receipt_id}.json"),
    }
    return Response(kept.file, media_type=RECEIPT_TYPE, headers=headers)


def _answer(
    services: Services,
    files: Sequence[UploadFile],
    number: tuple[str | None, str | None],
    question: VerificationQuestion,
) -> LicenseAnswer | dict[str, Any]:
    identifier, check_code = number
    if files and (identifier or check_code):
        raise _either()
    if files:
        return _verify(services, files, question)
    if not identifier or not check_code:
        raise _either()
    return look_up(services, identifier, check_code, question)


def _verify(
    services: Services, files: Sequence[UploadFile], question: VerificationQuestion
) -> LicenseAnswer | dict[str, Any]:
    if len(files) > MAX_FILES:
        raise RequestInvalidError(
            "/file",
            "too-many-files",
            f"一次最多核验 {MAX_FILES} 个文件。",
            f"At most {MAX_FILES} files are verified together.",
        )
    contents, question = _without_proofs([content_of(services, file) for file in files], question)
    if len(contents) == 1 and is_receipt(contents[0]):
        return services.verifier.verify_receipt(contents[0], question.at).to_json()
    receipts = [data for data in contents if is_verification_receipt(data)]
    if receipts:
        return _receipt_report(services, receipts, contents, question)
    if len(contents) == 1 and not is_manifest(contents[0]):
        return answer_to(services, contents[0], question)
    for data in contents:
        require_license_file(data, is_receipt)
    return report_on_several(services, contents, question)


def _without_proofs(
    contents: list[bytes], question: VerificationQuestion
) -> tuple[list[bytes], VerificationQuestion]:
    """Take proofs of existence out of the files: they are asked about no license by themselves."""
    proofs = tuple(data for data in contents if is_issue_proof(data))
    others = [data for data in contents if not is_issue_proof(data)]
    if proofs and not others:
        raise RequestInvalidError(
            "/file",
            "proof-without-file",
            "存在证明须与其证照文件一起核验。",
            "A proof of existence is verified together with its license.",
        )
    return others, replace(question, proofs=proofs)


def _receipt_report(
    services: Services,
    receipts: Sequence[bytes],
    contents: Sequence[bytes],
    question: VerificationQuestion,
) -> dict[str, Any]:
    """Return the report on a receipt, held to the file that came with it."""
    others = [data for data in contents if not is_verification_receipt(data)]
    if len(receipts) > 1 or len(others) > 1:
        raise RequestInvalidError(
            "/file",
            "one-receipt-one-file",
            "一次核验一份回执，可附其所说的一个文件。",
            "Send one receipt, and at most the one file it is about.",
        )
    digest = sm3(others[0]).hex() if others else None
    return receipt_report(services, receipts[0], digest, question)


def content_of(services: Services, file: UploadFile) -> bytes:
    """Return an uploaded file.

    Raises:
        DocumentTooLargeError: it is larger than the limit.
    """
    limit = services.limits.max_document_bytes
    data = file.file.read(limit + 1)
    if len(data) > limit:
        raise DocumentTooLargeError(len(data), limit)
    return data


def _either() -> RequestInvalidError:
    return RequestInvalidError(
        "/file",
        "file-or-number",
        "请上传一个文件，或同时填写证照标识和查验码。",
        "Send one file, or identifier and check code together.",
    )
