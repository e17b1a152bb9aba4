"""Step: what one region suspends, another refuses within a minute; measured."""

from __future__ import annotations

from examples.node import DemoFailedError
from examples.regions.world import World

MINUTE = 60
BASIS = {"basis": "《中华人民共和国行政处罚法》第九条"}


def run(world: World) -> None:
    """Suspend in B, see A refuse; resume in B, see A accept."""
    issuer, verifier, table = world.verifier, world.issuer, world.table
    table.step(f"6 暂扣 {issuer.name} suspends, {verifier.name} refuses within 60 s")
    identifier, file = world.issue(issuer, "medical-institution")
    verifier.seconds_until(file, "valid")
    table.check("before", verifier.says(file), "有效。")
    for verb, verdict in (("suspension", "not_in_force"), ("resumption", "valid")):
        issuer.system().verb(identifier, verb, BASIS)
        seconds = verifier.seconds_until(file, verdict)
        told = f"{seconds:.0f} s later: {verifier.says(file)}"
        if seconds > MINUTE:
            raise DemoFailedError(f"{verb}: {told}")
        table.check(f"{verb} in {issuer.name}, as {verifier.name} says", told, "")
