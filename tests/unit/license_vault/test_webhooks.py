"""Subscribers are told at least once of what is theirs, until they answer or it is given up."""

import json
import secrets
from datetime import timedelta

import pytest
from pki import OWNER_CODE
from vault_world import World

from license_vault.audit import AuditTrail
from license_vault.check_digits import uscc_check_character
from license_vault.events.deliveries import DEAD, DELIVERED, WAITING, Deliveries, DeliveryWriter
from license_vault.events.outbox import Outbox
from license_vault.events.retrying import PAUSES, Answer
from license_vault.events.spreading import Spreading
from license_vault.events.subscriptions import (
    FAILURES_TO_ALARM,
    Webhook,
    Webhooks,
    WebhookState,
    WebhookWish,
    WebhookWriter,
)
from license_vault.events.telling import Telling
from license_vault.license import IssuingAuthority
from license_vault.registry.authorities import Authorities, AuthorityWriter

BELOW = "91110108MAEXA0012"
BELOW += uscc_check_character(BELOW)
BESIDE = "91110108MAEXA0023"
BESIDE += uscc_check_character(BESIDE)


class Receiver:
    """Answers as a test says, and keeps what it was told."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.told: list[tuple[str, dict[str, str], bytes]] = []

    def __call__(self, url: str, headers, body: bytes) -> Answer:
        self.told.append((url, dict(headers), body))
        return self.answers.pop(0) if self.answers else Answer(200)


class Hooks:
    """A world with a receiver, and what tests do with it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.receiver = Receiver()
        self.spreading = Spreading(world.database, world.keys, world.clock, secrets.token_bytes)
        self.telling = Telling(world.database, world.keys, world.clock, self.receiver)

    def subscribe(self, organisation: str = OWNER_CODE, kinds=(), types=()) -> Webhook:
        wish = WebhookWish(f"https://{organisation.lower()}.example/", tuple(kinds), tuple(types))
        with self.world.database.writing() as session:
            return WebhookWriter(session, self.world.keys).add(
                organisation, wish, "client:test", secrets.token_bytes, self.world.now
            )

    def happens(self, kind: str = "test.happened", organisation: str = OWNER_CODE) -> None:
        with self.world.database.writing() as session:
            row_id = Authorities(session).get(organisation).row_id
            Outbox(session).add_for_organisation(kind, "x:1", row_id, {"a": "1"}, self.world.now)

    def found(self, *organisations: tuple[str, str | None]) -> None:
        with self.world.database.writing() as session:
            for code, above in organisations:
                AuthorityWriter(session).add(
                    IssuingAuthority(code, "演示机关", "110101"), above, self.world.now
                )

    def run(self) -> tuple[int, int]:
        self.spreading.run()
        told = self.telling.run()
        return told.delivered, told.failed

    def deliveries(self, webhook: Webhook) -> list[tuple[str, int, str | None]]:
        with self.world.database.reading() as session:
            found = Deliveries(session).of(webhook, None, 100)
        return [(d.state, d.attempts, d.outcome) for d in found]

    def again(self, webhook: Webhook) -> Webhook:
        with self.world.database.reading() as session:
            return Webhooks(session, self.world.keys).get(webhook.number, OWNER_CODE)

    def audited(self) -> list[str]:
        with self.world.database.reading() as session:
            return [entry.act.action for entry in AuditTrail(session).entries()]


@pytest.fixture
def hooks(world: World) -> Hooks:
    return Hooks(world)


def test_what_happened_is_told_once_signed_and_without_anything_else(hooks: Hooks) -> None:
    webhook = hooks.subscribe()
    hooks.happens()
    assert hooks.run() == (1, 0)
    assert hooks.run() == (0, 0)
    ((url, headers, body),) = hooks.receiver.told
    assert url == webhook.wish.url
    assert json.loads(body) == {
        "type": "test.happened",
        "timestamp": hooks.world.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": {"subject": "x:1", "a": "1"},
    }
    assert headers["webhook-signature"].startswith("v1,")
    assert hooks.deliveries(webhook) == [(DELIVERED, 1, "200")]


def test_who_is_told_what(either_world: World) -> None:
    hooks = Hooks(either_world)
    hooks.found((BELOW, OWNER_CODE), (BESIDE, None))
    subscribers = {
        "above": hooks.subscribe(),
        "other kind": hooks.subscribe(kinds=["test.other"]),
        "other type": hooks.subscribe(types=["1" * 21]),
        "below": hooks.subscribe(BELOW),
        "beside": hooks.subscribe(BESIDE),
    }
    hooks.happens(organisation=BELOW)
    with hooks.world.database.writing() as session:
        Outbox(session).add("nobody.owns", "y:1", {}, hooks.world.now)
    hooks.run()
    told = {name for name, hook in subscribers.items() if hooks.deliveries(hook)}
    assert told == {"above", "below"}


