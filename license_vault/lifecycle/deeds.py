"""What a verb does to rows, inside one transaction: events, status, marks, the version waiting.

Everything here works on a license that is locked and settled; who may order it was asked before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from license_vault.audit import Act, AuditWriter
from license_vault.clock import civil_date, end_of, lapses_at, start_of
from license_vault.database.sessions import Writing
from license_vault.errors import (
    EffectiveDateInvalidError,
    FieldInvalidError,
    FieldProblem,
    LicenseVaultError,
    RenewalNotPendingError,
    RenewalTooLateError,
    TransitionNotAllowedError,
    VersionPendingError,
)
from license_vault.issuing.request_members import LONGEST_TERM
from license_vault.license import LicenseMark, LicenseStatus
from license_vault.license_types.catalogue import Catalogue
from license_vault.license_types.license_type import RENEWAL_DAYS
from license_vault.lifecycle.orders import Order
from license_vault.lifecycle.settling import LAPSE_BASIS
from license_vault.lifecycle.states import event_as_of, next_due
from license_vault.lifecycle.suspensions import over_from
from license_vault.lifecycle.verbs import SUSPENSION_OVER, Verb, operate_type_of
from license_vault.packages.planned_events import PlannedEvents
from license_vault.registry.license_record import Basis, LicenseOpener
from license_vault.registry.marks import MarkWriter
from license_vault.registry.records import EventRecord, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import NewEvent, RegistryWriter
from license_vault.vault import RECORD, Vault

_ENDED: Final = (LicenseStatus.RESCINDED, LicenseStatus.REVOKED, LicenseStatus.CANCELLED)
_APPLICATION: Final = "renewal-application"


@dataclass(frozen=True, slots=True)
class Deed:
    """A verb that is done: on which order, with what kept of why, by whom, when."""

    verb: Verb
    order: Order
    basis: Basis
    actor: str
    at: datetime


class Deeds:
    """Does verbs that make no version. Used by all threads."""

    def __init__(self, vault: Vault, catalogue: Catalogue) -> None:
        self._opener = LicenseOpener(vault)
        self._catalogue = catalogue

    def do(self, session: Writing, license_: LicenseRecord, deed: Deed) -> None:
        """Do a verb to a license that is locked and settled.

        Raises:
            TransitionNotAllowedError: its state does not allow the verb.
            EffectiveDateInvalidError: it cannot take effect then.
            VersionPendingError: a version that waits stands in the way.
            FieldInvalidError: a suspension is to end on a day that is over.
            RenewalTooLateError, RenewalNotPendingError: of an application for renewal.
            RowConflictError: another license of its number is in force.
        """
        if license_.status not in deed.verb.sources:
            wanted = (deed.verb.becomes or license_.status).value
            raise TransitionNotAllowedError(license_.identifier, license_.status.value, wanted)
        if deed.verb.name == "renewal-application":
            self._apply_for_renewal(session, license_, deed)
        elif deed.verb.name == "renewal-refusal":
            self._refuse_renewal(session, license_, deed)
        elif deed.verb.becomes in _ENDED:
            self._end(session, license_, deed)
        else:
            self._move(session, license_, deed)
        events = RegistryWriter(session).events(license_.identifier)
        PlannedEvents(session, self._opener).plan_again(license_.identifier, events, deed.at)

    # --- from one state to another ---

    def _end(self, session: Writing, license_: LicenseRecord, deed: Deed) -> None:
        registry = RegistryWriter(session)
        event = self._event(session, license_, deed, _effective(registry, license_, deed))
        registry.change_status(license_.identifier, event)
        MarkWriter(session).clear_all(license_.row_id, deed.at)
        waiting = _waiting(registry, license_)
        if waiting is not None:
            # What was to follow ends with what it was to follow.
            self._end_waiting(session, waiting, deed)
        if license_.status is LicenseStatus.PENDING:
            self._keep_in_force(session, license_, deed)
        self._note(session, license_, deed, event)

    def _end_waiting(self, session: Writing, waiting: LicenseRecord, deed: Deed) -> None:
        event = self._event(session, waiting, deed, deed.at)
        RegistryWriter(session).change_status(waiting.identifier, event)
        self._note(session, waiting, deed, event)

    def _keep_in_force(self, session: Writing, withdrawn: LicenseRecord, deed: Deed) -> None:
        """Let the version before go on: what was to end it on its day will not."""
        if withdrawn.predecessor is None or withdrawn.predecessor_id is None:
            return
        registry = RegistryWriter(session)
        registry.locked_status(withdrawn.predecessor_id)
        before = registry.get(withdrawn.predecessor)
        event = replace(
            self._event(session, before, deed, deed.at),
            kind="kept-in-force",
            status=before.status,
            operate_type=operate_type_of("kept-in-force"),
        )
        registry.add_event(before.row_id, event)
        due = next_due((), before.status, _lapses(before), deed.at)
        registry.touch(before.identifier, (before.status,), deed.at, due)
        events = registry.events(before.identifier)
        PlannedEvents(session, self._opener).plan_again(before.identifier, events, deed.at)

    def _move(self, session: Writing, license_: LicenseRecord, deed: Deed) -> None:
        """Suspend, resume, transfer out, or take that back."""
        registry = RegistryWriter(session)
        waiting = _waiting(registry, license_)
        becomes = deed.verb.becomes or license_.status
        if waiting is not None and becomes is LicenseStatus.TRANSFERRED:
            raise VersionPendingError(waiting.identifier)
        events = registry.events(license_.identifier)
        event = self._event(session, license_, deed, _effective(registry, license_, deed))
        over = _over(deed, event)
        due = [next_due(events, becomes, _lapses(license_), deed.at)]
        due += [None if over is None else over.effective_from]
        registry.change_status(license_.identifier, event, min(filter(None, due), default=None))
        if over is not None:
            registry.add_event(license_.row_id, over)
        if waiting is not None and waiting.in_force_from is not None:
            self._share(session, license_, waiting, deed)
        self._note(session, license_, deed, event)

    def _share(
        self, session: Writing, license_: LicenseRecord, waiting: LicenseRecord, deed: Deed
    ) -> None:
        """Record again what waits, for of what is in effect the last recorded counts."""
        registry, day = RegistryWriter(session), waiting.in_force_from or deed.at
        scheduled = [
            event
            for event in registry.events(license_.identifier)
            if event.effective_from == day and event.kind != SUSPENSION_OVER
        ]
        for event in scheduled[-1:]:
            registry.add_event(license_.row_id, _again(event, deed.at))
        shared = self._event(session, waiting, deed, day)
        over = _over(deed, shared)
        if over is not None and over.effective_from <= day:
            return  # It is over before that one begins.
        registry.add_event(waiting.row_id, shared)
        if over is not None:
            registry.add_event(waiting.row_id, over)
        events = registry.events(waiting.identifier)
        PlannedEvents(session, self._opener).plan_again(waiting.identifier, events, deed.at)

    # --- 延续 ---

    def _apply_for_renewal(self, session: Writing, license_: LicenseRecord, deed: Deed) -> None:
        registry = RegistryWriter(session)
        if license_.valid_until is None:
            raise RenewalNotPendingError(license_.identifier)
        if LicenseMark.RENEWAL_PENDING in license_.marks:
            waits = LicenseMark.RENEWAL_PENDING.value
            raise TransitionNotAllowedError(license_.identifier, waits, waits)
        _require_alone(registry, license_)
        applied_on = deed.order.applied_on or civil_date(deed.at)
        last_day = license_.valid_until - timedelta(days=self._renewal_days(license_))
        if applied_on > last_day:
            raise RenewalTooLateError(license_.identifier, last_day.isoformat())
        dated = replace(deed, order=replace(deed.order, effective=deed.order.applied_on))
        event = self._event(session, license_, deed, _effective(registry, license_, dated))
        registry.touch(license_.identifier, (license_.status,), deed.at, license_.due_at)
        registry.add_event(license_.row_id, event)
        MarkWriter(session).set(
            license_.row_id, LicenseMark.RENEWAL_PENDING, event.effective_from, _APPLICATION
        )
        self._note(session, license_, deed, event)

    def _refuse_renewal(self, session: Writing, license_: LicenseRecord, deed: Deed) -> None:
        registry = RegistryWriter(session)
        if LicenseMark.RENEWAL_PENDING not in license_.marks:
            raise RenewalNotPendingError(license_.identifier)
        _require_alone(registry, license_)
        event = self._event(session, license_, deed, deed.at)
        lapses = lapses_at(license_.valid_until)
        registry.touch(license_.identifier, (license_.status,), deed.at, lapses)
        registry.add_event(license_.row_id, event)
        MarkWriter(session).clear(license_.row_id, LicenseMark.RENEWAL_PENDING, deed.at)
        if lapses is not None and lapses <= deed.at:
            # Its last day was over: only the renewal that was waited for had kept it in force.
            lapsed = replace(
                self._event(session, license_, replace(deed, basis=LAPSE_BASIS), deed.at),
                kind="lapsed",
                status=LicenseStatus.LAPSED,
                operate_type=operate_type_of("lapsed"),
            )
            registry.change_status(license_.identifier, lapsed)
        self._note(session, license_, deed, event)

    def _renewal_days(self, license_: LicenseRecord) -> int:
        try:
            found = self._catalogue.get(license_.type_code, license_.type_version)
        except LicenseVaultError:
            return RENEWAL_DAYS
        return found.renewal_days

    # --- what is recorded ---

    def _event(
        self, session: Writing, license_: LicenseRecord, deed: Deed, effective_from: datetime
    ) -> NewEvent:
        kept = Registry(session).kept(license_.identifier)
        key = self._opener.key(kept, RECORD)
        return NewEvent(
            kind=deed.verb.event,
            status=deed.verb.becomes or license_.status,
            actor=deed.actor,
            effective_from=effective_from,
            recorded_at=deed.at,
            sealed_basis=self._opener.sealed_basis(key, license_.identifier, deed.basis),
            operate_type=deed.verb.operate_type,
        )

    def _note(self, session: Writing, license_: LicenseRecord, deed: Deed, event: NewEvent) -> None:
        """Append the audit entry, last of all."""
        details: Mapping[str, str] = {
            "effective_from": event.effective_from.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "from": license_.status.value,
        }
        if deed.verb.name == "cancellation" and deed.order.reason:
            details = {**details, "reason": deed.order.reason}
        act = Act(deed.actor, f"license.{event.kind}", license_.identifier, details, deed.at)
        AuditWriter(session).append(act)


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


def _over(deed: Deed, suspended: NewEvent) -> NewEvent | None:
    """Return what gives a license back after the last day that its suspension was ordered for.

    Raises:
        FieldInvalidError: that day is over, or further away than any license lasts.
    """
    until = deed.order.until
    if until is None:
        return None
    if until - civil_date(deed.at) > LONGEST_TERM:
        zh, en = "应在一百年以内。", "This must lie within a hundred years."
        raise FieldInvalidError((FieldProblem("/until", "implausible-date", zh, en),))
    over = over_from(until)
    if over <= deed.at:
        zh, en = "最后一日已经过去。", "That last day is over."
        raise FieldInvalidError((FieldProblem("/until", "in-the-past", zh, en),))
    return replace(
        suspended,
        kind=SUSPENSION_OVER,
        status=LicenseStatus.VALID,
        effective_from=over,
        operate_type=operate_type_of(SUSPENSION_OVER),
    )


def _lapses(license_: LicenseRecord) -> datetime | None:
    """Return when a license's last day ends it; None: it has none, or a renewal is waited for."""
    if LicenseMark.RENEWAL_PENDING in license_.marks:
        return None
    return lapses_at(license_.valid_until)


