"""Four regions in the open: what each issues, the others verify, without believing a database.

``make regions`` runs it. Everything it makes lies in ``./demo-regions``. Each step is a
``license-vault`` command or a request that a real system would send, printed before it runs. The
table and the matrix at the end say what came of it; a line that comes out otherwise than promised
stops the program.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from examples.node import DemoFailedError, say
from examples.regions import (
    acceptance,
    back_dating,
    four,
    joining,
    kiosk,
    matrix,
    outage,
    rolling,
    suspension,
    tampering,
    validation,
    waiver,
)
from examples.regions.world import World, world_of

FOLDER = Path("demo-regions")
Step = Callable[[World], None]
STEPS: Mapping[str, Step] = {
    "trust": acceptance.run,
    "validation": validation.run,
    "kiosk": kiosk.run,
    "waiver": waiver.run,
    "outage": outage.run,
    "suspension": suspension.run,
    "back-dating": back_dating.run,
    "tampering": tampering.run,
    "rolling": rolling.run,
    "joining": joining.run,
    "matrix": matrix.run,
}


def main() -> int:
    """Start anew, play everything, print what came of it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    try:
        with four.ground(FOLDER) as place:
            world = world_of(place, FOLDER)
            for step in STEPS.values():
                step(world)
            say(str(world.table))
    except (DemoFailedError, RuntimeError) as error:
        sys.stderr.write(f"\nThe regions stopped: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
