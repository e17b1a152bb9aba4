"""Verification receipts that this library signed: kept encrypted, found by their random numbers.

All their SQL. In the clear stand who asked (an organisation's code), verdict and decision.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select

from keys.provider import KeyProvider
from keys.sm3 import sm3
from license_vault.audit import Act, AuditWriter
from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.database.sharing_tables import VerificationReceiptRow
from license_vault.sharing.errors import VerificationReceiptUnknownError
from signing.sealed_json.verification_receipt import VerificationReceipt

SIGNED: Final = "verification.receipt-signed"
_KEK: Final = "vault-kek"
_RECEIPT = table_of(VerificationReceiptRow)
_BY_NUMBER = select(_RECEIPT).where(_RECEIPT.c.receipt_id == bindparam("receipt_id"))


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """A receipt as it was signed, byte for byte."""

    receipt_id: str
    file: bytes = field(repr=False)
    made_at: datetime


class VerificationReceipts:
    """Looks receipts up."""

    def __init__(self, session: Reading, keys: KeyProvider) -> None:
        self._session = session
        self._keys = keys

    def get(self, receipt_id: str) -> KeptReceipt:
        """Return a receipt.

        Raises:
            VerificationReceiptUnknownError: there is none of this number.
        """
        row = self._session.execute(_BY_NUMBER, {"receipt_id": receipt_id}).first()
        if row is None:
            raise VerificationReceiptUnknownError
        file = self._keys.unwrap(_KEK, row.sealed_receipt, _context(row.receipt_id))
        return KeptReceipt(row.receipt_id, file, row.made_at)


def keep_receipt(
    session: Writing,
    keys: KeyProvider,
    receipt: VerificationReceipt,
    file: bytes,
    requester: str,
    at: datetime,
) -> None:
    """Keep a receipt that was just signed, with its entry in the audit."""
    digest, number = sm3(file), receipt.receipt_id
    session.add_row(
        _RECEIPT,
        receipt_id=number,
        requester=requester,
        verdict=receipt.verdict,
        decision=receipt.decision,
        sm3=digest,
        sealed_receipt=keys.wrap(_KEK, file, _context(number)),
        made_at=at,
    )
    details = {
        "requester": requester,
        "verdict": receipt.verdict,
        "decision": receipt.decision,
        "sm3": digest.hex(),
    }
    subject = f"verification-receipt:{number}"
    AuditWriter(session).append(Act(f"requester:{requester}", SIGNED, subject, details, at))


def _context(receipt_id: str) -> bytes:
    return f"license-vault/1\0verification-receipt\0{receipt_id}".encode()
