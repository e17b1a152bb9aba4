"""How an intent ends: VALID with its files, or VOID; each with its event and its audit entry.

One transaction each: without an audit entry there is no license (ADR 0016). Somebody else
may have ended it meanwhile, which is no error.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from license_vault.audit import Act, AuditWriter
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
from license_vault.license import LicenseStatus
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.records import FormRecord, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import NewEvent, RegistryWriter
from license_vault.seals.uses import SealUseWriter
from license_vault.vault import MEDIA_TYPES

ISSUED, VOID = "license.issued", "license.void"


@dataclass(frozen=True, slots=True)
class _Ending:
    """What ends an intent; a VOID one has no files."""

    event: NewEvent
    act: Act
    files: tuple[CheckedFile, ...] = ()
    forms: tuple[FormRecord, ...] = ()


class OutcomeRecorder:
    """Says who is at work on an intent, and how it ended."""

    def __init__(self, services: IssuanceServices) -> None:
        self._services = services
        self._opener = LicenseOpener(services.vault)

    def get(self, identifier: str) -> LicenseRecord:
        """Return a license as it is now."""
        with self._services.database.reading() as session:
            return Registry(session).get(identifier)

    def claim(self, license_: LicenseRecord, stale_after: timedelta) -> None:
        """Say that we are at work on an ISSUING license.

        Raises:
            IssuanceInFlightError: somebody has been, within ``stale_after``.
        """
        now = self._services.clock()
        with self._services.database.writing() as session:
            claimed = RegistryWriter(session).claim(license_.row_id, now - stale_after, now)
        if not claimed:
            raise IssuanceInFlightError(license_.identifier)

    def release(self, row_id: int) -> None:
        """Say that nobody is at work any more, if that can be said at all."""
        with suppress(LicenseVaultError), self._services.database.writing() as session:
            RegistryWriter(session).release(row_id)

    def count_attempt(self, work: Work, forms: Iterable[str]) -> None:
        """Say that the keys of the seals are going to be used once more, for these forms."""
        with self._services.database.writing() as session:
            SealUseWriter(session).count_attempt(work.uses(forms), self._services.clock())

    def valid(self, work: Work, files: Sequence[CheckedFile]) -> LicenseRecord:
        """Make a license VALID whose files are in the store; return it as it is then.

        Raises:
            NumberInForceError: another version of the number came into force meanwhile.
            IssuanceVoidError: somebody has given it up meanwhile.
            DatabaseUnavailableError: it did not take the rows; they may be written later.
        """
        now = self._services.clock()
        details = {
            "content_id": work.placed.content_id,
            **{f"{file.deposited.form}_sm3": file.deposited.sm3.hex() for file in files},
            "seals": " ".join(record.seal.code for record in work.seals),
        }
        event = self._event("issued", LicenseStatus.VALID, work, now)
        act = Act(event.actor, ISSUED, work.identifier, details, now)
        ending = _Ending(event, act, tuple(files), tuple(_form(file, now) for file in files))
        try:
            ended_now = self._end(work, ending)
        except RowConflictError as error:
            if not _is_about_number(error):
                raise DatabaseUnavailableError(error.constraint) from error
            raise NumberInForceError(work.identifier) from error
        # Reading it again would say the same, and cost three queries.
        return _issued(work, ending.forms, now) if ended_now else self.get(work.identifier)

    def void(self, work: Work, reason: str) -> None:
        """Give a license up for good. If that cannot be said now, ``reconcile`` will."""
        now = self._services.clock()
        event = self._event("void", LicenseStatus.VOID, work, now)
        act = Act(event.actor, VOID, work.identifier, {"reason": reason}, now)
        with suppress(LicenseVaultError):
            self._end(work, _Ending(event, act))

    def _end(self, work: Work, ending: _Ending) -> bool:
        """End an intent; False if somebody else has ended it as VALID."""
        event = ending.event
        with self._services.database.writing() as session:
            registry, uses = RegistryWriter(session), SealUseWriter(session)
            if registry.end_issuing(work.row_id, event, ending.forms):
                uses.complete(work.row_id, ending.files, event.recorded_at)
                # Last, since it queues writers until the commit.
                AuditWriter(session).append(ending.act)
                return True
            if registry.get(work.identifier).status is LicenseStatus.VOID:
                raise IssuanceVoidError(work.identifier)
            return False

    def _event(self, kind: str, status: LicenseStatus, work: Work, now: datetime) -> NewEvent:
        return NewEvent(
            kind=kind,
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


def _issued(work: Work, forms: tuple[FormRecord, ...], at: datetime) -> LicenseRecord:
    """Return a license as its rows say at the moment it became VALID."""
    content = work.placed.content
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
        status=LicenseStatus.VALID,
        status_uri=content.status_uri,
        status_index=content.status_index,
        content_id=work.placed.content_id,
        recorded_at=work.at,
        changed_at=at,
        holders=work.holders,
        intended_forms=work.forms,
        forms=forms,
    )
