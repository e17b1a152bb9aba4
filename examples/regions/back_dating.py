"""Step: an insider with the real key seals a license of another day; a partner names it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from examples.node import ROOT, DemoFailedError, say
from examples.regions.region import Region
from examples.regions.world import World

TWO_DAYS = 2 * 24 * 3600


def run(world: World) -> None:
    """Seal back-dated in A, and ask B about it when A's log has told."""
    issuer, verifier, table = world.issuer, world.verifier, world.table
    table.step("7 倒签 an insider back-dates with the real key; a partner names it")
    identifier = seal_back_dated(issuer, issuer.request("public-place-hygiene"))
    file = world.download(issuer, identifier, "back-dated.ofd")
    verifier.seconds_until(file, "untrusted")
    failed = [one for one in verifier.verdict(file)["checks"] if one["outcome"] == "failed"]
    sentence = "; ".join(f"{one['code']}: {one['sentence']['zh']}" for one in failed)
    table.check(f"genuine seal, token and rows, asked in {verifier.name}", sentence, "back-dated")


def seal_back_dated(region: Region, request: dict[str, Any]) -> str:
    """Issue as if it were two days ago, in a region's own database; return the identifier."""
    command = [sys.executable, "-m", "examples.regions.insider", str(-TWO_DAYS)]
    say(f"{region.node.prompt}$ python -m examples.regions.insider {-TWO_DAYS}")
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=region.node.environment,
        input=json.dumps(request, ensure_ascii=False),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DemoFailedError(f"the insider: {done.stderr[-2000:]}")
    return done.stdout.strip().splitlines()[-1]
