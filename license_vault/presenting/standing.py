"""What a license is at this instant, from its own events: never what was written down earlier."""

from datetime import datetime

from license_vault.clock import civil_date
from license_vault.database.sessions import Reading
from license_vault.license import LicenseStatus
from license_vault.registry.live_states import LiveStates
from license_vault.registry.records import LicenseRecord


def standing_of(session: Reading, record: LicenseRecord, at: datetime) -> LicenseStatus:
    """Return the state of a license at an instant."""
    found = LiveStates(session).as_of(record.status_uri, record.status_index, at)
    return record.status if found is None else found


def marks_of(session: Reading, record: LicenseRecord, at: datetime) -> str:
    """Return the marks of a license at an instant (附条件, 异议中 …), joined by blanks."""
    found = LiveStates(session).marks_as_of(record.status_uri, record.status_index, at)
    return " ".join(mark.value for mark in found)


def is_in_force(session: Reading, record: LicenseRecord, at: datetime) -> bool:
    """Say whether a license is in force at an instant: its state, and its dates."""
    day = civil_date(at)
    ended = record.valid_until is not None and day > record.valid_until
    in_term = record.valid_from <= day and not ended
    return in_term and standing_of(session, record, at) is LicenseStatus.VALID
