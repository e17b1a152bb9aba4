"""A mutant: a file that is never valid, with what was done to it and the reason it must be given.

``made_with`` says whose keys were needed: "no-key" (bytes were changed, anybody can),
"attacker-key" (signed by an attacker's own hierarchy or by a genuine certificate that may not),
"seal-key" (signed anew with the seal's own key, so that the one wrong thing is the only reason).
"""

from __future__ import annotations

from dataclasses import dataclass

from verification.report import Outcome, VerificationReport

NO_KEY, ATTACKER, SEAL_KEY = "no-key", "attacker-key", "seal-key"
ALTERED, UNTRUSTED, INDETERMINATE = "altered", "untrusted", "indeterminate"
UNSEALED, NOT_IN_FORCE, VALID = "unsealed", "not_in_force", "valid"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason code, and what its sentence names: an entry, a field, a rule; "" for nothing."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One file. ``reasons`` must all be given; others may stand beside them."""

    name: str
    attack: str
    form: str
    zh: str
    en: str
    data: bytes
    verdict: str
    reasons: tuple[Reason, ...]
    made_with: str = NO_KEY
    policy: str = "default"


def reasons_of(report: VerificationReport) -> frozenset[Reason]:
    """What speaks against a document in its report: codes, each with every value it names."""
    return frozenset(
        Reason(check.code, value)
        for check in report.checks
        if check.outcome in (Outcome.FAILED, Outcome.INDETERMINATE)
        for value in ("", *check.values.values())
    )
