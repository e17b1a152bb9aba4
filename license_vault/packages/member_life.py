"""A license whose conditions or parts change: settled, locked, and planned ahead again afterwards.

Of the events in effect the one recorded last counts (ADR 0016), so recording one would silently
withdraw those that wait for their day. Those that still hold are recorded again after it: what
conditions and parts bring is planned anew, everything else (a version that comes into force) as
it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from license_vault.clock import Clock, lapses_at
from license_vault.database.sessions import Database, Writing
from license_vault.errors import TransitionNotAllowedError
from license_vault.license import LicenseMark, LicenseStatus
from license_vault.lifecycle.settling import Settling
from license_vault.lifecycle.states import next_due
from license_vault.packages.planned_events import PlannedEvents
from license_vault.packages.schedule import OPEN_STATES
from license_vault.registry.license_record import Basis, LicenseOpener
from license_vault.registry.marks import MarkWriter
from license_vault.registry.records import EventRecord, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import NewEvent, RegistryWriter
from license_vault.vault import RECORD, Vault

OTHER_BUSINESS = "07"


@dataclass(frozen=True, slots=True)
class MemberServices:
    """What changes of conditions and parts work with; ``checkpoint`` is for tests of cuts."""

    database: Database
    vault: Vault
    clock: Clock
    settling: Settling
    checkpoint: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens to a license now; its basis is still in the clear."""

    kind: str
    status: LicenseStatus
    basis: Basis
    operate_type: str = OTHER_BUSINESS


def moved_by(events: Sequence[EventRecord], now: datetime) -> str:
    """Return the kind of the event that brought a license into the state it is in."""
    kind = ""
    status = None
    for event in (event for event in events if event.effective_from <= now):
        if event.status is not status:
            kind, status = event.kind, event.status
    return kind


class OpenLicense:
    """A license in a transaction, settled and under its lock; what happens is by one actor."""

    def __init__(
        self, session: Writing, services: MemberServices, identifier: str, actor: str
    ) -> None:
        self.session = session
        self.now = services.clock()
        self.actor = actor
        self._registry = RegistryWriter(session)
        self._registry.locked_status(Registry(session).get(identifier).row_id)
        services.settling.settle_one(session, identifier, self.now)
        self.license: LicenseRecord = self._registry.get(identifier)
        self.events = self._registry.events(identifier)
        self._opener = LicenseOpener(services.vault)
        self._key = self._opener.key(self._registry.kept(identifier), RECORD)

    def require_open(self, wanted: LicenseStatus) -> None:
        """Check that the license has not ended.

        Raises:
            TransitionNotAllowedError: it has.
        """
        status = self.license.status
        if status not in OPEN_STATES:
            identifier = self.license.identifier
            raise TransitionNotAllowedError(identifier, status.value, wanted.value)

    def sealed(self, basis: Basis) -> bytes:
        """Encrypt the basis of an event under the license's record key."""
        return self._opener.sealed_basis(self._key, self.license.identifier, basis)

    def unmark(self, mark: LicenseMark, reference: str) -> None:
        """Take a mark away that was set for one reason."""
        MarkWriter(self.session).clear(self.license.row_id, mark, self.now, reference)

    def happens(self, what: Happening) -> None:
        """Record what happens now, and again what will happen by itself."""
        license_ = self.license
        event = NewEvent(
            kind=what.kind,
            status=what.status,
            actor=self.actor,
            effective_from=self.now,
            recorded_at=self.now,
            sealed_basis=self.sealed(what.basis),
            operate_type=what.operate_type,
        )
        if what.status is license_.status:
            self._registry.add_event(license_.row_id, event)
        else:
            self._registry.change_status(license_.identifier, event)
        if what.status not in OPEN_STATES:
            MarkWriter(self.session).clear_all(license_.row_id, self.now)
        planned = PlannedEvents(self.session, self._opener)
        planned.plan_again(license_.identifier, self.events, self.now)
        self._look_again(what.status)

    def _look_again(self, status: LicenseStatus) -> None:
        license_ = replace(self.license, status=status)
        renewing = LicenseMark.RENEWAL_PENDING in license_.marks
        lapses = None if renewing else lapses_at(license_.valid_until)
        events = self._registry.events(license_.identifier)
        due = next_due(events, status, lapses, self.now)
        self._registry.touch(license_.identifier, (status,), self.now, due)
