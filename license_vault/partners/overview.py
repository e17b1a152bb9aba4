"""What this node holds of each partner, and how old it is: for people, and for who keeps watch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from license_vault.database.sessions import Reading
from license_vault.partners.partners import Partner, Partners
from license_vault.partners.pull_sharing import KIND_OF
from license_vault.partners.states import Part, PartState, PartStates
from license_vault.partners.status_lists import KeptList, PartnerStatusLists
from license_vault.sharing.documents import KeptDocument, SharingDocuments
from license_vault.trust.kept_lists import KeptList as KeptTrustList
from license_vault.trust.kept_lists import TrustLists

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PartnerOverview:
    """One partner: its trust list in use (None: none), its status lists, how pulling went.

    ``sharing`` has each sharing document that is kept, with when the region said last that none is
    newer, None if it was only ever loaded by hand.
    """

    partner: Partner
    trust_list: KeptTrustList | None
    status_lists: tuple[KeptList, ...]
    parts: tuple[PartState, ...]
    sharing: tuple[tuple[KeptDocument, datetime | None], ...]

    def hours_left(self, at: datetime) -> int | None:
        """Return for how many more hours the trust list counts; 0 when it is over."""
        if self.trust_list is None:
            return None
        return max(0, (self.trust_list.next_update - at) // _HOUR)

    def age_seconds(self, at: datetime) -> int | None:
        """Return how long ago the region said last what its states are; the oldest list counts."""
        checked = [kept.checked_at for kept in self.status_lists]
        return None if not checked else max(0, int((at - min(checked)).total_seconds()))


class Overview:
    """Looks all partners over."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def all(self) -> tuple[PartnerOverview, ...]:
        """Return every partner, suspended ones too."""
        return tuple(map(self._one, Partners(self._session).all()))

    def _one(self, partner: Partner) -> PartnerOverview:
        session, region = self._session, partner.region
        states = PartStates(session).of(region)
        return PartnerOverview(
            partner,
            TrustLists(session).newest(region),
            PartnerStatusLists(session).of_region(region),
            tuple(states[part] for part in Part if part in states),
            tuple(self._sharing(region, states)),
        )

    def _sharing(
        self, region: str, states: Mapping[Part, PartState]
    ) -> Iterator[tuple[KeptDocument, datetime | None]]:
        documents = SharingDocuments(self._session)
        for part, kind in KIND_OF.items():
            kept, state = documents.newest(region, kind), states.get(part)
            if kept is not None:
                yield kept, None if state is None else state.succeeded_at
