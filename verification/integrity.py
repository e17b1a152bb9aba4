"""Judge whether a document is the one that was sealed, each form by its own rules.

Source: EN 319 102-1 5.2.7; ADR 0011, 0036 and 0037.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from verification.case import Case, SealCase
from verification.evidence import DocumentForm
from verification.findings import Finding, finding
from verification.json_integrity import judge_json_seal
from verification.ofd_integrity import judge_ofd_seal, judge_ofd_whole
from verification.pdf_integrity import is_tolerated, judge_pdf_seal, judge_pdf_whole
from verification.seal_value import read_value

_SEALS: Mapping[DocumentForm, Callable[[SealCase], Iterator[Finding]]] = {
    DocumentForm.PDF: judge_pdf_seal,
    DocumentForm.OFD: judge_ofd_seal,
    DocumentForm.JSON: judge_json_seal,
}
_WHOLES: Mapping[DocumentForm, Callable[[Case], Iterator[Finding]]] = {
    DocumentForm.PDF: judge_pdf_whole,
    DocumentForm.OFD: judge_ofd_whole,
}


def judge_seal_integrity(entry: SealCase) -> Iterator[Finding]:
    """Yield what is found about one seal's place in the document."""
    yield from _SEALS[entry.case.evidence.document.form](entry)


def judge_whole(case: Case) -> Iterator[Finding]:
    """Yield what is found about the seals taken together."""
    for problem in case.parsed.problems:
        code = "vendor-deviation" if is_tolerated(case, problem) else "document-irregular"
        yield finding(code, detail=problem)
    whole = _WHOLES.get(case.evidence.document.form)
    if whole is not None:
        yield from whole(case)
    if case.is_license:
        yield from _judge_distinct(case)
    if case.claims is not None:
        yield from _judge_number(len(case.parsed.seals), case.claims.seals)


def _judge_distinct(case: Case) -> Iterator[Finding]:
    """Check that no seal counts twice: several seals of a license are those of several.

    In a JSON anybody could repeat a signature; in the other forms who holds one of the seals could
    set it in the place of the next.
    """
    values = [read_value(seal)[0] for seal in case.parsed.seals]
    signers = [value.signer_certificate for value in values if value is not None]
    if len(set(signers)) != len(signers):
        yield finding("seal-twice")


def _judge_number(count: int, wanted: int) -> Iterator[Finding]:
    if count < wanted:
        yield finding("seals-missing", count=str(count), wanted=str(wanted))
    if count > wanted:
        yield finding("seals-too-many", count=str(count), wanted=str(wanted))
