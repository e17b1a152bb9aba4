"""A counter at which one case results in several licenses (一件事), and officers who sign them."""

import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from api_node import CITY, EVERYTHING, EXAMPLES, FENGXIAN, JIADING, Node, uscc
from approving import Approvers

from api.authentication import read_scopes
from license_vault.api_clients import ApiClientWriter
from license_vault.approvals.approvals import ApprovedCase
from license_vault.issuing.license_request import request_digest

HYGIENE, FOOD = "11310000MBDEM00076002", "11310000MBDEM00076004"
ITEM = {
    **json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8")),
    "code": "演示事项-页面一件事",
    "name": {"zh": "开办餐饮浴室一件事（演示）", "en": "Opening a bath with a kitchen (demo)"},
    "needs": [],
    "form": [],
    "results": [HYGIENE, FOOD],
}
COMPANY = {
    "name": "上海示例一件事沐浴餐饮有限公司（演示）",
    "document_type": "001",
    "document_number": uscc("91310114MADEM0777"),
}
BASIS = "《优化营商环境条例》第十九条（演示）"
SAYS = {
    HYGIENE: json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8")),
    FOOD: json.loads((EXAMPLES / "food-business.json").read_text("utf-8")),
}
_SAID = ("type_code", "valid_from", "valid_until", "fields", "basis")


@dataclass(frozen=True)
class Counter:
    """A node, its officers with keys of their own, and cases that are decided."""

    node: Node
    officers: Approvers

    @classmethod
    def opened(cls, node: Node) -> "Counter":
        """The item and who handles it: Jiading's officers and the city's; two who sign."""
        for name, organisation in (("package-pages", JIADING), ("package-pages-city", CITY)):
            _add_client(node, name, organisation)
        officers = Approvers(node.services.database, node.services.keys, node.services.clock())
        officers.add_officer("pkg-zhao", JIADING)
        officers.add_officer("pkg-qian", FENGXIAN)
        path = f"/v1/items/{quote(ITEM['code'])}"
        put = node.client.put(path, json=ITEM, headers=node.auth("package-pages"))
        assert put.status_code == 200, put.text
        return cls(node, officers)

    def approved(self, number: str, who: str = "package-pages") -> str:
        """The handle of a case that was opened and decided 准予."""
        body = {"item_code": ITEM["code"], "case_number": number, "holders": [COMPANY]}
        case = str(self._post("/v1/cases", body, who)["case"])
        decision = {"outcome": "准予", "basis": BASIS}
        wanted = ApprovedCase(number, ITEM["code"], request_digest(decision))
        signed = self.officers.signed(wanted, "pkg-zhao", "decide")
        self._post(f"/v1/cases/{case}/decision", {**decision, "approvals": [signed]}, who)
        return case

    def body(
        self, type_code: str, number: str, case_number: str, authority: str = JIADING
    ) -> dict[str, Any]:
        """What the example of a type says, for the company and a case."""
        return {
            **{name: SAYS[type_code][name] for name in _SAID},
            "number": number,
            "holders": [{"kind": "legal_person", **COMPANY}],
            "authority_code": authority,
            "case_number": case_number,
            "item_code": ITEM["code"],
        }

    def _post(self, path: str, body: Any, who: str) -> Any:
        headers = {**self.node.auth(who), "Idempotency-Key": secrets.token_hex(8)}
        answer = self.node.client.post(path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json()


def _add_client(node: Node, name: str, organisation: str) -> None:
    services = node.services
    with services.database.writing() as session:
        scopes = read_scopes(f"{EVERYTHING} cases:handle items:define")
        writer = ApiClientWriter(session, services.keys, services.random_bytes)
        made = writer.add(organisation, name, scopes, services.clock())
    node.credentials[name] = (made.client_id, made.secret)
