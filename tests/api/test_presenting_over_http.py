"""Presenting over HTTP: one code, one scan, with consent, use and a signed receipt."""

import json
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from api_node import JIADING, Node

from api.use_header import written_use
from license_vault.access.use import Use
from signing.sealed_json.presenting_receipt import read_receipt

USE = Use(JIADING, "clerk-7", "公共场所卫生许可延续", "310114-0001", "C-2026-9", "免交纸质证照")
MARKER = "免交纸质证照"


def keyed(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or secrets.token_hex(8)}


@pytest.fixture(scope="module")
def holder(issued: dict, node: Node) -> dict[str, str]:
    body = json.loads((node_examples() / "public-place-hygiene.json").read_text("utf-8"))
    named = body["holders"][0]
    return node.holder(named["document_type"], named["document_number"])


def node_examples():
    from api_node import EXAMPLES

    return EXAMPLES


@pytest.fixture
def make(node: Node, issued: dict, holder: dict[str, str]) -> Callable[..., dict]:
    def making(fields: tuple[str, ...] = ("number", "holders.name"), minutes: int = 5) -> dict:
        identifier = issued["identifier"]
        body = {"licenses": [identifier], "fields": {identifier: fields}, "minutes": minutes}
        answer = node.client.post("/v1/presentations", json=body, headers={**holder, **keyed()})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return making


def scan(node: Node, code: str, who: str = "jiading", key: str | None = None, use: Use = USE):
    headers = {**node.auth(who), **keyed(key), "License-Use": written_use(use)}
    return node.client.post("/v1/presentations/resolution", json={"code": code}, headers=headers)


def test_a_code_shows_what_is_consented_to_once(node: Node, make, holder, issued) -> None:
    made = make()
    first = scan(node, made["code"], key="scan-1")
    assert first.status_code == 200, first.text
    shown = first.json()["licenses"][0]
    assert set(shown["fields"]) == {"number", "holders.name"}
    assert (shown["state"], shown["files"]) == ("valid", {})
    again = scan(node, made["code"])
    assert (again.status_code, again.json()["reason"]) == (409, "used")
    same = scan(node, made["code"], key="scan-1")
    assert same.headers["Idempotent-Replayed"] == "true"
    assert same.json() == first.json()
    seen = node.client.get(f"/v1/presentations/{made['presentation_id']}", headers=holder).json()
    assert seen["state"] == "resolved"
    assert (seen["scanned"]["organisation"], seen["scanned"]["purpose"]) == (JIADING, MARKER)
    assert seen["code"] is None


def test_the_receipt_is_signed_and_kept(node: Node, make) -> None:
    resolved = scan(node, make()["code"]).json()
    files = [node.client.get(resolved["receipt"], headers=node.auth("jiading")) for _ in range(2)]
    assert files[0].content == files[1].content
    receipt = read_receipt(files[0].content).receipt
    assert receipt.use["case_number"] == USE.case_number
    assert receipt.licenses[0].fields == resolved["licenses"][0]["fields"]
    other = node.client.get(resolved["receipt"], headers=node.auth("fengxian"))
    assert other.status_code == 404


def test_of_scans_at_once_one_has_the_code(node: Node, make) -> None:
    code = make()["code"]
    node.token("jiading")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: scan(node, code), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


def test_who_was_not_granted_the_use_leaves_the_code_as_it_was(node: Node, make) -> None:
    code = make()["code"]
    refused = scan(node, code, "fengxian")
    assert refused.json()["type"].endswith("access-not-granted")
    assert scan(node, code).status_code == 200


def test_a_scan_without_its_five_elements_is_refused(node: Node, make) -> None:
    headers = {"Authorization": f"Bearer {node.token('jiading')}", **keyed()}
    body = {"code": make()["code"]}
    answer = node.client.post("/v1/presentations/resolution", json=body, headers=headers)
    assert answer.json()["type"].endswith("use-required"), answer.text


def test_a_code_taken_back_opens_nothing(node: Node, make, holder) -> None:
    made = make()
    path = f"/v1/presentations/{made['presentation_id']}"
    taken = node.client.post(f"{path}/withdrawal", headers={**holder, **keyed()})
    assert taken.json()["state"] == "withdrawn"
    assert scan(node, made["code"]).json()["reason"] == "withdrawn"
    assert node.client.get(f"{path}/qr", headers=holder).json()["reason"] == "withdrawn"


def test_files_are_there_for_a_license_shown_as_a_whole_and_no_other(node: Node, make) -> None:
    whole = scan(node, make(("*",))["code"]).json()["licenses"][0]
    headers = {**node.auth("jiading"), "License-Use": written_use(USE)}
    file = node.client.get(whole["files"]["pdf"], headers=headers)
    assert file.content.startswith(b"%PDF-")
    part = scan(node, make()["code"]).json()
    path = f"/v1/presentations/{part['presentation_id']}/licenses/{whole['identifier']}/file"
    assert node.client.get(path, headers=headers).status_code == 404


def test_the_picture_says_the_code(node: Node, make, holder) -> None:
    made = make()
    svg = node.client.get(made["qr"], headers=holder)
    png = node.client.get(made["qr"], params={"format": "png"}, headers=holder)
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert png.content.startswith(b"\x89PNG")
    assert scan(node, f"LV-PRESENT:{made['code']}").status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"licenses": ["1.2.156"], "fields": {"1.2.156": ["number"]}}, "unknown-license"),
        ({"fields": {}}, "consent-missing"),
        ({"fields": "no-such-field"}, "unknown-field"),
        ({"minutes": 11}, "too-large"),
    ],
)
def test_an_order_that_cannot_be_is_refused_where_it_is_wrong(
    node: Node, holder, issued, change, code
) -> None:
    identifier = issued["identifier"]
    body = {"licenses": [identifier], "fields": {identifier: ["number"]}, "minutes": 5, **change}
    if body["fields"] == "no-such-field":
        body["fields"] = {identifier: ["no.such"]}
    answer = node.client.post("/v1/presentations", json=body, headers={**holder, **keyed()})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == code


def test_another_holder_sees_and_shows_nothing_of_it(node: Node, make, issued) -> None:
    stranger = node.holder("111", "310114199001011234")
    made = make()
    path = f"/v1/presentations/{made['presentation_id']}"
    assert node.client.get(path, headers=stranger).status_code == 404


def test_the_holder_keeps_words_of_their_own_and_the_same_receipt(
    node: Node, holder, issued
) -> None:
    identifier = issued["identifier"]
    body = {
        "licenses": [identifier],
        "fields": {identifier: ["number"]},
        "recipient": "嘉定区政务服务中心",
        "purpose": "办理延续",
    }
    made = node.client.post("/v1/presentations", json=body, headers={**holder, **keyed()}).json()
    assert (made["recipient"], made["purpose"]) == ("嘉定区政务服务中心", "办理延续")
    own = f"/v1/presentations/{made['presentation_id']}/receipt"
    assert node.client.get(own, headers=holder).status_code == 404
    resolved = scan(node, made["code"]).json()
    windows = node.client.get(resolved["receipt"], headers=node.auth("jiading"))
    holders = node.client.get(own, headers=holder)
    assert holders.content == windows.content
    seen = node.client.get(f"/v1/presentations/{made['presentation_id']}", headers=holder).json()
    assert seen["scanned"]["organisation_name"] == "上海市嘉定区行政审批局（演示）"
    stranger = node.holder("111", "110101199003070003")
    assert node.client.get(own, headers=stranger).status_code == 404
