"""Places in status lists: every version of a license has its own index, never used again.

An index is drawn at random in the open window of the newest list, so that neighbours say nothing
about when and for whom a license was issued. Windows are filled to the last thousandth, for a list
costs what its free places cost; then the next one is opened, and after the last one a new list. A
list is also left when lists have another address than it began with; it keeps the address that its
claims name. Who draws the same place at the same moment is told by the unique index, and draws
again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, select, update

from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import LicenseRow, StatusShardRow, table_of
from license_vault.registry.holders import new_handle

CAPACITY = 1 << 20
WINDOW = 1 << 16
DRAWS = 16
# When all draws meet taken places, a stretch is looked through, and if that is full the window. As
# good as full is what has less than one free place in a thousand: two that draw at once would meet
# too often.
_STRETCH = 4096
_FULL = 1024

_LICENSE = table_of(LicenseRow)
_SHARD = table_of(StatusShardRow)
_INDEX_BYTES = 4

_SHARDS = select(_SHARD.c.id, _SHARD.c.name, _SHARD.c.uri, _SHARD.c.capacity, _SHARD.c.opened)
_NEWEST = _SHARDS.order_by(_SHARD.c.id.desc()).limit(1)
_TAKEN = select(_LICENSE.c.status_index).where(
    _LICENSE.c.status_shard_id == bindparam("shard_id"),
    _LICENSE.c.status_index.in_(bindparam("drawn", expanding=True)),
)
_TAKEN_BETWEEN = select(_LICENSE.c.status_index).where(
    _LICENSE.c.status_shard_id == bindparam("shard_id"),
    _LICENSE.c.status_index.between(bindparam("first"), bindparam("last")),
)


@dataclass(frozen=True, slots=True)
class StatusShard:
    """One status list by its random public name; indexes are 0 to ``capacity`` - 1.

    ``row_id`` None: a list that begins with the license that is put into it. ``uri`` is its
    address from when it began. Indexes below ``opened`` are in use; None: all.
    """

    row_id: int | None
    name: str
    uri: str
    capacity: int
    opened: int | None = None

    @property
    def length(self) -> int:
        """How many indexes the list says something of."""
        return self.capacity if self.opened is None else self.opened

    @property
    def window(self) -> range:
        """The indexes that are drawn from now."""
        return range(0 if self.opened is None else max(0, self.opened - WINDOW), self.length)


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
            index = self._free(shard, random_bytes)
            if index is not None:
                return StatusPlace(shard, index)
            if shard.length < shard.capacity:
                shard = replace(shard, opened=min(shard.length + WINDOW, shard.capacity))
                return StatusPlace(shard, _draw(random_bytes, shard.window, 1)[0])
        name = new_handle(random_bytes)
        shard = StatusShard(None, name, f"{base_uri}/{name}", CAPACITY, WINDOW)
        return StatusPlace(shard, _draw(random_bytes, shard.window, 1)[0])

    def _free(self, shard: StatusShard, random_bytes: Callable[[int], bytes]) -> int | None:
        """Return a free index of the open window; None if that is as good as full."""
        drawn = _draw(random_bytes, shard.window, DRAWS)
        met = self._session.execute(_TAKEN, {"shard_id": shard.row_id, "drawn": drawn})
        taken = set(met.scalars())
        free = [index for index in drawn if index not in taken]
        if free:
            return free[0]
        window = shard.window
        (first,) = _draw(random_bytes, window[::_STRETCH], 1)
        left = self._free_among(shard, range(first, min(first + _STRETCH, window.stop)))
        if len(left) <= _STRETCH // _FULL:
            left = self._free_among(shard, window)
            if len(left) <= len(window) // _FULL:
                return None
        return _draw(random_bytes, left, 1)[0]

    def _free_among(self, shard: StatusShard, indexes: range) -> list[int]:
        between = {"shard_id": shard.row_id, "first": indexes[0], "last": indexes[-1]}
        taken = set(self._session.execute(_TAKEN_BETWEEN, between).scalars())
        return [index for index in indexes if index not in taken]


class StatusShardWriter(StatusShards):
    """Begins new lists."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def begin(self, shard: StatusShard, at: datetime) -> int:
        """Begin a list, or open its next window, if that is still to be done; return its key.

        Two that begin one at the same moment leave two lists, the second of which is used.
        """
        if shard.row_id is not None:
            if shard.opened is not None:
                self._open(shard.row_id, shard.opened)
            return shard.row_id
        return self._writing.add_row(
            _SHARD,
            name=shard.name,
            uri=shard.uri,
            capacity=shard.capacity,
            opened_at=at,
            opened=shard.opened,
        )

    def _open(self, row_id: int, opened: int) -> None:
        self._writing.change_rows(
            update(_SHARD)
            .where(_SHARD.c.id == row_id, _SHARD.c.opened < opened)
            .values(opened=opened)
        )


def _draw(random_bytes: Callable[[int], bytes], among: Sequence[int], times: int) -> list[int]:
    drawn = (int.from_bytes(random_bytes(_INDEX_BYTES), "big") for _ in range(times))
    return [among[number % len(among)] for number in drawn]
