"""Tell people that a region's log contradicts itself: in our own log, and by the outbox."""

from __future__ import annotations

import logging
from datetime import datetime

from license_vault.database.sessions import Writing
from license_vault.events.outbox import Outbox

ALARM = "issue-log.alarm"

_log = logging.getLogger("license_vault.issue_log")


def tell_of_alarm(session: Writing, region: str, reason: str, at: datetime) -> None:
    """Write that somebody must look at a region's log, in the transaction that keeps why."""
    _log.critical("issue log contradicts", extra={"fields": {"region": region, "reason": reason}})
    told = {"region": region, "reason": reason}
    Outbox(session).add(ALARM, f"issue-log:{region}", told, at)
