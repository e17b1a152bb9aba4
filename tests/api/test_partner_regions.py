"""Region B knows what is A's from what it pulled: A cut off, slow and lying, too."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from acquainted_regions import acquaint
from sqlalchemy import select, update
from two_regions import A_REGION, A_URL, B_URL, NANJING, Regions, build_regions

from license_vault.database.columns import table_of
from license_vault.database.event_tables import OutboxRow
from license_vault.database.partner_tables import PartnerStatusListRow
from license_vault.issue_log.mirror import LogMirror
from license_vault.partners.partners import PartnerState, PartnerWriter
from license_vault.partners.states import Part
from license_vault.partners.status_lists import PartnerStatusLists
from license_vault.partners.web import Fetched

_OUTBOX, _LISTS = table_of(OutboxRow), table_of(PartnerStatusListRow)
ORDER = {"basis": "《公共场所卫生管理条例》第十四条"}


@dataclass
class World:
    """Both regions, and one license of A with its PDF."""

    regions: Regions
    license: dict[str, Any]
    file: bytes

    def pull(self) -> dict[Part, str]:
        return self.regions.b.services.partners.pull.run_region(A_REGION)

    def verify(self, file: bytes | None = None) -> dict[str, Any]:
        """What B says of a file."""
        sent = {"file": ("license.pdf", file or self.file)}
        answer = self.regions.b.client.post("/v1/verifications", files=sent)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def act(self, name: str) -> None:
        """Let A suspend or resume the license."""
        node = self.regions.a
        path = f"/v1/licenses/{self.license['identifier']}/{name}"
        headers = {**node.auth("jiading"), "Idempotency-Key": f"{name}-{time.monotonic_ns()}"}
        answer = node.client.post(path, json=ORDER, headers=headers)
        assert answer.status_code < 300, answer.text

    def age(self, seconds: int) -> None:
        """Let B have looked at A's lists so long ago."""
        services = self.regions.b.services
        before = services.clock() - timedelta(seconds=seconds)
        with services.database.writing() as session:
            session.change_rows(update(_LISTS).values(checked_at=before))

    def kept(self) -> tuple[tuple[str, int], ...]:
        """The newest lists of A that B keeps."""
        with self.regions.b.services.database.reading() as session:
            found = PartnerStatusLists(session).of_region(A_REGION)
        return tuple((one.uri, one.sequence) for one in found)

    def alarms(self) -> list[dict[str, str]]:
        with self.regions.b.services.database.reading() as session:
            wanted = select(_OUTBOX.c.data).where(_OUTBOX.c.kind.like("%.alarm"))
            return [json.loads(row.data) for row in session.execute(wanted)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    regions = build_regions(tmp_path_factory.mktemp("regions"))
    acquaint(regions)
    made = regions.a.issue()
    assert made.status_code == 201, made.text
    href = made.json()["files"][0]["href"]
    file = regions.a.client.get(href, headers=regions.a.auth("jiading")).content
    world = World(regions, made.json(), file)
    # Before anything was pulled: known whose it is, and nothing else.
    assert world.verify()["verdict"] == "indeterminate"
    regions.a.services.issue_log.checkpoint()
    assert world.pull() == {}
    yield world
    regions.close()


def codes(report: dict[str, Any]) -> set[str]:
    return {check["code"] for check in report["checks"]}


def test_a_partners_license_is_judged_by_what_was_pulled_without_a_call(world: World) -> None:
    before = len(world.regions.web.calls)
    report = world.verify()
    assert report["verdict"] == "valid"
    own = world.regions.b.issue("nanjing", world.regions.b.body(authority_code=NANJING)).json()
    file = world.regions.b.client.get(
        own["files"][0]["href"], headers=world.regions.b.auth("nanjing")
    ).content
    assert world.verify(file)["verdict"] == "valid"
    # The files name addresses of status lists, CRLs and pages: none of them is called.
    assert world.regions.web.calls[before:] == []


def test_b_decides_with_the_lists_age_while_a_is_off(world: World) -> None:
    with world.regions.web.without(A_URL):
        report = world.verify()
        assert (report["verdict"], "in-force" in codes(report)) == ("valid", True)
        assert world.pull()[Part.STATUS_LISTS] == "unreachable-no-answer"
        world.age(3600)
        began = len(world.regions.web.calls)
        assert world.verify()["verdict"] == "valid"
        # It was asked for changes once, and the list answered all the same.
        assert len(world.regions.web.calls) == began + 1
    shown = world.regions.b.client.get(
        "/v1/partners", headers=world.regions.b.auth("nanjing")
    ).json()
    (partner,) = shown["partners"]
    assert (partner["region"], partner["state"]) == (A_REGION, "accepted")
    assert 0 < partner["trust_list"]["hours_left"] <= 30 * 24
    assert partner["status_lists"][0]["age_seconds"] >= 3600
    failing = {part["part"]: part["reason"] for part in partner["parts"] if part["failures"]}
    assert failing["status-lists"] == "unreachable-no-answer"
    assert world.pull() == {}


def test_a_hanging_partner_costs_a_verification_its_moment_and_no_more(world: World) -> None:
    world.age(3600)
    began = time.monotonic()
    with world.regions.web.slowed(A_URL, 30.0):
        assert world.verify()["verdict"] == "valid"
    assert time.monotonic() - began < 25


def test_a_suspension_is_known_after_a_pull_and_by_asking_when_a_list_is_old(world: World) -> None:
    world.act("suspension")
    assert world.pull() == {}
    report = world.verify()
    assert (report["verdict"], "suspended" in codes(report)) == ("not_in_force", True)
    world.act("resumption")
    world.age(3600)
    before = len(world.regions.web.calls)
    assert world.verify()["verdict"] == "valid"
    (called,) = world.regions.web.calls[before:]
    assert "/changes?since=" in called


def test_the_log_of_a_is_mirrored_and_countersigned(world: World) -> None:
    standing = LogMirror(world.regions.b.services.database, A_REGION).standing_of(
        world.license["content_id"]
    )
    assert standing is not None
    assert (standing.size, standing.first_size) == (1, 1)
    shown = world.regions.a.client.get("/v1/issue-log/checkpoint").json()
    assert len(shown["countersignatures"]) == 1


def _older_index(url: str, true: Fetched) -> Fetched:
    if not url.endswith("/v1/status-lists"):
        return true
    index = json.loads(true.body)
    for entry in index["lists"]:
        entry["sequence"] = 0
    return Fetched(200, json.dumps(index).encode())


def _split_index(url: str, true: Fetched) -> Fetched:
    if not url.endswith("/v1/status-lists"):
        return true
    index = json.loads(true.body)
    for entry in index["lists"]:
        entry["states_sm3"] = "00" * 32
    return Fetched(200, json.dumps(index).encode())


@pytest.mark.parametrize(
    ("lie", "reason"), [(_older_index, "older"), (_split_index, "split")], ids=["older", "split"]
)
def test_an_index_that_goes_back_or_differs_is_refused(world: World, lie: Any, reason: str) -> None:
    kept = world.kept()
    with world.regions.web.lying(A_URL, lie):
        assert world.pull() == {Part.STATUS_LISTS: reason}
        assert world.pull() == {Part.STATUS_LISTS: reason}
    told = {"region": A_REGION, "part": "status-lists", "reason": reason}
    # Told once, though it is shown again and again; what was kept stays in use.
    assert world.alarms().count(told) == 1
    assert world.kept() == kept
    assert world.verify()["verdict"] == "valid"
    assert world.pull() == {}


def test_a_list_signed_by_others_than_a_names_is_refused(world: World) -> None:
    """B's own list in place of A's: rightly signed, but not by whom A's list stands for."""
    kept, b = world.kept(), world.regions.b
    (theirs,) = b.client.get("/v1/status-lists").json()["lists"]
    files = {
        name: b.client.get(f"/v1/status-lists/{theirs['name']}{name}").content
        for name in ("", "/reasons")
    }

    def lie(url: str, true: Fetched) -> Fetched:
        path = url.partition("?")[0]
        if path.endswith("/v1/status-lists"):
            return Fetched(200, json.dumps({"lists": [theirs]}).encode())
        if "/v1/status-lists/" in path:
            return Fetched(200, files["/reasons" if path.endswith("/reasons") else ""])
        return true

    with world.regions.web.lying(A_URL, lie):
        assert world.pull() == {Part.STATUS_LISTS: "status-signer"}
    assert world.kept() == kept
    told = {"region": A_REGION, "part": "status-lists", "reason": "status-signer"}
    assert told in world.alarms()


def test_whatever_else_a_says_is_refused_part_by_part(world: World) -> None:
    kept = world.kept()

    def lie(url: str, true: Fetched) -> Fetched:
        return Fetched(200, b"0\x03\x02\x01\x01")

    with world.regions.web.lying(A_URL, lie):
        assert world.pull() == {
            Part.TRUST_LIST: "malformed",
            Part.SIGHTINGS: "sightings-malformed",
            Part.REVOCATION_LISTS: "crls-malformed",
            Part.STATUS_LISTS: "index-malformed",
            Part.ISSUE_LOG: "checkpoint-malformed",
            Part.SHARING_CATALOGUE: "sharing-malformed",
            Part.USE_LIST: "sharing-malformed",
            Part.SHARING_MAPS: "sharing-malformed",
        }
        world.age(3600)
        assert world.verify()["verdict"] == "valid"
    assert world.kept() == kept
    assert world.pull() == {}


def test_a_suspended_partner_is_neither_called_nor_believed(world: World) -> None:
    services = world.regions.b.services
    with services.database.writing() as session:
        PartnerWriter(session).set_state(A_REGION, PartnerState.SUSPENDED, services.clock())
    before = len(world.regions.web.calls)
    assert world.verify()["verdict"] == "indeterminate"
    assert services.partners.pull.run() == 0
    assert world.regions.web.calls[before:] == []
    with services.database.writing() as session:
        PartnerWriter(session).set_state(A_REGION, PartnerState.ACCEPTED, services.clock())
    assert world.verify()["verdict"] == "valid"
    assert B_URL not in {call[: len(B_URL)] for call in world.regions.web.calls[before:]}
