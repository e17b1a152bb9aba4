"""Issuing a license: from a request to a sealed file in the holder's vault.

The steps are those of docs/issuance-cycle.md, and any of them may be run again:

1. Check everything that can be known to fail; write nothing (``issuing.plan``).
2. Record the intent: the license is ISSUING, its identifier is spent. Commit (``intent``).
3. Make every form, set the seals, and verify our own output as anybody will (``issuing.files``).
4. Deposit each file; durable when the store returns. The first writer wins (``vault``).
5. ISSUING becomes VALID (or PENDING, if it comes into force later), with digests, seal uses,
   event and audit entry; the version it follows ends. Commit (``issuing.outcome``).

A license is issued alone or in a group (正本 and 副本, a package), which is a group of one or
several: each step is done for all of a group before the next, and each commit holds them all.

Between 2 and 5 anything may die: ``finish`` takes an ISSUING license through the rest, and two
that finish at once do no harm. What fails for good after 2 makes the intent VOID.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from license_vault.api_clients import Caller
from license_vault.errors import (
    CaseAlreadyIssuedError,
    DatabaseUnavailableError,
    IdempotencyKeyInvalidError,
    IdempotencyKeyReusedError,
    IssuanceInFlightError,
    IssuanceVoidError,
    NumberInForceError,
    OutputRefusedError,
    RowConflictError,
    TransitionNotAllowedError,
    VersionPendingError,
)
from license_vault.face.errors import PressBrokenError
from license_vault.issuing.copy_sets import plan_copies
from license_vault.issuing.files import FileMaker
from license_vault.issuing.intent import IntentRecorder, WithIntents, Work, nothing_more
from license_vault.issuing.license_request import request_digest
from license_vault.issuing.outcome import OutcomeRecorder
from license_vault.issuing.plan import IssuanceServices, NextVersion, Plan, Planning
from license_vault.license import LicenseStatus
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import EarlierRequest, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import RequestMark
from license_vault.seals.errors import SealUnusableError
from license_vault.vault import Deposited
from signing.errors import (
    DocumentNotSealableError,
    HoleTooSmallError,
    SealKeyMismatchError,
    SealPeriodError,
    SealPlacementError,
    SignerNotInSealError,
)

_TRIES = 5
_PERHAPS_BY_THIS_REQUEST = (
    CaseAlreadyIssuedError,
    NumberInForceError,
    TransitionNotAllowedError,
    VersionPendingError,
)
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")

# What no second try can make good. Anything else leaves the license ISSUING, to be finished.
FAILS_FOR_GOOD = (
    OutputRefusedError,
    PressBrokenError,
    SealUnusableError,
    SealPlacementError,
    DocumentNotSealableError,
    HoleTooSmallError,
    SealKeyMismatchError,
    SealPeriodError,
    SignerNotInSealError,
    NumberInForceError,
    # Of the version it was to follow: that is no longer what it was when this one was planned.
    TransitionNotAllowedError,
)


@dataclass(frozen=True, slots=True)
class IssuedLicense:
    """A license that is issued; ``replayed`` if an earlier, equal request had issued it.

    ``others`` are those issued in one group with it.
    """

    license: LicenseRecord
    check_code: str = field(repr=False)
    replayed: bool
    others: "tuple[IssuedLicense, ...]" = ()


class Issuance:
    """Issues licenses. Made once, used by all threads."""

    def __init__(self, services: IssuanceServices) -> None:
        self.services = services
        self.planning = Planning(services)
        self._intents = IntentRecorder(services)
        self._files = FileMaker(services)
        self._outcome = OutcomeRecorder(services)
        self._macs = LookupMacs(services.keys)

    def issue(
        self, body: object, caller: Caller, idempotency_key: str, making: str = ""
    ) -> IssuedLicense:
        """Issue the license that a request asks for, or 正本 with 副本, once however often sent.

        Args:
            body: the parsed JSON of ``POST /v1/licenses``.
            idempotency_key: 1 to 255 printable ASCII characters, the caller's own.
            making: how it came to be made, if not by a decision of today (claims v2).

        Raises:
            IdempotencyKeyReusedError: the key came with another body before.
            IssuanceInFlightError: the same request is being worked on.
            IssuanceVoidError: the same request failed for good.
            LicenseVaultError: what stands against it.
        """
        mark = self.mark(body, caller, idempotency_key)
        version = NextVersion(making=making)
        return self.issue_group(
            lambda: plan_copies(self.planning, body, caller, mark.body_sm3, version), mark
        )

    def issue_group(
        self,
        plan: Callable[[], Sequence[Plan]],
        mark: RequestMark,
        with_intents: WithIntents = nothing_more,
    ) -> IssuedLicense:
        """Issue all licenses of a group or none, once for all times the request is sent.

        A cut anywhere leaves what ``finish`` takes to its end, or gives up, as a whole.

        Args:
            plan: plans the licenses, at least one; asked again if somebody was faster.
            mark: the request that asks for them.
            with_intents: writes more in the transaction of the intents; what is to be written
                when they are issued is for ``IssuanceServices.effects``.

        Returns:
            The first, with the others.

        Raises:
            LicenseVaultError: as ``issue``.
        """
        for _ in range(_TRIES):
            earlier = self._earlier(mark)
            if earlier is not None:
                return self._answer_again(earlier, mark)
            try:
                plans = tuple(plan())
                _require_apart(plans)
            except _PERHAPS_BY_THIS_REQUEST:
                if self._earlier(mark) is None:
                    raise
                # What stands against it is this very request, sent twice at once: look again.
                continue
            self.services.checkpoint("checked")
            try:
                works = self._intents.record(plans, mark, with_intents)
            except RowConflictError:
                # Somebody was first with this request, number, case or place: look again.
                continue
            self.services.checkpoint("intent-recorded")
            return _issued(self._complete(works, {}), [work.check_code for work in works])
        raise DatabaseUnavailableError("too many conflicts")

    def earlier(self, mark: RequestMark) -> IssuedLicense | None:
        """Return what the same request issued before, finished now if need be; None: it is new.

        Raises:
            IdempotencyKeyReusedError, IssuanceInFlightError, IssuanceVoidError: as ``issue``.
        """
        found = self._earlier(mark)
        return None if found is None else self._answer_again(found, mark)

    def finish(self, identifier: str, stale_after: timedelta | None = None) -> LicenseRecord:
        """Take an ISSUING license, with its group, through the remaining steps; safe to repeat.

        Args:
            stale_after: how long nobody must have been at work on it; None: as set.

        Raises:
            LicenseNotFoundError: there is none with this identifier.
            IssuanceInFlightError: somebody is at work on it.
            IssuanceVoidError: it failed for good before.
            LicenseVaultError: why it fails for good now, or must wait.
        """
        license_ = self._outcome.get(identifier)
        if license_.status is LicenseStatus.VOID:
            raise IssuanceVoidError(identifier)
        if license_.status is not LicenseStatus.ISSUING:
            return license_
        leader = license_.group_id or license_.row_id
        self._outcome.claim(
            identifier, leader, self.services.stale_after if stale_after is None else stale_after
        )
        try:
            works = tuple(map(self._intents.reopen, self._outcome.group_of(license_)))
            found = {work.identifier: self._files.find(work) for work in works}
            self._outcome.count_attempts(works, found)
        except Exception:
            self._outcome.release(leader)
            raise
        self.services.checkpoint("attempt-counted")
        ended = self._complete(works, found)
        return next(one for one in ended if one.identifier == identifier)

    def _complete(
        self, works: Sequence[Work], found: Mapping[str, Mapping[str, Deposited]]
    ) -> tuple[LicenseRecord, ...]:
        try:
            licenses = self._outcome.issued(works, self._files.make(works, found))
        except FAILS_FOR_GOOD as error:
            self._outcome.void(works, type(error).__name__)
            raise
        except Exception:
            self._outcome.release(works[0].row_id)
            raise
        self.services.checkpoint("valid")
        return licenses

    # --- the same request again (ADR 0018) ---

    def mark(self, body: object, caller: Caller, key: str) -> RequestMark:
        """Return what a request is known by.

        Raises:
            IdempotencyKeyInvalidError: the key is none.
            FieldInvalidError: the body has no canonical form.
        """
        if not _IDEMPOTENCY_KEY.fullmatch(key):
            raise IdempotencyKeyInvalidError("1 to 255 printable ASCII characters")
        key_mac = self._macs.idempotency_key(caller.name, key)
        return RequestMark(caller.name, key_mac, bytes.fromhex(request_digest(body)))

    def _earlier(self, mark: RequestMark) -> EarlierRequest | None:
        with self.services.database.reading() as session:
            return Registry(session).earlier_request(mark.caller, mark.key_mac)

    def _answer_again(self, earlier: EarlierRequest, mark: RequestMark) -> IssuedLicense:
        if earlier.body_sm3 != mark.body_sm3:
            raise IdempotencyKeyReusedError("the key came with another body before")
        if earlier.status is LicenseStatus.VOID:
            raise IssuanceVoidError(earlier.identifier)
        if earlier.status is LicenseStatus.ISSUING and self._is_in_flight(earlier):
            raise IssuanceInFlightError(earlier.identifier)
        self.finish(earlier.identifier)
        licenses = self._outcome.licenses_of_group(earlier.identifier)
        codes = [self._intents.secrets(one.identifier).check_code for one in licenses]
        first = _issued(licenses, codes)
        return replace(
            first, replayed=True, others=tuple(replace(one, replayed=True) for one in first.others)
        )

    def _is_in_flight(self, earlier: EarlierRequest) -> bool:
        stale_before = self.services.clock() - self.services.stale_after
        return earlier.claimed_at is not None and earlier.claimed_at > stale_before


def _issued(licenses: Sequence[LicenseRecord], codes: Sequence[str]) -> IssuedLicense:
    first, *others = (
        IssuedLicense(license_, code, replayed=False)
        for license_, code in zip(licenses, codes, strict=True)
    )
    return replace(first, others=tuple(others))


def _require_apart(plans: Sequence[Plan]) -> None:
    """Refuse a group that would hold one number and copy, or issue one case, twice."""
    seen: dict[tuple[object, ...], str] = {}
    for plan in plans:
        wanted, identifier = plan.uniqueness, plan.placed.content.identifier
        same = (wanted.authority_id, wanted.type_code, wanted.copy.kind, wanted.copy.ordinal)
        number, case = (
            (*same, "number", wanted.number_mac),
            (*same, "case", wanted.case_mac, wanted.first_holder_mac),
        )
        if number in seen:
            raise NumberInForceError(seen[number])
        if case in seen:
            raise CaseAlreadyIssuedError(seen[case])
        seen |= {number: identifier, case: identifier}
