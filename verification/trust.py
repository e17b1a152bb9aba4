"""A trust bundle made ready for judging: certificates by subject, revocation lists by issuer.

Reading certificates and checking one signature of a certificate or of a list always gives the
same answer for the same bytes, so both are remembered by those bytes. Verdicts never are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from keys.certificate import (
    Certificate,
    RevocationList,
    read_certificate,
    read_revocation_list,
    verify_issued_by,
    verify_revocation_list,
)
from keys.errors import KeyCustodyError
from signing.trust_list import KEY_COMPROMISED
from verification.evidence import AnchorEvidence, SignerEvidence, TrustEvidence

_REMEMBERED = 4096
_TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Since when the region stands for a key no more, and why: a code of ``signing.trust_list``."""

    since: datetime
    why: str

    def leaves(self, proven: datetime | None) -> bool:
        """Say whether what was made at a proven time stays good; a claimed time never helps."""
        return proven is not None and proven < self.since


@dataclass(frozen=True, slots=True)
class FormerAnchor:
    """An anchor that was withdrawn, and what it was trusted for."""

    certificate: Certificate
    purposes: frozenset[str]
    withdrawal: Withdrawal

    def counts(self, purpose: str, proven: datetime | None) -> bool:
        """Say whether a chain may still end here for a purpose, at a proven time.

        Under a stolen key of time-stamps no time is proven.
        """
        stolen = purpose == _TIMESTAMP and self.withdrawal.why == KEY_COMPROMISED
        return purpose in self.purposes and not stolen and self.withdrawal.leaves(proven)


@dataclass(frozen=True, slots=True)
class TrustIndex:
    """What of a trust bundle can be read; what cannot is as good as not there.

    What was withdrawn stands apart: who does not ask for it does not get it.
    """

    anchors: Mapping[bytes, tuple[tuple[Certificate, frozenset[str]], ...]]
    intermediates: Mapping[bytes, tuple[Certificate, ...]]
    revocation_lists: Mapping[bytes, tuple[RevocationList, ...]]
    signers: frozenset[tuple[str, bytes]]  # role and certificate
    former_anchors: Mapping[bytes, tuple[FormerAnchor, ...]] = field(default_factory=dict)
    former_signers: Mapping[tuple[str, bytes], Withdrawal] = field(default_factory=dict)

    def names(self, role: str, certificate: bytes, proven: datetime | None) -> bool:
        """Say whether a certificate (DER) is named in a role: now, or still at a proven time."""
        if (role, certificate) in self.signers:
            return True
        former = self.former_signers.get((role, certificate))
        return former is not None and former.leaves(proven)

    def anchor_withdrawal(self, anchor: Certificate) -> Withdrawal | None:
        """Return since when an anchor is withdrawn; nothing if it is not."""
        of_name = self.former_anchors.get(anchor.subject_der, ())
        found = (entry.withdrawal for entry in of_name if entry.certificate.der == anchor.der)
        return next(found, None)


def trust_index(trust: TrustEvidence) -> TrustIndex:
    """Return the certificates and lists of a trust bundle, ready to be looked up."""
    return _index(trust.anchors, trust.intermediates, trust.revocation_lists, trust.signers)


@lru_cache(maxsize=16)
def _index(
    anchors: tuple[AnchorEvidence, ...],
    intermediates: tuple[bytes, ...],
    revocation_lists: tuple[bytes, ...],
    signers: tuple[SignerEvidence, ...],
) -> TrustIndex:
    by_subject: dict[bytes, tuple[tuple[Certificate, frozenset[str]], ...]] = {}
    for anchor in anchors:
        found = readable_certificate(anchor.certificate)
        if found is not None and anchor.withdrawn_from is None:
            entry = (found, frozenset(anchor.purposes))
            by_subject[found.subject_der] = (*by_subject.get(found.subject_der, ()), entry)
    between: dict[bytes, tuple[Certificate, ...]] = {}
    for encoded in intermediates:
        if (found := readable_certificate(encoded)) is not None:
            between[found.subject_der] = (*between.get(found.subject_der, ()), found)
    lists: dict[bytes, tuple[RevocationList, ...]] = {}
    for encoded in revocation_lists:
        if (crl := _readable_list(encoded)) is not None:
            lists[crl.issuer_der] = (*lists.get(crl.issuer_der, ()), crl)
    named = frozenset(
        (signer.role, signer.certificate) for signer in signers if signer.withdrawn_from is None
    )
    return TrustIndex(by_subject, between, lists, named, _former(anchors), _former_signers(signers))


def _former(anchors: tuple[AnchorEvidence, ...]) -> dict[bytes, tuple[FormerAnchor, ...]]:
    former: dict[bytes, tuple[FormerAnchor, ...]] = {}
    for anchor in anchors:
        found = readable_certificate(anchor.certificate)
        if found is not None and anchor.withdrawn_from is not None:
            withdrawal = Withdrawal(anchor.withdrawn_from, anchor.why)
            entry = FormerAnchor(found, frozenset(anchor.purposes), withdrawal)
            former[found.subject_der] = (*former.get(found.subject_der, ()), entry)
    return former


def _former_signers(
    signers: tuple[SignerEvidence, ...],
) -> dict[tuple[str, bytes], Withdrawal]:
    return {
        (signer.role, signer.certificate): Withdrawal(signer.withdrawn_from, signer.why)
        for signer in signers
        if signer.withdrawn_from is not None
    }


@lru_cache(maxsize=_REMEMBERED)
def readable_certificate(encoded: bytes) -> Certificate | None:
    """Return a certificate, or nothing if it cannot be read strictly."""
    try:
        return read_certificate(encoded)
    except KeyCustodyError:
        return None


def _readable_list(encoded: bytes) -> RevocationList | None:
    try:
        return read_revocation_list(encoded)
    except KeyCustodyError:
        return None


@lru_cache(maxsize=_REMEMBERED)
def _is_issued(certificate: bytes, issuer: bytes) -> bool:
    try:
        verify_issued_by(read_certificate(certificate), read_certificate(issuer))
    except KeyCustodyError:
        return False
    return True


def is_issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Say whether a certificate was issued by another, over the bytes as received."""
    return _is_issued(certificate.der, issuer.der)


@lru_cache(maxsize=_REMEMBERED)
def _is_list_of(revocation_list: bytes, issuer: bytes) -> bool:
    try:
        verify_revocation_list(read_revocation_list(revocation_list), read_certificate(issuer))
    except KeyCustodyError:
        return False
    return True


def lists_of(issuer: Certificate, trust: TrustIndex) -> tuple[RevocationList, ...]:
    """Return the revocation lists of an issuer whose signatures hold."""
    return tuple(
        crl
        for crl in trust.revocation_lists.get(issuer.subject_der, ())
        if _is_list_of(crl.der, issuer.der)
    )
