"""Step: one code. Person and enterprise are shown in B; B decides 可免交 and signs a receipt."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from examples.regions.region import Region
from examples.regions.world import World
from examples.requests_to_issue import REPRESENTATIVE, identity_card, today

ITEM = "DEMO-0002"
BUSINESS, CARD = "11310000MBDEM00076003", "11310000MBDEM00076007"
USE = {
    "operator": "window-03",
    "item_name": "食品经营许可（演示）",
    "item_code": ITEM,
    "case_number": "CK-2026-000001",
    "purpose": "跨省办理免交身份证和营业执照",
}


def run(world: World) -> None:
    """Publish what B accepts, grant what A shows, show by one code, decide, check offline."""
    holder_at, window_at, table = world.issuer, world.verifier, world.table
    table.step(f"4 亮证 one code, shown in {window_at.name}: 可免交 and a signed receipt")
    publish_use_list(window_at, world.folder)
    granted(holder_at, window_at)
    card = holder_at.system().issue(_card(holder_at))["identifier"]
    business, _ = world.issue(holder_at, "business-license")
    asked = {"code": shown(holder_at, card, business), "identifier": business, "form": "ofd"}
    answer = query(window_at, holder_at, "file", asked)
    file = world.folder / "shown-business-license.ofd"
    file.write_bytes(base64.b64decode(answer["body"]["file"]))
    shown_receipt = world.folder / "presenting-receipt.json"
    shown_receipt.write_bytes(base64.b64decode(answer["body"]["receipt"]))
    both = json.loads(shown_receipt.read_bytes())
    told = f"{answer['outcome']}: {_types_in(both)}"
    table.check("one code → person + enterprise", told, "done", CARD, BUSINESS)
    again = query(window_at, holder_at, "file", asked)
    table.check("…scanned again", f"{again['outcome']}: {again['body']}", "code-used")
    receipt = decide(world, file)
    check_offline(world, receipt, file)


def publish_use_list(region: Region, folder: Path) -> None:
    """Publish a region's use list (用证清单): what counts for the item instead of paper."""
    name = {"zh": "营业执照、居民身份证", "en": "Business license, identity card"}
    accepted = {
        "key": "licenses",
        "name": name,
        "types": [BUSINESS, CARD],
        "regions": ["*"],
        "fields": ["/number", "/valid_until"],
    }
    item = {"item": ITEM, "name": {"zh": USE["item_name"], "en": "Food business (demonstration)"}}
    draft = {"schema": "license-vault/use-list/1", "items": [{**item, "accepts": [accepted]}]}
    file = folder / f"{region.code}-use-list.json"
    file.write_text(json.dumps(draft, ensure_ascii=False), "utf-8")
    region.node.run("share", "publish", str(file))


def granted(by: Region, to: Region) -> None:
    """Let an organisation of a partner ask for the use of two types, and grant it."""
    named = (to.code, to.authority, to.authority_name, "--below", by.authority)
    by.node.run("exchange", "organisation", "add", *named)
    until = (today() + timedelta(days=365)).isoformat()
    numbers = [
        query(
            to,
            by,
            "apply",
            {
                "item_code": ITEM,
                "type_code": type_code,
                "purpose": USE["purpose"],
                "basis": "长三角地区电子证照互认应用合作共识",
            },
        )["body"]["number"]
        for type_code in (BUSINESS, CARD)
    ]
    by.node.script(*(("access", "grant", number, "--until", until) for number in numbers))


def query(by: Region, of: Region, operation: str, body: dict[str, str]) -> dict[str, Any]:
    """Ask a partner a question, signed by both libraries; return the answer."""
    path = f"/v1/partners/{of.code}/queries"
    asked = {"operation": operation, "body": body}
    return by.system().http.post(path, asked, use=USE).json()


def shown(region: Region, card: str, business: str) -> str:
    """Return the code by which a person shows the own card and the enterprise's license."""
    system = region.system()
    handle = system.look(business)["holders"][0]
    given = {
        "agent": REPRESENTATIVE.document,
        "license": business,
        "evidence": "营业执照载明的法定代表人",
    }
    system.http.post(f"/v1/holders/{handle}/representations", given)
    order = {"licenses": [card, business], "fields": {card: ["*"], business: ["*"]}, "minutes": 5}
    person = region.holder(REPRESENTATIVE)
    return str(person.http.post("/v1/presentations", order).json()["code"])


def decide(world: World, file: Path) -> Path:
    """Verify the file for the item in B; return the signed receipt."""
    # Issued a moment ago: the first question is when the verifier has pulled its state.
    world.verifier.seconds_until(file, "valid")
    anybody = world.verifier.anybody()
    asked = {"item_code": ITEM, "purpose": USE["purpose"]}
    report = anybody.upload("/v1/verifications", file, **asked).json()
    decision = report["decision"]
    told = f"{decision['outcome']}: {decision['sentence']['zh']}"
    world.table.check("decision 决定", told, "waived")
    receipt = world.folder / "verification-receipt.json"
    receipt.write_bytes(anybody.upload("/v1/verifications", file, receipt="json", **asked).body)
    return receipt


def check_offline(world: World, receipt: Path, file: Path) -> None:
    """Check the receipt where there is nothing but B's trust bundle."""
    bundle = world.folder / f"{world.verifier.code}-trust-bundle.json"
    world.verifier.node.run("trust", "export", str(bundle))
    arguments = ("verify", str(receipt), "--file", str(file), "--trust", str(bundle))
    status, told = world.verifier.node.attempt(*arguments)
    first = told.strip().splitlines()[0]
    world.table.check("receipt, checked offline 回执", f"exit {status}: {first}", "exit 0")


def _card(region: Region) -> dict[str, Any]:
    body = identity_card(REPRESENTATIVE)
    body.pop("item_code", None)
    return {**body, "authority_code": region.authority, "case_number": f"{region.code}-SFZ-1"}


def _types_in(receipt: dict[str, Any]) -> str:
    text = json.dumps(receipt, ensure_ascii=False)
    return ", ".join(code for code in (CARD, BUSINESS) if code in text)
