"""Judge whether the document is the one that was sealed.

Digest, coverage, how the seal is written into the file, and the order of several seals
(ADR 0011). What the parser process says of ranges is not believed: ``coverage`` found the
digests over the bytes themselves.

Source: EN 319 102-1 5.2.7; ISO 32000-1 12.8; ADR 0011.
"""

from __future__ import annotations

from collections.abc import Iterator

from keys.sm3 import sm3
from signing.cms import CmsSignature
from signing.pdf_seals import OUR_SUB_FILTER
from verification.case import Case
from verification.evidence import ParsedSeal, PdfPlace, SealFacts
from verification.findings import Finding, finding
from verification.seal_value import SealValue
from verification.sealing_time import judge_document_timestamp

_HARMLESS = frozenset({"dss", "doc-timestamp"})
# Problems of the CMS that other checks report under their own names.
_ELSEWHERE = frozenset({"cms-timestamp-missing", "cms-signing-certificate-mismatch"})
_UNREADABLE, _MISSING = "cms-certificate-unreadable", "cms-signer-certificate-missing"
_ALGORITHM_PROBLEMS = frozenset(
    {
        "cms-digest-parameters",
        "cms-digest-not-accepted",
        "cms-signer-digest-parameters",
        "cms-signer-digest-not-accepted",
        "cms-signature-algorithm-parameters",
        "cms-signature-algorithm-not-accepted",
        "cms-signing-certificate-not-sm3",
        "cms-signing-certificate-v1",
    }
)


def judge_seal_integrity(
    seal: ParsedSeal, facts: SealFacts, value: SealValue | None, problem: str
) -> Iterator[Finding]:
    """Yield what is wrong with one seal's place in the document; nothing if nothing is."""
    known_form = _place(seal).sub_filter == OUR_SUB_FILTER
    if not known_form:
        yield finding("seal-form-unknown", detail=_place(seal).sub_filter[:64])
    for entry in seal.problems:
        yield finding("seal-encoding-irregular", detail=entry)
    if facts.problem is not None:
        yield finding("byte-range-malformed", detail=facts.problem)
    if value is None:
        if known_form:
            yield finding("signature-malformed", detail=problem)
        return
    if value.cms is not None:
        yield from _judge_form(value.cms)
    if facts.problem is None and facts.digest != value.digest:
        yield finding("digest-mismatch")


def _place(seal: ParsedSeal) -> PdfPlace:
    """Return where a seal stands in its PDF; one that has no place stands nowhere."""
    return seal.pdf or PdfPlace(0, (), "", False, None, None, None)


def _judge_form(cms: CmsSignature) -> Iterator[Finding]:
    """Yield every departure of the CMS from the one profile we accept."""
    problems = cms.problems
    if _UNREADABLE in problems and _signed_certificate_is_enclosed(cms):
        # The certificate is the one that was signed with; only we cannot read it.
        yield finding("certificate-unreadable", detail=_UNREADABLE)
        problems = tuple(entry for entry in problems if entry not in (_UNREADABLE, _MISSING))
    for problem in problems:
        if problem in _ALGORITHM_PROBLEMS:
            yield finding("algorithm-not-accepted", detail=problem)
        elif problem not in _ELSEWHERE:
            yield finding("signature-malformed", detail=problem)


def _signed_certificate_is_enclosed(cms: CmsSignature) -> bool:
    return any(sm3(entry) == cms.signing_certificate_digest for entry in cms.certificates)


def judge_whole(case: Case) -> Iterator[Finding]:
    """Yield what is wrong with the seals taken together; nothing if nothing is."""
    seals, facts = case.parsed.seals, case.evidence.document.facts
    for problem in case.parsed.problems:
        yield finding("document-irregular", detail=problem)
    if not facts[-1].reaches_end:
        yield from _judge_later_changes(case)
    if case.claims is not None:
        yield from _judge_number(len(seals), case.claims.seals)
    yield from _judge_order(seals)


def _judge_later_changes(case: Case) -> Iterator[Finding]:
    """Check ADR 0011: validation data and time-stamps only, the last one over the whole file."""
    changes, reaches = case.parsed.later_changes, case.evidence.document.timestamp_facts
    if not changes:
        yield finding("coverage-incomplete")
    for change in changes:
        if change not in _HARMLESS:
            yield finding("later-change-not-allowed", detail=change)
    if changes and not (reaches and reaches[-1].reaches_end):
        yield finding("coverage-incomplete")
    for stamp, facts in zip(case.parsed.document_timestamps, reaches, strict=True):
        yield from judge_document_timestamp(case, stamp, facts)


def _judge_number(count: int, wanted: int) -> Iterator[Finding]:
    if count < wanted:
        yield finding("seals-missing", count=str(count), wanted=str(wanted))
    if count > wanted:
        yield finding("seals-too-many", count=str(count), wanted=str(wanted))


def _judge_order(seals: tuple[ParsedSeal, ...]) -> Iterator[Finding]:
    """Check ADR 0011: one seal certifies P=1; of several the first P=2, the last locks all."""
    places = [_place(seal) for seal in seals]
    first, last = places[0], places[-1]
    permitted = 1 if len(seals) == 1 else 2
    if first.certification != permitted:
        yield finding("certification-missing")
    if any(place.certification is not None for place in places[1:]):
        yield finding("seal-encoding-irregular", detail="second-certification")
    locks_all = last.field_lock == "ALL" and last.lock_permission == 1
    if len(seals) > 1 and not locks_all:
        yield finding("last-seal-does-not-lock")
