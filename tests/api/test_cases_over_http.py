"""A case from the counter to its closing: what is needed, brought, filled, sealed, decided, issued.

One enterprise with a business license applies for a hygiene license, as in examples/items.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from api_node import EVERYTHING, EXAMPLES, JIADING, Node
from approving import Approvers

from api import wiring
from api.authentication import read_scopes
from api.use_header import written_use
from license_vault.access.use import Use
from license_vault.api_clients import ApiClientWriter
from license_vault.cases.documents import CaseDocuments

ITEM = json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8"))
LICENSE = json.loads((EXAMPLES / "business-license.json").read_text("utf-8"))
COMPANY = LICENSE["holders"][0]
BUSINESS, HYGIENE = "11310000MBDEM00076003", "11310000MBDEM00076002"


@dataclass
class Counter:
    """The window of one organisation: requests with its token, and its officers."""

    node: Node
    officers: Approvers
    count: int = 0

    def use(self, number: str, **changes: str) -> dict[str, str]:
        said = {"item_name": "公共场所卫生许可", "item_code": ITEM["code"], **changes}
        use = Use(
            "", "window-3", said["item_name"], said["item_code"], number, "办理公共场所卫生许可"
        )
        return {"License-Use": written_use(use)}

    def headers(self, key: str | None = None, **more: str) -> dict[str, str]:
        return {**self.node.auth("counter"), "Idempotency-Key": key or secrets.token_hex(8), **more}

    def get(self, path: str, **headers: str) -> Any:
        return self.node.client.get(f"/v1{path}", headers={**self.node.auth("counter"), **headers})

    def post(self, path: str, body: Any = None, key: str | None = None, **more: Any) -> Any:
        more_headers = more.pop("headers", {})
        return self.node.client.post(
            f"/v1{path}", json=body, headers=self.headers(key, **more_headers), **more
        )

    def number(self) -> str:
        self.count += 1
        return f"JD-办件-{self.count:04d}"

    def open(self, number: str | None = None, holder: Any = None) -> dict[str, Any]:
        number = number or self.number()
        stated = {k: COMPANY[k] for k in ("name", "document_type", "document_number")}
        body = {
            "item_code": ITEM["code"],
            "case_number": number,
            "holders": [holder or stated],
        }
        answer = self.post("/cases", body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def signed(self, case: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        """A body with the signature of an officer, over it and the case."""
        known = {**body, "case_number": case["case_number"], "item_code": ITEM["code"]}
        if "outcome" not in body:
            return self.officers.approved(known, ("zhao", "decide"))
        return {**body, "approvals": [self.approval(case, body)]}

    def approval(self, case: dict[str, Any], body: dict[str, Any]) -> dict[str, str]:
        from license_vault.approvals.approvals import ApprovedCase, approval_bytes
        from license_vault.issuing.license_request import request_digest

        at = self.node.services.clock()
        approved = ApprovedCase(case["case_number"], ITEM["code"], request_digest(body))
        message = approval_bytes(approved, "decide", "zhao", at)
        import base64

        signature = self.officers._pki.keys.sign("officer/zhao", message)
        return {
            "officer_id": "zhao",
            "step": "decide",
            "signed_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "signature": base64.b64encode(signature).decode(),
        }

    def decide(self, case: dict[str, Any], outcome: str = "准予") -> Any:
        body = {"outcome": outcome, "basis": "《公共场所卫生管理条例》第四条"}
        return self.post(f"/cases/{case['case']}/decision", self.signed(case, body))

    def issue_body(self, case: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
        values = {field["fills"]: field["value"] for field in form["fields"]}
        body = self.node.body("public-place-hygiene")
        return self.signed(
            case,
            {
                **body,
                "item_code": ITEM["code"],
                "case_number": case["case_number"],
                "holders": [{**COMPANY, "name": values["/holders/0/name"]}],
                "fields": {
                    "legal_representative": values["/fields/legal_representative"],
                    "address": values["/fields/address"],
                    "licensed_items": ["公共浴室"],
                },
            },
        )


@pytest.fixture(scope="module")
def counter(node: Node) -> Iterator[Counter]:
    scopes = f"{EVERYTHING} cases:handle items:define"
    with node.services.database.writing() as session:
        writer = ApiClientWriter(session, node.services.keys, secrets.token_bytes)
        made = writer.add(JIADING, "counter", read_scopes(scopes), wiring.clock())
    node.credentials["counter"] = (made.client_id, made.secret)
    officers = Approvers(node.services.database, node.services.keys, node.services.clock())
    officers.add_officer("zhao", JIADING)
    put = node.client.put(
        f"/v1/items/{quote(ITEM['code'])}", json=ITEM, headers=node.auth("counter")
    )
    assert put.status_code == 200, put.text
    yield Counter(node, officers)


@pytest.fixture(scope="module")
def business(counter: Counter) -> dict[str, Any]:
    """The enterprise's business license, issued by the same organisation."""
    answer = counter.node.issue(body={**LICENSE, "case_number": "T-营业执照-1"})
    assert answer.status_code == 201, answer.text
    return answer.json()


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_item_says_what_it_needs(counter: Counter) -> None:
    shown = counter.get(f"/items/{quote(ITEM['code'])}").json()
    assert shown["version"] == 1
    assert [need["types"] for need in shown["needs"]] == [[BUSINESS]]
    assert shown["results"] == [HYGIENE]
    assert ITEM["code"] in [item["code"] for item in counter.get("/items").json()["items"]]
    assert told(counter.get("/items/none-such")) == (404, "item-not-found")


def test_a_case_goes_from_the_counter_to_its_closing(
    counter: Counter, business: dict[str, Any]
) -> None:
    case = counter.open()
    path = f"/cases/{case['case']}"
    assert case["state"]["code"] == "open"

    form = counter.get(f"{path}/form", **counter.use(case["case_number"])).json()
    assert (form["have"], form["of"], form["missing"]) == (1, 1, ["licensed_items"])
    name = form["fields"][0]
    assert name["value"] == COMPANY["name"]
    assert name["source"]["license"] == business["identifier"]
    assert (name["source"]["version"], name["source"]["verdict"]) == ("001", "valid")
    assert name["source"]["path"] == "/holders/0/name"
    assert name["source"]["as_of"]

    body = counter.issue_body(case, form)
    assert told(counter.post(f"{path}/license", body)) == (409, "case-state")
    assert told(counter.post(f"{path}/closing")) == (409, "case-state")

    decided = counter.decide(case)
    assert decided.status_code == 200, decided.text
    assert decided.json()["lacking"] == [HYGIENE]
    assert told(counter.decide(case)) == (409, "case-state")
    listed = counter.get("/cases?state=approved-no-license").json()["items"]
    assert [each["case"] for each in listed] == [case["case"]]
    assert told(counter.post(f"{path}/closing")) == (409, "case-without-license")

    issued = counter.post(f"{path}/license", body)
    assert issued.status_code == 201, issued.text
    assert counter.get("/cases?state=approved-no-license").json()["items"] == []
    closed = counter.post(f"{path}/closing", key="closing-1")
    assert closed.json()["state"]["code"] == "closed", closed.text
    assert [each["identifier"] for each in closed.json()["licenses"]] == [
        issued.json()["identifier"]
    ]
    again = counter.post(f"{path}/closing", key="closing-1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
