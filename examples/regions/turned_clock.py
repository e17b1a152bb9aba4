"""Runs a license-vault command as if it were another time here.

``python -m examples.regions.turned_clock SECONDS COMMAND…``, seconds below zero for the past. Two
use it: the setting up of a region that has been there for a month, and the insider, who has the
machine and therefore its clock. Nobody else's clock is turned by it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from license_vault import clock


class TurnedClock:
    """A clock that goes some seconds wrong, but where it is told to be right."""

    def __init__(self, seconds: int) -> None:
        self._off = timedelta(seconds=seconds)
        self._real = clock.system_clock
        self._right = threading.local()

    def __call__(self) -> datetime:
        """Return the wrong time, or in ``right`` the right one."""
        is_right = getattr(self._right, "now", False)
        return self._real() if is_right else self._real() + self._off

    @contextmanager
    def right(self) -> Iterator[None]:
        """Be right in this thread while the block runs."""
        self._right.now = True
        try:
            yield
        finally:
            self._right.now = False


def turn_clock(seconds: int) -> TurnedClock:
    """Turn the clock of this process; before anything that takes it is imported."""
    turned = TurnedClock(seconds)
    clock.system_clock = turned
    return turned


def main() -> int:
    """Turn the clock and run the command."""
    turn_clock(int(sys.argv[1]))
    from api.cli.main import main as run

    return run(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
