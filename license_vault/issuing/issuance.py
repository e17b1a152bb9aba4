"""Issuing a license: from a request to a sealed file in the holder's vault.

The steps are those of docs/issuance-cycle.md, and any of them may be run again:

1. Check everything that can be known to fail; write nothing (``issuing.plan``).
2. Record the intent: the license is ISSUING, its identifier is spent. Commit (``intent``).
3. Make every form, set the seals, and verify our own output as anybody will (``issuing.files``).
4. Deposit each file; durable when the store returns. The first writer wins (``vault``).
5. ISSUING becomes VALID, with digests, seal uses, event and audit entry. Commit
   (``issuing.outcome``).

Between 2 and 5 anything may die: ``finish`` takes an ISSUING license through the rest, and two
that finish at once do no harm. What fails for good after 2 makes the intent VOID.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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
)
from license_vault.face.errors import PressBrokenError
from license_vault.issuing.files import FileMaker
from license_vault.issuing.intent import IntentRecorder, Work
from license_vault.issuing.license_request import request_digest
from license_vault.issuing.outcome import OutcomeRecorder
from license_vault.issuing.plan import IssuanceServices, Planning
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
)


@dataclass(frozen=True, slots=True)
class IssuedLicense:
    """A license that is issued; ``replayed`` if an earlier, equal request had issued it."""

    license: LicenseRecord
    check_code: str = field(repr=False)
    replayed: bool


class Issuance:
    """Issues licenses. Made once, used by all threads."""

    def __init__(self, services: IssuanceServices) -> None:
        self.services = services
        self._planning = Planning(services)
        self._intents = IntentRecorder(services)
        self._files = FileMaker(services)
        self._outcome = OutcomeRecorder(services)
        self._macs = LookupMacs(services.keys)

    def issue(
        self, body: object, caller: Caller, idempotency_key: str, making: str = ""
    ) -> IssuedLicense:
        """Issue the license that a request asks for, once for all times it is sent.

        Args:
            body: the parsed JSON of ``POST /v1/licenses``.
            idempotency_key: 1 to 255 printable ASCII characters, the caller's own.
            making: as ``Planning.plan``.

        Raises:
            IdempotencyKeyReusedError: the key came with another body before.
            IssuanceInFlightError: the same request is being worked on.
            IssuanceVoidError: the same request failed for good.
            LicenseVaultError: what stands against it.
        """
        mark = self._mark(body, caller, idempotency_key)
        for _ in range(_TRIES):
            earlier = self._earlier(mark)
            if earlier is not None:
                return self._answer_again(earlier, mark)
            try:
                plan = self._planning.plan(body, caller, mark.body_sm3, making)
            except (CaseAlreadyIssuedError, NumberInForceError):
                if self._earlier(mark) is None:
                    raise
                # What stands against it is this very request, sent twice at once: look again.
                continue
            self.services.checkpoint("checked")
            try:
                work = self._intents.record(plan, mark)
            except RowConflictError:
                # Somebody was first with this request, number, case or place: look again.
                continue
            self.services.checkpoint("intent-recorded")
            return IssuedLicense(self._complete(work, {}), work.check_code, replayed=False)
        raise DatabaseUnavailableError("too many conflicts")

    def finish(self, identifier: str, stale_after: timedelta | None = None) -> LicenseRecord:
        """Take an ISSUING license through the remaining steps; safe to repeat.

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
        self._outcome.claim(
            license_, self.services.stale_after if stale_after is None else stale_after
        )
        try:
            work = self._intents.reopen(identifier)
            found = self._files.find(work)
            missing = [form for form in work.forms if form not in found]
            if missing:
                self._outcome.count_attempt(work, missing)
        except Exception:
            self._outcome.release(license_.row_id)
            raise
        self.services.checkpoint("attempt-counted")
        return self._complete(work, found)

    def _complete(self, work: Work, found: Mapping[str, Deposited]) -> LicenseRecord:
        try:
            license_ = self._outcome.valid(work, self._files.make(work, found))
        except FAILS_FOR_GOOD as error:
            self._outcome.void(work, type(error).__name__)
            raise
        except Exception:
            self._outcome.release(work.row_id)
            raise
        self.services.checkpoint("valid")
        return license_

    # --- the same request again (ADR 0018) ---

    def _mark(self, body: object, caller: Caller, key: str) -> RequestMark:
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
        license_ = self.finish(earlier.identifier)
        code = self._intents.secrets(earlier.identifier).check_code
        return IssuedLicense(license_, code, replayed=True)

    def _is_in_flight(self, earlier: EarlierRequest) -> bool:
        stale_before = self.services.clock() - self.services.stale_after
        return earlier.claimed_at is not None and earlier.claimed_at > stale_before
