"""``make regions`` as tests: two regions as processes, on PostgreSQL and SeaweedFS; slow, all four.

The steps are those that people see played; each checks its own lines. They are played in one
world whose regions follow each other's lists: the first step, without which no other can be.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.local_servers import postgres_missing, weed_missing
from examples.node import ROOT
from examples.regions.__main__ import STEPS
from examples.regions.four import ground
from examples.regions.region import NAMES
from examples.regions.world import World, world_of

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.s3,
    pytest.mark.skipif(postgres_missing() is not None, reason=str(postgres_missing())),
    pytest.mark.skipif(weed_missing() is not None, reason=str(weed_missing())),
]

TWO = ("310000", "320000")
FIRST = "trust"
# With two regions nobody is left to join. What other tests show of one region is slow here.
SLOW = ("validation", "kiosk", "waiver", "outage", "tampering", "back-dating", "rolling")
FOR_TWO = tuple(
    pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name
    for name in STEPS
    if name not in (FIRST, "joining")
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("regions")
    with ground(folder) as place:
        regions = world_of(place, folder, TWO)
        STEPS[FIRST](regions)
        yield regions


@pytest.mark.parametrize("name", FOR_TWO)
def test_two_regions_play(world: World, name: str) -> None:
    STEPS[name](world)


@pytest.mark.slow
def test_four_regions_play_everything_and_draw_the_matrix(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "examples.regions"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    table = done.stdout.split("What happened")[1]
    assert [line.split()[0] for line in table.splitlines() if line[:1].isdigit()] == [
        str(number) for number in range(1, 11)
    ]
    rows = [line.split() for line in table.splitlines()]
    drawn = {row[0]: row[1:] for row in rows if row and row[0] in NAMES}
    assert drawn == {code: ["valid"] * len(NAMES) for code in NAMES}
