"""Sign a verification receipt (核验回执) of an answer, and keep it; judge one that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.partner_statements import trust_of_region
from api.verification_question import RECEIPT_TYPE
from license_vault.registry.holders import new_handle
from license_vault.sharing.receipts import keep_receipt
from signing.errors import MalformedReceiptError
from signing.sealed_json.verification_receipt import (
    read_verification_receipt,
    sign_verification_receipt,
)
from verification.receipt_writing import ReceiptQuestion, receipt_value
from verification.revocation import Moments
from verification.verification_receipt_judgement import judge_verification_receipt

if TYPE_CHECKING:
    from api.services import Services
    from api.verification_answers import LicenseAnswer
    from api.verification_question import VerificationQuestion

__all__ = ["RECEIPT_TYPE", "receipt_report", "signed_receipt"]


def signed_receipt(
    services: Services, answer: LicenseAnswer, question: VerificationQuestion
) -> tuple[str, bytes]:
    """Return a receipt of an answer with its random number; it is kept before it is handed out.

    Raises:
        KeyCustodyError, TimestampUnavailableError: it cannot be signed now.
    """
    number = new_handle(services.random_bytes)
    asked = ReceiptQuestion(
        receipt_id=number,
        verifier=services.region_code,
        requester=question.asker.name,
        item_code=question.item_code,
        purpose=question.purpose,
    )
    value = receipt_value(answer.report, answer.evidence, answer.decision, asked)
    signer = services.signer
    stamp = signer.timestamper.timestamp
    file = sign_verification_receipt(value, signer.identity, signer.sign, stamp)
    receipt = read_verification_receipt(file).receipt
    with services.database.writing() as session:
        keep_receipt(session, services.keys, receipt, file, question.asker.name, services.clock())
    return number, file


def receipt_report(
    services: Services, data: bytes, file_sm3: str | None, question: VerificationQuestion
) -> dict[str, Any]:
    """Return the report on a receipt, ours or a partner region's, held to a file if given."""
    now = services.clock()
    believed = trust_of_region(
        services.database, services.region_code, _verifier(data), services.clock
    )
    moments = Moments(question.at or now, now)
    report = judge_verification_receipt(data, file_sm3, believed, question.policy, moments)
    return report.to_json()


def _verifier(data: bytes) -> str:
    """Return the region that a receipt says it is of; whether it is, is judged."""
    try:
        return str(read_verification_receipt(data).receipt.value["verifier"])
    except MalformedReceiptError:
        return ""
