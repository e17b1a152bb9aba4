"""How the intents of a group end: VALID or PENDING with their files, or VOID.

With each goes its event and its audit entry, and the end of the version before it, which is over
in the moment the new one is in force. One transaction each: without an audit entry there is no
license (ADR 0016). Somebody else may have ended it meanwhile, which is no error.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from license_vault.audit import Act, AuditWriter
from license_vault.clock import lapses_at
from license_vault.database.sessions import Writing
from license_vault.database.tables import NUMBER_IN_FORCE
from license_vault.errors import (
    DatabaseUnavailableError,
    IssuanceInFlightError,
    IssuanceVoidError,
    LicenseVaultError,
    NumberInForceError,
    RowConflictError,
)
from license_vault.issuing.files import CheckedFile
from license_vault.issuing.intent import Work
from license_vault.issuing.plan import IssuanceServices
from license_vault.license import LicenseMark, LicenseStatus
from license_vault.lifecycle.verbs import VERBS, Makes, Verb
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.marks import RENEWAL, MarkWriter
from license_vault.registry.records import FormRecord, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import NewEvent, RegistryWriter
from license_vault.seals.uses import SealUseWriter
from license_vault.vault import MEDIA_TYPES, RECORD

ISSUED, VOID = "license.issued", "license.void"


@dataclass(frozen=True, slots=True)
class _Ending:
    """What ends one intent; a VOID one has no files.

    ``after`` is what happens to the version before it, ``later`` what happens to it when it comes
    into force, if that is not now.
    """

    work: Work
    event: NewEvent
    act: Act
    files: tuple[CheckedFile, ...] = ()
    forms: tuple[FormRecord, ...] = ()
    due_at: datetime | None = None
    later: NewEvent | None = None
    after: "_After | None" = None


@dataclass(frozen=True, slots=True)
class _After:
    """What happens to the version before: to whom, by which verb, and as whose act."""

    identifier: str
    verb: Verb
    event: NewEvent
    act: Act


class OutcomeRecorder:
    """Says who is at work on an intent, and how it ended."""

    def __init__(self, services: IssuanceServices) -> None:
        self._services = services
        self._opener = LicenseOpener(services.vault)

    def get(self, identifier: str) -> LicenseRecord:
        """Return a license as it is now."""
        with self._services.database.reading() as session:
            return Registry(session).get(identifier)

    def group_of(self, license_: LicenseRecord) -> tuple[str, ...]:
        """Return the identifiers of a license's group, the first first."""
        with self._services.database.reading() as session:
            return Registry(session).group_of(license_)

    def licenses_of_group(self, identifier: str) -> tuple[LicenseRecord, ...]:
        """Return all licenses of a group as they are now, the first first."""
        with self._services.database.reading() as session:
            registry = Registry(session)
            known = registry.get(identifier)
            return tuple(
                known if other == identifier else registry.get(other)
                for other in registry.group_of(known)
            )

    def claim(self, identifier: str, leader: int, stale_after: timedelta) -> None:
        """Say that we are at work on the ISSUING licenses of a group.

        Args:
            identifier: which of them is asked for.
            leader: the row of the group's first.

        Raises:
            IssuanceInFlightError: somebody has been, within ``stale_after``.
        """
        now = self._services.clock()
        with self._services.database.writing() as session:
            claimed = RegistryWriter(session).claim(leader, now - stale_after, now)
        if not claimed:
            raise IssuanceInFlightError(identifier)

    def release(self, row_id: int) -> None:
        """Say that nobody is at work any more, if that can be said at all."""
        with suppress(LicenseVaultError), self._services.database.writing() as session:
            RegistryWriter(session).release(row_id)

    def count_attempts(
        self, works: Sequence[Work], found: Mapping[str, Mapping[str, object]]
    ) -> None:
        """Say that the keys of the seals are going to be used once more, for forms not found."""
        missing = [
            (work, [form for form in work.forms if form not in found[work.identifier]])
            for work in works
        ]
        if not any(forms for _, forms in missing):
            return
        with self._services.database.writing() as session:
            for work, forms in missing:
                if forms:
                    SealUseWriter(session).count_attempt(work.uses(forms), self._services.clock())

    def issued(
        self, works: Sequence[Work], files: Sequence[Sequence[CheckedFile]]
    ) -> tuple[LicenseRecord, ...]:
        """Make a group VALID or PENDING whose files are in the store; return it as it is then.

        Raises:
            NumberInForceError: another version of a number came into force meanwhile.
            TransitionNotAllowedError: the version before is no longer what it was.
            IssuanceVoidError: somebody has given it up meanwhile.
            DatabaseUnavailableError: it did not take the rows; they may be written later.
        """
        now = self._services.clock()
        endings = [self._issue(work, made, now) for work, made in zip(works, files, strict=True)]
        try:
            ended_now = self._end(endings)
        except RowConflictError as error:
            if not _is_about_number(error):
                raise DatabaseUnavailableError(error.constraint) from error
            raise NumberInForceError(works[0].identifier) from error
        if not ended_now or any(map(_has_more, works)):
            return tuple(self.get(work.identifier) for work in works)
        # Reading it again would say the same, and cost three queries.
        return tuple(_issued(ending, now) for ending in endings)

    def void(self, works: Sequence[Work], reason: str) -> None:
        """Give a group up for good. If that cannot be said now, ``reconcile`` will."""
        now = self._services.clock()
        endings = []
        for work in works:
            event = self._event("void", LicenseStatus.VOID, work, now)
            act = Act(event.actor, VOID, work.identifier, {"reason": reason}, now)
            endings.append(_Ending(work, event, act))
        with suppress(LicenseVaultError):
            self._end(endings)

    def _end(self, endings: Sequence[_Ending]) -> bool:
        """End the intents of a group; False if somebody else has ended them as issued."""
        first = endings[0].work
        with self._services.database.writing() as session:
            # All of a group are ended together, so its first row's lock is the lock of all.
            status = RegistryWriter(session).locked_status(first.row_id)
            if status is LicenseStatus.VOID:
                raise IssuanceVoidError(first.identifier)
            if status is not LicenseStatus.ISSUING:
                return False
            for ending in endings:
                self._end_one(session, ending)
            # Last, since it queues writers until the commit.
            for ending in endings:
                AuditWriter(session).append(ending.act)
                if ending.after is not None:
                    AuditWriter(session).append(ending.after.act)
            return True

    def _end_one(self, session: Writing, ending: _Ending) -> None:
        registry, work, at = RegistryWriter(session), ending.work, ending.event.recorded_at
        if ending.after is not None:
            _end_the_one_before(registry, ending.after, work.row_id, ending.later)
        registry.end_issuing(work.row_id, ending.event, ending.forms, ending.due_at)
        if ending.event.status is LicenseStatus.VOID:
            return
        if ending.later is not None:
            registry.add_event(work.row_id, ending.later)
        SealUseWriter(session).complete(work.row_id, ending.files, at)
        for effects in self._services.effects:
            effects.at_issue(session, work, at)

    def _issue(self, work: Work, files: Sequence[CheckedFile], now: datetime) -> _Ending:
        from_then = work.succession.in_force_from
        waits = from_then is not None and from_then > now
        status = LicenseStatus.PENDING if waits else LicenseStatus.VALID
        event = self._event("issued", status, work, now)
        later = None
        if from_then is not None and waits:
            later = replace(
                event, kind="in-force", status=LicenseStatus.VALID, effective_from=from_then
            )
        details = {
            "content_id": work.placed.content_id,
            **{f"{file.deposited.form}_sm3": file.deposited.sm3.hex() for file in files},
            "seals": " ".join(record.seal.code for record in work.seals),
        }
        if work.succession.predecessor is not None:
            details |= {"verb": work.succession.origin, "follows": work.succession.predecessor}
        lapses = lapses_at(work.placed.content.valid_until)
        return _Ending(
            work=work,
            event=event,
            act=Act(event.actor, ISSUED, work.identifier, details, now),
            files=tuple(files),
            forms=tuple(_form(file, now) for file in files),
            due_at=from_then if waits else lapses,
            later=later,
            after=self._after(work, later or event),
        )

    def _after(self, work: Work, in_force: NewEvent) -> _After | None:
        """Return what happens to the version before, in the moment this one comes into force."""
        before, verb = work.succession.predecessor, VERBS[work.succession.origin]
        if before is None or work.succession.predecessor_id is None or verb.becomes is None:
            return None
        with self._services.database.reading() as session:
            kept = Registry(session).kept(before)
        key, basis = self._opener.key(kept, RECORD), work.secrets.basis
        event = replace(
            in_force,
            kind=verb.event,
            status=verb.becomes,
            sealed_basis=self._opener.sealed_basis(key, before, basis),
        )
        details = {
            "effective_from": event.effective_from.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "followed_by": work.identifier,
        }
        act = Act(event.actor, f"license.{event.kind}", before, details, event.recorded_at)
        return _After(before, verb, event, act)

    def _event(self, kind: str, status: LicenseStatus, work: Work, now: datetime) -> NewEvent:
        return NewEvent(
            kind=kind,
            operate_type=VERBS[work.succession.origin].operate_type,
            status=status,
            actor=work.secrets.actor,
            effective_from=now,
            recorded_at=now,
            sealed_basis=self._opener.sealed_basis(
                work.record_key, work.identifier, work.secrets.basis
            ),
        )


