"""Judge the manifest of a license: is it the library's, and does it speak of the files at hand?

A manifest is signed with the library's own key, not with a seal (``library_signer``). Its
time-stamp is not asked: whoever has an old manifest can fetch a new one.

Source: ADR 0036; RFC 5652; EN 319 102-1 5.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keys.sm3 import sm3
from signing.cms.pdf_signature import CmsSignature, read_cms_signature
from signing.errors import SigningError
from signing.sealed_json.manifest import Manifest, ManifestFile, SignedManifest, read_manifest
from verification.evidence import TrustEvidence
from verification.explanations import Sentence
from verification.findings import Finding, finding
from verification.library_signer import signer_problems
from verification.policy import Policy
from verification.report import Check, Verdict, VerificationReport, instant_text
from verification.reporting import conclude
from verification.revocation import Moments
from verification.seal_signature import signature_holds
from verification.sealing_time import StatementCase, proven_time
from verification.trust import readable_certificate, trust_index

_BEGINNING = b'{"manifest":'
_GENUINE = Sentence(
    "文件清单属实，所给文件都在其中。",
    "The manifest is genuine and lists every file that was given.",
)
_ALONE = Sentence(
    "文件清单属实；没有给出所列的文件，未作比较。",
    "The manifest is genuine. No file was given to hold against it.",
)


def is_manifest(data: bytes) -> bool:
    """Say whether bytes begin as a manifest, which has one form only, does."""
    return data.startswith(_BEGINNING)


@dataclass(frozen=True, slots=True)
class ManifestReport:
    """What was found about a manifest; without identifier and content id it cannot be read."""

    verdict: Verdict
    sentence: Sentence
    checks: tuple[Check, ...]
    identifier: str | None
    content_id: str | None
    issued_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "verdict": self.verdict.value,
            "sentence": self.sentence.to_json(),
            "identifier": self.identifier,
            "content_id": self.content_id,
            "issued_at": instant_text(self.issued_at),
            "checks": [check.to_json() for check in self.checks],
        }


@dataclass(frozen=True, slots=True)
class ManifestQuestion:
    """By what a manifest is judged: what is trusted (or why nothing is), policy and time."""

    trust: TrustEvidence | None
    trust_gap: str
    policy: Policy
    moments: Moments


def judge_manifest(
    data: bytes, question: ManifestQuestion, reports: Sequence[VerificationReport]
) -> ManifestReport:
    """Judge a manifest beside the reports on the files that were given with it."""
    try:
        signed = read_manifest(data)
        cms = read_cms_signature(signed.signature)
    except SigningError as error:
        detail = str(getattr(error, "code", "unreadable"))
        verdict, sentence, lines = conclude((finding("manifest-malformed", detail=detail),))
        return ManifestReport(verdict, sentence, lines, None, None, None)
    found = (*_judge_signature(signed, cms, question), *_judge_files(signed.manifest, reports))
    verdict, sentence, lines = conclude(found)
    if verdict is Verdict.VALID:
        sentence = _GENUINE if reports else _ALONE
    manifest = signed.manifest
    return ManifestReport(
        verdict, sentence, lines, manifest.identifier, manifest.content_id, manifest.issued_at
    )


def _judge_signature(
    signed: SignedManifest, cms: CmsSignature, question: ManifestQuestion
) -> Iterator[Finding]:
    for problem in cms.problems:
        yield finding("manifest-malformed", detail=problem)
    signer = readable_certificate(cms.signer_certificate)
    if signer is None:
        yield finding("manifest-signer-unknown", detail="certificate-unreadable")
        return
    names_content = cms.message_digest == sm3(signed.signed_bytes)
    if not names_content or not signature_holds(signer, cms.signed_attributes, cms.signature):
        yield finding("manifest-signature-invalid")
        return
    if question.trust is None:
        yield finding("manifest-signer-unknown", detail=question.trust_gap or "trust-unavailable")
        return
    trust = trust_index(question.trust)
    case = StatementCase(trust, question.policy, question.moments)
    proven = proven_time(case, cms.timestamp, cms.signature)
    problems = tuple(
        finding(
            "manifest-signer-unknown" if problem.is_open else "manifest-signer-not-trusted",
            problem.known_at,
            detail=problem.detail,
        )
        for problem in signer_problems(
            signer, cms.certificates, trust, question.policy, question.moments, proven
        )
    )
    yield from problems or (
        finding("manifest-signed", question.trust.issued_at, name=signer.common_name),
    )


def _judge_files(manifest: Manifest, reports: Sequence[VerificationReport]) -> Iterator[Finding]:
    """Yield one finding for each file: listed as it is, or what is different."""
    listed = {file.form: file for file in manifest.files}
    for report in reports:
        form = report.document.form
        if not _is_listed(listed.get(form), report):
            yield finding("manifest-file-not-listed", field=form)
        elif report.content_id is None:
            yield finding("manifest-content-unknown", field=form)
        elif not _is_of(manifest, report):
            yield finding("manifest-of-other-content", field=form)
        else:
            yield finding("manifest-lists-file", field=form)


def _is_listed(file: ManifestFile | None, report: VerificationReport) -> bool:
    document = report.document
    return file is not None and (file.size_bytes, file.sm3, file.sha256) == (
        document.size,
        document.sm3,
        document.sha256,
    )


def _is_of(manifest: Manifest, report: VerificationReport) -> bool:
    identifier = report.license.identifier if report.license is not None else None
    return (manifest.content_id, manifest.identifier) == (report.content_id, identifier)
