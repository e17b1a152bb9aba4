"""Step: an insider with the real key seals a license of another day; a partner names it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from examples.node import ROOT, DemoFailedError, say
from examples.regions.region import Region
from examples.regions.world import World
from examples.told import await_that

TWO_DAYS = 2 * 24 * 3600


def run(world: World) -> None:
    """Seal back-dated in A, and ask B about it when A's log has told."""
    issuer, verifier, table = world.issuer, world.verifier, world.table
    table.step("7 倒签 an insider back-dates with the real key; a partner names it")
    identifier = seal_back_dated(issuer, issuer.request("public-place-hygiene"))
    file = world.download(issuer, identifier, "back-dated.ofd")
    verifier.seconds_until(file, "untrusted")
    where = f"genuine seal, token and rows, asked in {verifier.name}"
    table.check(where, log_says(verifier, file)[1], "签发日志")
    # Until the issuer's next checkpoint it is in no log at all; then it is there, too late.
    await_that(lambda: log_says(verifier, file)[0] == "back-dated", "the log to tell")
    table.check("…once the log has told", log_says(verifier, file)[1], "倒签")


def log_says(region: Region, file: Path) -> tuple[str, str]:
    """Return code and sentence of what a region found in the issue log about a file."""
    report = region.anybody().silent().upload("/v1/verifications", file).json()
    (found,) = [one for one in report["checks"] if one["check"] == "log"]
    return found["code"], found["sentence"]["zh"]


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
