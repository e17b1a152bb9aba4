"""Alarms about trust lists: what was refused, why, and who showed it; all their SQL.

The first of a kind is logged as critical and goes to the outbox as ``trust.alarm``; that the same
is shown again every twenty seconds is only counted.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.database.trust_list_tables import TrustRefusalRow
from license_vault.events.outbox import Outbox

ALARM = "trust.alarm"
_REFUSAL = table_of(TrustRefusalRow)

_log = logging.getLogger("license_vault.trust")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused; ``sm3`` is empty where nothing could be read, ``shown_by`` a region."""

    region: str
    reason: str
    sm3: bytes
    shown_by: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """A refusal on record: how often, first and last."""

    refusal: Refusal
    times: int
    first_at: datetime
    last_at: datetime


class Alarms:
    """Looks alarms up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of(self, region: str) -> tuple[Alarm, ...]:
        """Return what was refused of a region, the last first."""
        rows = self._session.execute(
            select(_REFUSAL).where(_REFUSAL.c.region == region).order_by(_REFUSAL.c.last_at.desc())
        )
        return tuple(
            Alarm(
                Refusal(row.region, row.reason, row.sm3, row.shown_by),
                row.times,
                row.first_at,
                row.last_at,
            )
            for row in rows
        )


class AlarmWriter(Alarms):
    """Raises alarms."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def raise_(self, refusal: Refusal, at: datetime) -> None:
        """Record a refusal; tell of it when it is the first of its kind."""
        again = (
            update(_REFUSAL)
            .where(_REFUSAL.c.region == refusal.region, _REFUSAL.c.reason == refusal.reason)
            .where(_REFUSAL.c.sm3 == refusal.sm3, _REFUSAL.c.shown_by == refusal.shown_by)
            .values(times=_REFUSAL.c.times + 1, last_at=at)
        )
        if self._writing.change_rows(again):
            return
        self._writing.add_row(
            _REFUSAL,
            region=refusal.region,
            reason=refusal.reason,
            sm3=refusal.sm3,
            shown_by=refusal.shown_by,
            times=1,
            first_at=at,
            last_at=at,
        )
        told = {
            "reason": refusal.reason,
            "sm3": refusal.sm3.hex(),
            "shown_by": refusal.shown_by,
        }
        Outbox(self._writing).add(ALARM, f"region:{refusal.region}", told, at)
        _log.critical("trust refused", extra={"fields": {"region": refusal.region, **told}})
