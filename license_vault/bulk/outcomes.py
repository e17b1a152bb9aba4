"""What became of a row, as it is kept and shown: done, there already, or refused with why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from license_vault.bulk.jobs import Counts
from license_vault.errors import FieldProblem


class Ending(StrEnum):
    """How a row ended."""

    DONE = "done"
    EXISTING = "existing"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """How a row ended; ``body`` is kept of a refused one only, so that it can be put right.

    ``identifier`` is of the license that was made, kept, or stands there; ``code`` says why a row
    was refused, ``problems`` where.
    """

    number: int
    ending: Ending
    identifier: str = ""
    code: str = ""
    problems: tuple[FieldProblem, ...] = ()
    body: dict[str, Any] | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, without what does not matter."""
        kept: dict[str, Any] = {"row": self.number, "outcome": self.ending.value}
        if self.identifier:
            kept["identifier"] = self.identifier
        if self.ending is Ending.BAD:
            kept["code"] = self.code
            kept["problems"] = [
                {
                    "pointer": problem.pointer,
                    "code": problem.code,
                    "zh": problem.message_zh,
                    "en": problem.message_en,
                }
                for problem in self.problems
            ]
            kept["input"] = self.body
        return kept


def counts_of(outcomes: Iterable[RowOutcome]) -> Counts:
    """Count outcomes by how they ended."""
    endings = [outcome.ending for outcome in outcomes]
    return Counts(*(endings.count(ending) for ending in Ending))
