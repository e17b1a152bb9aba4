"""Step: a new region joins. Nobody knows it until two people of each have typed its letter."""

from __future__ import annotations

from examples.regions.acceptance import accept, await_pulled
from examples.regions.world import World


def run(world: World) -> None:
    """Verify a license of the new region before and after; skipped where nobody joins."""
    joining, verifier, table = world.joining, world.verifier, world.table
    if joining is None:
        return
    table.step(f"10 加入 {joining.name} joins, by two people in each region")
    _, file = world.issue(joining, "business-license")
    table.check("before", verifier.says(file), "不可信")
    for region in world.members:
        accept(region, [joining])
    accept(joining, world.members)
    for region in world.members:
        await_pulled(region, [joining])
    await_pulled(joining, world.members)
    verifier.seconds_until(file, "valid")
    table.check("after", verifier.says(file), "有效。")
