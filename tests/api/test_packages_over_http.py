"""Several licenses by one request: 正本 with 副本, and packages of several authorities."""

import json
import secrets
from typing import Any

import pytest
from api_node import EXAMPLES, FENGXIAN, JIADING, Node


def business(node: Node, **changes: Any) -> dict[str, Any]:
    body = json.loads((EXAMPLES / "business-license.json").read_text(encoding="utf-8"))
    node.count += 1
    body["case_number"] = f"P-{node.count:06d}"
    # The example's own number belongs to other tests of this node.
    body["number"] = f"140000002026032{node.count:05d}"
    return {**body, **changes}


def ask(node: Node, body: Any, who: str = "city", key: str | None = None) -> Any:
    headers = {**node.auth(who), "Idempotency-Key": key or secrets.token_hex(8)}
    return node.client.post("/v1/packages", json=body, headers=headers)


@pytest.fixture(scope="module")
def asked(node: Node) -> dict[str, Any]:
    return {
        "item_code": "YJS-3101-0001",
        "case_number": "一件事-2026-0001",
        "licenses": [
            business(node, duplicates=1),
            node.body(authority_code=FENGXIAN),
        ],
    }


@pytest.fixture(scope="module")
def package(node: Node, asked: dict[str, Any]) -> dict[str, Any]:
    answer = ask(node, asked, key="package-1")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/v1/packages/{answer.json()['id']}"
    return answer.json()


def test_all_licenses_of_a_package_are_in_force(node: Node, package: dict[str, Any]) -> None:
    licenses = package["licenses"]
    assert [(one["copy"]["kind"], one["status"]["code"]) for one in licenses] == [
        ("正本", "valid"),
        ("副本", "valid"),
        ("正本", "valid"),
    ]
    assert len({one["check_code"] for one in licenses}) == 3
    assert {one["authority"]["code"] for one in licenses[2:]} == {FENGXIAN}
    for one in licenses:
        file = node.client.get(f"/v1/licenses/{one['identifier']}/file", headers=node.auth("city"))
        assert file.status_code == 200


def test_the_same_package_is_answered_alike(
    node: Node, asked: dict[str, Any], package: dict[str, Any]
) -> None:
    again = ask(node, asked, key="package-1")
    assert (again.status_code, again.json()) == (200, package)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = ask(node, {**asked, "item_code": "YJS-2"}, key="package-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


def test_a_package_is_seen_by_who_asked_and_above(node: Node, package: dict[str, Any]) -> None:
    place = f"/v1/packages/{package['id']}"
    shown = node.client.get(place, headers=node.auth("city")).json()
    assert [one["identifier"] for one in shown["licenses"]] == [
        one["identifier"] for one in package["licenses"]
    ]
    assert "check_code" not in shown["licenses"][0]
    hidden = node.client.get(place, headers=node.auth("jiading"))
    assert (hidden.status_code, hidden.json()["code"]) == (404, "package-not-found")
    without_use = {"Authorization": node.auth("city")["Authorization"]}
    assert node.client.get(place, headers=without_use).json()["code"] == "use-required"


@pytest.mark.parametrize(
    ("second", "who", "status", "code", "pointer"),
    [
        ({"number": "x"}, "city", 422, "invalid-request", "/licenses/1/number"),
        ({"type_code": "11310000MBDEM00076999"}, "city", 422, "invalid-request", None),
        ({"authority_code": FENGXIAN}, "jiading", 403, "authority-not-yours", None),
        ({"evidence": ["x" * 26]}, "city", 404, "evidence-not-found", None),
    ],
)
def test_what_stands_against_one_stands_against_all(
    node: Node, second: dict[str, Any], who: str, status: int, code: str, pointer: str | None
) -> None:
    first = node.body()
    body = {"item_code": "YJS", "case_number": "C", "licenses": [first, node.body(**second)]}
    answer = ask(node, body, who)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if status != 422:
        assert answer.json()["license"] == "/licenses/1"
    if pointer:
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    # Nothing was issued: the first one can still be asked for under its case.
    listed = node.client.get("/v1/licenses", headers=node.auth("city")).json()
    assert all(first["case_number"] not in json.dumps(one) for one in listed["items"])


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/item_code", "/case_number", "/licenses"]),
        ({"item_code": "a", "case_number": "b", "licenses": []}, ["/licenses"]),
        ({"item_code": "a", "case_number": "b", "licenses": [{}] * 21}, ["/licenses"]),
        ({"item_code": "a", "case_number": "b", "licenses": [1]}, ["/licenses/0"]),
    ],
)
def test_a_package_that_cannot_be_read_is_refused(
    node: Node, body: dict[str, Any], pointers: list[str]
) -> None:
    answer = ask(node, body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]][: len(pointers)] == pointers


def test_one_number_twice_in_a_package_is_refused(node: Node) -> None:
    one = node.body()
    body = {"item_code": "YJS", "case_number": "C", "licenses": [one, one]}
    answer = ask(node, body)
    assert (answer.status_code, answer.json()["code"]) in [
        (409, "license-exists"),
        (409, "case-already-issued"),
    ]


@pytest.mark.parametrize(
    ("who", "status"), [("city", 200), ("jiading", 200), ("street", 200), ("fengxian", 403)]
)
def test_an_authority_its_own_and_those_above_know_who_seals_and_signs(
    node: Node, who: str, status: int
) -> None:
    path = "/v1/license-types/11310000MBDEM00076002/outlook"
    asked = {"authority_code": JIADING}
    answer = node.client.get(path, params=asked, headers=node.auth(who))
    assert answer.status_code == status, answer.text
    if status == 200:
        told = answer.json()
        assert (told["problem"], told["authority"]["code"]) == (None, JIADING)
        assert [seal["unusable"] for seal in told["seals"]] == [None]
