"""A person, the enterprise that they represent, its licenses, and windows of two districts.

What several parts of the service do together is shown with it: one item, one purpose, one grant.
"""

from __future__ import annotations

import json
import secrets
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote

from api_node import CITY, EVERYTHING, EXAMPLES, FENGXIAN, JIADING, Node, uscc
from approving import Approvers
from PIL import Image

from api import wiring
from api.authentication import read_scopes
from api.use_header import written_use
from license_vault.access.use import Use
from license_vault.api_clients import ApiClientWriter

PURPOSE = "开办餐饮店核对证照"
BUSINESS, FOOD, HYGIENE = (f"11310000MBDEM0007600{number}" for number in (3, 4, 2))
COMPANY = {
    "kind": "legal_person",
    "name": "上海示例会合餐饮有限公司（演示）",
    "document_type": "001",
    "document_number": uscc("91310114MADEM0777"),
}
PERSON = {
    "kind": "natural_person",
    "name": "欧阳会合",
    "document_type": "111",
    "document_number": "310114199003077765",
}
ITEM: dict[str, Any] = {
    **json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8")),
    "code": "演示事项-开办餐饮店（会合）",
    "results": [FOOD, HYGIENE],
}


def stated(holder: dict[str, str]) -> dict[str, str]:
    """A holder as named at a window."""
    return {key: holder[key] for key in ("name", "document_type", "document_number")}


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (24, 16), (10, 200, 20)).save(out, "JPEG")
    return out.getvalue()


class Meeting:
    """The world; made once for a module, over a node that others may use too."""

    def __init__(self, node: Node) -> None:
        self.node = node
        for name, organisation in (("m-city", CITY), ("m-here", JIADING), ("m-far", FENGXIAN)):
            self._add_client(name, organisation)
        self.officers = Approvers(node.services.database, node.services.keys, wiring.clock())
        for name, organisation in (("m-wu", CITY), ("m-sun", JIADING), ("m-li", FENGXIAN)):
            self.officers.add_officer(name, organisation)
        put = node.client.put(
            f"/v1/items/{quote(ITEM['code'])}", json=ITEM, headers=self.as_("m-here")
        )
        assert put.status_code == 200, put.text
        self.business = self.issue("business-license", COMPANY, number="14000000202603207777")
        self.person_license = self.issue(
            "constructor-registration", PERSON, number="沪2312023202677701"
        )
        self.evidence = node.client.post(
            "/v1/evidence",
            files={"file": ("a.jpg", photo(), "image/jpeg")},
            headers=self.as_("m-here", secrets.token_hex(8)),
        ).json()["id"]
        due = (date.today() + timedelta(days=30)).isoformat()
        self.conditional = self.issue(
            "public-place-hygiene",
            COMPANY,
            number="沪嘉卫公证字〔2026〕第777001号",
            conditions=[{"text": "补交检测报告", "due": due}],
            evidence=[self.evidence],
        )
        self.company_handle = self.conditional["holders"][0]
        agent = {
            "agent": stated(PERSON),
            "license": self.business["identifier"],
            "evidence": "执照",
        }
        path = f"/v1/holders/{self.company_handle}/representations"
        recorded = self.post("m-here", path, agent)
        assert recorded.status_code == 201, recorded.text

    def _add_client(self, name: str, organisation: str) -> None:
        services = self.node.services
        scopes = read_scopes(f"{EVERYTHING} cases:handle items:define")
        with services.database.writing() as session:
            writer = ApiClientWriter(session, services.keys, secrets.token_bytes)
            made = writer.add(organisation, name, scopes, wiring.clock())
        self.node.credentials[name] = (made.client_id, made.secret)

    def use(self, case_number: str = "M-1") -> dict[str, str]:
        """The five elements and the purpose that everything here is read for."""
        use = Use("", "window-3", "开办餐饮店", ITEM["code"], case_number, PURPOSE)
        return {"License-Use": written_use(use)}

    def as_(self, who: str, key: str = "") -> dict[str, str]:
        return {**self.node.auth(who), **self.use(), **({"Idempotency-Key": key} if key else {})}

    def get(self, who: str, path: str, **headers: str) -> Any:
        return self.node.client.get(path, headers={**self.as_(who), **headers})

    def post(self, who: str, path: str, body: Any, key: str | None = None, **more: str) -> Any:
        headers = {**self.as_(who, key or secrets.token_hex(8)), **more}
        return self.node.client.post(path, json=body, headers=headers)

    def body(self, name: str, holder: dict[str, str], **changes: Any) -> dict[str, Any]:
        return self.node.body(name, holders=[holder], **changes)

    def issue(self, name: str, holder: dict[str, str], **changes: Any) -> dict[str, Any]:
        body = {"authority_code": JIADING, **self.body(name, holder, **changes)}
        answer = self.post("m-here", "/v1/licenses", {**body, "authority_code": JIADING})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def holder(self, who: dict[str, str], acting_for: str = "") -> dict[str, str]:
        headers = self.node.holder(who["document_type"], who["document_number"])
        return {**headers, **({"Acting-For": acting_for} if acting_for else {})}

    def journal(self) -> list[dict[str, Any]]:
        """The enterprise's journal, the newest first."""
        path = f"/v1/holders/{self.company_handle}/journal?limit=100"
        return self.node.client.get(path, headers=self.holder(COMPANY)).json()["items"]

    def handle(self, who: str) -> str:
        """The handle that a window gets for the enterprise that is there."""
        there = {**stated(COMPANY), "evidence": {"kind": "window-check", "reference": "w-1"}}
        answer = self.post(who, "/v1/holder-handles", there)
        assert answer.status_code == 201, answer.text
        return answer.json()["handle"]
