"""Step: a root key rolls. Partners follow by themselves, and nothing old changes."""

from __future__ import annotations

from examples.regions.region import Region, fingerprint_in
from examples.regions.world import World
from examples.told import await_that

NEW_KEYS = ("li", "qian", "sun")


def run(world: World) -> None:
    """Replace one of A's three root keys, publish a list under the new root, ask B again."""
    issuer, verifier, table = world.issuer, world.verifier, world.table
    table.step("9 换钥 a root key rolls; nothing old changes")
    _, file = world.issue(issuer, "business-license")
    verifier.seconds_until(file, "valid")
    before = verifier.says(file)
    keys = (part for key in NEW_KEYS for part in ("--key", key))
    _, draft, *_ = issuer.node.scripted(
        ("trust", "root", "roll", *keys, "--threshold", "2"),
        ("trust", "build"),
        ("trust", "sign", "--key", "li"),
        ("trust", "sign", "--key", "sun"),
    )
    # Who has followed so far needs no new letter; who joins later is sent one.
    issuer.letter = fingerprint_in(draft)
    await_that(lambda: sequence_kept(verifier, issuer.code) == 2, "the new list to be followed")
    told = f"list {sequence_kept(verifier, issuer.code)} under root 2, nobody asked"
    table.check(f"{verifier.name} follows", told, "list 2")
    table.check("an old file, before and after", f"{before} {verifier.says(file)}", "有效。 有效。")


def sequence_kept(by: Region, code: str) -> int:
    """Return the sequence of a partner's trust list that a region uses."""
    partners = by.system().http.silent().get("/v1/partners").json()["partners"]
    return int(next(one["trust_list"]["sequence"] for one in partners if one["region"] == code))
