"""Fifty verifiers ask without a pause while one revokes: once that is answered, nobody hears valid.

The node itself judges by its live rows; a partner by what it pulled, so there the promise begins
with its next pull.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from acquainted_regions import acquaint
from api_node import JIADING, Node
from two_regions import A_REGION, Regions, build_regions

VERIFIERS = 50
PATIENCE_SECONDS = 120


@dataclass
class Crowd:
    """Verifiers who ask until each of them has asked once more after it was ``over``."""

    ask: Callable[[], str]
    answers: list[tuple[float, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def during(self, act: Callable[[], None]) -> list[str]:
        """Do something while they ask; return what they heard to questions after it."""
        begun = threading.Barrier(VERIFIERS + 1, timeout=PATIENCE_SECONDS)
        with ThreadPoolExecutor(VERIFIERS) as verifiers:
            asked = [verifiers.submit(self._ask_on, begun) for _ in range(VERIFIERS)]
            begun.wait()
            try:
                act()
                answered = time.monotonic()
            finally:
                self.over.set()
            for each in asked:
                each.result(PATIENCE_SECONDS)
        return [verdict for at, verdict in self.answers if at > answered]

    def _ask_on(self, begun: threading.Barrier) -> None:
        begun.wait()
        while True:
            # Read before the question: the last one is wholly after what was done.
            is_last, at = self.over.is_set(), time.monotonic()
            self.answers.append((at, self.ask()))
            if is_last:
                return


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    """Two nodes whose background tasks do not run: lists are published and pulled when told."""
    regions = build_regions(tmp_path_factory.mktemp("fifty"))
    acquaint(regions)
    yield regions
    regions.close()


def revoke(node: Node, identifier: str) -> None:
    answer = node.client.post(
        f"/v1/licenses/{identifier}/revocation",
        json={"basis": "《中华人民共和国行政处罚法》第九条"},
        headers={**node.auth("jiading"), "Idempotency-Key": secrets.token_hex(8)},
    )
    assert answer.status_code == 200, answer.text


def file_of(node: Node, identifier: str) -> bytes:
    path = f"/v1/licenses/{identifier}/file?form=json"
    return node.client.get(path, headers=node.auth("jiading")).content


def verdict(node: Node, file: bytes) -> str:
    answer = node.client.post("/v1/verifications", files={"file": ("license.json", file)})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["verdict"])


def publish_and_pull(regions: Regions) -> None:
    """What both nodes do every so often by themselves."""
    regions.a.services.status.publish()
    failed = regions.b.services.partners.pull.run_region(A_REGION)
    assert "status-lists" not in {part.value for part in failed}, failed


def test_after_a_revocation_is_answered_no_verifier_of_the_region_hears_valid(
    regions: Regions,
) -> None:
    node = regions.a
    identifier = node.issue(body=node.body(authority_code=JIADING)).json()["identifier"]
    file = file_of(node, identifier)
    crowd = Crowd(lambda: verdict(node, file))
    after = crowd.during(lambda: revoke(node, identifier))
    assert len(after) >= VERIFIERS
    assert set(after) == {"not_in_force"}
    assert {told for _, told in crowd.answers} <= {"valid", "not_in_force"}


def test_after_its_pull_no_verifier_of_a_partner_hears_valid(regions: Regions) -> None:
    a, b = regions.a, regions.b
    identifier = a.issue(body=a.body(authority_code=JIADING)).json()["identifier"]
    file = file_of(a, identifier)
    publish_and_pull(regions)
    assert verdict(b, file) == "valid"
    crowd = Crowd(lambda: verdict(b, file))

    def revoked_and_pulled() -> None:
        revoke(a, identifier)
        publish_and_pull(regions)

    after = crowd.during(revoked_and_pulled)
    assert len(after) >= VERIFIERS
    assert set(after) == {"not_in_force"}
    assert {told for _, told in crowd.answers} <= {"valid", "not_in_force"}
