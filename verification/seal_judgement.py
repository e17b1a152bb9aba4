"""Judge one seal: integrity, value, seal data, certificate, time, chain, revocation, entitlement.

The order is that of EN 319 102-1 5.3 and GB/T 38540, but no check hides a later one that can
still be made: a report that says everything it knows is worth more than the first failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from keys.certificate import Certificate
from keys.sm3 import sm3
from verification.case import Case, SealCase
from verification.chain import Chain, build_chain
from verification.entitlement import judge_entitlement, seal_owner
from verification.findings import Finding, about_seal, finding
from verification.integrity import judge_seal_integrity
from verification.report import CertificateSummary, SealSummary
from verification.seal_certificate import (
    judge_certificate,
    judge_chain,
    judge_missing_chain,
    judge_revocation,
)
from verification.seal_data import is_exchanged, judge_seal_use
from verification.seal_maker import judge_maker
from verification.seal_signature import judge_signature
from verification.seal_summary import seal_data_summary
from verification.seal_value import SealValue, signed_message
from verification.sealing_time import SealingTime, judge_time
from verification.trust import readable_certificate

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_NOT_JUDGED = (
    "seal-not-judged",
    "certificate-not-judged",
    "chain-not-judged",
    "time-not-judged",
    "revocation-not-judged",
    "authority-not-judged",
)


@dataclass(frozen=True, slots=True)
class SealJudgement:
    """What was found about one seal; no summary where there is no certificate."""

    findings: tuple[Finding, ...]
    summary: SealSummary | None


def judge_seal(entry: SealCase) -> SealJudgement:
    """Judge one seal by every check that concerns it alone."""
    value, name = entry.value, entry.seal.name
    found = list(judge_seal_integrity(entry))
    certificate = readable_certificate(value.signer_certificate) if value is not None else None
    if value is None or certificate is None:
        found += [finding(code) for code in _NOT_JUDGED]
        if value is not None:
            found.append(_unreadable(entry, value))
        return SealJudgement(about_seal(found, name), None)
    time = judge_time(entry.case, value)
    found += judge_signature(entry, value, certificate)
    if value.ses is not None:
        found += judge_maker(entry.case, value.ses.seal, time.proven, entry.maker_opinion)
        found += judge_seal_use(entry.case, value.ses, certificate, time.proven)
    found += _judge_trust(entry.case, value, certificate, time)
    return SealJudgement(about_seal(found, name), _summary(entry, value, certificate, time))


def _unreadable(entry: SealCase, value: SealValue) -> Finding:
    if value.ses is not None and is_exchanged(entry.case, value.ses):
        return finding("signer-exchanged", name=value.ses.seal.name)
    return finding("certificate-unreadable", detail="signer")


def _judge_trust(
    case: Case, value: SealValue, certificate: Certificate, time: SealingTime
) -> Iterator[Finding]:
    yield from judge_certificate(case, value, certificate, time.proven)
    chain = _chain(case, value, certificate, time.proven)
    if chain is None:
        # Whoever was withdrawn is named, rather than unknown.
        former = _chain(case, value, certificate, _BEFORE_ALL)
        yield from judge_missing_chain(case, value, former)
    else:
        yield from judge_chain(case, value, chain, time.proven)
    yield from time.findings
    if chain is None or case.trust is None:
        yield finding("revocation-not-judged")
    else:
        yield from judge_revocation(case, case.trust, chain, time.proven)
    yield judge_entitlement(case, certificate, time.proven)


def _chain(
    case: Case, value: SealValue, certificate: Certificate, proven: datetime | None
) -> Chain | None:
    if case.trust is None or len(value.certificates) > case.policy.candidates:
        return None
    embedded = tuple(filter(None, map(readable_certificate, value.certificates)))
    return build_chain(certificate, embedded, case.trust, "seal", case.policy, proven)


def _summary(
    entry: SealCase, value: SealValue, certificate: Certificate, time: SealingTime
) -> SealSummary:
    code, name = seal_owner(certificate)
    return SealSummary(
        field=entry.seal.name,
        kind=value.kind.value,
        signed_sm3=sm3(signed_message(value, entry.facts)).hex(),
        code=certificate.common_name,
        owner=name,
        owner_code=code,
        sealed_at=time.proven or value.claimed_at or entry.seal.claimed_at,
        time="stamped" if time.proven else "claimed",
        certificate=CertificateSummary(
            certificate.subject, f"{certificate.serial:x}", certificate.not_after
        ),
        seal=None if value.ses is None else seal_data_summary(value.ses.seal),
        deviations=tuple(dict.fromkeys((*entry.seal.deviations, *value.deviations))),
    )
