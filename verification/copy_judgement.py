"""Judge a purpose-bound copy (加注件): never a license, and only as good as its parent is now.

A copy is a PDF with a record of what it is and one signature over the whole file, by the library's
own key. Everything must be as the library writes it: there is no tolerance here, and none of the
rules for seals applies, for a copy bears no seal. It counts until its own last instant, and while
its parent is in force by the same sources that answer for the parent itself, and logged as those
tell that know the issue log.

Source: ADR 0043; GB/T 36903-2018 (加注件); EN 319 102-1 5.2.7.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from keys.certificate import Certificate
from signing.errors import MalformedCopyRecordError
from signing.sealed_json.copy_record import CopyRecord, read_copy_record
from verification.case import Case, SealCase
from verification.evidence import ValueKind
from verification.explanations import Effect
from verification.findings import Finding, any_of, finding
from verification.integrity import judge_seal_integrity, judge_whole
from verification.library_signer import signer_problems
from verification.license_status import judge_status
from verification.log_judgement import judge_log
from verification.moments import shown
from verification.seal_signature import signature_holds
from verification.seal_value import SealValue, read_value, signed_message
from verification.sealing_time import judge_time
from verification.trust import readable_certificate


def read_document_copy(encoded: bytes | None) -> tuple[CopyRecord | None, str]:
    """Return what a copy says of itself, or nothing and the code of why that cannot be read."""
    if encoded is None:
        return None, ""
    try:
        return read_copy_record(encoded), ""
    except MalformedCopyRecordError as error:
        return None, error.code


def judge_copy(case: Case, problem: str) -> tuple[Finding, ...]:
    """Return the findings about a document that says it is a copy.

    Args:
        problem: why what it says cannot be read; empty if it can.
    """
    found = [*_judge_form(case, problem), *_judge_signed(case)]
    if any_of(found, Effect.ALTERED):
        return (*found, finding("status-not-judged"))
    found.append(finding("copy-unchanged"))
    record = case.copy
    if record is not None:
        found += [_judge_period(record, case.moments.as_of), *judge_status(case)]
        found += judge_log(case, (record.created_at,))
    return tuple(found)


def _judge_form(case: Case, problem: str) -> Iterator[Finding]:
    if problem:
        yield finding("copy-malformed", detail=problem)
    if case.parsed.claims is not None or case.parsed.data_index is not None:
        yield finding("copy-malformed", detail="claims-beside-copy")
    if len(case.parsed.seals) != 1:
        yield finding("copy-malformed", detail="several-signatures")
    yield from judge_whole(case)


def _judge_signed(case: Case) -> Iterator[Finding]:
    """Yield what is found about every signature; a copy has one, but none is passed over."""
    document = case.evidence.document
    for number, seal in enumerate(case.parsed.seals):
        value, problem = read_value(seal)
        entry = SealCase(
            case,
            number,
            seal,
            document.facts[number],
            value,
            problem,
            document.second_opinions[number],
            document.maker_opinions[number],
        )
        yield from judge_seal_integrity(entry)
        if value is None or value.kind is not ValueKind.CMS:
            yield finding("copy-malformed", detail="signature-kind")
        else:
            yield from _judge_value(entry, value)


def _judge_value(entry: SealCase, value: SealValue) -> Iterator[Finding]:
    signer = readable_certificate(value.signer_certificate)
    if signer is None:
        yield finding("copy-signer-unknown", detail="certificate-unreadable")
        return
    holds = signature_holds(signer, signed_message(value, entry.facts), value.signature)
    if entry.opinion is not None and entry.opinion is not holds:
        yield finding("second-opinion-disagrees")
    elif not holds:
        yield finding("copy-signature-invalid")
    proven = None
    if value.timestamp is None:
        yield finding("copy-malformed", detail="timestamp-missing")
    else:
        time = judge_time(entry.case, value)
        proven = time.proven
        yield from time.findings
    yield from _judge_signer(entry.case, value, signer, proven)


def _judge_signer(
    case: Case, value: SealValue, signer: Certificate, proven: datetime | None
) -> Iterator[Finding]:
    if case.trust is None or case.evidence.trust is None:
        detail = case.evidence.trust_gap or "trust-unavailable"
        yield finding("copy-signer-unknown", detail=detail)
        return
    problems = tuple(
        finding(
            "copy-signer-unknown" if problem.is_open else "copy-signer-not-trusted",
            problem.known_at,
            detail=problem.detail,
        )
        for problem in signer_problems(
            signer, value.certificates, case.trust, case.policy, case.moments, proven
        )
    )
    yield from problems or (
        finding("copy-signed", case.evidence.trust.issued_at, name=signer.common_name),
    )


def _judge_period(record: CopyRecord, as_of: datetime) -> Finding:
    if as_of < record.created_at:
        return finding("copy-not-yet-made", time=shown(record.created_at))
    code = "copy-expired" if as_of > record.expires_at else "copy-in-time"
    return finding(code, time=shown(record.expires_at))
