"""What happens to a license without a new version: suspended, resumed, moved, ended, applied for.

Which state may follow which is ``lifecycle.verbs``. Status, events, marks and audit entry are one
transaction, and the row is what our own nodes answer from: once a change is answered, nobody here
is told the old state. The same order under the same key changes nothing again.

A version that waits for its day shares what happens to the one before: it begins suspended if that
was suspended, and ends with it.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from keys.provider import KeyProvider
from license_vault.api_clients import Caller
from license_vault.approvals.approvals import Approval
from license_vault.clock import Clock
from license_vault.database.sessions import Database, Writing
from license_vault.database.tables import NUMBER_IN_FORCE
from license_vault.errors import (
    DatabaseUnavailableError,
    IdempotencyKeyReusedError,
    NumberInForceError,
    RowConflictError,
    TransitionNotAllowedError,
)
from license_vault.issuing.request_approvals import (
    Approvers,
    UnsignedApprovals,
    authorise,
    find_approvers,
    require_signable,
)
from license_vault.license import LicenseStatus
from license_vault.license_types.catalogue import Catalogue
from license_vault.lifecycle.deeds import Deed, Deeds
from license_vault.lifecycle.orders import Order, approved_digest, order_digest, read_order
from license_vault.lifecycle.settling import Settling
from license_vault.lifecycle.verbs import CANCEL_SCOPE, VERBS, Verb
from license_vault.registry.authorities import Authorities
from license_vault.registry.license_record import Basis
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import RegistryWriter, RequestMark
from license_vault.vault import Vault

CANCEL = CANCEL_SCOPE
_TRIES = 5


@dataclass(frozen=True, slots=True)
class LifecycleServices:
    """What the changes work with; ``checkpoint`` is for tests that cut the power."""

    database: Database
    vault: Vault
    keys: KeyProvider
    catalogue: Catalogue
    clock: Clock
    settling: Settling
    checkpoint: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cancellation:
    """An order to cancel: on which legal basis, and from which civil day it takes effect."""

    basis: Basis
    effective_on: date | None = None  # none: today


@dataclass(frozen=True, slots=True)
class Changed:
    """A license after an order; ``replayed`` if an earlier, equal order had changed it."""

    license: LicenseRecord
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _ToApprove:
    """An order as officers approve it."""

    item_code: str | None
    case_number: str
    authority_code: str
    approvals: Sequence[Approval]


class Lifecycle:
    """Changes the state of issued licenses. Made once, used by all threads."""

    def __init__(self, services: LifecycleServices) -> None:
        self._services = services
        self._deeds = Deeds(services.vault, services.catalogue)

    def act(
        self, identifier: str, verb: Verb, body: object, caller: Caller, key_mac: bytes
    ) -> Changed:
        """Do what an order says, once for all times it is sent.

        Args:
            verb: one that makes no version.
            body: the parsed JSON of the order.
            key_mac: what the request is found by, of the Idempotency-Key.

        Raises:
            IdempotencyKeyReusedError: the key came with another request before.
            LicenseNotFoundError: there is none with this identifier.
            ScopeMissingError: the caller may not do this to licenses of this type.
            AuthorityNotPermittedError: the caller may not act for its authority.
            TransitionNotAllowedError: its state does not allow the verb.
            LicenseVaultError: what else stands against it.
        """
        mark = RequestMark(caller.name, key_mac, order_digest(body, verb, identifier))
        order = read_order(body, verb)
        for _ in range(_TRIES):
            if self._may(identifier, verb, caller, mark):
                return Changed(self._get(identifier), replayed=True)
            basis = self._basis(identifier, order, approved_digest(body, verb, identifier))
            try:
                return Changed(self._do(identifier, verb, order, basis, caller.name, mark))
            except (RowConflictError, TransitionNotAllowedError):
                if not self._may(identifier, verb, caller, mark):
                    raise
                # What stood in the way is this very order, sent twice at once: look again.
        raise DatabaseUnavailableError("too many conflicts")

    def foresee(self, identifier: str, verb: Verb, body: object, caller: Caller) -> None:
        """Check all that stands against an order which officers have not signed yet.

        It is done to its end and given up, so that what it meets is what the order would meet;
        nothing of it stays, and no key is spent.

        Raises:
            LicenseVaultError: as ``act``.
        """
        order, services = read_order(body, verb), self._services
        self._may(identifier, verb, caller, None)
        told, approvers = self._to_approve(identifier, order)
        digest, now = approved_digest(body, verb, identifier), services.clock()
        require_signable(told, approvers, digest, UnsignedApprovals.ALLOW, now)
        deed = Deed(verb, order, _basis_of(order, None), caller.name, now)
        with _conflict_named(identifier), services.database.rehearsing() as session:
            self._write(session, identifier, deed, None)

    def cancel(
        self,
        identifier: str,
        order: Cancellation,
        caller: Caller,
        mark: RequestMark | None = None,
    ) -> LicenseRecord:
        """Cancel a license (注销); when this returns, its live state says so.

        Cancelling again changes nothing.

        Args:
            mark: the request's Idempotency-Key and body, if it came with one.

        Raises:
            EffectiveDateInvalidError: before it was issued, or in the future.
            LicenseVaultError: as ``act``.
        """
        verb = VERBS["cancellation"]
        self._may(identifier, verb, caller, mark)
        told = Order(order.basis.text, order.basis.officer, effective=order.effective_on)
        return self._once(identifier, verb, told, order.basis, caller.name, mark)

    def impose(self, identifier: str, verb: Verb, order: Order, actor: str) -> LicenseRecord:
        """Do something to a license that no caller orders, as a deadline that has passed.

        In a state that the verb leads to already it changes nothing.

        Raises:
            TransitionNotAllowedError: its state does not allow the verb.
            LicenseVaultError: what else stands against it.
        """
        basis = Basis(order.basis, order.officer, reason=order.reason)
        return self._once(identifier, verb, order, basis, actor, None)

    def _once(
        self,
        identifier: str,
        verb: Verb,
        order: Order,
        basis: Basis,
        actor: str,
        mark: RequestMark | None,
    ) -> LicenseRecord:
        """Do something unless it is done already, maybe by somebody else at this moment."""
        license_ = self._get(identifier)
        if license_.status is verb.becomes:
            return license_
        try:
            return self._do(identifier, verb, order, basis, actor, mark)
        except TransitionNotAllowedError as error:
            if verb.becomes is None or error.current != verb.becomes.value:
                raise
            return self._get(identifier)

    def _do(
        self,
        identifier: str,
        verb: Verb,
        order: Order,
        basis: Basis,
        actor: str,
        mark: RequestMark | None,
    ) -> LicenseRecord:
        now = self._services.clock()
        deed = Deed(verb, order, basis, actor, now)
        with _conflict_named(identifier), self._services.database.writing() as session:
            self._write(session, identifier, deed, mark)
        self._services.checkpoint(verb.event)
        return self._get(identifier)

    def _write(
        self, session: Writing, identifier: str, deed: Deed, mark: RequestMark | None
    ) -> None:
        registry = RegistryWriter(session)
        license_ = registry.get(identifier)
        row_id = license_.row_id
        if license_.status is LicenseStatus.PENDING and license_.predecessor_id is not None:
            # Always in this order, so that two who do this never wait for each other.
            registry.locked_status(license_.predecessor_id)
        registry.locked_status(row_id)
        self._services.settling.settle_one(session, identifier, deed.at)
        if mark is not None:
            registry.remember_request(row_id, mark, deed.at)
        self._deeds.do(session, registry.get(identifier), deed)

    def _may(self, identifier: str, verb: Verb, caller: Caller, mark: RequestMark | None) -> bool:
        """Check that a caller may do something; True if this very request has done it."""
        with self._services.database.reading() as session:
            registry = Registry(session)
            license_ = registry.get(identifier)
            caller.require(verb.scope, license_.type_code)
            Authorities(session).within(license_.authority_code, caller.organisation_code)
            if mark is None:
                return False
            earlier = registry.earlier_request(mark.caller, mark.key_mac)
        if earlier is None:
            return False
        if earlier.identifier != identifier or earlier.body_sm3 != mark.body_sm3:
            raise IdempotencyKeyReusedError("the key came with another request before")
        return True

    def _basis(self, identifier: str, order: Order, digest: bytes) -> Basis:
        """Return what is kept of why, with the approvals, which an item that is known demands."""
        told, approvers = self._to_approve(identifier, order)
        # No seal is used, so an item that nobody registered is no obstacle.
        allow = UnsignedApprovals.ALLOW
        checked = authorise(told, approvers, digest, allow, self._services.clock()).approvals
        kept = json.dumps([one.as_json() for one in checked], ensure_ascii=False)
        return _basis_of(order, kept if checked else None)

    def _to_approve(self, identifier: str, order: Order) -> tuple[_ToApprove, Approvers]:
        license_ = self._get(identifier)
        told = _ToApprove(
            order.item_code, order.case_number or "", license_.authority_code, order.approvals
        )
        with self._services.database.reading() as session:
            return told, find_approvers(session, self._services.keys, told)

    def _get(self, identifier: str) -> LicenseRecord:
        with self._services.database.reading() as session:
            return Registry(session).get(identifier)


def _basis_of(order: Order, approvals: str | None) -> Basis:
    return Basis(
        order.basis, order.officer, order.case_number, order.item_code, order.reason, approvals
    )


@contextmanager
def _conflict_named(identifier: str) -> Iterator[None]:
    """Name the conflict that another license of the number is in force."""
    try:
        yield
    except RowConflictError as error:
        if NUMBER_IN_FORCE in error.constraint or "license.number_mac" in error.constraint:
            raise NumberInForceError(identifier) from error
        raise