def _is_about_number(error: RowConflictError) -> bool:
    """Say whether the index of numbers in force refused a row; SQLite names its columns."""
    return NUMBER_IN_FORCE in error.constraint or "license.number_mac" in error.constraint


def _form(file: CheckedFile, at: datetime) -> FormRecord:
    deposited = file.deposited
    return FormRecord(
        form=deposited.form,
        object_key=deposited.object_key,
        media_type=MEDIA_TYPES[deposited.form],
        size_bytes=len(deposited.data),
        sm3=deposited.sm3,
        sha256=deposited.sha256,
        ciphertext_sm3=deposited.ciphertext_sm3,
        deposited_at=at,
    )


def _end_the_one_before(
    registry: RegistryWriter, after: _After, new_row_id: int, later: NewEvent | None
) -> None:
    """End the version before, now or (``later``) when the new one comes into force.

    One that its own last day has ended meanwhile stays lapsed.

    Raises:
        TransitionNotAllowedError: it is in a state in which the verb cannot be done.
    """
    before, at = registry.get(after.identifier), after.event.recorded_at
    if before.status is LicenseStatus.LAPSED and after.verb.makes is Makes.VERSION:
        return
    sources = tuple(after.verb.sources)
    if later is not None:
        due = min(filter(None, (before.due_at, later.effective_from)))
        registry.touch(after.identifier, sources, at, due)
        registry.add_event(before.row_id, after.event)
        lapses = lapses_at(before.valid_until)
        if after.verb.name == RENEWAL and lapses is not None and lapses > at:
            # Decided, and its last day has not come: nothing is waited for any more.
            decided = LicenseMark.RENEWAL_PENDING
            MarkWriter(registry.writing).clear(before.row_id, decided, at)
        return
    registry.touch(after.identifier, sources, at, None)
    registry.change_status(after.identifier, after.event)
    MarkWriter(registry.writing).carry_over(before.row_id, new_row_id, at, after.verb.name)


def _has_more(work: Work) -> bool:
    """Say whether ending a license as issued has written more than its own row."""
    content = work.placed.content
    return bool(work.succession.predecessor or content.conditions or content.parts)


def _issued(ending: _Ending, at: datetime) -> LicenseRecord:
    """Return a license without a predecessor as its rows say at the moment it was issued."""
    work, content = ending.work, ending.work.placed.content
    return LicenseRecord(
        row_id=work.row_id,
        identifier=work.identifier,
        type_code=content.type_code,
        type_version=content.type_version,
        authority_code=content.authority.code,
        authority_name=content.authority.name,
        region=content.authority.region,
        copy=content.copy,
        issued_on=content.issued_on,
        valid_from=content.valid_from,
        valid_until=content.valid_until,
        status=ending.event.status,
        status_uri=content.status_uri,
        status_index=content.status_index,
        content_id=work.placed.content_id,
        recorded_at=work.at,
        changed_at=at,
        holders=work.holders,
        intended_forms=work.forms,
        forms=ending.forms,
        origin=work.succession.origin,
        in_force_from=work.succession.in_force_from,
        due_at=ending.due_at,
        group_id=work.group_id,
    )
