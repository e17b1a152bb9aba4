"""Judge the time-stamp of a seal: what time is proven, if any.

Without a token the time is only claimed, and claims prove nothing: the certificates must then
hold now. A token must be of this very signature value, by an authority of the bundle whose
certificate was good at that time.

Source: RFC 3161 2.4.2; GB/T 20520-2006; EN 319 102-1 5.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from keys.certificate import Certificate
from keys.sm3 import sm3
from signing.errors import SigningError
from signing.timestamps.token import TimestampToken, read_timestamp_token
from verification.case import Case
from verification.chain import Chain, build_chain
from verification.evidence import ParsedSeal, SealFacts
from verification.explanations import Effect
from verification.findings import Finding, any_of, finding
from verification.moments import shown
from verification.policy import Policy, TimestampDemand
from verification.revocation import Moments, Standing, ask_revocation, is_key_compromise
from verification.seal_signature import signature_holds
from verification.seal_value import SealValue
from verification.trust import TrustIndex, readable_certificate

_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"


class TimeCase(Protocol):
    """What judging a token needs: whom we trust, what is asked, and when."""

    @property
    def trust(self) -> TrustIndex | None:
        """Whom we trust; nothing where there is nothing usable."""

    @property
    def policy(self) -> Policy:
        """What is asked."""

    @property
    def moments(self) -> Moments:
        """The time asked about, and now."""


@dataclass(frozen=True, slots=True)
class StatementCase:
    """What judging a statement of a library needs: a ``TimeCase`` without a document."""

    trust: TrustIndex | None
    policy: Policy
    moments: Moments


@dataclass(frozen=True, slots=True)
class SealingTime:
    """The proven time of a seal (UTC), or nothing, and the findings that say why."""

    proven: datetime | None
    findings: tuple[Finding, ...]


def judge_time(case: Case, value: SealValue) -> SealingTime:
    """Judge the token of a signature."""
    if value.timestamp is None:
        required = case.policy.timestamp is TimestampDemand.REQUIRED
        code = "timestamp-required" if required else "time-claimed-only"
        return SealingTime(None, (finding(code),))
    # Others have tokens of other algorithms, which we do not read; a license has none.
    wrong = "timestamp-malformed" if case.is_license else "timestamp-form-unknown"
    try:
        token = read_timestamp_token(value.timestamp)
    except SigningError as error:
        detail = str(getattr(error, "code", "unreadable"))
        return SealingTime(None, (finding(wrong, detail=detail),))
    authority = readable_certificate(token.authority_certificate)
    if authority is None:
        code = "timestamp-certificate-unreadable"
        return SealingTime(None, (finding(wrong, detail=code),))
    found = tuple(_judge_token(case, sm3(value.timestamped), token, authority))
    if any_of(found, Effect.ALTERED, Effect.UNTRUSTED):
        return SealingTime(None, found)
    return SealingTime(token.generated_at, found)


def judge_document_timestamp(case: Case, stamp: ParsedSeal, facts: SealFacts) -> Iterator[Finding]:
    """Yield what is wrong with a time-stamp over the document; nothing if nothing is."""
    for problem in (*stamp.problems, *filter(None, [facts.problem])):
        yield finding("timestamp-malformed", detail=problem)
    try:
        token = read_timestamp_token(stamp.value)
    except SigningError as error:
        yield finding("timestamp-malformed", detail=str(getattr(error, "code", "unreadable")))
        return
    authority = readable_certificate(token.authority_certificate)
    if authority is None:
        yield finding("timestamp-malformed", detail="timestamp-certificate-unreadable")
        return
    for entry in _judge_token(case, facts.digest, token, authority):
        if entry.effect is not Effect.PASSED:
            yield entry


def proven_time(case: TimeCase, timestamp: bytes | None, stamped: bytes) -> datetime | None:
    """Return the time that a token proves of some bytes, nothing if it is not beyond doubt."""
    try:
        token = None if timestamp is None else read_timestamp_token(timestamp)
    except SigningError:
        return None
    authority = None if token is None else readable_certificate(token.authority_certificate)
    if token is None or authority is None:
        return None
    found = _judge_token(case, sm3(stamped), token, authority)
    doubtless = all(entry.effect is Effect.PASSED for entry in found)
    return token.generated_at if doubtless else None


def _judge_token(
    case: TimeCase, imprint: bytes, token: TimestampToken, authority: Certificate
) -> Iterator[Finding]:
    known_at = token.generated_at
    if token.imprint != imprint:
        yield finding("timestamp-of-other-seal", known_at)
    if not signature_holds(authority, token.signed_attributes, token.signature):
        yield finding("timestamp-signature-invalid", known_at)
        return
    if case.trust is None:
        yield finding("timestamp-revocation-unknown", detail="trust-unavailable")
        return
    problems = tuple(_judge_authority(case, case.trust, token, authority))
    yield from problems
    if token.generated_at > case.moments.verified_at + case.policy.clock_tolerance:
        yield finding("time-in-future", known_at, time=shown(known_at))
    elif token.generated_at > case.moments.as_of:
        yield finding("sealed-after-as-of", known_at, time=shown(known_at))
    elif not problems:
        yield finding("time-stamped", known_at, time=shown(known_at), name=authority.common_name)


def _judge_authority(
    case: TimeCase, trust: TrustIndex, token: TimestampToken, authority: Certificate
) -> Iterator[Finding]:
    """Yield what speaks against the time-stamping authority; nothing if nothing does."""
    embedded = tuple(filter(None, map(readable_certificate, token.certificates)))
    moment = token.generated_at
    chain = build_chain(authority, embedded, trust, "timestamp", case.policy, moment)
    if chain is None:
        yield finding("timestamp-authority-not-trusted")
        return
    if set(token.certificates) - {entry.der for entry in chain.certificates}:
        yield finding("timestamp-malformed", detail="unused-certificate")
    for detail in _unsuitable(chain, token.generated_at):
        yield finding("timestamp-authority-unsuitable", detail=detail)
    yield from _judge_revocation(case, trust, chain, token)


def _unsuitable(chain: Chain, moment: datetime) -> Iterator[str]:
    """Yield why a certificate may not have made a token at a moment. Source: RFC 3161 2.3."""
    authority = chain.certificates[0]
    if authority.extended_key_usages != {_TIME_STAMPING}:
        yield "extended-key-usage"
    if not authority.key_usages & {"digitalSignature", "nonRepudiation"}:
        yield "key-usage"
    if not authority.not_before <= moment <= authority.not_after:
        yield "outside-period"
    if chain.outside_period(moment) is not None:
        yield "issuer-outside-period"
    if chain.unknown_critical():
        yield "unknown-critical-extension"


def _judge_revocation(
    case: TimeCase, trust: TrustIndex, chain: Chain, token: TimestampToken
) -> Iterator[Finding]:
    """A withdrawn authority proves nothing more, unless it was withdrawn later and not stolen."""
    for answer in ask_revocation(chain, trust, case.moments, case.policy):
        entry, name = answer.entry, answer.issuer.common_name
        if entry is not None:
            if entry.revoked_at <= token.generated_at or is_key_compromise(entry):
                at = shown(entry.revoked_at)
                yield finding("timestamp-authority-revoked", answer.known_at, time=at)
        elif answer.standing is not Standing.GOOD:
            detail = f"{name}: {answer.standing.value}"
            yield finding("timestamp-revocation-unknown", answer.known_at, detail=detail)
