"""Nobody sees what belongs to somebody else, nor whether it exists (docs/attacks.md A1)."""

import itertools

import pytest
from api_node import CITY, FENGXIAN, JIADING, STREET, Node

UNKNOWN_LICENSE = "1.2.156.3005.2.11310000MBDEM00076002.11310114MBDEM0015F.0000000000000000.001.0"
UNKNOWN_HANDLE = "0" * 26
FIRST = ("001", "91310114MADEM0038G")


@pytest.fixture(scope="module")
def world(node: Node) -> dict:
    """One license of each district, each with a holder of its own."""
    jiading = node.issue().json()
    holder = {
        "kind": "natural_person",
        "name": "欧阳明玥",
        "document_type": "111",
        "document_number": "310114199003072841",
    }
    body = node.body("constructor-registration", authority_code=FENGXIAN, holders=[holder])
    answer = node.issue("fengxian", body)
    assert answer.status_code == 201, answer.text
    return {
        "jiading": jiading,
        "fengxian": answer.json(),
        "first": FIRST,
        "second": ("111", "310114199003072841"),
    }


def callers(node: Node) -> dict[str, dict[str, str]]:
    return {
        "client of jiading": node.auth("jiading"),
        "client of fengxian": node.auth("fengxian"),
        "client of a street": node.auth("street"),
        "client of the city": node.auth("city"),
        "client of another type": node.auth("other-type"),
        "officer of jiading": node.officer(JIADING),
        "officer of fengxian": node.officer(FENGXIAN),
        "officer of the city": node.officer(CITY),
        "officer of nowhere": node.officer("11310000MBDEM0099X"),
        "officer of a street": node.officer(STREET),
    }


SEES = {
    "jiading": {
        "client of jiading", "client of the city", "officer of jiading", "officer of the city",
    },
    "fengxian": {
        "client of fengxian", "client of the city", "officer of fengxian", "officer of the city",
    },
}  # fmt: skip


def unknown_like(identifier: str) -> str:
    """A license that there is not, of the same type and authority."""
    *head, _serial, version, check = identifier.split(".")
    return ".".join((*head, "0" * 16, version, check))


def told(answer) -> tuple:
    body = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    return answer.status_code, {k: v for k, v in body.items() if k != "request_id"}


@pytest.mark.parametrize("whose", ["jiading", "fengxian"])
@pytest.mark.parametrize("path", ["/v1/licenses/{}", "/v1/licenses/{}/file"])
def test_only_the_own_subtree_is_seen(node: Node, world: dict, whose: str, path: str) -> None:
    identifier = world[whose]["identifier"]
    for name, headers in callers(node).items():
        answer = node.client.get(path.format(identifier), headers=headers)
        unknown = node.client.get(path.format(unknown_like(identifier)), headers=headers)
        if name in SEES[whose]:
            assert (answer.status_code, unknown.status_code) == (200, 404), name
            continue
        assert told(answer) == told(unknown), name
        other_type = name == "client of another type"
        refused = "license-not-found" if other_type else "access-not-granted"
        assert answer.json()["code"] == refused, name


@pytest.mark.parametrize("whose", ["jiading", "fengxian"])
def test_a_list_holds_the_own_subtree_only(node: Node, world: dict, whose: str) -> None:
    identifier = world[whose]["identifier"]
    for name, headers in callers(node).items():
        answer = node.client.get("/v1/licenses?limit=100", headers=headers)
        assert answer.status_code == 200, (name, answer.text)
        listed = {item["identifier"] for item in answer.json()["items"]}
        assert (identifier in listed) == (name in SEES[whose]), name


