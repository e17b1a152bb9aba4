"""How this region's own nodes know trust and state: from the live rows, as of this moment.

Everybody else asks the trust bundle and the signed lists. A license that was
cancelled is reported so by every node of ours from the answer to the
cancellation on (docs/attacks.md A4); nothing here is kept from one question to
the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from license_vault.clock import lapses_at
from license_vault.errors import OutputRefusedError
from license_vault.license import LicenseMark, LicenseStatus
from license_vault.lifecycle.states import has_lapsed
from license_vault.lifecycle.suspensions import last_day
from license_vault.registry.live_states import LiveStates
from license_vault.registry.registry import Registry
from license_vault.seals.uses import CheckedSeal
from license_vault.status.shards import StatusShards
from license_vault.trust.kept_lists import TrustLists
from license_vault.trust.live_entries import LiveEntries
from license_vault.trust.publication import TrustMaterial
from verification.evidence import StatusEvidence, StatusKind, TrustEvidence
from verification.report import Outcome, Verdict
from verification.source_trust_list import (
    anchors_of,
    authority_of,
    intermediates_of,
    signers_of,
)

if TYPE_CHECKING:
    from license_vault.clock import Clock
    from license_vault.database.sessions import Database
    from verification.sources import Unreachable
    from verification.verifier import Verifier


class OwnTrust:
    """What this region trusts, from its own database."""

    def __init__(self, database: Database, region: str, clock: Clock) -> None:
        self._database = database
        self._region = region
        self._clock = clock

    def trust_for(self, authority_code: str | None) -> TrustEvidence | Unreachable:
        """Return what is trusted now, and was, with the entry of an issuing authority if any."""
        with self._database.reading() as session:
            entries = LiveEntries(session, self._region).about(authority_code)
            lists = TrustMaterial(session).revocation_lists()
            sequence = TrustLists(session).sequence_in_use(self._region)
        return TrustEvidence(
            region=self._region,
            issued_at=self._clock(),
            anchors=anchors_of(entries),
            intermediates=intermediates_of(entries),
            revocation_lists=lists,
            authority=authority_of(entries, authority_code),
            signers=signers_of(entries),
            list_sequence=sequence,
        )


class LiveStatus:
    """The state of a license from its own events; for lists of ours only."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def state_of_file(self, sm3: str, at: datetime) -> StatusEvidence | None:
        """Return the state of the license that a file kept here is; None: it is not kept here.

        Found by the file's own digest in our rows: nothing that the file says has a part in it.
        """
        now = self._clock()
        with self._database.reading() as session:
            record = Registry(session).by_file(bytes.fromhex(sm3))
        if record is None:
            return None
        found = self.status_of(record.status_uri, record.status_index, at)
        state, lapses = LicenseStatus(found.state or record.status), lapses_at(record.valid_until)
        waits = LicenseMark.RENEWAL_PENDING in found.marks
        if has_lapsed(state, None if waits else lapses, min(at, now)):
            return replace(found, state=LicenseStatus.LAPSED.value, detail="", marks=())
        return found

    def status_of(self, uri: str, index: int, at: datetime) -> StatusEvidence:
        """Return the state at a time; UNAVAILABLE for a list or an index that is not ours."""
        now = self._clock()
        with self._database.reading() as session:
            live, asked = LiveStates(session), min(at, now)
            state, marks = live.as_of(uri, index, asked), live.marks_as_of(uri, index, asked)
            over = None
            if state is LicenseStatus.SUSPENDED:
                over = live.suspended_until(uri, index, asked)
            if state is None:
                ours = StatusShards(session).has(uri)
                detail = "index-never-assigned" if ours else "list-of-another-node"
                return StatusEvidence(StatusKind.UNAVAILABLE, detail=detail)
        told = tuple(mark.value for mark in marks)
        until = "" if over is None else last_day(over).isoformat()
        return StatusEvidence(
            StatusKind.REGISTER, state=state.value, observed_at=now, detail=until, marks=told
        )


def final_check_by(verifier: Verifier) -> Callable[[str, bytes], tuple[CheckedSeal, ...]]:
    """Return the check of our own output: what we would not accept we do not hand out.

    It tells the seals it found, and what each has signed, for the record of their uses.

    A license that begins later is not in force yet and still rightly made; the
    policy skips the state, so that only its dates can say so.
    """

    def check(form: str, data: bytes) -> tuple[CheckedSeal, ...]:
        report = verifier.verify(data)
        if report.verdict not in {Verdict.VALID, Verdict.NOT_IN_FORCE}:
            wrong = {Outcome.FAILED, Outcome.INDETERMINATE}
            codes = tuple(line.code for line in report.checks if line.outcome in wrong)
            raise OutputRefusedError(codes or (report.verdict.value,))
        if report.document.form != form:
            raise OutputRefusedError(("another-form",))
        return tuple(
            CheckedSeal(seal.code, bytes.fromhex(seal.signed_sm3)) for seal in report.seals
        )

    return check
