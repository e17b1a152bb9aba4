"""Judge whether the owner of a seal may seal for the issuing authority that the claims name.

The owner's unified social credit code stands first in the certificate's organisation (O).

Source: ADR 0008 and 0001 (seal certificates); 国务院令第716号 9.
"""

from __future__ import annotations

import re
from datetime import datetime

from keys.certificate import Certificate
from verification.case import Case
from verification.evidence import AuthorityEvidence
from verification.findings import Finding, finding
from verification.moments import shown
from verification.trust import Withdrawal

_OWNER = re.compile(r"([0-9A-HJ-NPQRTUWXY]{18})\s*(.*)", re.DOTALL)


def seal_owner(certificate: Certificate) -> tuple[str, str]:
    """Return the owner's code and name from a seal certificate; empty code if it names none."""
    match = _OWNER.fullmatch(certificate.organization)
    if match is None:
        return "", certificate.organization
    return match[1], match[2]


def judge_entitlement(case: Case, certificate: Certificate, proven: datetime | None) -> Finding:
    """Return the finding about one seal's right to seal this license.

    Args:
        proven: when it was sealed for certain; an owner that was withdrawn later had the right.
    """
    trust, claims = case.evidence.trust, case.claims
    if trust is None or claims is None:
        return finding("authority-not-judged")
    authority = trust.authority
    if authority is None or authority.code != claims.authority.code:
        return finding("authority-not-listed", trust.issued_at, name=claims.authority.name)
    code, name = seal_owner(certificate)
    if not code:
        return finding("seal-owner-unreadable")
    shown_name = name or code
    if code in authority.seal_owners:
        return finding("owner-entitled", trust.issued_at, name=shown_name)
    gone = _withdrawal(authority, code)
    if gone is None:
        return finding("seal-owner-not-entitled", trust.issued_at, name=shown_name)
    told = "owner-withdrawn-since" if gone.leaves(proven) else "owner-withdrawn"
    time = shown(gone.since)
    return finding(told, trust.issued_at, name=shown_name, time=time, detail=gone.why)


def _withdrawal(authority: AuthorityEvidence, code: str) -> Withdrawal | None:
    """Return since when an owner speaks for the authority no more; nothing if it never did."""
    for former in authority.former_owners:
        if former.code == code:
            return Withdrawal(former.withdrawn_from, former.why)
    return None
