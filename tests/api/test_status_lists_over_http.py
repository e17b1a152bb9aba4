"""Status lists over HTTP: the index, the two files, the changes; tags, and what is not there."""

from __future__ import annotations

import secrets

import pytest
from api_node import Node

from signing.status_changes import read_status_changes
from signing.status_list import read_status_list
from signing.status_mirror import HeldStates, apply, held_from
from signing.status_reasons import read_status_reasons

LISTS = "/v1/status-lists"


def newest(node: Node) -> dict:
    return node.client.get(LISTS).json()["lists"][-1]


def held(node: Node, name: str) -> HeldStates:
    plane = node.client.get(f"{LISTS}/{name}")
    assert plane.headers["cache-control"] == "public, max-age=10"
    head = read_status_list(plane.content)
    reasons = node.client.get(f"{LISTS}/{name}/reasons?sequence={head.sequence}")
    return held_from(head, read_status_reasons(reasons.content))


def test_a_partner_follows_a_list_by_its_changes(node: Node) -> None:
    license_ = node.issue().json()
    listed = newest(node)
    mirror = held(node, listed["name"])
    assert (mirror.head.uri, mirror.head.sequence) == (listed["uri"], listed["sequence"])
    assert mirror.head.states_sm3.hex() == listed["states_sm3"]

    path = f"/v1/licenses/{license_['identifier']}/cancellation"
    headers = {**node.auth("jiading"), "Idempotency-Key": secrets.token_hex(8)}
    assert node.client.post(path, json={"basis": "依法"}, headers=headers).status_code == 200

    since = f"{LISTS}/{listed['name']}/changes?since={mirror.head.sequence}"
    answer = node.client.get(since)
    changes = read_status_changes(answer.content)
    assert 5 in changes.changes.values()
    assert apply(mirror, changes).states == held(node, listed["name"]).states
    tag = {"If-None-Match": answer.headers["etag"]}
    assert node.client.get(since, headers=tag).status_code == 304
    now = f"{LISTS}/{listed['name']}/changes?since={changes.head.sequence}"
    assert node.client.get(now).status_code == 204


def test_the_index_and_the_files_have_tags(node: Node) -> None:
    node.issue()
    name = newest(node)["name"]
    for path in (LISTS, f"{LISTS}/{name}", f"{LISTS}/{name}/reasons"):
        answer = node.client.get(path)
        tag = {"If-None-Match": answer.headers["etag"]}
        assert node.client.get(path, headers=tag).status_code == 304


@pytest.mark.parametrize("since", [0, 10**9])
def test_changes_that_are_not_told_say_what_to_do(node: Node, since: int) -> None:
    node.issue()
    for name in (newest(node)["name"], "nothing", "%00"):
        answer = node.client.get(f"{LISTS}/{name}/changes?since={since}")
        assert answer.status_code == 410
        assert answer.json()["type"].endswith("changes-gone")


@pytest.mark.parametrize("path", ["nothing", "nothing/reasons", "NAME?sequence=999999"])
def test_what_is_not_there_is_not_found(node: Node, path: str) -> None:
    node.issue()
    path = path.replace("NAME", newest(node)["name"])
    assert node.client.get(f"{LISTS}/{path}").status_code == 404
