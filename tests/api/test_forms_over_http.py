"""The forms of a license over HTTP: which is handed out, what each says, and the signed list."""

import hashlib
from typing import Any

import pytest
from api_node import FENGXIAN, JIADING, Node
from approving import Approvers
from cms_acceptance import read_and_verify
from test_issuing_over_http import problem

from api import wiring
from api.form_negotiation import wanted_form
from keys.sm3 import sm3
from license_vault.approvals.items import ApprovalMode
from license_vault.vault import FORMS, MEDIA_TYPES
from signing.sealed_json.manifest import read_manifest
from signing.sealed_json.reader import read_sealed_json

BEGIN = {"pdf": b"%PDF-", "ofd": b"PK\x03\x04", "json": b'{"claims":'}


def get(node: Node, path: str, **headers: str) -> Any:
    return node.client.get(path, headers={**node.auth("jiading"), **headers})


def address(issued: dict) -> str:
    return f"/v1/licenses/{issued['identifier']}"


def test_a_license_lists_its_forms_each_with_its_digests_and_address(
    node: Node, issued: dict
) -> None:
    assert [file["form"] for file in issued["files"]] == list(FORMS)
    for file in issued["files"]:
        answer = get(node, file["href"])
        assert answer.headers["content-type"] == file["media_type"] == MEDIA_TYPES[file["form"]]
        assert answer.content.startswith(BEGIN[file["form"]])
        assert len(answer.content) == file["bytes"]
        assert sm3(answer.content).hex() == file["sm3"]
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert answer.headers["etag"] == f'"{file["sm3"]}"'
        assert answer.headers["vary"] == "Accept"
        assert f".{file['form']}" in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "pdf"),
        ("*/*", "pdf"),
        ("application/*", "pdf"),
        ("application/ofd", "ofd"),
        ("application/json", "json"),
        ("Application/OFD;q=0.4, application/pdf;q=0.3", "ofd"),
        ("text/html, application/ofd;q=0.9, */*;q=0.8", "ofd"),
        ("application/pdf;q=0, */*", "ofd"),
        ("application/*;q=0.5, application/json", "json"),
        ("nonsense, application/json", "json"),
        ("", "pdf"),
    ],
)
def test_accept_chooses_the_form(node: Node, issued: dict, accept: str | None, form: str) -> None:
    headers = {"Accept": accept} if accept is not None else {}
    answer = get(node, f"{address(issued)}/file", **headers)
    assert answer.headers["content-type"] == MEDIA_TYPES[form]
    assert answer.content.startswith(BEGIN[form])


def test_the_address_wins_over_accept(node: Node, issued: dict) -> None:
    answer = get(node, f"{address(issued)}/file?form=ofd", Accept="application/json")
    assert answer.headers["content-type"] == "application/ofd"


@pytest.mark.parametrize(
    "accept", ["text/html", "application/pdf;q=0, application/ofd;q=0, application/json;q=0"]
)
def test_a_caller_that_takes_none_of_the_forms_is_told_which_there_are(
    node: Node, issued: dict, accept: str
) -> None:
    answer = get(node, f"{address(issued)}/file", Accept=accept)
    document = problem(answer, 406, "not-acceptable")
    assert "application/ofd" in document["messages"]["en"]["detail"]


@pytest.mark.parametrize("form", ["docx", "PDF", "", "xml"])
def test_a_form_that_there_is_not_is_not_found(node: Node, issued: dict, form: str) -> None:
    problem(get(node, f"{address(issued)}/file?form={form}"), 404, "form-not-available")


def test_a_license_from_before_has_the_form_it_has() -> None:
    from api.errors import FormNotAvailableError, NotAcceptableError

    assert wanted_form(None, None, ["pdf"]) == "pdf"
    assert wanted_form(None, "application/ofd, */*;q=0.1", ["pdf"]) == "pdf"
    with pytest.raises(FormNotAvailableError):
        wanted_form("ofd", None, ["pdf"])
    with pytest.raises(NotAcceptableError):
        wanted_form(None, "application/ofd", ["pdf"])


@pytest.mark.parametrize("form", FORMS)
def test_the_tag_of_one_form_is_not_anothers(node: Node, issued: dict, form: str) -> None:
    tags = {
        name: get(node, f"{address(issued)}/file?form={name}").headers["etag"] for name in FORMS
    }
    for name, tag in tags.items():
        answer = get(node, f"{address(issued)}/file?form={form}", **{"If-None-Match": tag})
        assert answer.status_code == (304 if name == form else 200)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_verifies_by_itself(node: Node, issued: dict, form: str) -> None:
    file = get(node, f"{address(issued)}/file?form={form}")
    report = node.client.post("/v1/verifications", files={"file": (f"a.{form}", file.content)})
    assert report.json()["verdict"] == "valid", report.text
    assert report.json()["document"]["form"] == form


