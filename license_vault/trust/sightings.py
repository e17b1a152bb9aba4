"""Sightings: which digest of which list was shown to us by whom; two of one sequence are a split.

Regions exchange them at every pull. A region that shows one list here and another there is found
by whoever compares first; from then on no new list of it is taken until two people have settled
which one is right (``approving``). The list in use stays in use.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.database.trust_list_tables import TrustSightingRow, TrustSplitRow
from license_vault.trust.alarms import AlarmWriter, Refusal

SPLIT = "split"
MOST_TOLD = 512
# Who contradicts itself is found by the second digest; more would only fill the table.
_MOST_DIGESTS = 2
_MOST_AHEAD = 64
_SIGHTING, _SPLIT = table_of(TrustSightingRow), table_of(TrustSplitRow)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A list by region, sequence and SM3 of what is signed."""

    region: str
    sequence: int
    sm3: bytes


@dataclass(frozen=True, slots=True)
class Split:
    """Two or more digests of one sequence; ``shown`` has each digest with who showed it."""

    region: str
    sequence: int
    found_at: datetime
    shown: tuple[tuple[bytes, str], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A digest of one sequence, who showed it to us first, and when."""

    sequence: int
    sm3: bytes
    shown_by: str
    seen_at: datetime


class SightingsKept:
    """Looks sightings and splits up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def known(self) -> tuple[Sighting, ...]:
        """Return what this node saw of every region, the newest sequences first, 512 at most."""
        rows = self._session.execute(
            select(_SIGHTING.c.region, _SIGHTING.c.sequence, _SIGHTING.c.sm3)
            .distinct()
            .order_by(_SIGHTING.c.sequence.desc(), _SIGHTING.c.region, _SIGHTING.c.sm3)
            .limit(MOST_TOLD)
        )
        return tuple(Sighting(*row) for row in rows)

    def of(self, region: str, limit: int) -> tuple[Seen, ...]:
        """Return what was shown of one region, the newest first."""
        rows = self._session.execute(
            select(_SIGHTING.c.sequence, _SIGHTING.c.sm3, _SIGHTING.c.shown_by, _SIGHTING.c.seen_at)
            .where(_SIGHTING.c.region == region)
            .order_by(_SIGHTING.c.sequence.desc(), _SIGHTING.c.id.desc())
            .limit(limit)
        )
        return tuple(Seen(*row) for row in rows)

    def split_of(self, region: str) -> Split | None:
        """Return the split of a region that nobody has settled yet."""
        row = self._session.execute(
            select(_SPLIT).where(_SPLIT.c.region == region, _SPLIT.c.resolved_at.is_(None))
        ).first()
        if row is None:
            return None
        return Split(region, row.sequence, row.found_at, self._shown(region, row.sequence))

    def _shown(self, region: str, sequence: int) -> tuple[tuple[bytes, str], ...]:
        rows = self._session.execute(
            select(_SIGHTING.c.sm3, _SIGHTING.c.shown_by)
            .where(_SIGHTING.c.region == region, _SIGHTING.c.sequence == sequence)
            .order_by(_SIGHTING.c.id)
        )
        return tuple((row.sm3, row.shown_by) for row in rows)


class Sightings(SightingsKept):
    """Records sightings and finds splits."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def record(self, sighting: Sighting, shown_by: str, at: datetime) -> Split | None:
        """Record what a region showed; return the split it makes, if it makes one.

        Args:
            shown_by: the region that showed it; our own code for what we published ourselves.
        """
        shown = self._shown(sighting.region, sighting.sequence)
        of_theirs = [digest for digest, by in shown if by == shown_by]
        if sighting.sm3 in of_theirs or len(of_theirs) >= _MOST_DIGESTS:
            return self._open_split(sighting)
        self._writing.add_row(
            _SIGHTING,
            region=sighting.region,
            sequence=sighting.sequence,
            sm3=sighting.sm3,
            shown_by=shown_by,
            seen_at=at,
        )
        known = {digest for digest, _ in shown}
        if known and sighting.sm3 not in known:
            self._split(sighting, shown_by, at)
        return self._open_split(sighting)

    def compare(self, told: Iterable[Sighting], shown_by: str, at: datetime) -> tuple[Split, ...]:
        """Record what a partner's signed statement tells, of regions that we know ourselves.

        Returns:
            The splits that are open of those regions.
        """
        newest: dict[str, int] = {}
        for seen in self.known():
            newest[seen.region] = max(newest.get(seen.region, 0), seen.sequence)
        found = [
            self.record(sighting, shown_by, at)
            for sighting in list(told)[:MOST_TOLD]
            if sighting.sequence <= newest.get(sighting.region, -_MOST_AHEAD) + _MOST_AHEAD
        ]
        return tuple(dict.fromkeys(split for split in found if split is not None))

    def settle(self, split: Split, kept_sm3: bytes, at: datetime) -> None:
        """Close a split in favour of one digest."""
        open_ = (_SPLIT.c.region == split.region, _SPLIT.c.resolved_at.is_(None))
        self._writing.change_rows(
            update(_SPLIT).where(*open_).values(resolved_at=at, kept_sm3=kept_sm3)
        )

    def _open_split(self, sighting: Sighting) -> Split | None:
        found = self.split_of(sighting.region)
        return found if found is not None and found.sequence == sighting.sequence else None

    def _split(self, sighting: Sighting, shown_by: str, at: datetime) -> None:
        refusal = Refusal(sighting.region, SPLIT, sighting.sm3, shown_by)
        AlarmWriter(self._writing).raise_(refusal, at)
        if self.split_of(sighting.region) is None:
            self._writing.add_row(
                _SPLIT, region=sighting.region, sequence=sighting.sequence, found_at=at
            )
