"""Judge a receipt: did the library say this, at that instant?

Presenting receipts (亮证回执) are judged here, and by ``judge_statement`` whatever else a library
says and signs alike: verification receipts, what a region publishes about sharing.

The receipt stands in a case file in place of paper. That it holds says what was shown and for what
use; what the license is today is asked of the license itself.

Source: ADR 0042; RFC 5652; EN 319 102-1 5.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from keys.sm3 import sm3
from signing.cms.pdf_signature import CmsSignature, read_cms_signature
from signing.errors import SigningError
from signing.sealed_json.presenting_receipt import PresentingReceipt, read_receipt
from signing.sealed_json.statement import SignedStatement
from verification.evidence import TrustEvidence
from verification.explanations import Sentence
from verification.findings import Finding, finding
from verification.library_signer import signer_problems
from verification.moments import shown
from verification.policy import Policy
from verification.report import Check, Verdict, instant_text
from verification.reporting import conclude
from verification.revocation import Moments
from verification.seal_signature import signature_holds
from verification.sealing_time import StatementCase, proven_time
from verification.trust import readable_certificate, trust_index

SCHEMA = "license-vault/receipt-report/1"


@dataclass(frozen=True, slots=True)
class ReceiptReport:
    """What was found about a receipt; its content only where the signature is good."""

    verdict: Verdict
    sentence: Sentence
    checks: tuple[Check, ...]
    receipt: PresentingReceipt | None

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values; what was shown is in the receipt itself."""
        receipt = self.receipt
        told = {}
        if receipt is not None:
            told = {
                "receipt_id": receipt.receipt_id,
                "resolved_at": instant_text(receipt.resolved_at),
                "licenses": [shown.identifier for shown in receipt.licenses],
            }
        return {
            "schema": SCHEMA,
            "verdict": self.verdict.value,
            "sentence": self.sentence.to_json(),
            "receipt": told or None,
            "checks": [check.to_json() for check in self.checks],
        }


def judge_receipt(
    data: bytes, trust: TrustEvidence | None, trust_gap: str, policy: Policy, moments: Moments
) -> ReceiptReport:
    """Judge a receipt by its bytes; ``trust_gap`` says why nothing is trusted, if nothing is."""
    try:
        signed = read_receipt(data)
    except SigningError as error:
        detail = str(getattr(error, "code", "unreadable"))
        return ReceiptReport(*conclude((finding("receipt-malformed", detail=detail),)), None)
    found = tuple(judge_statement(signed.statement, (trust, trust_gap), policy, moments))
    verdict, sentence, lines = conclude(found)
    if verdict is Verdict.VALID:
        sentence = _genuine(signed.receipt)
    return ReceiptReport(
        verdict, sentence, lines, signed.receipt if verdict is Verdict.VALID else None
    )


def _genuine(receipt: PresentingReceipt) -> Sentence:
    """Return the first sentence on a receipt that holds: what it is about, not "valid"."""
    when, count = shown(receipt.resolved_at), len(receipt.licenses)
    return Sentence(
        f"回执属实：{when} 出示过 {count} 份证照。证照现在的状态须另行核验。",
        f"The receipt is genuine: at {when} licenses were shown ({count}). What they are now must "
        "be verified anew.",
    )


def judge_statement(
    statement: SignedStatement,
    trust: tuple[TrustEvidence | None, str],
    policy: Policy,
    moments: Moments,
) -> Iterator[Finding]:
    """Yield what is found about who signed a statement; one that passes if it may be believed.

    Args:
        trust: what is trusted, and why nothing is if nothing is.
    """
    try:
        cms = read_cms_signature(statement.signature)
    except SigningError as error:
        detail = str(getattr(error, "code", "unreadable"))
        yield finding("receipt-malformed", detail=detail)
        return
    yield from _judge_cms(statement, cms, trust, (policy, moments))


def _judge_cms(
    statement: SignedStatement,
    cms: CmsSignature,
    trust: tuple[TrustEvidence | None, str],
    by: tuple[Policy, Moments],
) -> Iterator[Finding]:
    known, gap = trust
    for problem in cms.problems:
        yield finding("receipt-malformed", detail=problem)
    signer = readable_certificate(cms.signer_certificate)
    if signer is None:
        yield finding("receipt-signer-unknown", detail="certificate-unreadable")
        return
    names_content = cms.message_digest == sm3(statement.signed_bytes)
    if not names_content or not signature_holds(signer, cms.signed_attributes, cms.signature):
        yield finding("receipt-signature-invalid")
        return
    if known is None:
        yield finding("receipt-signer-unknown", detail=gap or "trust-unavailable")
        return
    index = trust_index(known)
    # A key that was replaced since leaves what it signed before as it was.
    proven = proven_time(StatementCase(index, *by), cms.timestamp, cms.signature)
    problems = tuple(
        finding(
            "receipt-signer-unknown" if problem.is_open else "receipt-signer-not-trusted",
            problem.known_at,
            detail=problem.detail,
        )
        for problem in signer_problems(signer, cms.certificates, index, *by, proven)
    )
    yield from problems or (finding("receipt-signed", known.issued_at, name=signer.common_name),)