def test_a_failing_receiver_is_tried_on_the_schedule_until_it_is_a_dead_letter(
    hooks: Hooks,
) -> None:
    webhook = hooks.subscribe()
    hooks.happens()
    hooks.receiver.answers = [Answer(None, "timeout")] + [Answer(503)] * len(PAUSES)
    assert hooks.run() == (0, 1)
    for number, pause in enumerate(PAUSES, start=2):
        hooks.world.later(seconds=pause.total_seconds() - 1)
        assert hooks.run() == (0, 0)
        hooks.world.later(seconds=1)
        assert hooks.run() == (0, 1)
        assert hooks.deliveries(webhook)[0][1] == number
    assert hooks.deliveries(webhook) == [(DEAD, 10, "503")]
    assert len({headers["webhook-id"] for _, headers, _ in hooks.receiver.told}) == 1
    assert len({body for *_, body in hooks.receiver.told}) == 1
    assert hooks.audited().count("webhook.alarm") == 1
    assert hooks.again(webhook).failures == 10

    hooks.world.later(days=1)
    with hooks.world.database.writing() as session:
        since = hooks.world.now - timedelta(days=30)
        assert DeliveryWriter(session).replay(webhook, (DEAD,), since, hooks.world.now) == 1
    assert hooks.run() == (1, 0)
    assert hooks.deliveries(webhook) == [(DELIVERED, 1, "200")]
    again = hooks.again(webhook)
    assert (again.failures, again.alarmed_at) == (0, None)


def test_gone_switches_a_subscription_off_and_what_waits_is_told_when_it_is_on_again(
    hooks: Hooks,
) -> None:
    webhook = hooks.subscribe()
    for _ in range(3):
        hooks.happens()
    hooks.receiver.answers = [Answer(410)]
    assert hooks.run() == (0, 1)
    hooks.world.later(days=1)
    assert hooks.run() == (0, 0)
    again = hooks.again(webhook)
    assert again.state is WebhookState.DISABLED
    assert [state for state, *_ in hooks.deliveries(webhook)] == [WAITING, WAITING, DEAD]
    assert "webhook.disabled" in hooks.audited()
    with hooks.world.database.writing() as session:
        WebhookWriter(session, hooks.world.keys).activate(again, hooks.world.now)
    assert hooks.run() == (2, 0)


def test_one_that_fails_holds_up_its_own_only_and_raises_the_alarm_once(hooks: Hooks) -> None:
    broken, well = hooks.subscribe(), hooks.subscribe()
    for _ in range(FAILURES_TO_ALARM + 2):
        hooks.happens()
        hooks.spreading.run()
        telling = Telling(
            hooks.world.database,
            hooks.world.keys,
            hooks.world.clock,
            lambda _, headers, __: (
                Answer(500) if headers["webhook-id"] in mine(hooks, broken) else Answer(200)
            ),
        )
        told = telling.run()
        assert told.delivered == 1
        assert told.failed == 1
        hooks.world.later(seconds=5)
    assert {state for state, *_ in hooks.deliveries(well)} == {DELIVERED}
    assert hooks.audited().count("webhook.alarm") == 1
    assert hooks.again(broken).alarmed_at is not None


def mine(hooks: Hooks, webhook: Webhook) -> set[str]:
    with hooks.world.database.reading() as session:
        return {d.number for d in Deliveries(session).of(webhook, None, 100)}


def test_a_node_that_dies_at_a_try_leaves_it_to_the_next_under_the_same_number(
    hooks: Hooks,
) -> None:
    class DiedError(Exception):
        pass

    def dies(*_: object) -> Answer:
        raise DiedError

    webhook = hooks.subscribe()
    hooks.happens()
    hooks.spreading.run()
    dying = Telling(hooks.world.database, hooks.world.keys, hooks.world.clock, dies)
    with pytest.raises(DiedError):
        dying.run()
    assert hooks.run() == (0, 0)
    hooks.world.later(minutes=2)
    assert hooks.run() == (1, 0)
    assert hooks.deliveries(webhook) == [(DELIVERED, 2, "200")]


def test_address_and_secret_stand_nowhere_in_the_clear(hooks: Hooks) -> None:
    webhook = hooks.subscribe()
    dump = "".join(hooks.world.database.engine.raw_connection().iterdump())
    assert webhook.wish.url not in dump
    assert webhook.secret not in dump
    assert webhook.secret not in repr(webhook)
    assert webhook.wish.url not in repr(webhook)
