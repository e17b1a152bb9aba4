"""Conditions and parts over HTTP: told to who may see them, changed by who answers for them."""

import json
import secrets
from datetime import date, timedelta
from typing import Any

import pytest
from api_node import EXAMPLES, FENGXIAN, JIADING, Node

BASIS = {"basis": "《优化营商环境条例》第二十条"}


def post(node: Node, path: str, body: Any, who: str, key: str | None = None) -> Any:
    headers = {**node.auth(who), "Idempotency-Key": key or secrets.token_hex(8)}
    return node.client.post(path, json=body, headers=headers)


@pytest.fixture(scope="module")
def conditional(node: Node) -> dict[str, Any]:
    due = (date.today() + timedelta(days=30)).isoformat()
    asked = node.body(conditions=[{"text": "补交检测报告", "due": due}])
    answer = node.issue(body=asked)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_condition_is_listed_and_fulfilled_once(node: Node, conditional: Any) -> None:
    place = f"/v1/licenses/{conditional['identifier']}/conditions"
    (listed,) = node.client.get(place, headers=node.auth("reader")).json()["items"]
    assert (listed["position"], listed["text"], listed["overdue"]) == (1, "补交检测报告", False)
    assert node.client.get(place, headers=node.auth("fengxian")).status_code == 404

    path = f"{place}/1/fulfilment"
    refused = post(node, path, BASIS, "reader")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert post(node, path, BASIS, "fengxian").json()["code"] == "license-not-found"
    assert post(node, f"{place}/2/fulfilment", BASIS, "jiading").json()["code"] == (
        "condition-not-found"
    )
    assert post(node, path, {"basis": " "}, "jiading").json()["code"] == "invalid-request"
    first = post(node, path, BASIS, "jiading", "fulfil-1")
    assert (first.status_code, first.json()["status"]["code"]) == (200, "valid")
    again = post(node, path, BASIS, "jiading")
    assert (again.status_code, again.json()["code"]) == (409, "condition-fulfilled")
    (after,) = node.client.get(place, headers=node.auth("reader")).json()["items"]
    assert after["fulfilled_at"] is not None
    yesterday = (date.today() - timedelta(days=2)).isoformat()
    then = node.client.get(f"{place}?as_of={yesterday}", headers=node.auth("reader"))
    assert then.json()["items"][0]["fulfilled_at"] is None
    late = (date.today() + timedelta(days=60)).isoformat()
    shown = node.client.get(f"{place}?as_of={late}", headers=node.auth("reader"))
    assert shown.json()["items"][0]["overdue"] is False


@pytest.fixture(scope="module")
def composite(node: Node) -> str:
    body = json.loads((EXAMPLES / "integrated-industry.json").read_text(encoding="utf-8"))
    body |= {"number": "沪嘉综许〔2026〕第444091号"}
    body["parts"][1]["authority_code"] = FENGXIAN
    headers = {**node.auth("city"), "Idempotency-Key": "composite"}
    refused = node.client.post(
        "/v1/licenses", json=body, headers=node.auth("jiading") | {"Idempotency-Key": "composite"}
    )
    # Who asks must act for every part's authority.
    assert (refused.status_code, refused.json()["code"]) == (403, "authority-not-yours")
    answer = node.client.post("/v1/licenses", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["identifier"])


def states(answer: Any) -> list[str]:
    return [part["status"]["code"] for part in answer.json()["items"]]


def test_a_part_is_changed_by_its_own_authority(node: Node, composite: str) -> None:
    place = f"/v1/licenses/{composite}/parts"
    listed = node.client.get(place, headers=node.auth("fengxian"))
    assert listed.json()["items"][1]["authority_code"] == FENGXIAN
    assert {part["authority_code"] for part in listed.json()["items"]} == {FENGXIAN, JIADING}
    assert node.client.get(place, headers=node.auth("street")).status_code == 404

    for who, status, code in (
        ("street", 404, "part-not-found"),
        ("reader", 404, "part-not-found"),
        ("city", 200, None),
    ):
        answer = post(node, f"{place}/2/cancellation", BASIS, who, "cancel-2")
        assert (answer.status_code, answer.json().get("code")) == (status, code)
    again = post(node, f"{place}/2/cancellation", BASIS, "city", "cancel-2")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert states(again)[:2] == ["valid", "cancelled"]
    refused = post(node, f"{place}/2/cancellation", BASIS, "fengxian")
    assert (refused.status_code, refused.json()["code"]) == (409, "transition-not-allowed")
    assert post(node, f"{place}/2/lapse", BASIS, "city").status_code == 422
    shown = node.client.get(f"/v1/licenses/{composite}", headers=node.auth("city")).json()
    assert shown["status"]["code"] == "valid"
    yesterday = (date.today() - timedelta(days=2)).isoformat()
    before = node.client.get(f"{place}?as_of={yesterday}", headers=node.auth("city"))
    assert set(states(before)) == {"issuing"}
    file = node.client.get(f"/v1/licenses/{composite}/file", headers=node.auth("city"))
    report = node.client.post("/v1/verifications", files={"file": ("x.pdf", file.content)}).json()
    assert report["verdict"] == "valid"
    assert [part["status"]["code"] for part in report["license"]["parts"]][:2] == [
        "valid",
        "cancelled",
    ]
