"""Read the files of a status list that were brought, believe them or not, and look a license up.

One of three things answers: all states, kept by a mirror, with the signed file that names their
digest; the in-force plane with the reasons of the same publication; the plane alone, which tells
only whether a license is in force. What one file says of another is checked here too: of two that
do not belong together nothing is believed.

Source: ADR 0022 and 0049.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from keys import sm2
from keys.certificate import Certificate
from keys.certificate_authority import STATUS_SIGNING_EKU
from keys.errors import KeyCustodyError
from keys.sm3 import sm3
from signing.errors import SigningError
from signing.status_file import (
    PLANE,
    UNASSIGNED,
    VALID,
    StatusFileHead,
    read_file_head,
)
from signing.status_list import read_status_list
from signing.status_reasons import read_status_reasons
from verification.case import Case, StatusSubject
from verification.chain import Chain, build_chain
from verification.evidence import StatusEvidence
from verification.findings import Finding, finding
from verification.moments import shown
from verification.revocation import Standing, ask_revocation
from verification.trust import TrustIndex, readable_certificate

# A file is judged with each license that names its list; a partner's are some ten.
_KEPT = 64


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """What a list says of one license; ``code`` None: not in force, and no reasons at hand.

    ``whole`` says whether marks would be known.
    """

    code: int | None
    issued_at: datetime
    whole: bool


def ask_files(case: Case, claims: StatusSubject, status: StatusEvidence) -> ListAnswer | Finding:
    """Return what the files that were brought say of a license, or why they are not believed."""
    head = readable_status_head(status.signed_list or b"")
    if isinstance(head, str):
        return finding("status-list-malformed", detail=head)
    files = [head]
    if status.states is None and status.signed_reasons is not None:
        reasons = readable_status_head(status.signed_reasons)
        if isinstance(reasons, str):
            return finding("status-list-malformed", head.issued_at, detail=reasons)
        files.append(reasons)
    for one in files:
        refused = next(_judge_file(case, claims, one), None)
        if refused is not None:
            return refused
    try:
        return _look_up(claims.status_index, head, status)
    except SigningError as error:
        code = str(getattr(error, "code", "unreadable"))
        return finding("status-list-malformed", head.issued_at, detail=code)


def tells_marks(status: StatusEvidence) -> bool:
    """Tell whether what was brought would name the marks of a license in force."""
    return status.states is not None or status.signed_reasons is not None


@lru_cache(maxsize=_KEPT)
def readable_status_head(encoded: bytes) -> StatusFileHead | str:
    """Return what a file of a status list says of itself, or the code of why it cannot be read."""
    try:
        return read_file_head(encoded)
    except SigningError as error:
        return str(getattr(error, "code", "unreadable"))


def _look_up(index: int, head: StatusFileHead, status: StatusEvidence) -> ListAnswer | Finding:
    code: int | None
    if status.states is not None:
        if _digest(status.states) != head.states_sm3:
            return finding("status-list-malformed", head.issued_at, detail="states-digest")
        code = status.states[index] if index < len(status.states) else UNASSIGNED
        return ListAnswer(code, head.issued_at, whole=True)
    if head.kind != PLANE:
        return finding("status-list-malformed", head.issued_at, detail="kind")
    plane = _plane(head.der)
    if index >= plane.length:
        return ListAnswer(UNASSIGNED, head.issued_at, whole=True)
    if status.signed_reasons is not None:
        code = _reasons(status.signed_reasons).state_code(plane, index)
        return ListAnswer(code, head.issued_at, whole=True)
    return ListAnswer(VALID if plane.in_force(index) else None, head.issued_at, whole=False)


_plane = lru_cache(maxsize=_KEPT)(read_status_list)
_reasons = lru_cache(maxsize=_KEPT)(read_status_reasons)
_digest = lru_cache(maxsize=_KEPT)(sm3)


def _judge_file(case: Case, claims: StatusSubject, head: StatusFileHead) -> Iterator[Finding]:
    """Yield why a file is not believed; nothing if it is."""
    issued_at, policy = head.issued_at, case.policy
    if head.uri != claims.status_uri:
        yield finding("status-list-malformed", issued_at, detail="uri")
    if not _signature_holds(head.der):
        yield finding("status-list-signature-invalid", issued_at)
    if issued_at > case.moments.verified_at + policy.clock_tolerance:
        yield finding("status-list-in-future", issued_at, time=shown(issued_at))
    due_by = min(head.next_update, issued_at + policy.status_list_max_age)
    if due_by < case.moments.asked:
        yield finding("status-list-stale", issued_at, time=shown(due_by))
    yield from _judge_signer(case, head)


def _judge_signer(case: Case, head: StatusFileHead) -> Iterator[Finding]:
    signer = readable_certificate(head.signer_certificate)
    if signer is None:
        yield finding("status-list-signer-not-trusted", detail="certificate-unreadable")
        return
    problem = next(_signer_problems(case, head, signer), None)
    if problem is not None:
        yield finding("status-list-signer-not-trusted", head.issued_at, detail=problem)


@lru_cache(maxsize=4 * _KEPT)
def _signature_holds(encoded: bytes) -> bool:
    """Verify a file's signature; the same bytes always give the same answer."""
    head = read_file_head(encoded)
    signer = readable_certificate(head.signer_certificate)
    if signer is None:
        return False
    try:
        sm2.verify(signer.public_point, head.tbs, head.signature)
    except KeyCustodyError:
        return False
    return True


def _signer_problems(case: Case, head: StatusFileHead, signer: Certificate) -> Iterator[str]:
    """Yield why a certificate may not have signed the list; nothing if it may."""
    if case.trust is None:
        yield "trust-unavailable"
        return
    if STATUS_SIGNING_EKU not in signer.extended_key_usages:
        yield "extended-key-usage"
    if not signer.not_before <= head.issued_at <= signer.not_after:
        yield "outside-period"
    chain = build_chain(signer, (), case.trust, "status", case.policy)
    if chain is None:
        yield "no-trusted-chain"
        return
    yield from _chain_problems(case, case.trust, chain, head)


def _chain_problems(
    case: Case, trust: TrustIndex, chain: Chain, head: StatusFileHead
) -> Iterator[str]:
    if chain.outside_period(head.issued_at) is not None:
        yield "issuer-outside-period"
    if chain.unknown_critical():
        yield "unknown-critical-extension"
    for answer in ask_revocation(chain, trust, case.moments, case.policy):
        if answer.standing is not Standing.GOOD:
            yield f"revocation-{answer.standing.value}"