def test_cancelling_anothers_license_is_answered_like_an_unknown_one(
    node: Node, world: dict
) -> None:
    headers = {**node.auth("fengxian"), "Idempotency-Key": "x"}
    answers = [
        told(
            node.client.post(
                f"/v1/licenses/{identifier}/cancellation", json={"basis": "依法"}, headers=headers
            )
        )
        for identifier in (world["jiading"]["identifier"], UNKNOWN_LICENSE)
    ]
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_an_officer_reads_and_does_not_cancel(node: Node, world: dict) -> None:
    headers = {**node.officer(JIADING), "Idempotency-Key": "x"}
    path = f"/v1/licenses/{world['jiading']['identifier']}/cancellation"
    answer = node.client.post(path, json={"basis": "依法"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def handle_of(node: Node, who: tuple[str, str]) -> str:
    answer = node.client.get("/v1/holders/me", headers=node.holder(*who))
    assert answer.status_code == 200, answer.text
    return answer.json()["handle"]


def test_a_holder_sees_the_own_vault_and_downloads_from_it(node: Node, world: dict) -> None:
    handle = handle_of(node, world["first"])
    headers = node.holder(*world["first"])
    page = node.client.get(f"/v1/holders/{handle}/licenses?limit=100", headers=headers).json()
    own = next(i for i in page["items"] if i["identifier"] == world["jiading"]["identifier"])
    file = node.client.get(own["files"][0]["href"], headers=headers)
    assert file.status_code == 200, file.text
    assert file.content.startswith(b"%PDF-")


def test_a_holder_sees_nobody_elses_vault(node: Node, world: dict) -> None:
    handles = {name: handle_of(node, world[name]) for name in ("first", "second")}
    for mine, other in itertools.permutations(("first", "second")):
        headers = node.holder(*world[mine])
        theirs = {"first": "jiading", "second": "fengxian"}[other]
        identifier = world[theirs]["identifier"]
        for path in ("/v1/holders/{}/licenses", f"/v1/holders/{{}}/licenses/{identifier}/file"):
            foreign = node.client.get(path.format(handles[other]), headers=headers)
            unknown = node.client.get(path.format(UNKNOWN_HANDLE), headers=headers)
            assert told(foreign) == told(unknown)
            assert foreign.status_code == 404
        # The other's license is not in the own vault either.
        own = node.client.get(
            f"/v1/holders/{handles[mine]}/licenses/{identifier}/file", headers=headers
        )
        unknown = node.client.get(
            f"/v1/holders/{handles[mine]}/licenses/{UNKNOWN_LICENSE}/file", headers=headers
        )
        assert told(own) == told(unknown)
        assert own.status_code == 404


def test_a_holder_without_licenses_is_told_so(node: Node) -> None:
    answer = node.client.get("/v1/holders/me", headers=node.holder("111", "110101199003070011"))
    assert (answer.status_code, answer.json()["code"]) == (404, "holder-not-found")


def test_a_holder_uses_none_of_the_authorities_routes(node: Node, world: dict) -> None:
    headers = node.holder(*world["first"])
    for path in ("/v1/licenses", f"/v1/licenses/{world['jiading']['identifier']}"):
        assert node.client.get(path, headers=headers).status_code == 403
    body = node.body()
    issued = node.client.post(
        "/v1/licenses", json=body, headers={**headers, "Idempotency-Key": "h"}
    )
    assert issued.status_code == 403


def test_an_authority_sees_of_a_vault_only_what_it_issued(node: Node, world: dict) -> None:
    handle = handle_of(node, world["first"])
    path = f"/v1/holders/{handle}/licenses?limit=100"
    own = node.client.get(path, headers=node.auth("jiading")).json()["items"]
    foreign = node.client.get(path, headers=node.auth("fengxian")).json()["items"]
    unknown = node.client.get(
        f"/v1/holders/{UNKNOWN_HANDLE}/licenses", headers=node.auth("fengxian")
    )
    assert world["jiading"]["identifier"] in {item["identifier"] for item in own}
    assert all(item["authority"]["code"] != JIADING for item in foreign)
    assert unknown.json()["items"] == []


def test_a_cursor_is_only_good_for_us(node: Node) -> None:
    page = node.client.get("/v1/licenses?limit=1", headers=node.auth("city")).json()
    changed = page["next"][:-2] + ("A" if page["next"][-2] != "A" else "B") + page["next"][-1]
    answer = node.client.get(f"/v1/licenses?after={changed}", headers=node.auth("city"))
    assert answer.json()["errors"][0]["code"] == "unknown-cursor"
    types = node.client.get(f"/v1/license-types?after={page['next']}")
    assert types.json()["errors"][0]["code"] == "unknown-cursor"


@pytest.mark.parametrize(
    "identifier",
    ["x", "%00", "a%0Ab", "%F0%9F%98%80", "..%2f..%2fetc", "A" * 129, "'--", "1" * 9000],
)
def test_what_cannot_be_an_identifier_is_simply_not_there(node: Node, identifier: str) -> None:
    for path in (f"/v1/licenses/{identifier}", f"/v1/holders/{identifier}/licenses"):
        answer = node.client.get(path, headers=node.auth("city"))
        assert answer.status_code == 404, path


def test_no_document_number_stands_in_an_answer_or_an_address(node: Node, world: dict) -> None:
    handle = handle_of(node, world["second"])
    listed = node.client.get(
        f"/v1/holders/{handle}/licenses", headers=node.holder(*world["second"])
    )
    assert "310114199003072841" not in listed.text
    assert "欧阳明玥" not in listed.text
