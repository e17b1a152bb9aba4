"""Specimens of types over HTTP: drawn for anybody, once, and named by their bytes."""

from api_node import Node

HYGIENE = "11310000MBDEM00076002"


def test_anybody_sees_the_specimen_of_a_type(node: Node) -> None:
    told = node.client.get(f"/v1/license-types/{HYGIENE}/face")
    assert (told.status_code, told.headers["content-type"]) == (200, "image/png")
    tag = {"If-None-Match": told.headers["etag"]}
    again = node.client.get(f"/v1/license-types/{HYGIENE}/face", headers=tag)
    assert again.status_code == 304
    pdf = node.client.get(f"/v1/license-types/{HYGIENE}/face?form=pdf&copy=duplicate")
    assert pdf.content.startswith(b"%PDF")
    unknown = node.client.get("/v1/license-types/11310000MBDEM00076999/face")
    assert unknown.json()["code"] == "license-type-not-found"
    wrong = node.client.get(f"/v1/license-types/{HYGIENE}/face?version=..")
    assert wrong.json()["code"] == "license-type-not-found"


def test_a_type_tells_its_versions(node: Node) -> None:
    told = node.client.get(f"/v1/license-types/{HYGIENE}").json()
    assert told["versions"] == [{"version": "v1", "state": "published"}]
    assert told["duplicate_face"] is False
