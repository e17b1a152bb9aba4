"""Deliveries of webhooks: which are due, what came of each try, dead letters and their replay.

All SQL about deliveries.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.engine import Row

from license_vault.database.columns import table_of
from license_vault.database.event_tables import OutboxRow, WebhookDeliveryRow, WebhookRow
from license_vault.database.sessions import Reading, Writing
from license_vault.events.subscriptions import Webhook, WebhookState

WAITING = "waiting"
DELIVERED = "delivered"
DEAD = "dead"
STATES = (WAITING, DELIVERED, DEAD)

# A node that dies at a try leaves the delivery to the next one after this.
_CLAIM = timedelta(minutes=2)

_DELIVERY = table_of(WebhookDeliveryRow)
_OUTBOX = table_of(OutboxRow)
_HOOK = table_of(WebhookRow)
_DELIVERIES = select(
    _DELIVERY,
    _OUTBOX.c.kind,
    _OUTBOX.c.subject,
    _OUTBOX.c.type_code,
    _OUTBOX.c.data,
    _OUTBOX.c.recorded_at,
).join(_OUTBOX, _OUTBOX.c.id == _DELIVERY.c.outbox_id)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to tell one subscriber. ``data`` is the JSON of the outbox."""

    row_id: int
    number: str
    webhook_id: int
    kind: str
    subject: str
    type_code: str | None
    data: str
    recorded_at: datetime
    state: str
    attempts: int
    next_at: datetime
    tried_at: datetime | None
    outcome: str | None


class Deliveries:
    """Looks deliveries up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def due(self, at: datetime, limit: int) -> tuple[Delivery, ...]:
        """Return deliveries to active subscriptions that are due, the oldest first."""
        rows = self._session.execute(
            _DELIVERIES.join(_HOOK, _HOOK.c.id == _DELIVERY.c.webhook_id)
            .where(_HOOK.c.state == WebhookState.ACTIVE.value)
            .where(_DELIVERY.c.state == WAITING, _DELIVERY.c.next_at <= at)
            .order_by(_DELIVERY.c.next_at, _DELIVERY.c.id)
            .limit(limit)
        )
        return tuple(map(_delivery, rows))

    def of(
        self, webhook: Webhook, state: str | None, limit: int, behind: str | None = None
    ) -> tuple[Delivery, ...]:
        """Return deliveries to one subscription, the newest first, behind the one of a number."""
        wanted: Select[Any] = _DELIVERIES.where(_DELIVERY.c.webhook_id == webhook.row_id)
        if state is not None:
            wanted = wanted.where(_DELIVERY.c.state == state)
        if behind is not None:
            last = select(_DELIVERY.c.id).where(_DELIVERY.c.number == behind).scalar_subquery()
            wanted = wanted.where(_DELIVERY.c.id < last)
        rows = self._session.execute(wanted.order_by(_DELIVERY.c.id.desc()).limit(limit))
        return tuple(map(_delivery, rows))


class DeliveryWriter(Deliveries):
    """Writes what came of tries."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def claim(self, delivery: Delivery, at: datetime) -> bool:
        """Say that a try is being made; False if somebody else was first."""
        claimed = (
            update(_DELIVERY)
            .where(_DELIVERY.c.id == delivery.row_id, _DELIVERY.c.state == WAITING)
            .where(_DELIVERY.c.attempts == delivery.attempts, _DELIVERY.c.next_at <= at)
            .values(attempts=delivery.attempts + 1, tried_at=at, next_at=at + _CLAIM)
        )
        return self._writing.change_rows(claimed) == 1

    def end(self, delivery: Delivery, state: str, outcome: str) -> None:
        """Write how a delivery ended: DELIVERED or DEAD."""
        self._write(delivery, state=state, outcome=outcome)

    def again(self, delivery: Delivery, outcome: str, next_at: datetime) -> None:
        """Write that a try failed and when the next one is due."""
        self._write(delivery, outcome=outcome, next_at=next_at)

    def _write(self, delivery: Delivery, **values: object) -> None:
        self._writing.change_rows(
            update(_DELIVERY)
            .where(_DELIVERY.c.id == delivery.row_id, _DELIVERY.c.state == WAITING)
            .values(**values)
        )

    def replay(
        self, webhook: Webhook, states: Collection[str], since: datetime, at: datetime
    ) -> int:
        """Make ended deliveries due again, with the number they had; return how many."""
        recorded = select(_OUTBOX.c.id).where(_OUTBOX.c.recorded_at >= since)
        return self._writing.change_rows(
            update(_DELIVERY)
            .where(_DELIVERY.c.webhook_id == webhook.row_id)
            .where(_DELIVERY.c.state.in_(tuple(states)), _DELIVERY.c.outbox_id.in_(recorded))
            .values(state=WAITING, attempts=0, next_at=at)
        )


def _delivery(row: "Row[Any]") -> Delivery:
    return Delivery(
        row_id=row.id,
        number=row.number,
        webhook_id=row.webhook_id,
        kind=row.kind,
        subject=row.subject,
        type_code=row.type_code,
        data=row.data,
        recorded_at=row.recorded_at,
        state=row.state,
        attempts=row.attempts,
        next_at=row.next_at,
        tried_at=row.tried_at,
        outcome=row.outcome,
    )
