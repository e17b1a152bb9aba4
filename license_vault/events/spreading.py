"""From the outbox to whoever is to be told: deliveries to subscribers, reports to the directory.

Each waiting row is spread once, in one transaction with the mark that it was: a node that dies in
between leaves it waiting.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row

from keys.provider import KeyProvider
from license_vault.clock import Clock
from license_vault.database.columns import table_of
from license_vault.database.event_tables import OutboxRow, WebhookDeliveryRow
from license_vault.database.sessions import Database, Writing
from license_vault.directory.reports import ReportWriter
from license_vault.events.deliveries import WAITING
from license_vault.events.outbox import STATE
from license_vault.events.subscriptions import Webhook, Webhooks
from license_vault.registry.authorities import Authorities
from license_vault.registry.holders import new_handle

ROWS_AT_ONCE = 200

_OUTBOX = table_of(OutboxRow)
_WAITING_ROWS = (
    select(_OUTBOX).where(_OUTBOX.c.spread_at.is_(None)).order_by(_OUTBOX.c.id).limit(ROWS_AT_ONCE)
)
_SPREAD = (
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("row_id"), _OUTBOX.c.spread_at.is_(None))
    .values(spread_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class _Listener:
    webhook: Webhook
    organisations: frozenset[int]


class Spreading:
    """Spreads the outbox; made once, used by the background task."""

    def __init__(
        self,
        database: Database,
        keys: KeyProvider,
        clock: Clock,
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._random = random_bytes

    def run(self) -> int:
        """Spread all that waits; return how many rows that were."""
        spread = 0
        while count := self._some():
            spread += count
        return spread

    def _some(self) -> int:
        # A look first: on SQLite a write waits for every other writer.
        with self._database.reading() as session:
            if session.execute(_WAITING_ROWS.limit(1)).first() is None:
                return 0
        at = self._clock()
        with self._database.writing() as session:
            rows = tuple(session.execute(_WAITING_ROWS))
            listeners = self._listeners(session)
            for row in rows:
                if session.change_rows(_SPREAD, {"row_id": row.id, "at": at}) == 1:
                    self._spread(session, row, listeners, at)
        return len(rows)

    def _listeners(self, session: Writing) -> tuple[_Listener, ...]:
        authorities = Authorities(session)
        return tuple(
            _Listener(
                webhook,
                frozenset(
                    organisation.row_id
                    for organisation in authorities.subtree(webhook.organisation_code)
                ),
            )
            for webhook in Webhooks(session, self._keys).active()
        )

    def _spread(
        self, session: Writing, row: "Row[Any]", listeners: Sequence[_Listener], at: datetime
    ) -> None:
        deliveries = [
            {
                "number": new_handle(self._random),
                "webhook_id": listener.webhook.row_id,
                "outbox_id": row.id,
                "state": WAITING,
                "attempts": 0,
                "next_at": at,
            }
            for listener in listeners
            if row.organisation_id in listener.organisations
            and listener.webhook.wants(row.kind, row.type_code)
        ]
        if deliveries:
            session.add_rows(table_of(WebhookDeliveryRow), deliveries)
        if row.license_id is not None and STATE in json.loads(row.data):
            ReportWriter(session).changed(row.license_id, row.id, row.recorded_at)
