"""Our region's log: place what waits, sign checkpoints, prove what is in it.

May be called from many threads and nodes: the lock of the head's row lets one at a time give
positions, and a position, once given, is never another's. A checkpoint says no more than what
is in tiles, so signing late or twice does no harm.
"""

from __future__ import annotations

from sqlalchemy import func, select

from license_vault.clock import Clock
from license_vault.database.columns import table_of
from license_vault.database.sessions import Database, Reading
from license_vault.database.tables import StatusPublicationRow, StatusShardRow
from license_vault.issue_log import entries
from license_vault.issue_log.checkpoints import (
    Checkpoints,
    CheckpointWriter,
    KeptCheckpoint,
    provide_head,
)
from license_vault.issue_log.errors import (
    IssueLogEmptyError,
    NotInCheckpointYetError,
    NotInIssueLogError,
)
from license_vault.issue_log.standing import LogStanding, standing_of
from license_vault.issue_log.tiles import Tiles
from license_vault.library_signature import LibrarySigner
from signing.issue_log import (
    MAX_STATUS_LISTS,
    Checkpoint,
    CheckpointContent,
    ListedStatus,
    build_checkpoint,
    leaf_of,
    read_checkpoint,
)
from signing.issue_proof import IssueProof, WitnessedCheckpoint
from signing.merkle import EMPTY_ROOT, inclusion_path

_AT_ONCE = 4096

_PUBLICATION, _SHARD = table_of(StatusPublicationRow), table_of(StatusShardRow)


class IssueLogReader:
    """The log of our own region, asked."""

    def __init__(self, database: Database, region: str) -> None:
        """Take where it is; ``region`` is our code of GB/T 2260, 6 digits."""
        self._database = database
        self.region = region

    def newest(self) -> WitnessedCheckpoint:
        """Return the newest checkpoint with the countersignatures of its size.

        Raises:
            IssueLogEmptyError: there is none yet.
        """
        with self._database.reading() as session:
            kept = Checkpoints(session, self.region)
            return self._witnessed(kept, kept.newest())

    def checkpoint_of(self, size: int) -> WitnessedCheckpoint:
        """Return the first checkpoint of a size; errors as ``newest``."""
        with self._database.reading() as session:
            kept = Checkpoints(session, self.region)
            found = kept.of(size)
            return kept.witnessed(self._required(found).first)

    def tile(self, level: int, number: int) -> bytes:
        """Return a tile: what of it is in the newest checkpoint, or came since.

        Raises:
            IssueLogEmptyError: there is none.
        """
        with self._database.reading() as session:
            found = Tiles(session, self.region).tile(level, number)
        if not found:
            raise IssueLogEmptyError(self.region)
        return found

    def proof_of(self, content_id: str) -> IssueProof:
        """Return the proof that a content_id is in the log, to travel beside the license.

        Raises:
            NotInIssueLogError: it is not.
            NotInCheckpointYetError: it will be with the next checkpoint.
        """
        with self._database.reading() as session:
            kept, entry = Checkpoints(session, self.region), entries.entry_of(session, content_id)
            if entry is None:
                raise NotInIssueLogError(content_id)
            holding = None if entry.position is None else kept.holding(entry.position)
            if entry.position is None or holding is None:
                raise NotInCheckpointYetError(content_id)
            before = kept.before(holding.size)
            nodes = Tiles(session, self.region).nodes
            return IssueProof(
                content_id,
                entry.position,
                inclusion_path(nodes, entry.position, holding.size),
                kept.witnessed(holding.first),
                None if before is None else kept.witnessed(before.last),
            )

    def standing_of(self, content_id: str) -> LogStanding | None:
        """Return how a content_id stands in the log; None: there is no checkpoint yet."""
        with self._database.reading() as session:
            kept = Checkpoints(session, self.region)
            newest, entry = kept.newest(), entries.entry_of(session, content_id)
            if newest is None:
                return None
            position = None if entry is None else entry.position
            first = None if position is None else kept.holding(position)
            standing = standing_of(kept, self.region, newest, first)
            if entry is None or first is not None:
                return standing
            return LogStanding(
                self.region,
                newest.size,
                newest.root,
                newest.last_at,
                waiting_since=entry.recorded_at,
            )

    def _witnessed(self, kept: Checkpoints, found: KeptCheckpoint | None) -> WitnessedCheckpoint:
        return kept.witnessed(self._required(found).last)

    def _required(self, found: KeptCheckpoint | None) -> KeptCheckpoint:
        if found is None:
            raise IssueLogEmptyError(self.region)
        return found


class IssueLog(IssueLogReader):
    """Places entries and signs checkpoints."""

    def __init__(
        self, database: Database, region: str, signer: LibrarySigner, clock: Clock
    ) -> None:
        super().__init__(database, region)
        self._signer = signer
        self._clock = clock

    def checkpoint(self) -> Checkpoint:
        """Place what waits, and sign how large the log is now; called with each publication."""
        provide_head(self._database, self.region)
        while self._place() == _AT_ONCE:
            pass
        return self._sign()

    def _place(self) -> int:
        """Put the next entries into tiles, in a transaction of their own; return how many."""
        with self._database.writing() as session:
            writer = CheckpointWriter(session, self.region)
            size = writer.locked_head()
            placed = entries.placed_from(session, size, _AT_ONCE)
            placed = placed or entries.place_waiting(session, size, _AT_ONCE)
            if placed:
                tiles = Tiles(session, self.region)
                writer.move_head(tiles.append(size, map(leaf_of, placed)))
                tiles.write(session)
        return len(placed)

    def _sign(self) -> Checkpoint:
        with self._database.writing() as session:
            writer = CheckpointWriter(session, self.region)
            size = writer.locked_head()
            newest, before = writer.newest(), writer.before(size)
            now = self._clock().replace(microsecond=0)
            content = CheckpointContent(
                self.region,
                size,
                Tiles(session, self.region).root(size),
                now if newest is None else max(now, newest.last_at),
                before.size if before else 0,
                before.root if before else EMPTY_ROOT,
                _status_lists(session),
            )
            certificate = self._signer.identity.certificate
            made = read_checkpoint(build_checkpoint(content, certificate, self._signer.sign))
            writer.keep(made)
        return made


def _status_lists(session: Reading) -> tuple[ListedStatus, ...]:
    """Return which status lists are current, by address and sequence."""
    rows = session.execute(
        select(_SHARD.c.uri, func.max(_PUBLICATION.c.sequence))
        .join(_SHARD, _SHARD.c.id == _PUBLICATION.c.shard_id)
        .group_by(_SHARD.c.uri)
        .order_by(func.max(_SHARD.c.id).desc())
        .limit(MAX_STATUS_LISTS)
    )
    return tuple(ListedStatus(uri, sequence) for uri, sequence in rows)
