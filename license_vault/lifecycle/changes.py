"""What happens to a license after it is issued; now: 注销 (cancelling).

Which state may follow which is ``license.ALLOWED_TRANSITIONS``. Status, event and audit entry
are one transaction, and the row is what our own nodes answer from: once a change is answered,
nobody here is told the old state. Doing the same again changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from license_vault.api_clients import Caller
from license_vault.audit import Act, AuditWriter
from license_vault.clock import Clock, civil_date, start_of
from license_vault.database.sessions import Database
from license_vault.errors import (
    EffectiveDateInvalidError,
    IdempotencyKeyReusedError,
    TransitionNotAllowedError,
)
from license_vault.license import LicenseStatus
from license_vault.registry.authorities import Authorities
from license_vault.registry.license_record import Basis, LicenseOpener
from license_vault.registry.records import KeptLicense, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import NewEvent, RegistryWriter, RequestMark
from license_vault.vault import RECORD, Vault

CANCEL = "licenses:cancel"


@dataclass(frozen=True, slots=True)
class LifecycleServices:
    """What the changes work with; ``checkpoint`` is for tests that cut the power."""

    database: Database
    vault: Vault
    clock: Clock
    checkpoint: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cancellation:
    """An order to cancel: on which legal basis, and from which civil day it takes effect."""

    basis: Basis
    effective_on: date | None = None  # none: today


class Lifecycle:
    """Changes the state of issued licenses. Made once, used by all threads."""

    def __init__(self, services: LifecycleServices) -> None:
        self._services = services
        self._opener = LicenseOpener(services.vault)

    def cancel(
        self,
        identifier: str,
        order: Cancellation,
        caller: Caller,
        mark: RequestMark | None = None,
    ) -> LicenseRecord:
        """Cancel a license (注销); when this returns, its live state says so.

        Args:
            mark: the request's Idempotency-Key and body, if it came with one.

        Raises:
            IdempotencyKeyReusedError: the key came with another request before.
            LicenseNotFoundError: there is none with this identifier.
            ScopeMissingError: the caller may not cancel licenses of this type.
            AuthorityNotPermittedError: the caller may not act for its authority.
            EffectiveDateInvalidError: before it was issued, or in the future.
            TransitionNotAllowedError: its state has no arrow to CANCELLED.
        """
        with self._services.database.reading() as session:
            registry = Registry(session)
            license_, kept = registry.get(identifier), registry.kept(identifier)
            caller.require(CANCEL, license_.type_code)
            Authorities(session).within(license_.authority_code, caller.organisation_code)
            _require_same_request(registry, identifier, mark)
        if license_.status is LicenseStatus.CANCELLED:
            return license_
        event = self._event(license_, kept, order, caller)
        try:
            self._change(license_, event, mark)
        except TransitionNotAllowedError as error:
            # Two at once: the second finds what it wanted.
            if error.current != LicenseStatus.CANCELLED.value:
                raise
        with self._services.database.reading() as session:
            return Registry(session).get(identifier)

    def _event(
        self, license_: LicenseRecord, kept: KeptLicense, order: Cancellation, caller: Caller
    ) -> NewEvent:
        now = self._services.clock()
        day = order.effective_on or civil_date(now)
        if not license_.issued_on <= day <= civil_date(now):
            raise EffectiveDateInvalidError(license_.identifier, day.isoformat())
        key = self._opener.key(kept, RECORD)
        return NewEvent(
            kind="cancelled",
            status=LicenseStatus.CANCELLED,
            actor=caller.name,
            effective_from=start_of(day) if order.effective_on else now,
            recorded_at=now,
            sealed_basis=self._opener.sealed_basis(key, license_.identifier, order.basis),
        )

    def _change(self, license_: LicenseRecord, event: NewEvent, mark: RequestMark | None) -> None:
        details = {
            "effective_from": event.effective_from.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "from": license_.status.value,
        }
        act = Act(
            event.actor, f"license.{event.kind}", license_.identifier, details, event.recorded_at
        )
        with self._services.database.writing() as session:
            writer = RegistryWriter(session)
            writer.change_status(license_.identifier, event)
            if mark is not None:
                writer.remember_request(license_.row_id, mark, event.recorded_at)
            AuditWriter(session).append(act)
        self._services.checkpoint(event.kind)


def _require_same_request(registry: Registry, identifier: str, mark: RequestMark | None) -> None:
    if mark is None:
        return
    earlier = registry.earlier_request(mark.caller, mark.key_mac)
    if earlier is None:
        return
    if (earlier.identifier, earlier.body_sm3) != (identifier, mark.body_sm3):
        raise IdempotencyKeyReusedError("the key came with another request before")
