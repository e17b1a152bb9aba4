"""How many of an item's papers need not be handed in (可免交 n of m), by what was shown. Pure.

A need is met by a license that was shown in force and without marks, or whose verification for
the item ended in "waived". What is marked, or could not be told, a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Standing = Literal["waived", "manual", "to_submit", "absent"]

# The best first: a need stands as its best license does.
_ORDER: Final = ("waived", "manual", "to_submit", "absent")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A license that may meet a need: its type in our codes, and what follows of it alone."""

    type_code: str
    identifier: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class NeedMet:
    """A need of an item, and how it stands by the best license for it ("" if there is none)."""

    name: Mapping[str, str]
    required: bool
    standing: Standing
    identifier: str


def standing_of_shown(state: str, marks: Iterable[str]) -> Standing:
    """Return what follows of a license that a holder showed in a state with marks."""
    if state != "valid":
        return "to_submit"
    return "manual" if any(marks) else "waived"


def standing_of_decision(outcome: str) -> Standing:
    """Return what follows of a verification; one without a decision is for a person."""
    return "waived" if outcome == "waived" else "to_submit" if outcome == "to_submit" else "manual"


def met_needs(item: Mapping[str, Any], candidates: Iterable[Candidate]) -> tuple[NeedMet, ...]:
    """Return how each need of an item (as the API gives it) stands."""
    candidates = tuple(candidates)
    return tuple(_met(need, candidates) for need in item.get("needs", ()))


def _met(need: Mapping[str, Any], candidates: tuple[Candidate, ...]) -> NeedMet:
    fitting = [one for one in candidates if one.type_code in need["types"]]
    absent = Candidate("", "", "absent")
    best = min((*fitting, absent), key=lambda one: _ORDER.index(one.standing))
    return NeedMet(need["name"], need.get("required", True), best.standing, best.identifier)


def waived(needs: Iterable[NeedMet]) -> int:
    """Return how many of the needs are met without paper."""
    return sum(need.standing == "waived" for need in needs)
