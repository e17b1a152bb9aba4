"""Judge a verification receipt (核验回执): did that library say this, and about this file?

The receipt stands in the archive in place of paper. It holds if the library's signature does; what
the license is today is asked of the license itself. A file that is given beside it is compared by
its digest.

Source: ADR 0053; RFC 5652; EN 319 102-1 5.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from signing.errors import SigningError
from signing.sealed_json.verification_receipt import (
    SignedVerificationReceipt,
    VerificationReceipt,
    read_verification_receipt,
)
from verification.errors import AsOfInvalidError
from verification.evidence import TrustEvidence
from verification.explanations import Sentence
from verification.findings import Finding, finding
from verification.moments import read_as_of, shown
from verification.policy import Policy
from verification.receipt_judgement import judge_statement
from verification.report import Check, Verdict
from verification.reporting import conclude
from verification.revocation import Moments

SCHEMA = "license-vault/verification-receipt-report/1"


@dataclass(frozen=True, slots=True)
class VerificationReceiptReport:
    """What was found about a receipt; its content only where the signature is good."""

    verdict: Verdict
    sentence: Sentence
    checks: tuple[Check, ...]
    receipt: VerificationReceipt | None

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values, with what the receipt says if it is believed."""
        told: Mapping[str, Any] | None = None if self.receipt is None else self.receipt.value
        return {
            "schema": SCHEMA,
            "verdict": self.verdict.value,
            "sentence": self.sentence.to_json(),
            "receipt": told,
            "checks": [check.to_json() for check in self.checks],
        }


def judge_verification_receipt(
    data: bytes,
    file_sm3: str | None,
    trust: tuple[TrustEvidence | None, str],
    policy: Policy,
    moments: Moments,
) -> VerificationReceiptReport:
    """Judge a receipt by its bytes.

    Args:
        file_sm3: SM3 (hex) of a file that is said to be the one verified; None: none was given.
        trust: what is trusted, and why nothing is if nothing is.
    """
    try:
        signed = read_verification_receipt(data)
    except SigningError as error:
        detail = str(getattr(error, "code", "unreadable"))
        found = (finding("receipt-malformed", detail=detail),)
        return VerificationReceiptReport(*conclude(found), None)
    findings = (
        *judge_statement(signed.statement, trust, policy, moments),
        *_judge_file(signed, file_sm3),
    )
    verdict, sentence, lines = conclude(findings)
    if verdict is Verdict.VALID:
        sentence = _genuine(signed.receipt, is_held=file_sm3 is not None)
    believed = any(entry.code == "receipt-signed" for entry in findings)
    return VerificationReceiptReport(verdict, sentence, lines, signed.receipt if believed else None)


def _genuine(receipt: VerificationReceipt, *, is_held: bool) -> Sentence:
    """Return the first sentence on a receipt that holds: its own conclusion, which may be bad."""
    told, when = receipt.value, _when(receipt.value["asked"]["verified_at"])
    found, by = told["sentence"], told["verifier"]
    zh, en = ("说的正是此文件", " and about this very file")
    if not is_held:
        zh, en = ("未附文件，未作比较", "; no file was given to hold it against")
    return Sentence(
        f"回执属实（{zh}）。{by} 于 {when} 的结论：{found['zh']}证照现在的状态须另行核验。",
        f"The receipt is genuine{en}. {by} found at {when}: {found['en']} "
        "What the license is now must be verified anew.",
    )


def _when(text: str) -> str:
    """Return a civil time; a region may write what it likes, which then stands as it is."""
    try:
        return shown(read_as_of(text))
    except AsOfInvalidError:
        return text


def _judge_file(signed: SignedVerificationReceipt, sm3: str | None) -> Iterator[Finding]:
    if sm3 is None:
        return
    names = signed.receipt.names(sm3)
    code = "receipt-names-file" if names else "receipt-of-another-file"
    yield finding(code, detail=sm3)
