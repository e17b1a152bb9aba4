"""How it stands with each region's trust list: which, how old, for how long, who approved.

For the operator's table and for whoever asks why a partner's licenses are indeterminate.
"""

from dataclasses import dataclass
from datetime import datetime

from license_vault.database.sessions import Reading
from license_vault.trust.alarms import Alarm, Alarms
from license_vault.trust.approving import ApprovalsKept
from license_vault.trust.kept_lists import KeptList, ListState, TrustLists
from license_vault.trust.sightings import SightingsKept, Split
from signing.trust_list import AUTHORITY


@dataclass(frozen=True, slots=True)
class RegionTrust:
    """One region; ``candidate`` waits for approvals, ``split`` for two people to settle it."""

    region: str
    in_use: KeptList | None
    candidate: KeptList | None
    candidate_approvers: tuple[str, ...]
    approvers: tuple[str, ...]
    root_version: int | None
    national: int
    split: Split | None
    alarms: tuple[Alarm, ...]

    def hours_left(self, at: datetime) -> int | None:
        """Return for how many whole hours the list in use still counts; negative: it ran out."""
        if self.in_use is None:
            return None
        return int((self.in_use.next_update - at).total_seconds() // 3600)

    @property
    def authorities(self) -> int:
        """How many authorities the list in use stands for."""
        if self.in_use is None:
            return 0
        entries = self.in_use.trust_list.entries_of(AUTHORITY)
        return len({entry.code for entry in entries if entry.is_trusted})


class TrustOverview:
    """Looks together what is kept of a region."""

    def __init__(self, session: Reading) -> None:
        self._session = session
        self._lists = TrustLists(session)

    def all(self) -> tuple[RegionTrust, ...]:
        """Return every region of which a list is accepted or waits to be."""
        return tuple(map(self.of, self._lists.regions()))

    def of(self, region: str) -> RegionTrust:
        """Return one region, known or not."""
        in_use = self._lists.newest(region)
        candidate = self._lists.pending(region, ListState.CANDIDATE)
        root = self._lists.newest_root(region)
        return RegionTrust(
            region=region,
            in_use=in_use,
            candidate=candidate,
            candidate_approvers=self._approvers(region, candidate),
            approvers=self._first_approvers(region),
            root_version=None if root is None else root.root.version,
            national=0 if in_use is None else _marked(in_use),
            split=SightingsKept(self._session).split_of(region),
            alarms=Alarms(self._session).of(region),
        )

    def _approvers(self, region: str, kept: KeptList | None) -> tuple[str, ...]:
        return () if kept is None else ApprovalsKept(self._session).of(region, kept.sm3)

    def _first_approvers(self, region: str) -> tuple[str, ...]:
        """Return who accepted the last list that people accepted; later ones need none."""
        for kept in self._lists.history(region):
            if approvers := self._approvers(region, kept):
                return approvers
        return ()


def _marked(kept: KeptList) -> int:
    """Return how many entries chain to a national root."""
    return sum(bool(entry.national_root) for entry in kept.trust_list.content.entries)
