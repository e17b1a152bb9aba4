"""Two people accept a partner's first trust list, or settle a split: each types the fingerprint.

The fingerprint comes from an official letter (函), not from the network: whoever can change what
is fetched cannot change what is typed. A wrong one is refused, recorded and an alarm. The second
person must be another one; with that the list, its root and the partner's address count.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from license_vault.audit import Act, AuditWriter
from license_vault.clock import Clock
from license_vault.database.columns import table_of
from license_vault.database.sessions import Database, Reading, Writing
from license_vault.database.trust_list_tables import TrustApprovalRow
from license_vault.partners.partners import PartnerWriter
from license_vault.refusals import REFUSED
from license_vault.seals.roles import SealRoles
from license_vault.trust.alarms import AlarmWriter, Refusal
from license_vault.trust.errors import TrustListRefusedError
from license_vault.trust.foreign_claims import foreign_claim
from license_vault.trust.kept_lists import KeptList, ListState, TrustListWriter
from license_vault.trust.national_roots import NationalRoots
from license_vault.trust.partner_lists import EXPIRED, OLDER, fingerprint_of
from license_vault.trust.sightings import Sighting, Sightings

PEOPLE = 2
ACCEPT, RESOLVE = "accept", "resolve"
FORM, WRONG, NO_CANDIDATE, NO_SPLIT, HAS_SEAL_ROLE = (
    "fingerprint-form",
    "fingerprint-wrong",
    "no-candidate",
    "no-split",
    "person-has-seal-role",
)
_APPROVAL = table_of(TrustApprovalRow)


@dataclass(frozen=True, slots=True)
class Approver:
    """Who typed the fingerprint, and who the audit says did it ("operator:…", "officer:…")."""

    person: str
    actor: str


@dataclass(frozen=True, slots=True)
class Approval:
    """How it stands: who approved so far; ``reason`` if this one was refused."""

    region: str
    sm3: bytes
    persons: tuple[str, ...]
    is_done: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Typed:
    region: str
    purpose: str
    fingerprint: bytes
    by: Approver
    at: datetime


class ApprovalsKept:
    """Looks approvals up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of(self, region: str, sm3: bytes, purpose: str = ACCEPT) -> tuple[str, ...]:
        """Return who typed a fingerprint, in order."""
        rows = self._session.execute(
            select(_APPROVAL.c.person)
            .where(_APPROVAL.c.region == region, _APPROVAL.c.sm3 == sm3)
            .where(_APPROVAL.c.purpose == purpose)
            .order_by(_APPROVAL.c.id)
        )
        return tuple(row.person for row in rows)


