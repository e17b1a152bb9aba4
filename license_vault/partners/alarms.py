"""Say that a partner sent what it must not: to the log, to the outbox, to the audit.

Only region, part and a stable reason: nothing that the partner wrote.
"""

from __future__ import annotations

import logging
from datetime import datetime

from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Writing
from license_vault.events.outbox import Outbox

ALARM = "partner.alarm"
_log = logging.getLogger("license_vault.partners")


def raise_alarm(session: Writing, region: str, part: str, reason: str, at: datetime) -> None:
    """Tell of it; it counts when the session commits."""
    told = {"region": region, "part": part, "reason": reason}
    _log.critical("a partner sent what is refused", extra={"fields": told})
    Outbox(session).add(ALARM, f"region:{region}", told, at)
    AuditWriter(session).append(Act("system", ALARM, f"region:{region}", told, at))
