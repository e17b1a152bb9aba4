"""Judge a seal's certificate: the right one, fit to seal, good at the time, trusted, not revoked.

Source: EN 319 102-1 5.2.3, 5.2.5, 5.2.6; RFC 5035 4; GB/T 20518-2018.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from keys.certificate import Certificate
from keys.sm3 import sm3
from verification.case import Case
from verification.chain import Chain
from verification.evidence import ValueKind
from verification.findings import Finding, finding
from verification.moments import shown
from verification.policy import ListAgeDemand
from verification.revocation import RevocationAnswer, Standing, ask_revocation, is_key_compromise
from verification.seal_value import SealValue
from verification.trust import TrustIndex, Withdrawal

_SIGNING_USAGES = frozenset({"digitalSignature", "nonRepudiation"})


def judge_certificate(
    case: Case, value: SealValue, certificate: Certificate, proven: datetime | None
) -> tuple[Finding, ...]:
    """Return the findings about the certificate itself; one that passes if nothing is wrong."""
    found = (
        *_judge_fitness(value, certificate),
        *_judge_period(case, certificate, proven),
    )
    return found or (_fits(case, certificate),)


def _fits(case: Case, certificate: Certificate) -> Finding:
    if certificate.not_after < case.moments.verified_at:
        return finding("certificate-expired-since", time=shown(certificate.not_after))
    return finding("certificate-suits")


def _judge_fitness(value: SealValue, certificate: Certificate) -> Iterator[Finding]:
    cms = value.cms
    if cms is not None and cms.signing_certificate_digest != sm3(certificate.der):
        yield finding("signing-certificate-mismatch")
    # Mixed usages occur in genuine seal certificates; one of the two is enough (standards 7.1).
    if not certificate.key_usages & _SIGNING_USAGES:
        yield finding("key-usage-wrong")
    if certificate.unknown_critical:
        yield finding(
            "certificate-extension-unknown", detail=", ".join(certificate.unknown_critical)
        )


def _judge_period(
    case: Case, certificate: Certificate, proven: datetime | None
) -> Iterator[Finding]:
    """With a proven time the period is asked for that time, else for now (ADR 0010)."""
    moment = proven or case.moments.verified_at
    if moment < certificate.not_before:
        yield finding("certificate-not-yet-valid", time=shown(certificate.not_before))
    if moment > certificate.not_after:
        code = "certificate-expired-at-sealing" if proven else "certificate-expired-no-proof"
        yield finding(code, time=shown(certificate.not_after))


def judge_missing_chain(case: Case, value: SealValue, former: Chain | None) -> Iterator[Finding]:
    """Yield why the certificate leads to nobody who is trusted.

    Args:
        former: the chain to an anchor that was withdrawn, if there is one.
    """
    if case.trust is None:
        yield finding("trust-unavailable", detail=case.evidence.trust_gap)
    elif len(value.certificates) > case.policy.candidates:
        yield finding("too-many-certificates", count=str(len(value.certificates)))
    elif former is None or (gone := _withdrawal(case, former)) is None:
        yield finding("no-trusted-chain")
    else:
        yield _told("anchor-withdrawn", case, former, gone)
    yield from judge_list_age(case)


def _withdrawal(case: Case, chain: Chain) -> Withdrawal | None:
    return None if case.trust is None else case.trust.anchor_withdrawal(chain.certificates[-1])


def _told(code: str, case: Case, chain: Chain, gone: Withdrawal) -> Finding:
    trust = case.evidence.trust
    return finding(
        code,
        trust.issued_at if trust else None,
        name=chain.certificates[-1].common_name,
        time=shown(gone.since),
        detail=gone.why,
    )


def judge_list_age(case: Case) -> Iterator[Finding]:
    """Yield that the trust list has run out: by now, or if age is not asked by the time asked."""
    trust, moments = case.evidence.trust, case.moments
    is_past = case.policy.list_age is ListAgeDemand.NOT_ASKED
    reached = moments.asked if is_past else moments.verified_at
    if trust is None or trust.next_update is None or reached <= trust.next_update:
        return
    age = case.moments.verified_at - trust.issued_at
    yield finding(
        "trust-list-expired",
        trust.issued_at,
        time=shown(trust.next_update),
        count=str(age.days),
        detail=str(trust.list_sequence),
    )


def judge_chain(
    case: Case, value: SealValue, chain: Chain, proven: datetime | None
) -> Iterator[Finding]:
    """Yield the findings about whom the certificate leads to."""
    yield from judge_list_age(case)
    if (gone := _withdrawal(case, chain)) is not None:
        yield _told("anchor-withdrawn-since", case, chain, gone)
    unused = set(value.certificates) - {entry.der for entry in chain.certificates}
    if unused and value.kind is ValueKind.CMS:  # others enclose what they like
        yield finding("unused-certificate")
    outside = chain.outside_period(proven or case.moments.verified_at)
    if outside is not None:
        yield finding("chain-outside-period", name=outside.common_name)
        return
    above = tuple(name for entry in chain.certificates[1:] for name in entry.unknown_critical)
    if above:
        yield finding("certificate-extension-unknown", detail=", ".join(above))
        return
    names = " ← ".join(entry.common_name for entry in chain.certificates[1:])
    trust = case.evidence.trust
    yield finding("chain-trusted", trust.issued_at if trust else None, name=names)


def judge_revocation(
    case: Case, trust: TrustIndex, chain: Chain, proven: datetime | None
) -> tuple[Finding, ...]:
    """Return what the revocation lists say of the chain; one that passes if all is good."""
    answers = ask_revocation(chain, trust, case.moments, case.policy)
    found = tuple(
        entry
        for depth, answer in enumerate(answers)
        if (entry := _judge_answer(answer, depth, proven)) is not None
    )
    if found:
        return found
    oldest = min((answer.known_at for answer in answers if answer.known_at), default=None)
    return (finding("not-revoked", oldest),)


def _judge_answer(answer: RevocationAnswer, depth: int, proven: datetime | None) -> Finding | None:
    name = answer.issuer.common_name
    if answer.entry is not None:
        return _judge_entry(answer, depth, proven)
    if answer.standing is Standing.MISSING:
        return finding("revocation-missing", name=name)
    if answer.standing is Standing.STALE and answer.due_by is not None:
        return finding("revocation-stale", answer.known_at, name=name, time=shown(answer.due_by))
    return None


def _judge_entry(answer: RevocationAnswer, depth: int, proven: datetime | None) -> Finding | None:
    """Judge a revoked certificate: a later revocation, not for a stolen key, leaves the past be."""
    entry = answer.entry
    if entry is None:
        return None
    at, known_at = shown(entry.revoked_at), answer.known_at
    still_good = proven is not None and proven < entry.revoked_at and not is_key_compromise(entry)
    if still_good:
        return finding("revoked-after-sealing", known_at, time=at)
    if depth > 0:
        name = answer.certificate.common_name
        return finding("authority-certificate-revoked", known_at, name=name, time=at)
    if is_key_compromise(entry):
        return finding("certificate-revoked-key-compromise", known_at, time=at)
    return finding("certificate-revoked", known_at, time=at)
