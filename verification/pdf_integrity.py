"""Judge whether a PDF is the one that was sealed.

Digest, coverage, how the seal is written into the file, and the order of several seals
(ADR 0011). What the parser process says of ranges is not believed: ``coverage`` found the
digests over the bytes themselves.

Source: EN 319 102-1 5.2.7; ISO 32000-1 12.8; ADR 0011.
"""

from __future__ import annotations

from collections.abc import Iterator

from signing.pdf.seals import OUR_SUB_FILTER
from signing.ses.signature import NOT_A_PATH
from verification.case import Case, SealCase
from verification.cms_profile import judge_cms_profile
from verification.evidence import DocumentForm, ParsedSeal, PdfPlace, ValueKind
from verification.findings import Finding, finding
from verification.seal_value import names_digest
from verification.sealing_time import judge_document_timestamp
from verification.value_kinds import PDF_FORMS

_HARMLESS = frozenset({"dss", "doc-timestamp"})
# What a license must not have and a document of others may: its signature is over it all the same.
_TOLERATED = frozenset(
    {
        "attachment-twice",
        "attachment-unexpected",
        "automatic-action",
        "form-field",
        "import-action",
        "launch-action",
        "optional-content",
        "remote-action",
        "rich-media",
        "signature-field-empty",
        "submit-action",
        "unsealed-revision",
        "xmp-property-twice",
        "xmp-unreadable",
    }
)


def judge_pdf_seal(entry: SealCase) -> Iterator[Finding]:
    """Yield what is wrong with one seal's place in the document; nothing if nothing is."""
    yield from _judge_place(entry)
    if entry.value is None:
        if _place(entry.seal).sub_filter in PDF_FORMS:
            yield _unreadable(entry)
        return
    if entry.value.cms is not None:
        yield from judge_cms_profile(entry.value.cms)
    if entry.facts.problem is None and not names_digest(entry.value, entry.facts.digest):
        yield finding("digest-mismatch")


def _judge_place(entry: SealCase) -> Iterator[Finding]:
    form = _place(entry.seal).sub_filter
    if form not in PDF_FORMS:
        yield finding("seal-form-unknown", detail=form[:64])
    elif entry.case.is_license and form != OUR_SUB_FILTER:
        yield finding("seal-form-not-ours", detail=form)
    for problem in entry.seal.problems:
        yield finding("seal-encoding-irregular", detail=problem)
    if entry.facts.problem is not None:
        yield finding("byte-range-malformed", detail=entry.facts.problem)
    deviations = entry.value.deviations if entry.value is not None else ()
    yield from (
        finding("vendor-deviation", detail=deviation)
        for deviation in deviations
        if deviation != NOT_A_PATH  # there are no paths in a PDF
    )


def _unreadable(entry: SealCase) -> Finding:
    """Name a value that cannot be read; a common form may as well hold other algorithms."""
    by_others = entry.kind is ValueKind.GM_CMS and not entry.case.is_license
    code = "seal-form-unknown" if by_others else "signature-malformed"
    return finding(code, detail=entry.problem)


def _place(seal: ParsedSeal) -> PdfPlace:
    """Return where a seal stands in its PDF; one that has no place stands nowhere."""
    return seal.pdf or PdfPlace(0, (), "", False, None, None, None)


def is_tolerated(case: Case, problem: str) -> bool:
    """Say whether a problem of the document is none in a PDF that others signed."""
    is_pdf = case.evidence.document.form is DocumentForm.PDF
    return is_pdf and problem in _TOLERATED and not _is_strict(case)


def _is_strict(case: Case) -> bool:
    """Say whether a PDF is a license, or certified so that nothing may be added."""
    certified = any(_place(seal).certification is not None for seal in case.parsed.seals)
    return case.is_license or certified


def judge_pdf_whole(case: Case) -> Iterator[Finding]:
    """Yield what is wrong with the seals taken together; nothing if nothing is."""
    if not case.evidence.document.facts[-1].reaches_end:
        yield from _judge_later_changes(case)
    if case.is_license:
        yield from _judge_order(case.parsed.seals)


def _judge_later_changes(case: Case) -> Iterator[Finding]:
    """Check ADR 0011: validation data and time-stamps only, the last one over the whole file."""
    changes, reaches = case.parsed.later_changes, case.evidence.document.timestamp_facts
    if not _is_strict(case):
        # Plain signatures of others let a PDF grow; what came after them nobody signed.
        yield finding("content-uncovered", field="%%EOF")
        return
    if not changes:
        yield finding("coverage-incomplete")
    for change in changes:
        if change not in _HARMLESS:
            yield finding("later-change-not-allowed", detail=change)
    if changes and not (reaches and reaches[-1].reaches_end):
        yield finding("coverage-incomplete")
    for stamp, facts in zip(case.parsed.document_timestamps, reaches, strict=True):
        yield from judge_document_timestamp(case, stamp, facts)


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
