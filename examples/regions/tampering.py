"""Step: a digit, a database row and a date are changed; each is refused for another reason."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import psycopg
import rfc8785

from examples.main_job import forge_pdf
from examples.node import DemoFailedError
from examples.regions.region import Region
from examples.regions.world import World


def run(world: World) -> None:
    """Forge three things of the issuer's; ask the verifier, and the issuer about its own row."""
    issuer, verifier, table = world.issuer, world.verifier, world.table
    table.step("8 篡改 a digit, a date and a database row changed: three refusals")
    system = issuer.system()
    identifier = system.issue(issuer.request("medical-institution"))["identifier"]
    genuine = world.download(issuer, identifier, "tampering.pdf")
    verifier.seconds_until(genuine, "valid")
    digit = _told(verifier.verdict(forge_pdf(genuine)))
    table.check(f"a digit in the PDF, asked in {verifier.name}", digit, "altered")
    dated = world.folder / "tampering-date-changed.json"
    dated.write_bytes(_another_date(system.download(identifier, "json")))
    day = _told(verifier.verdict(dated))
    table.check(f"a date in the JSON, asked in {verifier.name}", day, "altered")
    system.verb(identifier, "revocation", {"basis": "《中华人民共和国行政处罚法》第九条"})
    change_row(issuer, identifier)
    row = _told(issuer.verdict(genuine))
    table.check(f"revoked, and its row set back to valid in {issuer.name}", row, "not_in_force")
    _, told = issuer.node.attempt("fsck")
    table.check("…and fsck names the row", told, "status-not-of-last-event", identifier)
    if len({digit, day, row}) != 3:
        raise DemoFailedError(f"three changes, not three refusals: {digit}, {day}, {row}")
    change_row(issuer, identifier, "revoked")


def change_row(region: Region, identifier: str, status: str = "valid") -> None:
    """Write into a region's database, past its service."""
    address = region.node.environment["LICENSE_VAULT_DATABASE__URL"].replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        words = "UPDATE license SET status = %s WHERE identifier = %s"
        connection.execute(words, (status, identifier))


def _another_date(document: bytes) -> bytes:
    """Return the JSON form with a later last day, written as its form wants it."""
    found: dict[str, Any] = json.loads(document)
    claims = found["claims"]
    last = date.fromisoformat(claims["valid_until"])
    later = {**claims, "valid_until": last.replace(year=last.year + 10).isoformat()}
    changed: bytes = rfc8785.dumps({**found, "claims": later})
    return changed


def _told(report: dict[str, Any]) -> str:
    """Return the verdict with the codes of the reasons against the file."""
    codes = sorted({one["code"] for one in report["checks"] if one["outcome"] == "failed"})
    return f"{report['verdict']}: {', '.join(codes)}"
