"""Judge the signer of a status list as it comes in, before a partner's list is kept.

The same is judged again with every license that asks the list: this only keeps a mirror from
giving up a good list for one that nobody may have signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from keys import sm2
from keys.certificate import Certificate
from keys.certificate_authority import STATUS_SIGNING_EKU
from keys.errors import KeyCustodyError
from signing.status_file import StatusFileHead
from verification.chain import build_chain
from verification.evidence import TrustEvidence
from verification.policy import Policy
from verification.revocation import Moments, Standing, ask_revocation
from verification.trust import readable_certificate, trust_index


def problem_of_signer(
    head: StatusFileHead, trust: TrustEvidence, policy: Policy, now: datetime
) -> str | None:
    """Return why a file of a status list is not believed of a region; None if it is.

    One of "status-certificate", "status-signature", "status-in-future", "status-signer",
    "status-signer-revoked".
    """
    signer = readable_certificate(head.signer_certificate)
    if signer is None:
        return "status-certificate"
    return next(_problems(head, signer, trust, policy, now), None)


def _problems(
    head: StatusFileHead, signer: Certificate, trust: TrustEvidence, policy: Policy, now: datetime
) -> Iterator[str]:
    if not _signature_holds(head, signer):
        yield "status-signature"
    if head.issued_at > now + policy.clock_tolerance:
        yield "status-in-future"
    index = trust_index(trust)
    chain = build_chain(signer, (), index, "status", policy)
    in_time = signer.not_before <= head.issued_at <= signer.not_after
    if chain is None or not in_time or STATUS_SIGNING_EKU not in signer.extended_key_usages:
        yield "status-signer"
        return
    if chain.outside_period(head.issued_at) is not None or chain.unknown_critical():
        yield "status-signer"
    answers = ask_revocation(chain, index, Moments(now, now), policy)
    # A list of revocations that is missing or old is said at judging; here only the known counts.
    if any(answer.standing is Standing.REVOKED for answer in answers):
        yield "status-signer-revoked"


def _signature_holds(head: StatusFileHead, signer: Certificate) -> bool:
    try:
        sm2.verify(signer.public_point, head.tbs, head.signature)
    except KeyCustodyError:
        return False
    return True
