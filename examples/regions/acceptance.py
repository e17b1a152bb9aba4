"""Step: trust. Regions fetch each other's list; two people type the fingerprint of the letter."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

from examples.regions.region import Region
from examples.regions.world import World
from examples.told import await_that

PEOPLE = ("wang", "zhou")


def run(world: World) -> None:
    """Let all accept each other, but the one that joins later; refuse a wrong letter first."""
    table, first, second = world.table, world.issuer, world.verifier
    table.step("1 信任名单 trust lists: signed by two of three, accepted by two people")
    wrong = ("--fingerprint", "0" * 64, "--as", PEOPLE[0])
    second.node.run("trust", "pull", first.node.url, "--region", first.code)
    status, told = second.node.attempt("trust", "approve", first.code, *wrong)
    table.check("a fingerprint that is not the letter's", f"exit {status}: {_last(told)}", "exit 1")
    accept_each_other(world.members)
    for region in world.members:
        told = region.node.run("trust", "regions")
        others = [one.code for one in world.members if one is not region]
        table.check(f"{region.name} follows", _in_short(told), *others)
    for region in world.members:
        await_pulled(region, [one for one in world.members if one is not region])
    names = ", ".join(region.name for region in world.members)
    table.check("pulled by each 各地已拉取", names, first.name)


def accept_each_other(regions: Iterable[Region]) -> None:
    """Let every region accept the list of every other."""
    met: dict[str, list[Region]] = {}
    for by, other in permutations(tuple(regions), 2):
        met.setdefault(by.code, []).append(other)
        if len(met[by.code]) == len(tuple(regions)) - 1:
            accept(by, met[by.code])


def accept(by: Region, others: Iterable[Region]) -> None:
    """Fetch regions' first lists and approve them, two people each by the letter."""
    commands: list[tuple[str, ...]] = []
    for other in others:
        commands.append(("trust", "pull", other.node.url, "--region", other.code))
        typed = ("trust", "approve", other.code, "--fingerprint", other.letter)
        commands += [(*typed, "--as", person) for person in PEOPLE]
    by.node.script(*commands)


def await_pulled(by: Region, others: Iterable[Region]) -> None:
    """Wait until a region has pulled what others publish: states, checkpoints."""
    await_that(lambda: all(pulled(by, other.code) for other in others), "the pull of partners")


def pulled(by: Region, code: str) -> bool:
    """Say whether a region has pulled every part of another since it accepted it."""
    partners = by.system().http.silent().get("/v1/partners").json()["partners"]
    parts = [part for one in partners if one["region"] == code for part in one["parts"]]
    return bool(parts) and all(part["succeeded_at"] for part in parts)


def _last(told: str) -> str:
    return told.strip().splitlines()[-1]


def _in_short(told: str) -> str:
    """Return region, sequence and approvers of each row that ``trust regions`` printed."""
    rows = [line.split("\t") for line in told.splitlines() if "\t" in line]
    return "; ".join(f"{row[0]} 第 {row[1]} 号 ({row[7]})" for row in rows[1:])
