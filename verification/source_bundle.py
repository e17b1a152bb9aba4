"""Trust and state from one trust bundle: on disk, fetched by the operator, or just published.

The bundle itself is believed because the operator put it there; its certificates, revocation
lists and status lists are judged like any others. Of the signed trust list in it, if there is one,
only what was withdrawn is asked: so what was sealed before stays good offline too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from signing.errors import SigningError
from signing.status_file import PLANE, REASONS, StatusFileHead, read_file_head
from signing.trust_bundle import TrustBundle
from signing.trust_list import TrustList, read_trust_list
from verification.evidence import (
    AnchorEvidence,
    AuthorityEvidence,
    SignerEvidence,
    StatusEvidence,
    StatusKind,
    TrustEvidence,
)
from verification.source_trust_list import (
    anchors_of,
    authority_of,
    intermediates_of,
    signers_of,
)
from verification.sources import Sources, Unreachable


class BundleSource:
    """Answers both questions from a trust bundle; holds nothing that changes."""

    def __init__(self, bundle: TrustBundle) -> None:
        self._signed = _signed_list(bundle)
        self._authorities = {
            entry.code: AuthorityEvidence(
                entry.code, entry.name, entry.region, tuple(entry.seal_owners)
            )
            for entry in bundle.authorities
        }
        self._trust = _evidence(bundle, self._signed)
        self._lists = _newest_by_uri(bundle.status_lists)

    def trust_for(self, authority_code: str | None) -> TrustEvidence | Unreachable:
        """Return what the bundle trusts, with the entry of the authority if it has one."""
        authority = self._authorities.get(authority_code or "")
        entries = () if self._signed is None else self._signed.content.entries
        told = authority_of(entries, authority_code)
        if authority is None:
            return self._trust if told is None else replace(self._trust, authority=_past(told, ()))
        former = () if told is None else _past(told, authority.seal_owners).former_owners
        return replace(self._trust, authority=replace(authority, former_owners=former))

    def status_of(self, uri: str, index: int, at: datetime) -> StatusEvidence:  # noqa: ARG002
        """Return the bundle's list of that address, which is judged whatever the time is."""
        found = self._lists.get(uri)
        if found is None:
            return StatusEvidence(StatusKind.UNAVAILABLE, detail="not-in-the-trust-bundle")
        plane, reasons = found
        return StatusEvidence(StatusKind.SIGNED_LIST, signed_list=plane, signed_reasons=reasons)


def _signed_list(bundle: TrustBundle) -> TrustList | None:
    """Return the signed list of the bundle's region; one that cannot be read is not there."""
    try:
        found = None if bundle.trust_list is None else read_trust_list(bundle.trust_list)
    except SigningError:
        return None
    return found if found is not None and found.region == bundle.region else None


def _evidence(bundle: TrustBundle, signed: TrustList | None) -> TrustEvidence:
    entries = () if signed is None else signed.content.entries
    anchors = tuple(
        AnchorEvidence(tuple(anchor.purposes), anchor.certificate) for anchor in bundle.anchors
    )
    signers = tuple(SignerEvidence(signer.role, signer.certificate) for signer in bundle.signers)
    return TrustEvidence(
        region=bundle.region,
        issued_at=bundle.issued_at,
        anchors=(*anchors, *(each for each in anchors_of(entries) if each.withdrawn_from)),
        intermediates=tuple(dict.fromkeys((*bundle.intermediates, *intermediates_of(entries)))),
        revocation_lists=tuple(bundle.crls),
        authority=None,
        signers=(*signers, *(each for each in signers_of(entries) if each.withdrawn_from)),
        list_sequence=None if signed is None else signed.sequence,
    )


def _past(told: AuthorityEvidence, owners: tuple[str, ...]) -> AuthorityEvidence:
    """Return an authority of the list with those owners only that are past, and these are not."""
    former = tuple(owner for owner in told.former_owners if owner.code not in owners)
    return replace(told, seal_owners=(), former_owners=former)


def bundle_sources(bundle: TrustBundle) -> Sources:
    """Return both sources over one bundle."""
    source = BundleSource(bundle)
    return Sources(source, source)


def _newest_by_uri(encoded_files: tuple[bytes, ...]) -> dict[str, tuple[bytes, bytes | None]]:
    """Return for each address the plane of the highest sequence, and the reasons of it if any.

    Unreadable files are left out.
    """
    planes: dict[str, StatusFileHead] = {}
    reasons: dict[tuple[str, int], bytes] = {}
    for encoded in encoded_files:
        try:
            head = read_file_head(encoded)
        except SigningError:
            continue
        if head.kind == REASONS:
            reasons[head.uri, head.sequence] = encoded
        elif head.kind == PLANE:
            known = planes.get(head.uri)
            if known is None or known.sequence < head.sequence:
                planes[head.uri] = head
    return {uri: (head.der, reasons.get((uri, head.sequence))) for uri, head in planes.items()}
