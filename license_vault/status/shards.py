"""Places in status lists: every version of a license has its own index, never used again.

An index is drawn at random in the newest list, so that neighbours say nothing about when and
for whom a license was issued. A list is left for a new one when most draws meet taken places, or
when lists have another address than it began with; it keeps the address that its claims name.
Who draws the same place at the same moment is told by the unique index, and draws again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import LicenseRow, StatusShardRow, table_of
from license_vault.registry.holders import new_handle

CAPACITY = 65_536
DRAWS = 16

_LICENSE = table_of(LicenseRow)
_SHARD = table_of(StatusShardRow)
_INDEX_BYTES = 4

_SHARDS = select(_SHARD.c.id, _SHARD.c.name, _SHARD.c.uri, _SHARD.c.capacity)
_NEWEST = _SHARDS.order_by(_SHARD.c.id.desc()).limit(1)
_TAKEN = select(_LICENSE.c.status_index).where(
    _LICENSE.c.status_shard_id == bindparam("shard_id"),
    _LICENSE.c.status_index.in_(bindparam("drawn", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class StatusShard:
    """One status list by its random public name; indexes are 0 to ``capacity`` - 1.

    ``row_id`` None: a list that begins with the license that is put into it. ``uri`` is its
    address from when it began.
    """

    row_id: int | None
    name: str
    uri: str
    capacity: int


@dataclass(frozen=True, slots=True)
class StatusPlace:
    """A free place in a status list."""

    shard: StatusShard
    index: int


class StatusShards:
    """Finds lists and free places."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def all(self) -> tuple[StatusShard, ...]:
        """Return all lists, the oldest first."""
        rows = self._session.execute(_SHARDS.order_by(_SHARD.c.id))
        return tuple(StatusShard(*row) for row in rows)

    def has(self, uri: str) -> bool:
        """Tell whether a list of this address is ours."""
        found = self._session.execute(_SHARDS.where(_SHARD.c.uri == uri))
        return found.first() is not None

    def draw_place(self, base_uri: str, random_bytes: Callable[[int], bytes]) -> StatusPlace:
        """Draw a free place in the newest list, or in a new one if that is getting full.

        Args:
            base_uri: what the names of lists are put behind now.
        """
        newest = self._session.execute(_NEWEST).first()
        if newest is not None and newest.uri == f"{base_uri}/{newest.name}":
            shard = StatusShard(*newest)
            drawn = _draw(random_bytes, shard.capacity, DRAWS)
            met = self._session.execute(_TAKEN, {"shard_id": shard.row_id, "drawn": drawn})
            taken = set(met.scalars())
            free = [index for index in drawn if index not in taken]
            # With fewer free, drawing would soon find none, and the rest could be guessed.
            if len(free) > DRAWS // 4:
                return StatusPlace(shard, free[0])
        name = new_handle(random_bytes)
        shard = StatusShard(None, name, f"{base_uri}/{name}", CAPACITY)
        return StatusPlace(shard, _draw(random_bytes, CAPACITY, 1)[0])


class StatusShardWriter(StatusShards):
    """Begins new lists."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def begin(self, shard: StatusShard, at: datetime) -> int:
        """Begin a list, if it is a new one; return its row's key.

        Two that begin one at the same moment leave two lists, the second of which is used.
        """
        if shard.row_id is not None:
            return shard.row_id
        return self._writing.add_row(
            _SHARD, name=shard.name, uri=shard.uri, capacity=shard.capacity, opened_at=at
        )


def _draw(random_bytes: Callable[[int], bytes], capacity: int, times: int) -> list[int]:
    drawn = (int.from_bytes(random_bytes(_INDEX_BYTES), "big") for _ in range(times))
    return [number % capacity for number in drawn]
