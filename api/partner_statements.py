"""Whom to believe about what a region signed as its library: ourselves, or an accepted list.

Receipts and sharing documents name their region; which keys are its own is told by our own rows,
or by the trust list of it that two people accepted, never by what is signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.own_node import OwnTrust
from license_vault.partners.partners import Partners
from license_vault.partners.revocations import PartnerRevocationLists
from license_vault.trust.kept_lists import TrustLists
from signing.sealed_json.sharing_document import read_sharing_document
from verification.policy import load_policy
from verification.receipt_judgement import judge_statement
from verification.report import Verdict
from verification.reporting import conclude
from verification.revocation import Moments
from verification.source_trust_list import trust_evidence_of
from verification.sources import Unreachable

if TYPE_CHECKING:
    from license_vault.clock import Clock
    from license_vault.database.sessions import Database
    from license_vault.sharing.publishing import Judge
    from verification.evidence import TrustEvidence

    Believed = tuple[TrustEvidence | None, str]


def trust_of_region(database: Database, own_region: str, region: str, clock: Clock) -> Believed:
    """Return what is trusted of a region as a whole, or nothing and why."""
    if region == own_region:
        own = OwnTrust(database, own_region, clock).trust_for(None)
        return (None, own.detail) if isinstance(own, Unreachable) else (own, "")
    with database.reading() as session:
        partner = Partners(session).find(region)
        kept = TrustLists(session).newest(region)
        revocations = PartnerRevocationLists(session).of(region)
    if partner is None or kept is None:
        return None, f"region-unknown {region}"
    if not partner.is_accepted:
        return None, f"partner-suspended {region}"
    return trust_evidence_of(kept.trust_list, (), revocations, None), ""


def document_judge(database: Database, own_region: str, clock: Clock) -> Judge:
    """Return what says why a sharing document is not to be believed."""

    def judge(file: bytes, region: str) -> str | None:
        believed = trust_of_region(database, own_region, region, clock)
        now, statement = clock(), read_sharing_document(file).statement
        found = tuple(
            judge_statement(statement, believed, load_policy("default"), Moments(now, now))
        )
        verdict, _, _ = conclude(found)
        return None if verdict is Verdict.VALID else found[-1].code

    return judge
