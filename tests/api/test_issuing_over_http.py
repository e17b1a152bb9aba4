import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from api_node import FENGXIAN, JIADING, STREET, Node, uscc


def problem(answer, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["code"] == code, document
    assert document["type"] == f"/problems/{code}"
    assert document["messages"]["zh"]["title"]
    assert document["messages"]["en"]["title"]
    assert document["request_id"] == answer.headers["x-request-id"]
    return document


def test_a_license_is_issued_and_in_force(node: Node) -> None:
    answer = node.issue()
    assert answer.status_code == 201, answer.text
    license_ = answer.json()
    assert license_["status"] == {"code": "valid", "zh": "有效", "en": "valid"}
    assert answer.headers["location"] == f"/v1/licenses/{license_['identifier']}"
    shown = node.client.get(answer.headers["location"], headers=node.auth("jiading"))
    assert shown.status_code == 200
    assert shown.headers["etag"] == answer.headers["etag"]
    told = {k: v for k, v in license_.items() if k not in ("check_code", "duplicates")}
    # Where one license is shown its parts and conditions are told too; it has none.
    assert shown.json() == {**told, "parts": [], "conditions": []}


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("medical-institution", "MBDEM992331011412A1001"),
        ("business-license", "31011499999999999001"),
        ("constructor-registration", "沪2312023202699901"),
    ],
)
def test_an_example_of_each_type_is_issued_and_verifies(node: Node, name: str, number: str) -> None:
    answer = node.issue(body=node.body(name, number=number))
    assert answer.status_code == 201, answer.text
    file = node.client.get(answer.json()["files"][0]["href"], headers=node.auth("jiading"))
    report = node.client.post("/v1/verifications", files={"file": ("a.pdf", file.content)})
    assert report.json()["verdict"] == "valid", report.text


def test_the_same_request_again_is_answered_with_the_same_license(node: Node) -> None:
    body = node.body()
    first = node.issue(body=body, key="again-1")
    reordered = dict(reversed(body.items()))
    second = node.issue(body=reordered, key="again-1")
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert second.json() == first.json()


def test_the_same_key_with_another_body_is_refused(node: Node) -> None:
    node.issue(key="again-2")
    problem(node.issue(key="again-2"), 422, "idempotency-key-reused")


def test_another_key_for_the_same_case_is_refused_and_names_the_license(node: Node) -> None:
    body = node.body()
    first = node.issue(body=body).json()
    document = problem(node.issue(body=body), 409, "case-already-issued")
    assert document["identifier"] == first["identifier"]


def test_a_number_in_force_is_not_given_twice(node: Node) -> None:
    body = node.body()
    node.issue(body=body)
    again = {**body, "case_number": "T-other"}
    problem(node.issue(body=again), 409, "license-exists")


def test_twenty_equal_requests_at_once_make_one_license(node: Node) -> None:
    body = node.body()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: node.issue(body=body, key="parallel-1"), range(20)))
    assert {a.status_code for a in answers} <= {200, 201, 409}
    assert sum(a.status_code == 201 for a in answers) <= 1
    final = node.issue(body=body, key="parallel-1")
    assert final.status_code == 200
    made = {a.json()["identifier"] for a in (*answers, final) if a.status_code in (200, 201)}
    assert len(made) == 1
    for refused in (a for a in answers if a.status_code == 409):
        problem(refused, 409, "request-in-progress")


def test_two_clients_may_use_the_same_key(node: Node) -> None:
    body = node.body(authority_code=FENGXIAN, number="沪嘉卫公证字〔2026〕第900001号")
    assert node.issue(key="shared").status_code == 201
    assert node.issue("fengxian", body, key="shared").status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "中"])
def test_an_unusable_idempotency_key_is_refused(node: Node, key: str) -> None:
    answer = node.client.post(
        "/v1/licenses",
        json=node.body(),
        headers={**node.auth("jiading"), "Idempotency-Key": key.encode()},
    )
    problem(answer, 400, "idempotency-key-required")


def test_an_idempotency_key_is_required(node: Node) -> None:
    answer = node.client.post("/v1/licenses", json=node.body(), headers=node.auth("jiading"))
    problem(answer, 400, "idempotency-key-required")


