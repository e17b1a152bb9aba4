"""Four regions in the open: what each issues, the others verify, without believing a database.

``make regions`` runs it. Everything it makes lies in ``./demo-regions``. Each step is a
``license-vault`` command or a request that a real system would send, printed before it runs. The
table and the matrix at the end say what came of it; a line that comes out otherwise than promised
stops the program.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from examples.node import DemoFailedError, say
from examples.regions import four, kiosk, matrix, tampering, validation
from examples.regions.region import Region
from examples.table import Table

FOLDER = Path("demo-regions")


def play(regions: Mapping[str, Region], folder: Path) -> Table:
    """Do every step; return the table of what happened."""
    table = Table()
    table.step("0 四个地区 four regions, each its own database, store, keys and port")
    files = {code: issued(region, folder) for code, region in regions.items()}
    table.check("licenses issued, one a region", len(files), len(regions))
    first, second, *_ = regions.values()
    validation.run(first, folder, table)
    kiosk.run(first, table)
    tampering.run(first, second, folder, table)
    say(str(table))
    say("\n" + matrix.drawn(matrix.ask_everywhere(regions, files)))
    return table


def issued(region: Region, folder: Path) -> Path:
    """Issue a license in a region; return its original."""
    system = region.system()
    made = system.issue(region.request("business-license"))
    file = folder / f"{region.code}-business-license.ofd"
    file.write_bytes(system.download(made["identifier"], "ofd"))
    return file


def main() -> int:
    """Start anew, play everything, print what came of it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    try:
        with four.ground(FOLDER) as place:
            play(four.four(place), FOLDER)
    except (DemoFailedError, RuntimeError) as error:
        sys.stderr.write(f"\nThe regions stopped: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
