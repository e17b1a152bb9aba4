"""A node that moves to another public address: its older licenses are judged as before."""

from collections.abc import Iterator

import pytest
from api_node import Node, build_node
from fastapi.testclient import TestClient

from api.app import create_app
from api.node_wiring import wire
from api.wiring import clock
from keys.sm3 import sm3
from signing.status_list import read_status_list
from signing.trust_bundle import read_trust_bundle
from verification.policy import load_policy
from verification.reading import read_document
from verification.report import Verdict
from verification.source_bundle import bundle_sources
from verification.verifier import Verifier

BEFORE, AFTER = "https://before.example.cn", "https://after.example.cn"


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, bytes, bytes]]:
    """A node after its move, a license from before and one from after."""
    node = build_node(tmp_path_factory.mktemp("moved") / "home", public_url=BEFORE)
    older = _file(node)
    node.services.close()
    settings = node.settings.model_copy(update={"public_url": AFTER})
    node.services = wire(settings)
    node.client = TestClient(create_app(node.services))
    with node.client:
        yield node, older, _file(node)


def _file(node: Node) -> bytes:
    answer = node.issue()
    assert answer.status_code == 201, answer.text
    address = f"/v1/licenses/{answer.json()['identifier']}/file"
    return node.client.get(address, headers=node.auth("jiading")).content


def test_the_own_node_judges_licenses_from_before_and_after(
    moved: tuple[Node, bytes, bytes],
) -> None:
    node, older, newer = moved
    for data in (older, newer):
        report = node.services.verifier.verify(data)
        assert report.verdict is Verdict.VALID
        assert [check.code for check in report.checks if check.check == "status"] == ["in-force"]


def test_a_fresh_bundle_judges_licenses_from_before_and_after(
    moved: tuple[Node, bytes, bytes],
) -> None:
    node, older, newer = moved
    bundle = read_trust_bundle(node.client.get("/v1/trust-bundle").content)
    verifier = Verifier(bundle_sources(bundle), read_document, load_policy("default"), clock)
    assert [verifier.verify(data).verdict for data in (older, newer)] == [Verdict.VALID] * 2


def test_every_list_keeps_its_address_and_is_served_under_the_new_one(
    moved: tuple[Node, bytes, bytes],
) -> None:
    node, *_ = moved
    bundle = read_trust_bundle(node.client.get("/v1/trust-bundle").content)
    planes = bundle.status_lists[::2]
    uris = [read_status_list(der).uri for der in planes]
    assert [uri.partition("/v1/")[0] for uri in uris] == [BEFORE, AFTER]
    for uri, der in zip(uris, planes, strict=True):
        served = node.client.get(f"/v1/status-lists/{uri.rpartition('/')[2]}")
        assert sm3(served.content) == sm3(der)