class TrustApprovals:
    """Takes what people typed; a refusal is written down before it is told."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def approve(self, region: str, fingerprint: str, by: Approver) -> Approval:
        """Take one person's approval of a region's candidate.

        Raises:
            TrustListRefusedError: the fingerprint is not the candidate's, or the list no longer
                fit to be taken.
        """
        return self._take(region, fingerprint, by, ACCEPT)

    def resolve(self, region: str, fingerprint: str, by: Approver) -> Approval:
        """Take one person's word on which list of a split is the right one.

        Raises:
            TrustListRefusedError: nobody showed a list of this fingerprint, or there is no split.
        """
        return self._take(region, fingerprint, by, RESOLVE)

    def _take(self, region: str, fingerprint: str, by: Approver, purpose: str) -> Approval:
        digest = fingerprint_of(fingerprint)
        with self._database.writing() as session:
            typed = _Typed(region, purpose, digest or b"", by, self._clock())
            taking = _Taking(session)
            approval = taking.refused(typed, FORM) if digest is None else taking.take(typed)
        if approval.reason:
            raise TrustListRefusedError(region, approval.reason)
        return approval


class _Taking:
    """One approval within one session."""

    def __init__(self, session: Writing) -> None:
        self._session = session
        self._lists = TrustListWriter(session)

    def take(self, typed: _Typed) -> Approval:
        if (earlier := self._done_before(typed)) is not None:
            return earlier
        if reason := self._reason(typed):
            return self.refused(typed, reason)
        persons = self._with(typed)
        is_done = len(persons) >= PEOPLE
        if is_done:
            self._finish(typed, persons)
        self._record(typed, f"trust-list.{typed.purpose}", {"done": str(is_done).lower()})
        return Approval(typed.region, typed.fingerprint, persons, is_done)

    def _done_before(self, typed: _Typed) -> Approval | None:
        """Return what the same person was answered when it was done: asked again, said again."""
        persons = ApprovalsKept(self._session).of(typed.region, typed.fingerprint, typed.purpose)
        waits = Sightings(self._session).split_of(typed.region) is not None
        if typed.by.person not in persons or len(persons) < PEOPLE:
            return None
        if typed.purpose == RESOLVE and waits:
            return None  # another split since; the digest that two vouched for is vouched for
        return Approval(typed.region, typed.fingerprint, persons, is_done=True)

    def refused(self, typed: _Typed, reason: str) -> Approval:
        refusal = Refusal(typed.region, reason, typed.fingerprint, "letter")
        AlarmWriter(self._session).raise_(refusal, typed.at)
        self._record(typed, f"trust-list.{typed.purpose}{REFUSED}", {"reason": reason})
        return Approval(typed.region, typed.fingerprint, (), is_done=False, reason=reason)

    def _reason(self, typed: _Typed) -> str | None:
        # Who manages, uses or audits seals does not decide whom we trust (三权分立).
        if SealRoles(self._session).role_of(typed.by.person) is not None:
            return HAS_SEAL_ROLE
        if typed.purpose == RESOLVE:
            split = Sightings(self._session).split_of(typed.region)
            if split is None:
                return NO_SPLIT
            return None if typed.fingerprint in {sm3 for sm3, _ in split.shown} else WRONG
        candidate = self._lists.pending(typed.region, ListState.CANDIDATE)
        if candidate is None:
            return NO_CANDIDATE
        return self._candidate_reason(typed, candidate)

    def _candidate_reason(self, typed: _Typed, candidate: KeptList) -> str | None:
        if candidate.sm3 != typed.fingerprint:
            return WRONG
        if typed.at > candidate.next_update:
            return EXPIRED
        held = self._lists.newest(typed.region)
        if held is not None and held.sequence >= candidate.sequence:
            return OLDER
        found = candidate.trust_list
        return foreign_claim(self._session, found) or NationalRoots(self._session).problem_of(found)

    def _with(self, typed: _Typed) -> tuple[str, ...]:
        """Record the approval; the same person's again changes nothing."""
        kept = ApprovalsKept(self._session)
        persons = kept.of(typed.region, typed.fingerprint, typed.purpose)
        if typed.by.person in persons:
            return persons
        self._session.add_row(
            _APPROVAL,
            region=typed.region,
            sm3=typed.fingerprint,
            purpose=typed.purpose,
            person=typed.by.person,
            given_at=typed.at,
        )
        return (*persons, typed.by.person)

    def _finish(self, typed: _Typed, persons: tuple[str, ...]) -> None:
        if typed.purpose == RESOLVE:
            self._settle(typed)
            return
        candidate = self._lists.pending(typed.region, ListState.CANDIDATE)
        root = self._lists.pending_root(typed.region, ListState.CANDIDATE)
        if candidate is None or root is None:
            raise TrustListRefusedError(typed.region, NO_CANDIDATE)
        self._lists.add_root(root, ListState.ACCEPTED, typed.at)
        self._lists.accept(candidate, typed.at)
        sighting = Sighting(typed.region, candidate.sequence, candidate.sm3)
        Sightings(self._session).record(sighting, typed.region, typed.at)
        partners = PartnerWriter(self._session)
        partners.accept(typed.region, candidate.url, persons, typed.at)
        partners.move(typed.region, candidate.trust_list.content.service_urls, typed.at)
        details = {
            "sequence": str(candidate.sequence),
            "sm3": candidate.sm3.hex(),
            "persons": " ".join(persons),
        }
        self._record(typed, "trust-list.accepted", details)

    def _settle(self, typed: _Typed) -> None:
        """Close the split; if our list was the wrong one, it counts no more."""
        sightings = Sightings(self._session)
        split = sightings.split_of(typed.region)
        if split is None:
            return
        sightings.settle(split, typed.fingerprint, typed.at)
        held = self._lists.of_sequence(typed.region, split.sequence)
        if held is not None and held.sm3 != typed.fingerprint:
            self._lists.drop(held)

    def _record(self, typed: _Typed, action: str, details: dict[str, str]) -> None:
        told = {"person": typed.by.person, "sm3": typed.fingerprint.hex(), **details}
        act = Act(typed.by.actor, action, f"region:{typed.region}", told, typed.at)
        AuditWriter(self._session).append(act)
