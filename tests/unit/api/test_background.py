"""Of all nodes one is at a task at a time; one that fails or dies holds up nobody for long."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from api.background import BackgroundRunner
from api.background_tasks import Task
from license_vault.database.leases import LEASE, TaskLeases
from license_vault.database.sessions import Database

MINUTE = timedelta(minutes=1)


class Hands:
    """A clock to turn, and two nodes that share a database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = datetime(2026, 11, 22, tzinfo=UTC)
        self.done: list[str] = []

    def node(self, name: str, *tasks: Task) -> BackgroundRunner:
        mine = tasks or (Task("tidy", MINUTE, lambda: self.done.append(name)),)
        return BackgroundRunner(mine, TaskLeases(self.database, name), lambda: self.now)


@pytest.fixture
def hands(either_database: Database) -> Hands:
    return Hands(either_database)


def test_a_task_runs_on_one_node_when_it_is_due(hands: Hands) -> None:
    first, second = hands.node("first"), hands.node("second")
    for _ in range(3):
        first.run_due()
        second.run_due()
    assert hands.done == ["first"]
    hands.now += MINUTE
    second.run_due()
    first.run_due()
    assert hands.done == ["first", "second"]


def test_while_a_node_is_at_it_no_other_is_until_the_lease_ends(hands: Hands) -> None:
    leases = TaskLeases(hands.database, "dies")
    leases.provide(("tidy",))
    assert leases.take("tidy", MINUTE, hands.now)
    hands.now += LEASE - timedelta(seconds=1)
    other = TaskLeases(hands.database, "other")
    assert not other.take("tidy", MINUTE, hands.now)
    other.give_back("tidy")
    assert not other.take("tidy", MINUTE, hands.now), "nobody gives back what another holds"
    hands.now += timedelta(seconds=1)
    assert other.take("tidy", MINUTE, hands.now)


def test_a_task_that_fails_is_logged_without_its_text_and_tried_again(
    hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> None:
        raise ValueError("310114199003072841")

    node = hands.node(
        "node", Task("fails", MINUTE, fails), Task("works", MINUTE, lambda: hands.done.append("w"))
    )
    with caplog.at_level(logging.ERROR):
        assert node.run_due() == ("fails", "works")
        hands.now += MINUTE
        node.run_due()
    assert hands.done == ["w", "w"]
    assert [record.fields["task"] for record in caplog.records] == ["fails", "fails"]


def test_a_thread_starts_and_stops(hands: Hands) -> None:
    node = hands.node("thread")
    node.start()
    node.stop()
    assert hands.done in ([], ["thread"])
