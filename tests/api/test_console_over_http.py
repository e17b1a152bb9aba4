"""What the console asks before anybody signs or issues: preview, outlook, draft, what is signed."""

import json
import secrets
from typing import Any
from urllib.parse import quote

import pytest
from api_node import EVERYTHING, EXAMPLES, FENGXIAN, JIADING, Node, uscc
from approving import Approvers
from pdf_pages import words_of

from api import wiring
from api.authentication import read_scopes
from api.use_header import written_use
from license_vault.access.use import Use
from license_vault.api_clients import ApiClientWriter
from license_vault.approvals.approvals import ApprovedCase
from license_vault.license_identifier import compose

ITEM = {
    **json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8")),
    "code": "演示事项-审批台",
}
HYGIENE = "11310000MBDEM00076002"
INDUSTRY = "11310000MBDEM00076008"
COMPANY = {
    "name": "上海示例审批台有限公司（演示）",
    "document_type": "001",
    "document_number": uscc("91310114MADEM0666"),
}


@pytest.fixture(scope="module")
def approvers(node: Node) -> Approvers:
    scopes = f"{EVERYTHING} cases:handle items:define"
    with node.services.database.writing() as session:
        writer = ApiClientWriter(session, node.services.keys, secrets.token_bytes)
        made = writer.add(JIADING, "console", read_scopes(scopes), wiring.clock())
    node.credentials["console"] = (made.client_id, made.secret)
    officers = Approvers(node.services.database, node.services.keys, node.services.clock())
    officers.add_officer("console-zhao", JIADING)
    put = node.client.put(
        f"/v1/items/{quote(ITEM['code'])}", json=ITEM, headers=node.auth("console")
    )
    assert put.status_code == 200, put.text
    return officers


