"""Build the chain from a certificate to a trust anchor, within firm limits.

Our own walk, because library path builders can be made to run for minutes and overlook a list
that no distribution point names. Depth and the number of signatures looked at are bounded by
the policy; a certificate is used at most once in a chain.

Source: RFC 5280 6.1; EN 319 102-1 5.2.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from keys.certificate import Certificate
from verification.policy import Policy
from verification.trust import TrustIndex, is_issued_by


@dataclass(frozen=True, slots=True)
class Chain:
    """Certificates from the one asked about to the anchor, both included."""

    certificates: tuple[Certificate, ...]

    def outside_period(self, moment: datetime) -> Certificate | None:
        """Return the first certificate above the first that is not valid at a moment."""
        for certificate in self.certificates[1:]:
            if not certificate.not_before <= moment <= certificate.not_after:
                return certificate
        return None

    def unknown_critical(self) -> tuple[str, ...]:
        """Return the critical extensions of the chain that we do not understand."""
        return tuple(name for entry in self.certificates for name in entry.unknown_critical)


@dataclass(slots=True)
class _Walk:
    """One search; ``left`` counts the links that may still be looked at."""

    embedded: tuple[Certificate, ...]
    trust: TrustIndex
    purpose: str
    depth: int
    left: int
    proven: datetime | None

    def from_certificates(self, path: tuple[Certificate, ...]) -> tuple[Certificate, ...] | None:
        """Return the path continued to an anchor, or nothing."""
        last = path[-1]
        for anchor in self._anchors(last.issuer_der):
            if self._links(last, anchor):
                complete = (*path, anchor)
                if _path_lengths_hold(complete):
                    return complete
        if len(path) + 1 >= self.depth:
            return None
        for issuer in self._candidates(last, path):
            if self._links(last, issuer):
                found = self.from_certificates((*path, issuer))
                if found is not None:
                    return found
        return None

    def _anchors(self, name: bytes) -> Iterator[Certificate]:
        """Yield the anchors of a name: those of now, then those that counted at a proven time."""
        for anchor, purposes in self.trust.anchors.get(name, ()):
            if self.purpose in purposes:
                yield anchor
        for former in self.trust.former_anchors.get(name, ()):
            if former.counts(self.purpose, self.proven):
                yield former.certificate

    def _links(self, certificate: Certificate, issuer: Certificate) -> bool:
        if self.left <= 0:
            return False
        self.left -= 1
        return is_issued_by(certificate, issuer)

    def _candidates(
        self, last: Certificate, path: tuple[Certificate, ...]
    ) -> Iterator[Certificate]:
        used = {entry.der for entry in path}
        named = [entry for entry in self.embedded if entry.subject_der == last.issuer_der]
        for issuer in (*named, *self.trust.intermediates.get(last.issuer_der, ())):
            if issuer.der not in used:
                used.add(issuer.der)
                yield issuer


def _path_lengths_hold(path: tuple[Certificate, ...]) -> bool:
    """Check pathLenConstraint: at most so many CAs below, the first certificate not counted."""
    for below, issuer in enumerate(path[1:]):
        if issuer.path_length is not None and below > issuer.path_length:
            return False
    return True


def build_chain(
    certificate: Certificate,
    embedded: tuple[Certificate, ...],
    trust: TrustIndex,
    purpose: str,
    policy: Policy,
    proven: datetime | None = None,
) -> Chain | None:
    """Return the chain of a certificate to an anchor that is trusted for a purpose, or nothing.

    Args:
        embedded: the certificates that came with the signature; they are not trusted.
        purpose: seal, timestamp or status.
        proven: when what is judged was made for certain; anchors withdrawn later count too.
    """
    walk = _Walk(embedded, trust, purpose, policy.chain_depth, policy.candidates, proven)
    path = walk.from_certificates((certificate,))
    return None if path is None else Chain(path)
