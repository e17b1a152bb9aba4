"""Trust and state from one trust bundle: on disk, fetched by the operator, or just published.

The bundle itself is believed because the operator put it there; its certificates, revocation
lists and status lists are judged like any others.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from signing.errors import SigningError
from signing.status_file import PLANE, REASONS, StatusFileHead, read_file_head
from signing.trust_bundle import TrustBundle
from verification.evidence import (
    AnchorEvidence,
    AuthorityEvidence,
    SignerEvidence,
    StatusEvidence,
    StatusKind,
    TrustEvidence,
)
from verification.sources import Sources, Unreachable


class BundleSource:
    """Answers both questions from a trust bundle; holds nothing that changes."""

    def __init__(self, bundle: TrustBundle) -> None:
        self._authorities = {
            entry.code: AuthorityEvidence(
                entry.code, entry.name, entry.region, tuple(entry.seal_owners)
            )
            for entry in bundle.authorities
        }
        self._trust = TrustEvidence(
            region=bundle.region,
            issued_at=bundle.issued_at,
            anchors=tuple(
                AnchorEvidence(tuple(anchor.purposes), anchor.certificate)
                for anchor in bundle.anchors
            ),
            intermediates=tuple(bundle.intermediates),
            revocation_lists=tuple(bundle.crls),
            authority=None,
            signers=tuple(
                SignerEvidence(signer.role, signer.certificate) for signer in bundle.signers
            ),
        )
        self._lists = _newest_by_uri(bundle.status_lists)

    def trust_for(self, authority_code: str | None) -> TrustEvidence | Unreachable:
        """Return what the bundle trusts, with the entry of the authority if it has one."""
        authority = self._authorities.get(authority_code or "")
        return self._trust if authority is None else replace(self._trust, authority=authority)

    def status_of(self, uri: str, index: int, at: datetime) -> StatusEvidence:  # noqa: ARG002
        """Return the bundle's list of that address, which is judged whatever the time is."""
        found = self._lists.get(uri)
        if found is None:
            return StatusEvidence(StatusKind.UNAVAILABLE, detail="not-in-the-trust-bundle")
        plane, reasons = found
        return StatusEvidence(StatusKind.SIGNED_LIST, signed_list=plane, signed_reasons=reasons)


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
