"""The tree of a region's log in the database: tiles of 256 hashes at every eighth level.

A tile is read once and extended in memory; ``write`` puts what is new into a session. So a tree
can be tried, and its root compared, before anything of it is kept. All the SQL of tiles.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update

from license_vault.database.columns import table_of
from license_vault.database.issue_log_tables import IssueLogTileRow
from license_vault.database.sessions import Reading, Writing
from signing.merkle import (
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Nodes,
    full_tile_hash,
    nodes_of_tiles,
    root,
)

_TILE = table_of(IssueLogTileRow)
FULL = TILE_WIDTH * HASH_BYTES


class Tiles:
    """The tree of one region's log, as kept and as extended since. Not for several threads."""

    def __init__(self, session: Reading, region: str) -> None:
        self._session = session
        self._region = region
        self._read: dict[tuple[int, int], bytes] = {}
        self._changed: dict[tuple[int, int], bytes] = {}

    def tile(self, level: int, number: int) -> bytes:
        """Return the hashes of a tile, one after the other; none if there is no such tile."""
        place = (level, number)
        if place in self._changed:
            return self._changed[place]
        if place not in self._read:
            self._read[place] = self._kept(place) or b""
        return self._read[place]

    def _kept(self, place: tuple[int, int]) -> bytes | None:
        wanted = select(_TILE.c.hashes).where(
            _TILE.c.region == self._region, _TILE.c.level == place[0], _TILE.c.number == place[1]
        )
        return self._session.execute(wanted).scalar()

    @property
    def nodes(self) -> Nodes:
        """The complete subtrees."""
        return nodes_of_tiles(self.tile)

    def root(self, size: int) -> bytes:
        """Return the root of the tree of the first ``size`` leaves, all of them at hand."""
        return root(self.nodes, size)

    def append(self, size: int, leaves: Iterable[bytes]) -> int:
        """Add leaf hashes behind the first ``size`` ones; return the new size."""
        for leaf in leaves:
            self._put(0, size, leaf)
            size += 1
        return size

    def _put(self, level: int, index: int, value: bytes) -> None:
        number, at = divmod(index, TILE_WIDTH)
        before = self.tile(level, number)[: at * HASH_BYTES]
        self._changed[level, number] = tile = before + value
        if len(tile) == FULL:
            self._put(level + TILE_HEIGHT, number, full_tile_hash(tile))

    def write(self, session: Writing) -> None:
        """Keep what was added."""
        for place, hashes in sorted(self._changed.items()):
            level, number = place
            moved = session.change_rows(
                update(_TILE)
                .where(
                    _TILE.c.region == self._region,
                    _TILE.c.level == level,
                    _TILE.c.number == number,
                )
                .values(hashes=hashes)
            )
            if moved == 0:
                session.add_rows(
                    _TILE,
                    [
                        {
                            "region": self._region,
                            "level": level,
                            "number": number,
                            "hashes": hashes,
                        }
                    ],
                )
