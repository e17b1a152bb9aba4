"""What this node holds of each partner, and how old it is: for people, and for who keeps watch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from license_vault.database.sessions import Reading
from license_vault.partners.partners import Partner, Partners
from license_vault.partners.states import Part, PartState, PartStates
from license_vault.partners.status_lists import KeptList, PartnerStatusLists
from license_vault.trust.kept_lists import KeptList as KeptTrustList
from license_vault.trust.kept_lists import TrustLists

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PartnerOverview:
    """One partner: its trust list in use (None: none), its status lists, how pulling went."""

    partner: Partner
    trust_list: KeptTrustList | None
    status_lists: tuple[KeptList, ...]
    parts: tuple[PartState, ...]

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
        )
