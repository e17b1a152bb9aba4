"""Step: the issuer is switched off; the verifier still decides, and says how old its lists are."""

from __future__ import annotations

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
    status = report["status_list"]
    told = f"第 {status['sequence']} 号, {status['issued_at']}"
    table.check("state as of the list 状态列表", told, "Z")
    issuer.start()
    verifier.seconds_until(file, "valid")
    table.check(f"{issuer.name} on again", verifier.says(file), "有效。")
