"""Verify a document: gather, then judge. The one entry of this package.

The same for the verification page, the command line, a partner's offline check and our own
final check at issuing; they differ in policy, in sources and in where the document is parsed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from verification.evidence import Evidence
from verification.gathering import Parse, gather
from verification.judging import judge_with_claims
from verification.manifest_judgement import ManifestQuestion, is_manifest, judge_manifest
from verification.opinions import SecondOpinion
from verification.policy import Policy
from verification.qr_judgement import QrReport, judge_qr
from verification.receipt_judgement import ReceiptReport, judge_receipt
from verification.report import VerificationReport
from verification.revocation import Moments
from verification.source_proof import with_proofs
from verification.sources import Sources, Unreachable
from verification.together import TogetherReport, compare
from verification.verification_receipt_judgement import (
    VerificationReceiptReport,
    judge_verification_receipt,
)


class Verifier:
    """Verifies documents; may be used from many threads."""

    def __init__(
        self,
        sources: Sources,
        parse: Parse,
        policy: Policy,
        clock: Callable[[], datetime],
        second_opinion: SecondOpinion | None = None,
    ) -> None:
        self._sources = sources
        self._parse = parse
        self._policy = policy
        self._clock = clock
        self._second_opinion = second_opinion

    def verify(self, data: bytes, at: datetime | None = None) -> VerificationReport:
        """Return the report about a document.

        Args:
            data: the document's bytes; they are not kept.
            at: the time the question is about, UTC; nothing: now. A date means its end at
                +08:00 (``moments.read_as_of``).

        Raises:
            VerificationRefusedError: the document is empty, too large, or of no form we read.
            VerificationError: no parser process can be had.
        """
        return self.verify_with_evidence(data, at)[0]

    def verify_together(self, files: Sequence[bytes], at: datetime | None = None) -> TogetherReport:
        """Return a report on each file and whether they say the same; manifests may be among them.

        Raises:
            VerificationRefusedError, VerificationError: as ``verify``, for any of the files.
        """
        documents = [data for data in files if not is_manifest(data)]
        reports = [self.verify(data, at) for data in documents]
        return self.compare(reports, [data for data in files if is_manifest(data)], at)

    def compare(
        self,
        reports: Sequence[VerificationReport | None],
        manifests: Sequence[bytes],
        at: datetime | None = None,
    ) -> TogetherReport:
        """Return whether files that were verified say the same, held to manifests of them.

        Args:
            reports: one a file; nothing for a file that was refused.
        """
        judged = [report for report in reports if report is not None]
        question = self._manifest_question(at) if manifests else None
        answers = (
            judge_manifest(data, question, judged) for data in manifests if question is not None
        )
        return compare(reports, tuple(answers))

    def verify_receipt(self, data: bytes, at: datetime | None = None) -> ReceiptReport:
        """Return the report about a presenting receipt."""
        question = self._manifest_question(at)
        return judge_receipt(
            data, question.trust, question.trust_gap, question.policy, question.moments
        )

    def verify_qr(self, text: str, at: datetime | None = None) -> QrReport:
        """Return the report about what a scanner read off a license's QR code."""
        now = self._clock()
        return judge_qr(text, self._sources, self._policy, Moments(now if at is None else at, now))

    def verify_verification_receipt(
        self, data: bytes, file_sm3: str | None = None, at: datetime | None = None
    ) -> VerificationReceiptReport:
        """Return the report about a verification receipt, held to a file (SM3, hex) if given."""
        question = self._manifest_question(at)
        trust = question.trust, question.trust_gap
        return judge_verification_receipt(data, file_sm3, trust, question.policy, question.moments)

    def under(self, policy: Policy) -> Verifier:
        """Return a verifier of the same sources and parser that asks by another policy."""
        return Verifier(self._sources, self._parse, policy, self._clock, self._second_opinion)

    def with_proofs(self, proofs: Sequence[bytes]) -> Verifier:
        """Return a verifier that has these proofs of existence (read by nobody yet) too."""
        sources = with_proofs(self._sources, proofs)
        return Verifier(sources, self._parse, self._policy, self._clock, self._second_opinion)

    def _manifest_question(self, at: datetime | None) -> ManifestQuestion:
        now = self._clock()
        moments = Moments(now if at is None else at, now)
        trust = self._sources.trust.trust_for(None)
        if isinstance(trust, Unreachable):
            return ManifestQuestion(None, trust.detail, self._policy, moments)
        return ManifestQuestion(trust, "", self._policy, moments)

    def verify_with_evidence(
        self, data: bytes, at: datetime | None = None
    ) -> tuple[VerificationReport, Evidence]:
        """Return the report and the evidence it rests on."""
        now = self._clock()
        as_of = now if at is None else at
        evidence, claims = gather(
            data, self._parse, self._sources, self._policy, (as_of, now), self._second_opinion
        )
        report = judge_with_claims(evidence, self._policy, Moments(as_of, now), claims)
        return report, evidence
