"""Trust from a region's signed trust list, which somebody accepted: the evidence it gives.

The list itself is believed because the node accepted it (``license_vault.trust``); its
certificates are judged like any others. What the region stood for once is in the evidence too,
with the time since when it does no more, so that what was sealed before stays good.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from signing.trust_list import (
    ANCHOR,
    AUTHORITY,
    INTERMEDIATE,
    KEY_COMPROMISED,
    SEAL_MAKER,
    SYSTEM,
    TrustedEntry,
    TrustList,
)
from verification.evidence import (
    AnchorEvidence,
    AuthorityEvidence,
    FormerOwnerEvidence,
    SignerEvidence,
    TrustEvidence,
)


def trust_evidence_of(
    found: TrustList,
    intermediates: Iterable[bytes],
    revocation_lists: Iterable[bytes],
    authority_code: str | None,
) -> TrustEvidence:
    """Return what a list says, with the entry of an issuing authority (USCC) if it has one.

    Args:
        intermediates: CA certificates (DER) known beside those of the list.
        revocation_lists: the region's CRLs (DER).
    """
    content = found.content
    entries = content.entries
    return TrustEvidence(
        region=content.region,
        issued_at=content.issued_at,
        anchors=anchors_of(entries),
        intermediates=tuple(dict.fromkeys((*intermediates_of(entries), *intermediates))),
        revocation_lists=tuple(revocation_lists),
        authority=authority_of(entries, authority_code),
        signers=signers_of(entries),
        list_sequence=content.sequence,
        next_update=content.next_update,
    )


def with_what_is_known_since(then: TrustList, newest: TrustList) -> TrustList:
    """Return a list of an earlier time, its entries as the newest list has them.

    So a key that was stolen then and reported since is known to be. What the newest list does not
    name any more stands as it stood.
    """
    known = {_name(entry) for entry in newest.content.entries}
    gone = (entry for entry in then.content.entries if _name(entry) not in known)
    entries = (*newest.content.entries, *gone)
    return replace(then, content=replace(then.content, entries=entries))


def _name(entry: TrustedEntry) -> tuple[str, str | bytes]:
    """Return what an entry is known by: owners of an authority's seals come and go."""
    return entry.kind, entry.code if entry.kind == AUTHORITY else entry.certificate


def anchors_of(entries: Iterable[TrustedEntry]) -> tuple[AnchorEvidence, ...]:
    """Return the anchors among entries, withdrawn ones with their time and reason."""
    return tuple(
        AnchorEvidence(entry.purposes, entry.certificate, _since(entry), *_withdrawn(entry))
        for entry in entries
        if entry.kind == ANCHOR
    )


def signers_of(entries: Iterable[TrustedEntry]) -> tuple[SignerEvidence, ...]:
    """Return the signers by name among entries, withdrawn ones with their time and reason."""
    return tuple(
        SignerEvidence(entry.kind, entry.certificate, _since(entry), *_withdrawn(entry))
        for entry in entries
        if entry.kind in (SEAL_MAKER, SYSTEM)
    )


def intermediates_of(entries: Iterable[TrustedEntry]) -> tuple[bytes, ...]:
    """Return the CAs among entries; of a stolen key none, for no time under it is proven."""
    return tuple(
        entry.certificate
        for entry in entries
        if entry.kind == INTERMEDIATE and _withdrawn(entry)[1] != KEY_COMPROMISED
    )


def authority_of(entries: Iterable[TrustedEntry], code: str | None) -> AuthorityEvidence | None:
    """Return an authority; each of its entries is owners of seals with their own history."""
    of_one = [entry for entry in entries if entry.kind == AUTHORITY and entry.code == code]
    if not of_one:
        return None
    current = {owner for entry in of_one if entry.is_trusted for owner in entry.seal_owners}
    former = [
        FormerOwnerEvidence(owner, _since(entry), entry.history[-1].since, entry.history[-1].reason)
        for entry in of_one
        if not entry.is_trusted
        for owner in entry.seal_owners
        if owner not in current
    ]
    first = of_one[0]
    return AuthorityEvidence(
        first.code, first.name, first.region, tuple(sorted(current)), tuple(former)
    )


def _since(entry: TrustedEntry) -> datetime:
    """Return when an entry was trusted first: what it did before it was withdrawn between, too."""
    return entry.history[0].since


def _withdrawn(entry: TrustedEntry) -> tuple[datetime | None, str]:
    last = entry.history[-1]
    return (None, "") if entry.is_trusted else (last.since, last.reason)
