"""Step: a kiosk. A card is read, an item chosen, and the form fills itself from licenses."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from examples.http_caller import HttpCaller
from examples.node import EXAMPLES
from examples.regions.world import World
from examples.requests_to_issue import ENTERPRISE

MACHINE = "AA-BB-CC-00-00-01"


def item() -> dict[str, Any]:
    """Return the item that the kiosk offers."""
    text = (EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def run(world: World) -> None:
    """Read a card, choose the item, list what it needs, fill the form."""
    region, table = world.issuer, world.table
    table.step("3 自助终端 at a kiosk: card, item, filled form")
    chosen, system = item(), region.system()
    world.issue(region, "business-license")
    system.http.put(f"/v1/items/{quote(chosen['code'])}", chosen)
    case_number = f"{region.code}-2026-ZZ-0001"
    use = {
        "operator": MACHINE,
        "item_name": chosen["name"]["zh"],
        "item_code": chosen["code"],
        "case_number": case_number,
        "purpose": "自助申报预填表单",
    }
    anybody = HttpCaller(region.node.url, quiet=True)
    token = anybody.post("/v1/devices/token", region.kiosk).json()["access_token"]
    kiosk = HttpCaller(region.node.url, {"Authorization": f"Bearer {token}"})
    read = {**ENTERPRISE.document, "evidence": {"kind": "id-card-read", "reference": "r-1"}}
    handle = kiosk.post("/v1/devices/holder-handles", read, use=use).json()["handle"]
    found = kiosk.get(f"/v1/devices/holders/{handle}/licenses", use).json()
    told = ", ".join(one["type"]["name_zh"] for one in found["items"])
    table.check("card → item → licenses 刷卡、选事项", told, "营业执照")
    opened = {"item_code": chosen["code"], "case_number": case_number}
    case = system.http.post("/v1/cases", {**opened, "holders": [ENTERPRISE.document]}).json()
    form = system.http.get(f"/v1/cases/{case['case']}/form", use).json()
    filled = [field for field in form["fields"] if field["value"] is not None]
    told = "; ".join(f"{field['label']['zh']} {field['value']}" for field in filled)
    table.check("filled form 自动填表", f"{len(filled)}: {told}", ENTERPRISE.name, "赵翊辰")
