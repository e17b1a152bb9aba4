"""Sign a verification receipt (核验回执) of an answer, and keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.verification_question import RECEIPT_TYPE
from license_vault.registry.holders import new_handle
from license_vault.sharing.receipts import keep_receipt
from signing.sealed_json.verification_receipt import (
    read_verification_receipt,
    sign_verification_receipt,
)
from verification.receipt_writing import ReceiptQuestion, receipt_value

if TYPE_CHECKING:
    from api.services import Services
    from api.verification_answers import LicenseAnswer
    from api.verification_question import VerificationQuestion

__all__ = ["RECEIPT_TYPE", "signed_receipt"]


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
        requester=question.requester,
        item_code=question.item_code,
        purpose=question.purpose,
    )
    value = receipt_value(answer.report, answer.evidence, answer.decision, asked)
    signer = services.signer
    stamp = signer.timestamper.timestamp
    file = sign_verification_receipt(value, signer.identity, signer.sign, stamp)
    receipt = read_verification_receipt(file).receipt
    with services.database.writing() as session:
        keep_receipt(session, services.keys, receipt, file, question.requester, services.clock())
    return number, file
