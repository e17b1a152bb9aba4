"""Tells subscribers what happened: at least once, signed, on the published schedule.

A try is claimed before it is made and its outcome written after it, so a node that dies in
between repeats it under the same webhook-id. A subscriber that does not answer holds up its own
deliveries only: after the first failure of a run its others wait for the next.
"""

import json
import logging
from dataclasses import dataclass
from datetime import timedelta

from keys.provider import KeyProvider
from license_vault.audit import Act, AuditWriter
from license_vault.clock import Clock
from license_vault.database.sessions import Database, Writing
from license_vault.events.deliveries import (
    DEAD,
    DELIVERED,
    Deliveries,
    Delivery,
    DeliveryWriter,
)
from license_vault.events.outbox import written
from license_vault.events.posting import Post
from license_vault.events.retrying import Answer, Meaning, meaning_of, next_try
from license_vault.events.signatures import signed_headers
from license_vault.events.subscriptions import Webhook, Webhooks, WebhookWriter

ACTOR = "system:webhooks"
DELIVERIES_AT_ONCE = 100
_RUN_AT_MOST = timedelta(seconds=30)

_log = logging.getLogger("license_vault.webhooks")


@dataclass(frozen=True, slots=True)
class Told:
    """What one run did."""

    delivered: int = 0
    failed: int = 0

    def __bool__(self) -> bool:
        """Say whether anything was tried."""
        return bool(self.delivered or self.failed)


class Telling:
    """Makes the tries that are due; made once, used by the background task."""

    def __init__(self, database: Database, keys: KeyProvider, clock: Clock, post: Post) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._post = post

    def run(self) -> Told:
        """Make the tries that are due now, within half a minute; return how many came out how."""
        began = self._clock()
        with self._database.reading() as session:
            due = Deliveries(session).due(began, DELIVERIES_AT_ONCE)
            webhooks = {w.row_id: w for w in Webhooks(session, self._keys).active()} if due else {}
        resting: set[int] = set()
        outcomes: list[bool] = []
        for delivery in due:
            if self._clock() - began > _RUN_AT_MOST:
                break
            if delivery.webhook_id in resting:
                continue
            delivered = self._tell(webhooks[delivery.webhook_id], delivery)
            if not delivered:
                resting.add(delivery.webhook_id)
            outcomes.append(delivered)
        return Told(sum(outcomes), len(outcomes) - sum(outcomes))

    def _tell(self, webhook: Webhook, delivery: Delivery) -> bool:
        at = self._clock()
        with self._database.writing() as session:
            if not DeliveryWriter(session).claim(delivery, at):
                return False
        body = body_of(delivery)
        headers = signed_headers(webhook.secret, delivery.number, at, body)
        answer = self._post(webhook.wish.url, headers, body)
        with self._database.writing() as session:
            return self._note(session, webhook, delivery, answer)

    def _note(self, session: Writing, webhook: Webhook, delivery: Delivery, answer: Answer) -> bool:
        at, tries = self._clock(), delivery.attempts + 1
        meaning = meaning_of(answer, tries)
        deliveries, webhooks = DeliveryWriter(session), WebhookWriter(session, self._keys)
        if meaning is Meaning.DELIVERED:
            deliveries.end(delivery, DELIVERED, answer.outcome)
            webhooks.succeeded(webhook.row_id)
            return True
        if meaning is Meaning.AGAIN:
            deliveries.again(delivery, answer.outcome, next_try(answer, tries, at))
        else:
            deliveries.end(delivery, DEAD, answer.outcome)
        if meaning is Meaning.GONE:
            if webhooks.disable(webhook, at):
                self._record(session, webhook, "webhook.disabled", answer)
        elif webhooks.failed(webhook.row_id, at):
            self._record(session, webhook, "webhook.alarm", answer)
        return False

    def _record(self, session: Writing, webhook: Webhook, action: str, answer: Answer) -> None:
        details = {"organisation": webhook.organisation_code, "outcome": answer.outcome}
        subject = f"webhook:{webhook.number}"
        AuditWriter(session).append(Act(ACTOR, action, subject, details, self._clock()))
        _log.error(action, extra={"fields": {"webhook": webhook.number, **details}})


def body_of(delivery: Delivery) -> bytes:
    """Return what is told: type, instant and data; the same bytes in every try."""
    data = {"subject": delivery.subject, **json.loads(delivery.data)}
    if delivery.type_code is not None:
        data["type_code"] = delivery.type_code
    told = {"type": delivery.kind, "timestamp": written(delivery.recorded_at), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
