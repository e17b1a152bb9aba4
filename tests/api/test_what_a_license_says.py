"""What a license says is told to those who may look into its vault, and nobody else."""

import json
from datetime import date

from api_node import EXAMPLES, Node


def _holder(node: Node) -> tuple[dict[str, str], str]:
    named = json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8"))["holders"][0]
    headers = node.holder(named["document_type"], named["document_number"])
    return headers, node.client.get("/v1/holders/me", headers=headers).json()["handle"]


def test_a_holder_reads_what_the_own_license_says(node: Node, issued: dict) -> None:
    headers, handle = _holder(node)
    path = f"/v1/holders/{handle}/licenses/{issued['identifier']}"
    assert node.client.get(path, headers=headers).json()["content"] is None
    told = node.client.get(f"{path}?content=true", headers=headers).json()
    content = told["content"]
    paths = [field["path"] for field in content["fields"]]
    assert paths[:2] == ["number", "holders.name"]
    assert len(paths) == len(set(paths))
    assert content["number"] == content["fields"][0]["text"]
    left = date.fromisoformat(told["valid_until"]) - date.fromisoformat(content["renew_by"])
    assert left.days == 30
    assert all(field["name"]["zh"] and field["name"]["en"] for field in content["fields"])


def test_every_path_that_is_told_can_be_shown(node: Node, issued: dict) -> None:
    headers, handle = _holder(node)
    path = f"/v1/holders/{handle}/licenses?content=true&limit=100"
    page = node.client.get(path, headers=headers).json()
    found = next(one for one in page["items"] if one["identifier"] == issued["identifier"])
    paths = [field["path"] for field in found["content"]["fields"]]
    body = {"licenses": [issued["identifier"]], "fields": {issued["identifier"]: paths}}
    answer = node.client.post(
        "/v1/presentations", json=body, headers={**headers, "Idempotency-Key": "every-path"}
    )
    assert answer.status_code == 201, answer.text
