"""A trust bundle made ready for judging: certificates by subject, revocation lists by issuer.

Reading certificates and checking one signature of a certificate or of a list always gives the
same answer for the same bytes, so both are remembered by those bytes. Verdicts never are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from verification.evidence import AnchorEvidence, SignerEvidence, TrustEvidence

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class TrustIndex:
    """What of a trust bundle can be read; what cannot is as good as not there."""

    anchors: Mapping[bytes, tuple[tuple[Certificate, frozenset[str]], ...]]
    intermediates: Mapping[bytes, tuple[Certificate, ...]]
    revocation_lists: Mapping[bytes, tuple[RevocationList, ...]]
    signers: frozenset[tuple[str, bytes]]  # role and certificate


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
        if (found := readable_certificate(anchor.certificate)) is not None:
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
    named = frozenset((signer.role, signer.certificate) for signer in signers)
    return TrustIndex(by_subject, between, lists, named)


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
