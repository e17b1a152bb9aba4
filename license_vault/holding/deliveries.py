"""How a license came to its holder (送达): when, by which way, to whom, and the receipt.

The receipt is the holder's first download: it is recorded by itself, once for each version. To
whom and by which delegate is encrypted under the license's record key. All SQL about deliveries.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from license_vault.database.columns import table_of
from license_vault.database.holding_tables import DeliveryRow
from license_vault.database.sessions import Reading, Writing
from license_vault.registry.holders import new_handle
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.records import KeptLicense
from license_vault.vault import RECORD, Vault

CHANNELS = ("window", "post", "courier", "delegate", "electronic", "announcement")
DOWNLOAD = "download"
CHANNEL_NAMES = {
    "window": ("窗口领取", "handed over at the window"),
    "post": ("邮寄", "by post"),
    "courier": ("快递", "by courier"),
    "delegate": ("代办员送达", "by a delegate"),
    "electronic": ("电子送达", "electronically"),
    "announcement": ("公告送达", "by announcement"),
    DOWNLOAD: ("持证主体下载", "downloaded by the holder"),
}

_PURPOSE = "delivery"
_DELIVERY = table_of(DeliveryRow)


@dataclass(frozen=True, slots=True)
class DeliveryOrder:
    """A handing over as it is to be recorded; ``reference`` is a tracking or register number."""

    channel: str
    delivered_at: datetime
    recipient: str = field(repr=False)
    delegate: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A handing over as it was recorded."""

    delivery_id: str
    order: DeliveryOrder
    recorded_by: str
    recorded_at: datetime


class Deliveries:
    """Opens what was recorded."""

    def __init__(self, session: Reading, vault: Vault) -> None:
        self._session = session
        self._vault = vault

    def of_license(self, kept: KeptLicense) -> tuple[Delivery, ...]:
        """Return how a license was handed over, in the order it was recorded.

        Raises:
            EnvelopeBrokenError: a row was changed.
        """
        rows = self._session.execute(
            select(_DELIVERY).where(_DELIVERY.c.license_id == kept.row_id).order_by(_DELIVERY.c.id)
        ).all()
        key = LicenseOpener(self._vault).key(kept, RECORD)
        return tuple(self._opened(row, key) for row in rows)

    def is_received(self, license_row_id: int) -> bool:
        """Say whether the holder has downloaded a license."""
        found = self._session.execute(
            select(_DELIVERY.c.id).where(
                _DELIVERY.c.license_id == license_row_id, _DELIVERY.c.channel == DOWNLOAD
            )
        )
        return found.first() is not None

    def _opened(self, row: "Row[Any]", key: bytes) -> Delivery:
        told = json.loads(self._vault.decrypt(key, row.delivery_id, _PURPOSE, row.sealed_details))
        order = DeliveryOrder(row.channel, row.delivered_at, **told)
        return Delivery(row.delivery_id, order, row.recorded_by, row.recorded_at)


class DeliveryWriter(Deliveries):
    """Records deliveries, in a session that its opener commits."""

    def __init__(
        self, session: Writing, vault: Vault, random_bytes: Callable[[int], bytes]
    ) -> None:
        super().__init__(session, vault)
        self._writing = session
        self._random = random_bytes

    def record(self, kept: KeptLicense, order: DeliveryOrder, by: str, at: datetime) -> str:
        """Record that a license was handed over; return the record's id.

        Raises:
            RowConflictError: a second receipt of one license, written at the same time.
        """
        key = LicenseOpener(self._vault).key(kept, RECORD)
        delivery_id = new_handle(self._random)
        told = {
            "recipient": order.recipient,
            "delegate": order.delegate,
            "reference": order.reference,
        }
        sealed = json.dumps(told, ensure_ascii=False).encode()
        self._writing.add_row(
            _DELIVERY,
            delivery_id=delivery_id,
            license_id=kept.row_id,
            channel=order.channel,
            delivered_at=order.delivered_at,
            sealed_details=self._vault.encrypt(key, delivery_id, _PURPOSE, sealed),
            recorded_by=by,
            recorded_at=at,
        )
        return delivery_id