@pytest.fixture(scope="module")
def case(node: Node, approvers: Approvers) -> dict[str, Any]:
    del approvers
    answer = node.client.post(
        "/v1/cases",
        json={"item_code": ITEM["code"], "case_number": "SPT-0001", "holders": [COMPANY]},
        headers={**node.auth("console"), "Idempotency-Key": secrets.token_hex(8)},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def preview(node: Node, body: Any, who: str = "jiading", query: str = "") -> Any:
    return node.client.post(f"/v1/licenses/preview{query}", json=body, headers=node.auth(who))


def test_a_preview_is_drawn_of_what_is_there_and_is_kept_nowhere(node: Node) -> None:
    licenses = node.client.get("/v1/licenses", headers=node.auth("jiading")).json()["items"]
    half = {"type_code": HYGIENE, "fields": {"address": "演示路 1 号", "none": {"a": [1]}}}
    drawn = preview(node, half)
    assert drawn.headers["content-type"] == "image/png"
    assert drawn.content[:4] == b"\x89PNG"
    pdf = preview(node, node.body(), query="?form=pdf&complete=true")
    assert pdf.content[:4] == b"%PDF"
    assert b"/Sig" not in pdf.content
    assert pdf.headers["cache-control"] == "no-store"
    after = node.client.get("/v1/licenses", headers=node.auth("jiading")).json()["items"]
    assert [each["identifier"] for each in after] == [each["identifier"] for each in licenses]


def test_a_preview_names_what_issuing_would_refuse(node: Node) -> None:
    wrong = preview(node, node.body(number="1"), query="?complete=true")
    assert wrong.status_code == 422
    assert [error["pointer"] for error in wrong.json()["errors"]] == ["/number"]
    assert preview(node, {}).json()["errors"][0]["pointer"] == "/type_code"
    long = preview(node, node.body(fields={"address": "很长的地址" * 300}))
    assert long.json()["errors"][0]["code"] == "does-not-fit"


def test_a_preview_shows_parts_and_the_license_before(node: Node) -> None:
    parts = node.body("integrated-industry")["parts"]
    parts[0] |= {"valid_until": ""}
    before = compose(INDUSTRY, uscc("11330100MBDEM0009"), "A1B2C3D4E5F6G7H8").text
    half = {"type_code": INDUSTRY, "parts": parts, "previous_identifier": before}
    told = "".join(words_of(preview(node, half, query="?form=pdf").content).split())
    assert f"原证照标识：{before}" in told
    assert "食品经营许可JY23101140012345" in told
    assert "2026年03月20日至2030年03月19日" in told
    assert "0001年" not in told
    kinds = node.client.get(f"/v1/license-types/{INDUSTRY}").json()["parts"]
    assert (kinds["maximum"], kinds["kinds"][0]["name"]) == (9, "食品经营许可")


def test_a_preview_names_the_part_that_is_of_another_authority(node: Node) -> None:
    body = node.body("integrated-industry", previous_identifier="1.2.3")
    wrong = preview(node, body, query="?complete=true")
    assert [each["pointer"] for each in wrong.json()["errors"]] == ["/previous_identifier"]
    del body["previous_identifier"]
    body["parts"][1]["authority_code"] = FENGXIAN
    body["parts"][3]["authority_code"] = uscc("11330100MBDEM0009")
    wrong = preview(node, body, query="?complete=true")
    assert [each["pointer"] for each in wrong.json()["errors"]] == [
        "/parts/1/authority_code",
        "/parts/3/authority_code",
    ]


def test_nobody_previews_what_they_may_not_issue(node: Node) -> None:
    assert preview(node, node.body(), who="reader").status_code == 403
    far = preview(node, node.body(authority_code=FENGXIAN))
    assert (far.status_code, far.json()["code"]) == (403, "authority-not-yours")


def test_a_case_says_whose_seal_which_officer_and_what_blocks_it(
    node: Node, case: dict[str, Any]
) -> None:
    found = node.client.get(
        f"/v1/cases/{case['case']}/outlook", headers=node.auth("console")
    ).json()
    assert [step["step"] for step in found["steps"]] == ["decide"]
    assert "console-zhao" in [officer["officer_id"] for officer in found["officers"]]
    (license_,) = found["licenses"]
    assert (license_["type_code"], license_["problem"]) == (HYGIENE, None)
    assert license_["seals"][0]["code"] == "31011400000001"
    assert license_["seals"][0]["unusable"] is None
    assert [each["code"] for each in found["blocking"]] == ["not-decided"]
    far = node.client.get(f"/v1/cases/{case['case']}/outlook", headers=node.auth("fengxian"))
    assert far.status_code == 404


def test_the_request_to_issue_is_drafted_from_the_case(node: Node, case: dict[str, Any]) -> None:
    use = Use("", "w", ITEM["name"]["zh"], ITEM["code"], case["case_number"], "制证")
    found = node.client.get(
        f"/v1/cases/{case['case']}/license-draft?type_code={HYGIENE}",
        headers={**node.auth("console"), "License-Use": written_use(use)},
    )
    assert found.status_code == 200, found.text
    request = found.json()["request"]
    assert request["holders"] == [{"kind": "legal_person", **COMPANY}]
    assert request["case_number"] == case["case_number"]
    other = node.client.get(
        f"/v1/cases/{case['case']}/license-draft?type_code=11310000MBDEM00076003",
        headers={**node.auth("console"), "License-Use": written_use(use)},
    )
    assert other.json()["errors"][0]["code"] == "not-of-this-case"


def test_what_an_officer_signs_is_what_counts(
    node: Node, approvers: Approvers, case: dict[str, Any]
) -> None:
    request = {"outcome": "准予", "basis": "《公共场所卫生管理条例》第四条"}
    asked = {
        "case_number": case["case_number"],
        "item_code": ITEM["code"],
        "request": {**request, "approvals": []},
        "step": "decide",
        "officer_id": "console-zhao",
    }
    headers = node.auth("console")
    told = node.client.post("/v1/approval-messages", json=asked, headers=headers).json()
    assert told["officer"]["registered"] is True
    assert json.loads(told["message"])["digest"] == told["digest"]
    wanted = ApprovedCase(case["case_number"], ITEM["code"], told["digest"])
    at = node.services.clock().fromisoformat(told["signed_at"])
    approval = approvers.signed(wanted, "console-zhao", "decide", at)
    answer = node.client.post(
        f"/v1/cases/{case['case']}/decision",
        json={**request, "approvals": [approval]},
        headers={**headers, "Idempotency-Key": secrets.token_hex(8)},
    )
    assert answer.status_code == 200, answer.text
    nobody = node.client.post(
        "/v1/approval-messages", json={**asked, "officer_id": "console-nobody"}, headers=headers
    )
    assert nobody.json()["officer"]["registered"] is False
    assert (
        node.client.post(
            "/v1/approval-messages", json=asked, headers=node.auth("reader")
        ).status_code
        == 403
    )