def test_the_json_form_says_what_the_license_is(node: Node, issued: dict) -> None:
    found = read_sealed_json(get(node, f"{address(issued)}/file?form=json").content)
    assert found.content_id == issued["content_id"] == sm3(found.claims).hex()


# --- the manifest -----------------------------------------------------------------------------


def test_the_manifest_lists_the_files_signed_by_the_library(node: Node, issued: dict) -> None:
    assert issued["manifest"] == f"{address(issued)}/manifest"
    answer = get(node, issued["manifest"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    found = read_manifest(answer.content)
    assert found.manifest.identifier == issued["identifier"]
    assert found.manifest.content_id == issued["content_id"]
    listed = [
        {
            "form": file.form,
            "media_type": file.media_type,
            "bytes": file.size_bytes,
            "sm3": file.sm3,
            "sha256": file.sha256,
        }
        for file in found.manifest.files
    ]
    assert listed == [
        {key: value for key, value in file.items() if key not in ("href", "trust_level")}
        for file in issued["files"]
    ]
    system = wiring.certificates_of(node.settings).chain("system")[0]
    assert read_and_verify(found.signature, found.signed_bytes) == system


def test_a_manifest_that_still_says_the_same_is_not_sent_again(node: Node, issued: dict) -> None:
    tag = get(node, issued["manifest"]).headers["etag"]
    assert tag.startswith('W/"')
    again = get(node, issued["manifest"], **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_nobody_else_gets_the_manifest(node: Node, issued: dict) -> None:
    answer = node.client.get(issued["manifest"], headers=node.auth("fengxian"))
    problem(answer, 403, "access-not-granted")
    assert node.client.get(issued["manifest"]).status_code == 401


def test_a_holder_gets_every_form_and_the_manifest_and_nobody_elses(node: Node) -> None:
    body = node.body()
    issued = node.issue(body=body).json()
    holder = body["holders"][0]
    mine = node.holder(holder["document_type"], holder["document_number"])
    handle = node.client.get("/v1/holders/me", headers=mine).json()["handle"]
    listed = node.client.get(f"/v1/holders/{handle}/licenses?limit=100", headers=mine).json()
    (own,) = (i for i in listed["items"] if i["identifier"] == issued["identifier"])
    for file in own["files"]:
        answer = node.client.get(file["href"], headers=mine)
        assert sm3(answer.content).hex() == file["sm3"]
        assert "/holders/" in file["href"]
    found = read_manifest(node.client.get(own["manifest"], headers=mine).content)
    assert [file.sm3 for file in found.manifest.files] == [file["sm3"] for file in own["files"]]
    stranger = node.holder("111", "110101199003070011")
    for path in (own["manifest"], own["files"][0]["href"]):
        assert node.client.get(path, headers=stranger).status_code == 404
    unknown = own["files"][0]["href"].replace("form=pdf", "form=xml")
    problem(node.client.get(unknown, headers=mine), 404, "form-not-available")


# --- approvals --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def approvers(node: Node) -> Approvers:
    services = node.services
    made = Approvers(services.database, services.keys, services.clock())
    made.add_item("审核事项", ApprovalMode.TWO_STEP)
    for name in ("wang", "li"):
        made.add_officer(name, JIADING)
    made.add_officer("zhou", FENGXIAN)
    return made


def test_an_approved_request_is_issued(node: Node, approvers: Approvers) -> None:
    body = node.body(item_code="审核事项")
    approved = approvers.approved(body, ("wang", "review"), ("li", "check"))
    assert node.issue(body=approved).status_code == 201


def test_what_is_wrong_with_approvals_is_named(node: Node, approvers: Approvers) -> None:
    body = node.body(item_code="审核事项")
    missing = problem(node.issue(body=body), 422, "approval-missing")
    assert "review" in missing["messages"]["en"]["detail"]
    one = approvers.approved(body, ("wang", "review"), ("wang", "check"))
    problem(node.issue(body=one), 403, "same-person")
    stranger = approvers.approved(body, ("zhou", "review"), ("li", "check"))
    problem(node.issue(body=stranger), 422, "approval-invalid")
    malformed = {**body, "approvals": [{"officer_id": "wang"}]}
    document = problem(node.issue(body=malformed), 422, "invalid-request")
    assert {e["pointer"] for e in document["errors"]} == {
        "/approvals/0/step",
        "/approvals/0/signed_at",
        "/approvals/0/signature",
    }