WRONG = {
    "a wrong check digit": (
        {"holders/0/document_number": "91310114MADEM0038X"},
        "/holders/0/document_number",
    ),
    "an unknown type": ({"type_code": "11310000MBDEM00076999"}, "/type_code"),
    "an unknown version": ({"type_version": "v99"}, "/type_code"),
    "a missing field": ({"fields/address": None}, "/fields/address"),
    "an oversized field": ({"fields/address": "长" * 5000}, "/fields/address"),
    "control characters": ({"fields/legal_representative": "王\u0007五"}, "/fields/legal_rep"),
    "a right-to-left override": ({"holders/0/name": "甲\u202e乙"}, "/holders/0/name"),
    "dates out of order": ({"valid_until": "2020-01-01"}, "/valid_until"),
    "a date that does not exist": ({"valid_from": "2026-02-30"}, "/valid_from"),
    "a member nobody knows": ({"vip": True}, "/vip"),
    "a number as name": ({"holders/0/name": 5}, "/holders/0/name"),
    "no holder": ({"holders": []}, "/holders"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_value_is_refused_and_pointed_at(node: Node, case: str) -> None:
    changes, pointer = WRONG[case]
    body = node.body()
    for path, value in changes.items():
        *inner, last = path.split("/")
        target = body
        for step in inner:
            target = target[int(step)] if isinstance(target, list) else target[step]
        if value is None:
            del target[last]
        else:
            target[last] = value
    before = count(node)
    document = problem(node.issue(body=body), 422, "invalid-request")
    assert any(p["pointer"].startswith(pointer) for p in document["errors"]), document
    assert all(p["messages"]["zh"] and p["messages"]["en"] for p in document["errors"])
    assert count(node) == before


def count(node: Node) -> int:
    from sqlalchemy import text

    with node.services.database.reading() as session:
        return session.execute(text("SELECT count(*) FROM license")).scalar()


def test_everything_wrong_is_named_at_once(node: Node) -> None:
    body = node.body(valid_from="yesterday", number="?")
    body["fields"]["address"] = ""
    pointers = {
        p["pointer"] for p in problem(node.issue(body=body), 422, "invalid-request")["errors"]
    }
    assert {"/valid_from", "/number", "/fields/address"} <= pointers


def post_raw(node: Node, content: bytes, media_type: str = "application/json"):
    headers = {**node.auth("jiading"), "Idempotency-Key": "raw", "Content-Type": media_type}
    return node.client.post("/v1/licenses", content=content, headers=headers)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"a": 1, "a": 2}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "\\ud800"}',
    ],
)
def test_what_is_no_strict_json_is_refused(node: Node, content: bytes) -> None:
    answer = post_raw(node, content)
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["code"] in ("unreadable-request", "invalid-request")


@pytest.mark.parametrize("content", [b"[]", b"1", b'"text"', b"null"])
def test_json_that_is_no_request_is_refused(node: Node, content: bytes) -> None:
    problem(post_raw(node, content), 422, "invalid-request")


def test_another_media_type_is_refused(node: Node) -> None:
    answer = post_raw(node, json.dumps(node.body()).encode(), "text/plain")
    problem(answer, 415, "media-type-not-supported")


def test_a_body_beyond_the_limit_is_refused(node: Node) -> None:
    problem(post_raw(node, b" " * (1024 * 1024 + 1)), 413, "request-too-large")


def test_a_body_that_hides_its_size_is_refused(node: Node) -> None:
    def chunks():
        for _ in range(20):
            yield b" " * 100_000

    headers = {
        **node.auth("jiading"),
        "Idempotency-Key": "raw",
        "Content-Type": "application/json",
    }
    answer = node.client.post("/v1/licenses", content=chunks(), headers=headers)
    problem(answer, 413, "request-too-large")


def test_a_client_issues_only_types_in_its_scopes(node: Node) -> None:
    document = problem(node.issue("other-type"), 403, "scope-missing")
    assert document["action"] == "licenses:issue"


def test_a_client_issues_only_for_its_own_organisation_and_those_below(node: Node) -> None:
    problem(node.issue("fengxian"), 403, "authority-not-yours")
    problem(node.issue("street"), 403, "authority-not-yours")
    assert node.issue("city").status_code == 201


def test_an_unknown_authority_is_answered_like_a_foreign_one(node: Node) -> None:
    unknown = node.issue(body=node.body(authority_code=uscc("11310000MBDEM0099")))
    foreign = node.issue(body=node.body(authority_code=FENGXIAN))
    bodies = [problem(answer, 403, "authority-not-yours") for answer in (unknown, foreign)]
    for body in bodies:
        del body["request_id"]
    assert bodies[0] == bodies[1]


def test_without_a_granted_seal_nothing_is_issued(node: Node) -> None:
    before = count(node)
    problem(node.issue("street", node.body(authority_code=STREET)), 403, "seal-not-permitted")
    assert count(node) == before


def test_a_reader_does_not_issue(node: Node) -> None:
    problem(node.issue("reader"), 403, "forbidden")


