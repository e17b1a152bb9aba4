"""Verify one document and decide about it: what the routes of verification have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.decisions import Decisions
from api.errors import RequestInvalidError
from api.member_reports import with_members
from api.verification_pictures import pictures_json
from signing.issue_proof import is_issue_proof
from signing.sealed_json.presenting_receipt import is_receipt
from signing.sealed_json.verification_receipt import is_verification_receipt
from verification.manifest_judgement import is_manifest

if TYPE_CHECKING:
    from api.services import Services
    from api.verification_question import VerificationQuestion
    from verification.decision import Decision
    from verification.evidence import Evidence
    from verification.report import VerificationReport
    from verification.verifier import Verifier


@dataclass(frozen=True, slots=True)
class LicenseAnswer:
    """What was found about one file: as values, as shown, and what was decided."""

    report: VerificationReport = field(repr=False)
    evidence: Evidence = field(repr=False)
    decision: Decision | None
    shown: dict[str, Any] = field(repr=False)


# What is verified too, but is no license: each in its own way, never as one of many licenses.
_ALONE = (is_receipt, is_verification_receipt, is_manifest, is_issue_proof)


def require_license_file(data: bytes, *others: Callable[[bytes], bool]) -> None:
    """Check that a file is none of those that are verified in another way.

    Args:
        others: the ways that are asked about; none: all.

    Raises:
        RequestInvalidError: it is one, and would be called a license without a seal.
    """
    if any(is_such(data) for is_such in others or _ALONE):
        raise RequestInvalidError(
            "/file",
            "verified-alone",
            "这是回执、清单或存在证明，不是证照文件；请单独核验，或与其所说的文件一并核验。",
            "This is a receipt, a manifest or a proof, no license: verify it by itself, or with "
            "the file it is about.",
        )


def answer_to(services: Services, data: bytes, question: VerificationQuestion) -> LicenseAnswer:
    """Verify one document as it is asked.

    Raises:
        VerificationRefusedError, VerificationError: as ``Verifier.verify``.
    """
    drawn = services.pictures.begin(data) if question.wants_pictures else None
    report, evidence = verifier_for(services, question).verify_with_evidence(data, question.at)
    decision = None
    if question.item_code:
        decides = decisions_of(services)
        decision = decides.about_file(report, evidence, question.item_code)
    shown = with_members(services.database, report.to_json(), question.at, services.clock())
    if decision is not None:
        shown["decision"] = decision.to_json()
    if drawn is not None:
        shown["pictures"] = pictures_json(services, report, evidence, drawn.result())
    return LicenseAnswer(report, evidence, decision, shown)


def report_on_several(
    services: Services,
    contents: Sequence[bytes],
    question: VerificationQuestion,
) -> dict[str, Any]:
    """Return the report on several files together; each has its own decision."""
    documents = [data for data in contents if not is_manifest(data)]
    answers = [answer_to(services, data, question) for data in documents]
    manifests = [data for data in contents if is_manifest(data)]
    reports = [answer.report for answer in answers]
    together = verifier_for(services, question).compare(reports, manifests, question.at)
    return {**together.to_json(), "reports": [answer.shown for answer in answers]}


def verifier_for(services: Services, question: VerificationQuestion) -> Verifier:
    """Return the node's verifier under the policy that is asked for, with what came besides."""
    return services.verifier.under(question.policy).with_proofs(question.proofs)


def decisions_of(services: Services) -> Decisions:
    """Return what decides by the own use list."""
    return Decisions(services.database, services.region_code)
