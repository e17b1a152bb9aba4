"""The ways that holders' vaults, packages, cases and presenting go together, on PostgreSQL."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import test_parts_meeting as ways
from api_node import build_node
from meeting_world import COMPANY, Meeting

pytestmark = pytest.mark.postgres


@pytest.fixture
def meeting(postgres_url: str, tmp_path: Path) -> Iterator[Meeting]:
    """The same world, its rows on PostgreSQL."""
    node = build_node(tmp_path / "home", database={"url": postgres_url})
    with node.client:
        yield Meeting(node)
    node.services.close()


def test_the_same_ways_are_gone_on_postgresql(meeting: Meeting) -> None:
    ways.test_the_kiosks_way_from_credential_to_copy_and_print(meeting)
    ways.test_a_case_closes_with_the_package_of_two_authorities(meeting)
    identifier = meeting.conditional["identifier"]
    path = f"/v1/licenses/{identifier}"
    fulfilled = meeting.post("m-here", f"{path}/conditions/1/fulfilment", {"basis": "依法"})
    assert fulfilled.json()["marks"] == [], fulfilled.text
    handed = {
        "channel": "window",
        "delivered_at": datetime.now(UTC).isoformat(),
        "recipient": COMPANY["name"],
    }
    assert meeting.post("m-here", f"{path}/deliveries", handed).status_code == 201
    own = {**meeting.holder(COMPANY), "Idempotency-Key": secrets.token_hex(8)}
    place = f"/v1/holders/{meeting.company_handle}/licenses/{identifier}"
    told = {"field": "valid_until", "grounds": "有效期有误"}
    disputed = meeting.node.client.post(f"{place}/disputes", json=told, headers=own)
    assert disputed.status_code == 201, disputed.text
    shown = meeting.get("m-here", path).json()
    assert [mark["code"] for mark in shown["marks"]] == ["disputed"]
    answered = {"outcome": "rejected", "answer": "无误"}
    number = disputed.json()["number"]
    officer = {**meeting.node.officer(ways.JIADING), "Idempotency-Key": secrets.token_hex(8)}
    closed = meeting.node.client.post(
        f"/v1/disputes/{number}/answer", json=answered, headers=officer
    )
    assert closed.status_code == 200, closed.text
    assert meeting.get("m-here", path).json()["marks"] == []
    # What is only rehearsed leaves nothing, whoever keeps the rows.
    rehearsed = meeting.post("m-here", f"{path}/suspension/preview", {"basis": "依法"})
    assert rehearsed.status_code == 204, rehearsed.text
    refused = meeting.post("m-here", f"{path}/resumption/preview", {"basis": "依法"})
    assert refused.json()["code"] == "transition-not-allowed"
    assert meeting.get("m-here", path).json()["status"]["code"] == "valid"
