"""What every check is given: evidence, policy and time, with what can be read of them once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from license_vault.license_metadata import Claims
from signing.sealed_json.copy_record import CopyRecord
from verification.evidence import Evidence, ParsedDocument, ParsedSeal, SealFacts, ValueKind
from verification.policy import Policy
from verification.revocation import Moments
from verification.seal_value import SealValue
from verification.trust import TrustIndex


class StatusSubject(Protocol):
    """What has a state: a license by its claims, or the parent of a copy by its record."""

    @property
    def status_uri(self) -> str:
        """The list that has its state."""

    @property
    def status_index(self) -> int:
        """Its place there."""

    @property
    def valid_from(self) -> date:
        """The first civil day."""

    @property
    def valid_until(self) -> date | None:
        """The last civil day, included; nothing: no end."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case to judge. ``claims`` and ``trust`` are nothing where there is nothing usable.

    ``copy`` is what a purpose-bound copy says of itself; such a one has no claims.
    """

    evidence: Evidence
    policy: Policy
    moments: Moments
    parsed: ParsedDocument
    claims: Claims | None
    claims_problem: str | None
    trust: TrustIndex | None
    copy: CopyRecord | None = None

    @property
    def subject(self) -> StatusSubject | None:
        """Whose state is asked: of a copy its parent's."""
        return self.claims if self.copy is None else self.copy.parent

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
