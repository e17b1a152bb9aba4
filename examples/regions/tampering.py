"""Step: a digit, a database row and a date are changed; each is refused for another reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg

from examples.main_job import forge_pdf
from examples.node import DemoFailedError
from examples.regions.region import Region
from examples.table import Table


def run(issuer: Region, verifier: Region, folder: Path, table: Table) -> None:
    """Forge three things of the issuer's; ask the verifier, and the issuer about its own row."""
    table.step("8 篡改 a digit, a date and a database row changed: three refusals")
    system = issuer.system()
    identifier = system.issue(issuer.request("medical-institution"))["identifier"]
    genuine = folder / "tampering.pdf"
    genuine.write_bytes(system.download(identifier, "pdf"))
    digit = _told(verifier.verdict(forge_pdf(genuine)))
    table.check(f"a digit in the PDF, asked in {verifier.name}", digit, "altered")
    dated = folder / "tampering-date-changed.json"
    dated.write_bytes(_another_date(system.download(identifier, "json")))
    date = _told(verifier.verdict(dated))
    table.check(f"a date in the JSON, asked in {verifier.name}", date, "altered")
    system.verb(identifier, "revocation", {"basis": "《中华人民共和国行政处罚法》第九条"})
    change_row(issuer, identifier)
    row = _told(issuer.verdict(genuine))
    table.check(f"revoked, and its row set back to valid in {issuer.name}", row, "not_in_force")
    table.check("…and fsck names the row", fsck(issuer), "status-not-of-last-event", identifier)
    if len({digit, date, row}) != 3:
        raise DemoFailedError(f"three changes, not three refusals: {digit}, {date}, {row}")
    change_row(issuer, identifier, "revoked")


def change_row(region: Region, identifier: str, status: str = "valid") -> None:
    """Write into a region's database, past its service."""
    address = region.node.environment["LICENSE_VAULT_DATABASE__URL"].replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        words = "UPDATE license SET status = %s WHERE identifier = %s"
        connection.execute(words, (status, identifier))


def fsck(region: Region) -> str:
    """Return what fsck says; that it finds something is no failure here."""
    try:
        return region.node.run("fsck")
    except DemoFailedError as error:
        return str(error)


def _another_date(document: bytes) -> bytes:
    """Return the JSON form with a later last day."""
    found: dict[str, Any] = json.loads(document)
    text = json.dumps(found, ensure_ascii=False)
    last: str = found["claims"]["valid_until"]
    return text.replace(last, f"2{int(last[:4]) + 10:04d}"[1:] + last[4:]).encode()


def _told(report: dict[str, Any]) -> str:
    """Return the verdict with the codes of the reasons against the file."""
    codes = sorted({one["code"] for one in report["checks"] if one["outcome"] == "failed"})
    return f"{report['verdict']}: {', '.join(codes)}"
