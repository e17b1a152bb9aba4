"""What happened to a license, and what was true and known of it as of an instant; with evidence.

Two questions about a day: what the license was then, as we know it now, and what had been recorded
of it by then. They differ where something was dated back, or recorded before it took effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from license_vault.audit import AuditEntry, AuditTrail
from license_vault.clock import lapses_at
from license_vault.database.sessions import Reading
from license_vault.license import LicenseMark, LicenseStatus
from license_vault.lifecycle.states import event_as_of, has_lapsed
from license_vault.lifecycle.suspensions import SUSPENDED
from license_vault.lifecycle.verbs import SUSPENSION_OVER, operate_type_of
from license_vault.registry.marks import Marks
from license_vault.registry.records import EventRecord, LicenseRecord
from license_vault.registry.registry import Registry


@dataclass(frozen=True, slots=True)
class Happened:
    """An event with the entry of the audit chain that proves it; None: no entry is its own.

    ``over`` is of a suspension that was ordered with its end: when that is.
    """

    event: EventRecord
    evidence: AuditEntry | None
    over: datetime | None = None


@dataclass(frozen=True, slots=True)
class StateAsOf:
    """What a license was at an instant; ``status`` None: it was not there yet.

    ``because`` is the event that made it so. A license that its last day has ended is LAPSED
    whether that was recorded already or not.
    """

    status: LicenseStatus | None
    marks: tuple[LicenseMark, ...]
    because: Happened | None


@dataclass(frozen=True, slots=True)
class AsOf:
    """Of one instant: what was, as it is known now, and what was known then."""

    at: datetime
    state: StateAsOf
    known_then: StateAsOf


class History:
    """Answers what happened, in one session."""

    def __init__(self, session: Reading) -> None:
        self._registry = Registry(session)
        self._marks = Marks(session)
        self._trail = AuditTrail(session)

    def of(self, license_: LicenseRecord) -> tuple[Happened, ...]:
        """Return everything that happened to a license, in the order it was recorded."""
        entries = self._trail.of_subject(license_.identifier)
        events = self._registry.events(license_.identifier)
        return tuple(
            Happened(_coded(event), _evidence(event, entries), _over(event, events))
            for event in events
        )

    def as_of(self, license_: LicenseRecord, at: datetime) -> AsOf:
        """Return what a license was at an instant, and what was known of it then."""
        happened, marks = self.of(license_), self._marks.as_of(license_.row_id, at)
        return AsOf(
            at,
            _state(license_, happened, marks, at, None),
            _state(license_, happened, marks, at, at),
        )


def _state(
    license_: LicenseRecord,
    happened: Sequence[Happened],
    marks: tuple[LicenseMark, ...],
    at: datetime,
    known_by: datetime | None,
) -> StateAsOf:
    counts = event_as_of([one.event for one in happened], at, known_by)
    if counts is None:
        return StateAsOf(None, (), None)
    status = counts.status
    lapses = None
    if LicenseMark.RENEWAL_PENDING not in marks:
        lapses = lapses_at(license_.valid_until)
    if has_lapsed(status, lapses, at):
        status = LicenseStatus.LAPSED
    shown = marks if status is LicenseStatus.VALID else ()
    because = next(one for one in happened if one.event.row_id == counts.row_id)
    return StateAsOf(status, shown, because)


def _over(event: EventRecord, events: Sequence[EventRecord]) -> datetime | None:
    """Return the end that was ordered with a suspension: recorded right after it."""
    if event.kind != SUSPENDED:
        return None
    after = next((one for one in events if one.row_id > event.row_id), None)
    ordered = after is not None and after.kind == SUSPENSION_OVER
    return after.effective_from if after is not None and ordered else None


def _coded(event: EventRecord) -> EventRecord:
    """Return an event with its national code, also one that was recorded before it was kept."""
    if event.operate_type:
        return event
    return replace(event, operate_type=operate_type_of(event.kind))


def _evidence(event: EventRecord, entries: Sequence[AuditEntry]) -> AuditEntry | None:
    """Return the entry of an event: of the same moment, and if there are several of its kind."""
    same = [entry for entry in entries if entry.act.recorded_at == event.recorded_at]
    own = [entry for entry in same if entry.act.action == f"license.{event.kind}"]
    return next(iter([*own, *same]), None)
