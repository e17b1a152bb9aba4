"""What every check is given: evidence, policy and time, with what can be read of them once."""

from __future__ import annotations

from dataclasses import dataclass

from license_vault.license_metadata import Claims
from verification.evidence import Evidence, ParsedDocument
from verification.policy import Policy
from verification.revocation import Moments
from verification.trust import TrustIndex


@dataclass(frozen=True, slots=True)
class Case:
    """One case to judge. ``claims`` and ``trust`` are nothing where there is nothing usable."""

    evidence: Evidence
    policy: Policy
    moments: Moments
    parsed: ParsedDocument
    claims: Claims | None
    claims_problem: str | None
    trust: TrustIndex | None
