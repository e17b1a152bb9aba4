"""A license's life over HTTP: verbs, versions, what is refused, history and as-of."""

from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any

import pytest
from api_node import FENGXIAN, JIADING, Node

from license_vault.clock import civil_date
from license_vault.lifecycle.verbs import VERBS, Makes

ORDER = {"basis": "《中华人民共和国行政许可法》第四十九条"}


def send(node: Node, identifier: str, verb: str, who: str = "jiading", **order: Any):
    node.count += 1
    headers = {**node.auth(who), "Idempotency-Key": f"verb-{node.count}"}
    path = f"/v1/licenses/{identifier}/{verb}"
    return node.client.post(path, json=ORDER | order, headers=headers)


def show(node: Node, identifier: str, **query: str) -> dict[str, Any]:
    answer = node.client.get(
        f"/v1/licenses/{identifier}", params=query, headers=node.auth("jiading")
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def life(node: Node) -> dict[str, Any]:
    """A license, changed, suspended and resumed, corrected, then transferred elsewhere."""
    first = node.issue().json()
    changed = send(
        node,
        first["identifier"],
        "change",
        case_number="BG-1",
        holders=[{"name": "演示宾馆（更名）"}],
    )
    assert changed.status_code == 201, changed.text
    second = changed.json()
    suspended = send(node, second["identifier"], "suspension", until="2099-12-31")
    assert suspended.json()["status"]["code"] == "suspended", suspended.text
    assert suspended.json()["suspended_until"] == "2099-12-31"
    file = node.client.get(second["files"][0]["href"], headers=node.auth("jiading")).content
    report = node.client.post("/v1/verifications", files={"file": file}).json()
    assert "暂扣至 2099-12-31" in report["sentence"]["zh"]
    refused = send(node, second["identifier"], "reissue", case_number="BZ-0")
    resumed = send(node, second["identifier"], "resumption")
    assert resumed.json()["status"]["code"] == "valid", resumed.text
    third = send(node, second["identifier"], "correction", case_number="GZ-1").json()
    return {"first": first, "second": second, "third": third, "refused": refused}


def test_versions_are_linked_and_carry_the_national_codes(node: Node, life: dict) -> None:
    first, second, third = (
        show(node, life[name]["identifier"]) for name in ("first", "second", "third")
    )
    assert [one["status"]["code"] for one in (first, second, third)] == [
        "superseded", "cancelled", "valid",
    ]  # fmt: skip
    assert [one["cert_state"] for one in (first, second, third)] == ["05", "04", "01"]
    assert [one["operate_type"] for one in (first, second, third)] == ["01", "09", "07"]
    assert first["successor"] == second["identifier"]
    assert third["predecessor"] == second["identifier"]
    assert third["files"][0]["sm3"] != second["files"][0]["sm3"]
    assert life["refused"].json()["code"] == "transition-not-allowed"


def test_a_verification_tells_that_the_old_version_was_replaced(node: Node, life: dict) -> None:
    file = node.client.get(life["first"]["files"][0]["href"], headers=node.auth("jiading"))
    report = node.client.post("/v1/verifications", files={"file": file.content}).json()
    assert (report["verdict"], report["state"]) == ("not_in_force", "superseded")


def test_the_history_tells_who_why_and_when_with_evidence(node: Node, life: dict) -> None:
    path = f"/v1/licenses/{life['second']['identifier']}/history"
    told = node.client.get(path, headers=node.auth("jiading")).json()
    kinds = [event["kind"] for event in told["events"]]
    assert kinds == [
        "intended", "issued", "suspended", "suspension-over", "resumed", "corrected",
    ]  # fmt: skip
    assert [e["operate_type"] for e in told["events"]] == ["09", "09", "03", "06", "06", "07"]
    assert [e["until"] for e in told["events"]][2:4] == ["2099-12-31", None]
    assert all(event["evidence"] for event in told["events"][1:])
    assert told["events"][2]["basis"]["text"] == ORDER["basis"]
    assert node.client.get(path, headers=node.auth("fengxian")).status_code == 404


def test_as_of_answers_what_was_and_what_was_known(node: Node, life: dict) -> None:
    identifier = life["second"]["identifier"]
    before = show(node, identifier, as_of="2020-01-01")["as_of"]
    assert (before["state"], before["known_then"]) == (None, None)
    day = civil_date(datetime.fromisoformat(life["third"]["recorded_at"])).isoformat()
    now = show(node, identifier, as_of=day)["as_of"]
    assert now["state"]["status"]["code"] == "cancelled"
    assert now["state"]["evidence"]["audit_sequence"] > 0
    page = node.client.get(
        "/v1/licenses", params={"as_of": "2020-01-01"}, headers=node.auth("jiading")
    )
    assert page.json()["items"] == []


def test_a_change_that_is_dated_back_is_known_today_and_was_not_known_then(node: Node) -> None:
    issued = node.issue().json()
    identifier, then = issued["identifier"], issued["changed_at"]
    wait_until_after(then)
    today = civil_date(datetime.now(UTC)).isoformat()
    done = send(node, identifier, "suspension", effective=today)
    assert done.status_code == 200, done.text
    vault = f"/v1/holders/{issued['holders'][0]}/licenses"
    places = (f"{vault}/{identifier}", f"/v1/licenses/{identifier}", vault, "/v1/licenses")
    for place in places:
        query = {"as_of": then} | ({"limit": 1} if place in (vault, "/v1/licenses") else {})
        answer = node.client.get(place, params=query, headers=node.auth("jiading"))
        assert answer.status_code == 200, answer.text
        told = answer.json()
        (one,) = told.get("items", [told])
        assert one["identifier"] == identifier
        assert one["as_of"]["state"]["status"]["code"] == "suspended"
        assert one["as_of"]["known_then"]["status"]["code"] == "valid"
    both = {"as_of": then, "status": "valid"}
    refused = node.client.get(vault, params=both, headers=node.auth("jiading"))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/query/status"


def wait_until_after(moment: str) -> None:
    """Let the next second begin: instants are whole seconds."""
    while datetime.now(UTC) < datetime.fromisoformat(moment) + timedelta(seconds=1):
        sleep(0.05)


@pytest.mark.parametrize("verb", [v.name for v in VERBS.values() if v.makes is Makes.NOTHING])
def test_nobody_reaches_anothers_license(node: Node, life: dict, verb: str) -> None:
    answer = send(node, life["third"]["identifier"], verb, who="fengxian")
    assert (answer.status_code, answer.json()["code"]) == (404, "license-not-found")


@pytest.mark.parametrize(
    ("verb", "order", "pointer"),
    [
        ("change", {}, "/case_number"),
        ("change", {"case_number": "B", "holders": [{"name": "甲"}, {"name": "乙"}]}, "/holders"),
        ("change", {"case_number": "B", "fields": {"colour": "red"}}, "/fields/colour"),
        ("change", {"case_number": "B", "fields": {"colour": None}}, "/fields/colour"),
        ("renewal", {"case_number": "B"}, "/valid_until"),
        ("reissue", {"case_number": "B", "fields": {}}, "/fields"),
        ("revalidation", {"case_number": "B", "record": {"year": "x"}}, "/record/year"),
        ("cancellation", {"reason": "3"}, "/reason"),
        ("suspension", {"effective": "gestern"}, "/effective"),
        ("suspension", {"until": "2020-01-01"}, "/until"),
    ],
)
def test_a_wrong_order_is_pointed_at(
    node: Node, life: dict, verb: str, order: dict, pointer: str
) -> None:
    answer = send(node, life["third"]["identifier"], verb, **order)
    assert answer.status_code == 422, answer.text
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


def test_a_license_moves_to_another_authority(node: Node, life: dict) -> None:
    identifier = life["third"]["identifier"]
    body = node.body(authority_code=FENGXIAN) | {"previous_identifier": identifier}
    body["holders"] = node.body()["holders"]

    def take_over(key: str, body: dict) -> Any:
        headers = {**node.auth("fengxian"), "Idempotency-Key": key}
        return node.client.post("/v1/licenses/transfer-in", json=body, headers=headers)

    assert take_over("in-0", body).json()["code"] == "license-not-transferred"
    assert send(node, identifier, "transfer-out").status_code == 200
    answer = take_over("in-1", body)
    assert answer.status_code == 201, answer.text
    taken = answer.json()
    assert (taken["predecessor"], taken["operate_type"]) == (identifier, "08")
    assert show(node, identifier)["status"]["code"] == "superseded"
    assert take_over("in-1", body).headers["idempotent-replayed"] == "true"
    assert JIADING in identifier
    assert FENGXIAN in taken["identifier"]
