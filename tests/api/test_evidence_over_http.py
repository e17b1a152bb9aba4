"""Evidence over HTTP: taken once, kept encrypted, seen with its license."""

from io import BytesIO
from typing import Any

from api_node import Node
from PIL import Image

from api.problems.package_kinds import PACKAGE_KINDS


def photo(shade: int = 90) -> bytes:
    out = BytesIO()
    Image.new("RGB", (24, 16), (shade, 20, 20)).save(out, "JPEG")
    return out.getvalue()


def bring(node: Node, data: bytes, key: str, who: str = "jiading") -> Any:
    return node.client.post(
        "/v1/evidence",
        files={"file": ("现场.jpg", data, "image/jpeg")},
        headers={**node.auth(who), "Idempotency-Key": key},
    )


def test_the_same_request_is_answered_alike_and_another_file_is_refused(node: Node) -> None:
    first, again = bring(node, photo(), "ev-1"), bring(node, photo(), "ev-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = bring(node, photo(200), "ev-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


def test_what_is_no_picture_or_paper_is_refused_by_name(node: Node) -> None:
    refused = bring(node, b"GIF89a", "ev-2")
    assert (refused.status_code, refused.json()["code"]) == (422, "evidence-refused")
    assert "form-unknown" in refused.json()["detail"]
    large = bring(node, b"\xff\xd8\xff" + bytes(node.settings.limits.max_document_bytes), "ev-3")
    assert (large.status_code, large.json()["code"]) == (413, "evidence-too-large")


def test_evidence_is_seen_by_the_own_tree_only(node: Node) -> None:
    brought = bring(node, photo(), "ev-4").json()
    place = f"/v1/evidence/{brought['id']}"
    assert node.client.get(place, headers=node.auth("jiading")).json() == brought
    assert node.client.get(place, headers=node.auth("city")).status_code == 200
    for other in ("fengxian", "street"):
        hidden = node.client.get(place, headers=node.auth(other))
        assert (hidden.status_code, hidden.json()["code"]) == (404, "evidence-not-found")


def test_a_license_names_its_evidence_and_hands_it_out_unchanged(node: Node) -> None:
    ids = [bring(node, photo(shade), f"ev-5-{shade}").json()["id"] for shade in (10, 250)]
    answer = node.issue(body=node.body(evidence=ids))
    assert answer.status_code == 201, answer.text
    place = f"/v1/licenses/{answer.json()['identifier']}/evidence"
    headers = node.auth("reader")
    without_use = {"Authorization": headers["Authorization"]}
    listed = node.client.get(place, headers=headers).json()["items"]
    assert [each["id"] for each in listed] == ids
    file = node.client.get(f"{place}/{ids[1]}", headers=headers)
    assert (file.content, file.headers["content-type"]) == (photo(250), "image/jpeg")
    assert node.client.get(f"{place}/{ids[1]}", headers=without_use).status_code == 400
    assert node.client.get(place, headers=node.auth("fengxian")).status_code == 404


def test_evidence_that_is_not_the_callers_is_no_evidence(node: Node) -> None:
    theirs = bring(node, photo(), "ev-6", "fengxian").json()["id"]
    answer = node.issue(body=node.body(evidence=[theirs]))
    assert (answer.status_code, answer.json()["code"]) == (404, "evidence-not-found")


def test_every_kind_is_told_in_both_languages() -> None:
    assert all(kind.detail_zh and kind.detail_en for kind in PACKAGE_KINDS)
