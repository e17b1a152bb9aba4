"""The matrix: a license of every region, asked about in every region; what each of them said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from examples.regions.region import Region
from examples.regions.world import World

Outcomes = Mapping[tuple[str, str], str]


def ask_everywhere(regions: Mapping[str, Region], files: Mapping[str, Path]) -> Outcomes:
    """Return the verdict of each region about the file of each, by (issuer, verifier)."""
    return {
        (issuer, verifier): str(region.verdict(file)["verdict"])
        for issuer, file in files.items()
        for verifier, region in regions.items()
    }


def run(world: World) -> None:
    """Issue one in each region, ask about each in each, and draw what came of it."""
    world.table.step("矩阵 the matrix: who issued, who verified, the verdict")
    files = {
        code: world.issue(region, "business-license")[1] for code, region in world.regions.items()
    }
    for file in files.values():
        for region in world.regions.values():
            region.seconds_until(file, "valid")
    outcomes = ask_everywhere(world.regions, files)
    for line in drawn(outcomes).splitlines():
        world.table.line(line)
    verdicts = set(outcomes.values())
    world.table.check("every license in every region", ", ".join(verdicts), "valid")


def drawn(outcomes: Outcomes) -> str:
    """Return the matrix as lines: issuers below each other, verifiers beside each other."""
    verifiers = sorted({verifier for _, verifier in outcomes})
    head = "issuer \\ verifier".ljust(18) + "".join(code.rjust(16) for code in verifiers)
    rows = (
        issuer.ljust(18) + "".join(outcomes[issuer, one].rjust(16) for one in verifiers)
        for issuer in sorted({issuer for issuer, _ in outcomes})
    )
    return "\n".join((head, *rows))
