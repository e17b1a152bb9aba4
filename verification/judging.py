"""Judge evidence: Evidence × policy × time → VerificationReport. Pure: no clock, no input.

The verdict is the worst that any finding makes of it, in this order: unsealed, altered,
untrusted, indeterminate, not in force, valid. So an altered document is altered whatever its
chain; a document whose seal is not trusted is never "not in force"; what is unknown is
indeterminate, never valid; and a cancelled license is never called altered. One thing stands
between: a document whose seals leave open what was sealed is indeterminate before anybody is
found untrusted, for nobody can be blamed for what he may not have sealed.

Steps as in docs/verification-process.md, 4 to 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from license_vault.license_metadata import Claims, ClaimsInvalidError, read_claims
from verification.case import Case, SealCase
from verification.content import judge_content
from verification.copy_judgement import judge_copy, read_document_copy
from verification.evidence import DocumentForm, Evidence, ParsedDocument, ValueKind
from verification.explanations import Effect
from verification.findings import Finding, any_of, finding
from verification.integrity import judge_whole
from verification.license_status import judge_status
from verification.log_judgement import judge_log
from verification.policy import Policy
from verification.report import SealSummary, VerificationReport
from verification.reporting import write_copy_report, write_report
from verification.revocation import Moments
from verification.seal_alone import judge_seal_alone
from verification.seal_judgement import judge_seal
from verification.seal_value import read_value
from verification.trust import trust_index

# What of a document must be as it was sealed.
_WHOLE = frozenset({"references", "coverage", "integrity"})
# An OFD names a signature, or the list of them, that its package does not hold.
_SIGNATURES_GONE = ("signatures-missing", "signature-missing")
_CHECKS_WITHOUT_DOCUMENT = (
    "seal-not-judged",
    "chain-not-judged",
    "time-not-judged",
    "revocation-not-judged",
    "authority-not-judged",
    "status-not-judged",
    "content-not-judged",
)


def judge(
    evidence: Evidence, policy: Policy, as_of: datetime, verified_at: datetime
) -> VerificationReport:
    """Judge a document.

    Args:
        as_of: the time the question is about, UTC.
        verified_at: now, UTC: lists are fresh or stale, and unproven certificates good, as of it.
    """
    parsed = evidence.document.parsed
    claims = read_document_claims(None if parsed is None else parsed.claims)
    return judge_with_claims(evidence, policy, Moments(as_of, verified_at), claims)


def judge_with_claims(
    evidence: Evidence, policy: Policy, moments: Moments, claims: DocumentClaims
) -> VerificationReport:
    """Judge a document whose claims have been read from the very same evidence already."""
    parsed = evidence.document.parsed
    if parsed is None or not _is_whole(evidence, parsed):
        failure = evidence.document.failure
        code = failure.code if failure is not None else "document-unreadable"
        detail = failure.detail if failure is not None else "evidence"
        found = _nothing_judged(finding(code, detail=detail))
        return write_report(evidence, policy, moments, found, (), None)
    trust = None if evidence.trust is None else trust_index(evidence.trust)
    case = Case(evidence, policy, moments, parsed, claims.claims, claims.problem, trust)
    if evidence.document.form is DocumentForm.ESL:
        found, seals = judge_seal_alone(case)
        return write_report(evidence, policy, moments, found, seals, None)
    if not parsed.seals:
        found = _nothing_judged(*_why_no_seal(parsed))
        return write_report(evidence, policy, moments, found, (), None)
    if parsed.copy is not None:
        record, problem = read_document_copy(parsed.copy)
        as_copy = replace(case, copy=record)
        return write_copy_report(as_copy, tuple(_once(judge_copy(as_copy, problem))))
    found, seals = _judge_sealed(case)
    return write_report(evidence, policy, moments, found, seals, case.claims)


def _is_whole(evidence: Evidence, parsed: ParsedDocument) -> bool:
    """Say whether every seal has its facts; evidence that we gathered always is."""
    document, count = evidence.document, len(parsed.seals)
    stamps_fit = len(parsed.document_timestamps) == len(document.timestamp_facts)
    each = (document.facts, document.second_opinions, document.maker_opinions)
    return stamps_fit and all(len(found) == count for found in each)


def _why_no_seal(parsed: ParsedDocument) -> Iterator[Finding]:
    """Tell a document that never had a seal from one that lost it.

    Where the structure had to be repaired, a file that was cut off may have lost its seal with
    its end; if the seal's place is still there and empty, what stood in it was destroyed. So it
    was in an OFD that names signatures which are not in the package (docs/attacks.md O8).
    """
    gone = [problem for problem in parsed.problems if problem in _SIGNATURES_GONE]
    destroyed = "signature-field-empty" in parsed.problems
    repaired = "structure-repaired" in parsed.problems
    if gone or (repaired and destroyed):
        yield finding("seal-destroyed")
    else:
        yield finding("document-damaged" if repaired else "no-seal")
    yield from (finding("document-irregular", detail=problem) for problem in gone)


def _nothing_judged(*causes: Finding) -> tuple[Finding, ...]:
    return (*causes, *(finding(code) for code in _CHECKS_WITHOUT_DOCUMENT))


@dataclass(frozen=True, slots=True)
class DocumentClaims:
    """The claims of a document, or nothing and the reason why they cannot be read."""

    claims: Claims | None
    problem: str | None


def read_document_claims(encoded: bytes | None) -> DocumentClaims:
    """Read attached claims; no attachment is no problem of the claims."""
    if encoded is None:
        return DocumentClaims(None, None)
    try:
        return DocumentClaims(read_claims(encoded), None)
    except ClaimsInvalidError as error:
        return DocumentClaims(None, f"{error.code} {error.pointer}".strip())


def _judge_sealed(case: Case) -> tuple[tuple[Finding, ...], tuple[SealSummary, ...]]:
    cases = tuple(_seal_cases(case))
    judged = [judge_seal(entry) for entry in cases]
    found = [entry for judgement in judged for entry in judgement.findings]
    found += judge_whole(case)
    wrong = any(entry.check in _WHOLE and entry.effect is not Effect.PASSED for entry in found)
    if not wrong and all(entry.value is not None for entry in cases):
        found.append(finding("document-unchanged"))
    found += judge_content(case)
    if all(seal.kind is not ValueKind.SES for seal in case.parsed.seals):
        found.append(finding("cms-without-seal"))
    # What the claims of an altered document say of its state would be an answer about nothing.
    altered = any_of(found, Effect.ALTERED)
    found += (finding("status-not-judged"),) if altered else judge_status(case)
    summaries = tuple(entry.summary for entry in judged if entry.summary is not None)
    if not altered:
        sealed = [entry.sealed_at for entry in summaries if entry.sealed_at is not None]
        found += judge_log(case, sealed)
    return tuple(_once(found)), summaries


def _seal_cases(case: Case) -> Iterator[SealCase]:
    document = case.evidence.document
    seals = case.parsed.seals
    known = zip(
        seals, document.facts, document.second_opinions, document.maker_opinions, strict=True
    )
    for number, (seal, facts, opinion, maker_opinion) in enumerate(known):
        value, problem = read_value(seal)
        yield SealCase(case, number, seal, facts, value, problem, opinion, maker_opinion)


def _once(found: Iterable[Finding]) -> Iterable[Finding]:
    """Take out findings that say the same of the same seal."""
    seen = set()
    for entry in found:
        key = (entry.code, entry.seal, tuple(sorted(entry.values.items())))
        if key not in seen:
            seen.add(key)
            yield entry