def test_a_license_is_cancelled_once_and_then_not_in_force(node: Node) -> None:
    license_ = node.issue().json()
    file = node.client.get(license_["files"][0]["href"], headers=node.auth("jiading")).content
    path = f"/v1/licenses/{license_['identifier']}/cancellation"
    headers = {**node.auth("jiading"), "Idempotency-Key": "cancel"}
    order = {"basis": "《中华人民共和国行政许可法》第七十条"}
    done = node.client.post(path, json=order, headers=headers)
    assert done.status_code == 200, done.text
    assert done.json()["status"]["code"] == "cancelled"
    report = node.client.post("/v1/verifications", files={"file": file}).json()
    assert (report["verdict"], report["state"]) == ("not_in_force", "cancelled")
    again = node.client.post(path, json=order, headers=headers)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == done.json()


def test_a_key_cancels_one_license_on_one_ground(node: Node) -> None:
    first, second = (node.issue().json()["identifier"] for _ in range(2))
    headers = {**node.auth("jiading"), "Idempotency-Key": "one-ground"}

    def cancel(identifier: str, basis: str):
        path = f"/v1/licenses/{identifier}/cancellation"
        return node.client.post(path, json={"basis": basis}, headers=headers)

    assert cancel(first, "依法注销").status_code == 200
    assert cancel(first, "依法注销").status_code == 200
    problem(cancel(first, "另一理由"), 422, "idempotency-key-reused")
    problem(cancel(second, "依法注销"), 422, "idempotency-key-reused")
    shown = node.client.get(f"/v1/licenses/{second}", headers=headers).json()
    assert shown["status"]["code"] == "valid"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({}, "invalid-request"),
        ({"basis": ""}, "invalid-request"),
        ({"basis": "x\u0000"}, "invalid-request"),
        ({"basis": "依法", "effective": "2099-01-01"}, "effective-date-invalid"),
        ({"basis": "依法", "effective": "gestern"}, "invalid-request"),
        ({"basis": "依法", "colour": "red"}, "invalid-request"),
    ],
)
def test_an_unusable_cancellation_changes_nothing(
    node: Node, issued: dict, order: dict, code: str
) -> None:
    path = f"/v1/licenses/{issued['identifier']}"
    headers = {**node.auth("jiading"), "Idempotency-Key": "c"}
    problem(node.client.post(f"{path}/cancellation", json=order, headers=headers), 422, code)
    assert node.client.get(path, headers=headers).json()["status"]["code"] == "valid"


def test_the_file_is_the_sealed_pdf_under_a_chinese_name(node: Node, issued: dict) -> None:
    file = node.client.get(issued["files"][0]["href"], headers=node.auth("jiading"))
    assert file.content.startswith(b"%PDF-")
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["cache-control"] == "no-store"
    assert "filename*=UTF-8''%E5%85%AC" in file.headers["content-disposition"]
    tag = file.headers["etag"]
    unchanged = node.client.get(
        issued["files"][0]["href"], headers={**node.auth("jiading"), "If-None-Match": tag}
    )
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_list_is_paged_without_gaps_or_doubles(node: Node) -> None:
    for _ in range(3):
        node.issue()
    seen, after = [], None
    while True:
        query = {"limit": 2, **({"after": after} if after else {})}
        page = node.client.get("/v1/licenses", params=query, headers=node.auth("jiading")).json()
        seen += [item["identifier"] for item in page["items"]]
        assert len(page["items"]) <= 2
        after = page["next"]
        if after is None:
            break
    whole = node.client.get("/v1/licenses?limit=100", headers=node.auth("jiading")).json()
    assert len(seen) == len(set(seen))
    assert seen[: len(whole["items"])] == [item["identifier"] for item in whole["items"]]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "after=abc", "type_code=x"])
def test_a_wrong_query_is_pointed_at(node: Node, query: str) -> None:
    answer = node.client.get(f"/v1/licenses?{query}", headers=node.auth("jiading"))
    document = problem(answer, 422, "invalid-request")
    assert document["errors"][0]["pointer"] == f"/query/{query.split('=')[0]}"


def test_english_is_spoken_to_who_prefers_it(node: Node) -> None:
    path = "/v1/licenses/unknown"
    chinese = node.client.get(path, headers=node.auth("jiading")).json()
    headers = {**node.auth("jiading"), "Accept-Language": "en-GB, zh;q=0.5"}
    english = node.client.get(path, headers=headers).json()
    assert chinese["title"] == "没有此证照"
    assert english["title"] == "There is no such license"


def test_the_authority_of_the_examples_is_the_one_here() -> None:
    assert JIADING == "11310114MBDEM0015F"
