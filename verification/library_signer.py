"""Judge who signed for a license library: its own key, which is no seal.

The signer's certificate is one that the region stands for by name as its library, and leads to an
anchor that is trusted for the library's own statements, as the status lists are. It must hold now,
or at the time that a time-stamp proves. Manifests, receipts and purpose-bound copies are signed so.

Source: ADR 0036; RFC 5280 6.1; EN 319 102-1 5.2.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from keys.certificate import Certificate
from verification.chain import build_chain
from verification.policy import Policy
from verification.revocation import (
    Moments,
    RevocationAnswer,
    Standing,
    ask_revocation,
    is_key_compromise,
)
from verification.trust import TrustIndex, readable_certificate

SYSTEM = "system"
_SIGNING_USAGES = frozenset({"digitalSignature", "nonRepudiation"})


@dataclass(frozen=True, slots=True)
class SignerProblem:
    """What speaks against a signer; ``is_open``: it is not known, rather than known to be bad."""

    is_open: bool
    detail: str
    known_at: datetime | None = None


def signer_problems(
    signer: Certificate,
    embedded: tuple[bytes, ...],
    trust: TrustIndex,
    policy: Policy,
    moments: Moments,
    proven: datetime | None = None,
) -> Iterator[SignerProblem]:
    """Yield why a certificate may not have signed for the library; nothing if it may.

    Args:
        embedded: the certificates (DER) that came with the signature; they are not trusted.
        proven: when it signed for certain: a certificate that the region replaced since, or that
            has expired since, was good then.
    """
    if not trust.names(SYSTEM, signer.der, proven):
        gone = trust.former_signers.get((SYSTEM, signer.der))
        yield SignerProblem(False, "not-named" if gone is None else f"withdrawn: {gone.why}")
    if not signer.key_usages & _SIGNING_USAGES:
        yield SignerProblem(False, "key-usage")
    known = tuple(filter(None, map(readable_certificate, embedded)))
    chain = build_chain(signer, known, trust, "status", policy, proven)
    if chain is None:
        yield SignerProblem(False, "no-trusted-chain")
        return
    moment = proven or moments.verified_at
    for certificate in chain.certificates:
        if not certificate.not_before <= moment <= certificate.not_after:
            yield SignerProblem(True, f"{certificate.common_name}: outside-period")
    if chain.unknown_critical():
        yield SignerProblem(True, "unknown-critical-extension")
    yield from _revocation_problems(ask_revocation(chain, trust, moments, policy), proven)


def _revocation_problems(
    answers: tuple[RevocationAnswer, ...], proven: datetime | None
) -> Iterator[SignerProblem]:
    for answer in answers:
        if answer.entry is not None:
            later = proven is not None and proven < answer.entry.revoked_at
            if not later or is_key_compromise(answer.entry):
                yield SignerProblem(False, "revoked", answer.known_at)
        elif answer.standing is not Standing.GOOD:
            detail = f"{answer.issuer.common_name}: {answer.standing.value}"
            yield SignerProblem(True, detail, answer.known_at)