def _waiting(registry: Registry, license_: LicenseRecord) -> LicenseRecord | None:
    """Return the next version if it waits for its day."""
    if license_.successor is None:
        return None
    found = registry.get(license_.successor)
    return found if found.status is LicenseStatus.PENDING else None


def _require_alone(registry: Registry, license_: LicenseRecord) -> None:
    waiting = _waiting(registry, license_)
    if waiting is not None:
        raise VersionPendingError(waiting.identifier)


def _effective(registry: Registry, license_: LicenseRecord, deed: Deed) -> datetime:
    """Return from when a deed counts: now, or from the civil day that its order names.

    Raises:
        EffectiveDateInvalidError: in the future, before the license was issued or came into
            force, or, of what does not end it, before it was what it is now.
    """
    day, today = deed.order.effective, civil_date(deed.at)
    if day is None:
        return deed.at
    since = _since(registry, license_, deed)
    earliest = license_.issued_on if license_.predecessor is None else civil_date(since)
    if not earliest <= day <= today or (end_of(day) < since and deed.verb.becomes not in _ENDED):
        raise EffectiveDateInvalidError(license_.identifier, day.isoformat())
    return min(max(start_of(day), since), deed.at)


def _since(registry: Registry, license_: LicenseRecord, deed: Deed) -> datetime:
    """Return since when it is what it is; of a deed that ends it, since when it was in force."""
    events = registry.events(license_.identifier)
    if deed.verb.becomes in _ENDED:
        begun = (event for event in events if event.status is not LicenseStatus.ISSUING)
        return min((event.effective_from for event in begun), default=deed.at)
    counts = event_as_of(events, deed.at)
    return deed.at if counts is None else counts.effective_from
