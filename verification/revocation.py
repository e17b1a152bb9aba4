"""Ask the revocation lists about every certificate of a chain below its anchor.

A certificate known to be revoked stays so even if the list is out of date; a certificate that
an out-of-date list does not name is unknown, never good.

Source: RFC 5280 6.3; EN 319 102-1 5.2.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from keys.certificate import Certificate, RevocationList, RevokedEntry
from verification.chain import Chain
from verification.policy import Policy
from verification.trust import TrustIndex, lists_of

_COMPROMISES = frozenset({"keyCompromise", "cACompromise", "aACompromise"})


class Standing(StrEnum):
    """What is known about the revocation of one certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    MISSING = "missing"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class RevocationAnswer:
    """What the lists say of one certificate; ``known_at`` is the list's own time."""

    certificate: Certificate
    issuer: Certificate
    standing: Standing
    known_at: datetime | None
    due_by: datetime | None
    entry: RevokedEntry | None


@dataclass(frozen=True, slots=True)
class Moments:
    """The times a judgement looks at, UTC."""

    as_of: datetime
    verified_at: datetime

    @property
    def asked(self) -> datetime:
        """The time that lists must reach: never later than now."""
        return min(self.as_of, self.verified_at)


def ask_revocation(
    chain: Chain, trust: TrustIndex, moments: Moments, policy: Policy
) -> tuple[RevocationAnswer, ...]:
    """Return an answer for each certificate of the chain but the anchor, in its order."""
    pairs = zip(chain.certificates, chain.certificates[1:], strict=False)
    return tuple(_ask(entry, issuer, trust, moments, policy) for entry, issuer in pairs)


def _ask(
    certificate: Certificate,
    issuer: Certificate,
    trust: TrustIndex,
    moments: Moments,
    policy: Policy,
) -> RevocationAnswer:
    latest = moments.verified_at + policy.clock_tolerance
    lists = [crl for crl in lists_of(issuer, trust) if crl.this_update <= latest]
    if not lists:
        return RevocationAnswer(certificate, issuer, Standing.MISSING, None, None, None)
    newest = max(lists, key=lambda crl: crl.this_update)
    due_by = newest.next_update + policy.crl_grace
    entry, known_at = _entry_of(certificate, newest, lists)
    if entry is not None:
        standing = Standing.REVOKED
    else:
        standing = Standing.STALE if due_by < moments.asked else Standing.GOOD
    return RevocationAnswer(certificate, issuer, standing, known_at, due_by, entry)


def _entry_of(
    certificate: Certificate, newest: RevocationList, lists: list[RevocationList]
) -> tuple[RevokedEntry | None, datetime]:
    """Return the entry of a certificate: the newest list's, else any older one's.

    Lists drop entries of expired certificates; only a hold can be lifted.
    """
    if (entry := newest.revoked.get(certificate.serial)) is not None:
        return entry, newest.this_update
    for crl in lists:
        entry = crl.revoked.get(certificate.serial)
        if entry is not None and entry.reason != "certificateHold":
            return entry, crl.this_update
    return None, newest.this_update


def is_key_compromise(entry: RevokedEntry) -> bool:
    """Say whether the reason of a revocation casts doubt on earlier signatures too."""
    return entry.reason in _COMPROMISES
