"""The table at the end of the demo: what was done, what came of it, and that it was promised."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import indent

from examples.node import DemoFailedError, say


@dataclass
class Table:
    """Lines of several steps, in their order; ``check`` stops the demo if one is otherwise."""

    _lines: list[str] = field(default_factory=list)

    def step(self, title: str) -> None:
        """Begin the lines of a step, and say so."""
        say(f"\n=== {title}")
        self._lines += ["", title]

    def line(self, text: str) -> None:
        """Add a line as it is, of a matrix for example."""
        self._lines.append(f"  {text}")

    def check(self, what: str, outcome: object, *promised: object) -> None:
        """Add a line; what came out must contain every promised text.

        Raises:
            DemoFailedError: it does not.
        """
        for text in promised:
            if str(text) not in str(outcome):
                raise DemoFailedError(f"{what}: {outcome}\n  promised 应为: {text}")
        self._lines += [f"  {what}", indent(str(outcome).strip(), " " * 6)]

    def __str__(self) -> str:
        return "\n".join(["", "What happened 结果", "=" * 18, *self._lines])
