"""Runs a license-vault command as if it were another time here.

``python -m examples.regions.turned_clock SECONDS COMMAND…``, seconds below zero for the past. Two
use it: the setting up of a region that has been there for a month, and the insider, who has the
machine and therefore its clock. Nobody else's clock is turned by it.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

from license_vault import clock


def turn_clock(seconds: int) -> None:
    """Turn the clock of this process; before anything that takes it is imported."""
    real = clock.system_clock

    def turned() -> datetime:
        return real() + timedelta(seconds=seconds)

    clock.system_clock = turned


def main() -> int:
    """Turn the clock and run the command."""
    turn_clock(int(sys.argv[1]))
    from api.cli.main import main as run

    return run(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
