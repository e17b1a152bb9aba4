"""Step: issue a license of each type as OFD, PDF and JSON; a partner verifies, offline."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from examples.node import DEMO, EXAMPLES, Node
from examples.systems import ApprovalSystem, Partner
from examples.table import Table

VALID, ALTERED = 0, 1


@dataclass(frozen=True)
class Issued:
    """A license that was issued: its identifier, its sealed files, and their manifest."""

    identifier: str
    handle: str
    ofd: Path
    pdf: Path
    json: Path
    manifest: Path


def run(node: Node, system: ApprovalSystem, partner: Partner, table: Table) -> dict[str, Issued]:
    """Issue, verify, refuse what was forged, draw a page; return the licenses by example."""
    table.step("1 制证、核验 issue one of each type, verify where there is only a trust bundle")
    issued = {
        example.stem: issue(system, example)
        for example in sorted(EXAMPLES.glob("*.json"))
        if example.name != "authority.json"
    }
    table.check("licenses issued as OFD + PDF + JSON + manifest", len(issued), 10)
    node.run("render", str(issued["business-license"].ofd), "--out", str(DEMO / "pages"))
    partner.fetch_bundle()
    verify_together(partner, issued["business-license"], table)
    verify_apart(partner, issued, DEMO / "seal.esl", table)
    return issued


def issue(system: ApprovalSystem, example: Path) -> Issued:
    """Issue one license and fetch its files."""
    license_ = system.issue(json.loads(example.read_text(encoding="utf-8")))
    identifier = license_["identifier"]
    files = {form: DEMO / f"{example.stem}.{form}" for form in ("ofd", "pdf", "json")}
    for form, file in files.items():
        file.write_bytes(system.download(identifier, form))
    manifest = DEMO / f"{example.stem}-manifest.json"
    manifest.write_bytes(system.manifest(identifier))
    return Issued(identifier, license_["holders"][0], **files, manifest=manifest)


def verify_together(partner: Partner, issued: Issued, table: Table) -> None:
    """Verify all forms of one license with the list of its files."""
    together = (issued.ofd, issued.pdf, issued.json, issued.manifest)
    said = partner.verify(VALID, *together)
    table.check(f"{issued.ofd.name} ({issued.identifier})", said[issued.ofd.name], "有效。")
    table.check(issued.pdf.name, said[issued.pdf.name], "有效（签名而无 GB/T 38540 电子印章）。")
    names = " + ".join(file.name for file in together)
    table.check(names, said["together"], "这些文件是同一份证照")


def verify_apart(partner: Partner, issued: dict[str, Issued], seal: Path, table: Table) -> None:
    """Verify one of another type, the seal by itself, and two files with one thing changed."""
    forged = (
        forge_ofd(issued["business-license"].ofd),
        forge_pdf(issued["medical-institution"].pdf),
    )
    good = issued["food-business"].ofd
    said = partner.verify(ALTERED, good, seal, *forged)
    table.check(good.name, said[good.name], "有效。")
    table.check(seal.name, said[seal.name], "电子印章属实，在有效期内")
    for file in forged:
        table.check(file.name, said[file.name], "无效，已被改动")


def forge_pdf(file: Path) -> Path:
    """Write a copy of which one digit differs: the year of expiry in the embedded metadata."""
    data = bytearray(file.read_bytes())
    at = data.index(b"ZZYXQJZRQ")
    digit = next(i for i in range(at, len(data)) if chr(data[i]).isdigit())
    data[digit + 2] = data[digit + 2] ^ 1
    forged = file.with_name(f"{file.stem}-one-digit-changed.pdf")
    forged.write_bytes(data)
    return forged


def forge_ofd(file: Path) -> Path:
    """Write a copy of which one digit on the page differs, packed again as any tool does it."""
    forged = file.with_name(f"{file.stem}-one-digit-changed.ofd")
    with zipfile.ZipFile(file) as sealed, zipfile.ZipFile(forged, "w") as copy:
        for name in sealed.namelist():
            content = sealed.read(name)
            if name.endswith("Page_0/Content.xml"):
                content = content.replace("年".encode(), "月".encode(), 1)
            copy.writestr(name, content)
    return forged
