"""Where a region's node knows trust, state and issue log from: its own rows, or what it keeps.

Of an authority or a list of our own the live rows answer. Of a partner's its accepted trust list
alone, the status list and the issue log that were pulled. Which is whose is told by our own rows
and the accepted lists, never by what a document says: its address is only compared with those
that are known. A question about the past that does not ask how old lists are is answered by the
trust list of that time. If a partner's states were not looked at for a while, it is asked for the
changes first, for a second at most; if it does not answer, what is kept answers with its age.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from license_vault.partners.partners import Partners
from license_vault.partners.revocations import PartnerRevocationLists
from license_vault.partners.status_lists import KeptStates, PartnerStatusLists
from license_vault.trust.kept_lists import TrustLists
from signing.trust_list import AUTHORITY, TrustList
from verification.evidence import StatusEvidence, StatusKind, TrustEvidence
from verification.source_trust_list import trust_evidence_of, with_what_is_known_since
from verification.sources import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from license_vault.clock import Clock
    from license_vault.database.sessions import Database
    from license_vault.partners.status_lists import KeptList
    from verification.sources import StatusListSource, TrustSource

    Refresh = Callable[[KeptList], None]

_REMEMBERED_STATES = 16


@dataclass(frozen=True, slots=True)
class _Read:
    """An accepted list, with the authorities that it has ever stood for."""

    row_id: int
    found: TrustList
    authorities: frozenset[str]


class RegionalLists:
    """The accepted trust lists of partners, read once each. Use from many threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lists: dict[str, _Read] = {}
        self._lock = threading.Lock()

    def all(self) -> dict[str, TrustList]:
        """Return the newest accepted list of every region of which we have one."""
        return {region: each.found for region, each in self._newest().items()}

    def of_authority(self, code: str, own_region: str) -> TrustList | None:
        """Return the list of the partner that stands, or stood, for an authority (USCC)."""
        for region, each in self._newest().items():
            if region != own_region and code in each.authorities:
                return each.found
        return None

    def _newest(self) -> dict[str, _Read]:
        with self._lock:
            held = self._lists
        found: dict[str, _Read] = {}
        with self._database.reading() as session:
            lists = TrustLists(session)
            for region, row_id in lists.newest_ids().items():
                before = held.get(region)
                if before is not None and before.row_id == row_id:
                    found[region] = before
                elif (kept := lists.newest(region)) is not None:
                    entries = kept.trust_list.entries_of(AUTHORITY)
                    codes = frozenset(entry.code for entry in entries)
                    found[region] = _Read(kept.row_id, kept.trust_list, codes)
        with self._lock:
            self._lists = found
        return found


class RegionalTrust:
    """Whom we trust: ourselves by our own rows, a partner by its accepted list."""

    def __init__(
        self, database: Database, own: TrustSource, lists: RegionalLists, region: str
    ) -> None:
        self._database = database
        self._own = own
        self._lists = lists
        self._region = region

    def trust_for(self, authority_code: str | None) -> TrustEvidence | Unreachable:
        """Return what is trusted of the region that stands for an authority."""
        own = self._own.trust_for(authority_code)
        if authority_code is None or isinstance(own, Unreachable) or own.authority is not None:
            return own
        found = self._lists.of_authority(authority_code, self._region)
        return own if found is None else self.of_list(found, authority_code)

    def trust_at(self, authority_code: str | None, at: datetime) -> TrustEvidence | Unreachable:
        """Return what was trusted at a time: of a partner by its accepted list of that time.

        What the region said since of who was withdrawn is known too, so that no stolen key counts.
        """
        own = self._own.trust_for(authority_code)
        if authority_code is None or isinstance(own, Unreachable) or own.authority is not None:
            return own
        for region, newest in self._lists.all().items():
            if region != self._region:
                found = self._list_at(newest, at)
                if any(entry.code == authority_code for entry in found.entries_of(AUTHORITY)):
                    return self.of_list(found, authority_code)
        return own

    def _list_at(self, newest: TrustList, at: datetime) -> TrustList:
        """Return the list that counted at a time; the newest if none is kept that did."""
        with self._database.reading() as session:
            kept = TrustLists(session).at(newest.region, at)
        if kept is None or kept.next_update < at:
            return newest
        return with_what_is_known_since(kept.trust_list, newest)

    def of_list(self, found: TrustList, authority_code: str | None) -> TrustEvidence | Unreachable:
        """Return what a partner's list and its revocation lists say."""
        with self._database.reading() as session:
            partner = Partners(session).find(found.region)
            revocations = PartnerRevocationLists(session).of(found.region)
        if partner is None or not partner.is_accepted:
            return Unreachable(f"partner-suspended {found.region}")
        return trust_evidence_of(found, (), revocations, authority_code)


class RegionalStatus:
    """What state a license is in: ours by its live row, a partner's by its kept list."""

    def __init__(
        self,
        database: Database,
        own: StatusListSource,
        refresh: Refresh,
        clock: Clock,
        max_age: timedelta,
    ) -> None:
        """Take what is asked.

        Args:
            refresh: asks a list's region for newer states, for a moment; says nothing if there
                are none.
            max_age: a list that was looked at longer ago is refreshed first.
        """
        self._database = database
        self._own = own
        self._refresh = refresh
        self._clock = clock
        self._max_age = max_age
        self._states: OrderedDict[tuple[int, int], KeptStates] = OrderedDict()
        self._lock = threading.Lock()

    def status_of(self, uri: str, index: int, at: datetime) -> StatusEvidence:
        """Return the own live state, or a partner's list; UNAVAILABLE for any other address."""
        own = self._own.status_of(uri, index, at)
        if own.kind is not StatusKind.UNAVAILABLE or own.detail != "list-of-another-node":
            return own
        with self._database.reading() as session:
            kept = PartnerStatusLists(session).newest(uri)
            partner = None if kept is None else Partners(session).find(kept.region)
        if kept is None or partner is None:
            return own
        if not partner.is_accepted:
            return StatusEvidence(StatusKind.UNAVAILABLE, detail="partner-suspended")
        # Of a time before the list was looked at it already says what it will ever say.
        if min(at, self._clock()) - kept.checked_at > self._max_age:
            self._refresh(kept)
        found = self._kept_at(uri, at)
        return StatusEvidence(
            StatusKind.SIGNED_LIST, signed_list=found.signed_file, states=found.states
        )

    def _kept_at(self, uri: str, at: datetime) -> KeptStates:
        with self._database.reading() as session:
            lists = PartnerStatusLists(session)
            kept = lists.at(uri, at)
            assert kept is not None, "a list that was kept is never removed"
            key = (kept.row_id, kept.sequence)
            with self._lock:
                found = self._states.get(key)
            if found is None:
                found = lists.states_of(kept)
        self._remember(found)
        return found

    def _remember(self, found: KeptStates) -> None:
        """Keep the states themselves: the verifier then takes their digest once."""
        key = (found.kept.row_id, found.kept.sequence)
        with self._lock:
            self._states[key] = found
            self._states.move_to_end(key)
            while len(self._states) > _REMEMBERED_STATES:
                self._states.popitem(last=False)
