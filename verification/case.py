"""What every check is given: evidence, policy and time, with what can be read of them once."""

from __future__ import annotations

from dataclasses import dataclass

from license_vault.license_metadata import Claims
from verification.evidence import Evidence, ParsedDocument, ParsedSeal, SealFacts, ValueKind
from verification.policy import Policy
from verification.revocation import Moments
from verification.seal_value import SealValue
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

    @property
    def is_license(self) -> bool:
        """Whether the document carries claims, or says it is a copy: our own form only is right.

        What others make is read as they make it; its departures are named, and without claims it
        is never valid.
        """
        return self.parsed.claims is not None or self.parsed.copy is not None


@dataclass(frozen=True, slots=True)
class SealCase:
    """One seal of a case, from 0 in ``number``; ``problem`` is why its value cannot be read.

    The opinions are those of another SM2 implementation about the value and about the maker's
    signature of the seal, where one was asked.
    """

    case: Case
    number: int
    seal: ParsedSeal
    facts: SealFacts
    value: SealValue | None
    problem: str
    opinion: bool | None
    maker_opinion: bool | None

    @property
    def is_last(self) -> bool:
        """Whether no seal follows in the document."""
        return self.number == len(self.case.parsed.seals) - 1

    @property
    def kind(self) -> ValueKind:
        """What kind of value the seal has."""
        return self.seal.kind
