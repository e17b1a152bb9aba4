"""Judge who made an electronic seal: the maker's signature, and whether the maker may make seals.

A seal is data that a maker (制章者) signed. A chain to an anchor makes nobody a seal maker, for the
same CA certifies many; the region names its makers, certificate by certificate. Extended key
usages are not asked: genuine makers' certificates carry whatever their CA put in.

Source: GB/T 38540-2020, verifying a seal; docs/standards.md 3.4; docs/adr/0037.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from keys.certificate import Certificate
from keys.sm3 import sm3
from signing.errors import SigningError
from signing.ses.seal import SESeal, read_ses_seal
from signing.timestamps.token import read_timestamp_token
from verification.case import Case
from verification.chain import Chain, build_chain
from verification.evidence import TrustEvidence
from verification.findings import Finding, finding
from verification.moments import shown
from verification.revocation import Standing, ask_revocation, is_key_compromise
from verification.seal_signature import signature_holds
from verification.trust import TrustIndex, readable_certificate

SEAL_MAKER = "seal-maker"
_REMEMBERED_BYTES = 128 * 1024
_SIGNING_USAGES = frozenset({"digitalSignature", "nonRepudiation"})


def judge_maker(
    case: Case, seal: SESeal, proven: datetime | None, opinion: bool | None
) -> Iterator[Finding]:
    """Yield the findings about a seal's maker.

    Args:
        proven: when the seal existed for certain, by the time-stamp of a document it is in.
        opinion: another SM2 implementation's about the maker's signature, where one was asked.
    """
    maker = readable_certificate(seal.maker_certificate)
    if maker is None:
        yield finding("maker-certificate-unreadable")
        return
    yield from _judge_value(seal, opinion)
    if seal.timestamp is not None:
        yield from _judge_timestamp(seal, seal.timestamp)
    yield from _judge_fitness(seal, maker)
    if case.trust is None:
        yield finding("maker-not-judged")
        return
    yield from _judge_standing(case, case.trust, maker, proven)


def _maker_signed(seal: SESeal) -> bool:
    maker = readable_certificate(seal.maker_certificate)
    return maker is not None and signature_holds(maker, seal.signed_bytes, seal.signature)


@lru_cache(maxsize=64)
def _remembered(seal: bytes) -> bool:
    """Verify the maker's signature; the same bytes always give the same answer."""
    return _maker_signed(read_ses_seal(seal))


def _judge_value(seal: SESeal, opinion: bool | None) -> Iterator[Finding]:
    small = len(seal.der) <= _REMEMBERED_BYTES
    holds = _remembered(seal.der) if small else _maker_signed(seal)
    if opinion is not None and opinion is not holds:
        yield finding("second-opinion-disagrees")
        return
    yield finding("maker-signature-valid" if holds else "maker-signature-invalid")


def _judge_timestamp(seal: SESeal, token: bytes) -> Iterator[Finding]:
    """Check that a seal's own token is of its signature; its time is not needed to judge.

    Source: GM/T 0031-2025.
    """
    try:
        read = read_timestamp_token(token)
    except SigningError as error:
        yield finding("seal-timestamp-wrong", detail=str(getattr(error, "code", "unreadable")))
        return
    by = readable_certificate(read.authority_certificate)
    if read.imprint != sm3(seal.signature_value):
        yield finding("seal-timestamp-wrong", detail="of-another-seal")
    elif by is None or not signature_holds(by, read.signed_attributes, read.signature):
        yield finding("seal-timestamp-wrong", detail="signature-invalid")


def _judge_fitness(seal: SESeal, maker: Certificate) -> Iterator[Finding]:
    if not maker.key_usages & _SIGNING_USAGES:
        yield finding("maker-unfit", detail="key-usage")
    if maker.unknown_critical:
        yield finding("maker-unfit", detail="unknown-critical-extension")
    if not maker.not_before <= seal.created_at <= maker.not_after:
        yield finding("maker-outside-period", time=shown(seal.created_at))


def _judge_standing(
    case: Case, trust: TrustIndex, maker: Certificate, proven: datetime | None
) -> Iterator[Finding]:
    """Check that the region names the maker, and that its certificate leads to an anchor."""
    bundle = case.evidence.trust
    named = trust.names(SEAL_MAKER, maker.der, proven)
    if not named:
        yield _not_named(trust, maker, _issued_at(bundle))
    chain = build_chain(maker, (), trust, "seal", case.policy, proven)
    if chain is None:
        yield finding("maker-no-trusted-chain", name=maker.common_name)
        return
    problems = tuple(_judge_chain(case, trust, chain, proven))
    yield from problems
    if named and not problems:
        yield finding("maker-trusted", _issued_at(bundle), name=maker.common_name)


def _not_named(trust: TrustIndex, maker: Certificate, known_at: datetime | None) -> Finding:
    gone = trust.former_signers.get((SEAL_MAKER, maker.der))
    if gone is None:
        return finding("maker-not-named", known_at, name=maker.common_name)
    time = shown(gone.since)
    return finding("maker-withdrawn", known_at, name=maker.common_name, time=time, detail=gone.why)


def _issued_at(bundle: TrustEvidence | None) -> datetime | None:
    return None if bundle is None else bundle.issued_at


def _judge_chain(
    case: Case, trust: TrustIndex, chain: Chain, proven: datetime | None
) -> Iterator[Finding]:
    """A maker that was withdrawn made no good seal, unless the seal is known to be older."""
    if any(entry.unknown_critical for entry in chain.certificates[1:]):
        yield finding("maker-unfit", detail="unknown-critical-extension")
    for answer in ask_revocation(chain, trust, case.moments, case.policy):
        entry = answer.entry
        if entry is not None:
            older = proven is not None and proven < entry.revoked_at
            if not older or is_key_compromise(entry):
                yield finding("maker-revoked", answer.known_at, time=shown(entry.revoked_at))
        elif answer.standing is not Standing.GOOD:
            detail = f"{answer.issuer.common_name}: {answer.standing.value}"
            yield finding("maker-revocation-unknown", answer.known_at, detail=detail)
