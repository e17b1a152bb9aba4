"""Events that are recorded beforehand: what a license comes to by itself because of its members.

Of the events in effect the one recorded last counts (ADR 0016). So whoever records another one
records these again after it, as far as they still hold.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from license_vault.clock import civil_date
from license_vault.database.columns import table_of
from license_vault.database.sessions import Writing
from license_vault.database.tables import LicenseRow
from license_vault.issuing.intent import Work
from license_vault.license import LicenseStatus
from license_vault.lifecycle.states import event_as_of
from license_vault.lifecycle.suspensions import ordered_end
from license_vault.lifecycle.verbs import SUSPENSION_OVER
from license_vault.packages.condition_registry import Conditions
from license_vault.packages.part_registry import Parts
from license_vault.packages.part_states import LIVING, license_state, state_on
from license_vault.packages.schedule import (
    BY_ITSELF,
    KINDS,
    OPEN_STATES,
    OPERATE_TYPES,
    plan_ahead,
)
from license_vault.registry.license_record import Basis, LicenseOpener
from license_vault.registry.records import EventRecord, LicenseRecord
from license_vault.registry.writing import NewEvent, RegistryWriter
from license_vault.vault import RECORD

_LICENSE = table_of(LicenseRow)
# What is recorded again by its own rules, not as it was.
_OWN = KINDS | {SUSPENSION_OVER}


def waiting(events: Sequence[EventRecord], now: datetime) -> tuple[EventRecord, ...]:
    """Return the events that wait for their day and will count on it, in that order."""
    coming = (event for event in events if event.effective_from > now)
    holding = (event for event in coming if event_as_of(events, event.effective_from) is event)
    return tuple(sorted(holding, key=lambda event: event.effective_from))


class PlannedEvents:
    """Records what will happen to licenses, in a session that its opener commits."""

    def __init__(self, session: Writing, opener: LicenseOpener) -> None:
        self._session = session
        self._registry = RegistryWriter(session)
        self._opener = opener

    def begin(self, work: Work, now: datetime) -> None:
        """Plan ahead for a license that is being issued."""
        self._record(work.row_id, self._planned(work.row_id, work.identifier, work.record_key, now))

    def plan_again(self, identifier: str, before: Sequence[EventRecord], now: datetime) -> None:
        """Plan ahead again for a license of which something was just recorded.

        One that has ended, or is elsewhere, has nothing ahead of it; one without conditions and
        parts is left as it is, unless its suspension was ordered with an end that would no
        longer come.

        Args:
            before: its events; those that waited for their day among them still do.
        """
        license_ = self._registry.get(identifier)
        if license_.status not in OPEN_STATES:
            return
        over, lost = self._end_of_suspension(license_, now)
        if not lost and not self._has_members(license_):
            return
        key = self._opener.key(self._registry.kept(identifier), RECORD)
        planned = self._planned(license_.row_id, identifier, key, now)
        others = [_again(event, now) for event in waiting(before, now) if event.kind not in _OWN]
        if over is not None:
            others.append(_again(over, now))
        self._record(license_.row_id, (*others, *planned))

    def _end_of_suspension(
        self, license_: LicenseRecord, now: datetime
    ) -> tuple[EventRecord | None, bool]:
        """Return the end of a suspension that still holds, and whether something outranks it.

        A license that its conditions or parts keep suspended then has none.
        """
        events = self._registry.events(license_.identifier)
        end = ordered_end(events, now)
        if end is None or self._kept_suspended(license_, end.effective_from):
            return None, False
        counts = event_as_of(events, end.effective_from)
        if counts is end:
            return end, False
        lost = counts is not None and counts.status is LicenseStatus.SUSPENDED
        return (end, True) if lost else (None, False)

    def _kept_suspended(self, license_: LicenseRecord, at: datetime) -> bool:
        conditions = Conditions(self._session).of_license(license_.row_id)
        parts = Parts(self._session).of_license(license_.identifier)
        states = [state_on(part, civil_date(at)) for part in parts]
        living = not parts or license_state(states, LicenseStatus.LAPSED) is LicenseStatus.VALID
        return not living or any(each.is_overdue(at) for each in conditions)

    def _has_members(self, license_: LicenseRecord) -> bool:
        conditions = Conditions(self._session).of_license(license_.row_id)
        return bool(conditions or Parts(self._session).of_license(license_.identifier))

    def _planned(
        self, license_row_id: int, identifier: str, key: bytes, now: datetime
    ) -> tuple[NewEvent, ...]:
        conditions = Conditions(self._session).of_license(license_row_id)
        parts = Parts(self._session).of_license(identifier)
        return tuple(
            NewEvent(
                kind=each.kind,
                status=each.status,
                actor=BY_ITSELF,
                effective_from=each.at,
                recorded_at=now,
                sealed_basis=self._opener.sealed_basis(key, identifier, Basis(each.basis)),
                operate_type=OPERATE_TYPES[each.status],
            )
            for each in plan_ahead(conditions, parts, now)
        )

    def _record(self, license_row_id: int, events: Sequence[NewEvent]) -> None:
        # Of two in effect the one recorded last counts, so they are recorded in their order.
        in_order = _to_the_end(sorted(events, key=lambda event: event.effective_from))
        for event in in_order:
            self._registry.add_event(license_row_id, event)
        if in_order:
            self._look_again(license_row_id, in_order[0].effective_from)

    def _look_again(self, license_row_id: int, at: datetime) -> None:
        """Have the license's status looked at then, if not earlier."""
        sooner = _LICENSE.c.due_at.is_(None) | (_LICENSE.c.due_at > at)
        self._session.change_rows(
            update(_LICENSE).where(_LICENSE.c.id == license_row_id, sooner).values(due_at=at)
        )


def _to_the_end(events: Sequence[NewEvent]) -> tuple[NewEvent, ...]:
    """Leave out what would come after a license has ended, and so begin it again."""
    ends = (place for place, event in enumerate(events, 1) if event.status not in LIVING)
    return tuple(events[: next(ends, len(events))])


def _again(event: EventRecord, at: datetime) -> NewEvent:
    return NewEvent(
        kind=event.kind,
        status=event.status,
        actor=event.actor,
        effective_from=event.effective_from,
        recorded_at=at,
        sealed_basis=event.sealed_basis,
        operate_type=event.operate_type,
    )
