"""What a check finds: a reason code and the values its sentence names. No judgement, no text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from verification.explanations import Effect, reason


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; ``known_at`` is when what we know was true, ``seal`` the field it is about."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)
    known_at: datetime | None = None
    seal: str | None = None

    @property
    def effect(self) -> Effect:
        """What the finding makes of the verdict."""
        return reason(self.code).effect

    @property
    def check(self) -> str:
        """The check the finding belongs to."""
        return reason(self.code).check


def finding(code: str, known_at: datetime | None = None, **values: str) -> Finding:
    """Return a finding with the values of its sentence."""
    return Finding(code, values, known_at)


def about_seal(findings: Iterable[Finding], seal: str) -> tuple[Finding, ...]:
    """Return the findings, each saying which seal it is about."""
    return tuple(replace(entry, seal=seal) for entry in findings)


def any_of(findings: Iterable[Finding], *effects: Effect) -> bool:
    """Say whether a finding has one of the effects."""
    return any(entry.effect in effects for entry in findings)
