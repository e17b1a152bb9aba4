"""Step: a seal's key and a root key roll. Partners follow by themselves; nothing old changes."""

from __future__ import annotations

from typing import Any

from examples.regions.region import Region, fingerprint_in
from examples.regions.world import World
from examples.told import await_that

NEW_KEYS = ("li", "qian", "sun")


def run(world: World) -> None:
    """Make A's seal anew, replace one of its three root keys, publish a list, ask B again."""
    issuer, verifier, table = world.issuer, world.verifier, world.table
    table.step("9 换钥 a seal's key and a root key roll; nothing old changes")
    _, file = world.issue(issuer, "business-license")
    verifier.seconds_until(file, "valid")
    before = verifier.verdict(file)
    issuer.remake_seal()
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
    _, new = world.issue(issuer, "public-place-hygiene")
    verifier.seconds_until(new, "valid")
    told = f"{before['sentence']['zh']} {verifier.says(file)}"
    table.check("an old file, before and after", told, "有效。 有效。")
    serials = (seal_certificate(before), seal_certificate(verifier.verdict(new)))
    told = "another certificate" if serials[0] != serials[1] else "the same certificate"
    table.check("a new file", f"{verifier.says(new)} {told}", "有效。 another certificate")


def seal_certificate(report: dict[str, Any]) -> str:
    """Return the serial number of the certificate of a document's first seal."""
    return str(report["seals"][0]["certificate"]["serial"])


def sequence_kept(by: Region, code: str) -> int:
    """Return the sequence of a partner's trust list that a region uses."""
    partners = by.system().http.silent().get("/v1/partners").json()["partners"]
    return int(next(one["trust_list"]["sequence"] for one in partners if one["region"] == code))
