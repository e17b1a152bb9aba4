"""Step: the issuer is switched off; the verifier still decides, and says how old its lists are."""

from __future__ import annotations

from datetime import UTC, datetime

from examples.regions.world import World


def run(world: World) -> None:
    """Verify while the issuer is off, and again when it is back."""
    issuer, verifier, table = world.issuer, world.verifier, world.table
    table.step(f"5 断网 {issuer.name} is switched off; {verifier.name} still decides")
    _, file = world.issue(issuer, "medical-institution")
    verifier.seconds_until(file, "valid")
    issuer.stop()
    report = verifier.verdict(file)
    table.check(f"{issuer.name} off", report["sentence"]["zh"], "有效。")
    (state,) = [one for one in report["checks"] if one["code"] == "in-force"]
    table.check("state as of the list 状态列表", state["sentence"]["zh"], "的状态")
    issued = datetime.fromisoformat(report["status_list"]["issued_at"])
    age = datetime.now(UTC) - issued
    table.check("age of that list 名单已有", f"{age.seconds} s", "s")
    issuer.start()
    verifier.seconds_until(file, "valid")
    table.check(f"{issuer.name} on again", verifier.says(file), "有效。")
