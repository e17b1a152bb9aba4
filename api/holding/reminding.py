"""What a node does for the vaults by itself: remind holders of what ends soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Writing
from license_vault.events.outbox import Outbox
from license_vault.holding.reminders import LICENSE_EXPIRING, Reminder, Reminding

if TYPE_CHECKING:
    from api.services import Services


def reminding_of(services: Services) -> Reminding:
    """Return what makes the reminders of a node."""
    return Reminding(services.database, _told, services.clock)


def _told(session: Writing, reminder: Reminder) -> None:
    """Put a reminder into the outbox and the audit."""
    told = {"days": str(reminder.days), "valid_until": reminder.valid_until.isoformat()}
    Outbox(session).add_of_license(
        LICENSE_EXPIRING, reminder.license_row_id, told, reminder.made_at
    )
    act = Act("system", LICENSE_EXPIRING, reminder.identifier, told, reminder.made_at)
    AuditWriter(session).append(act)
