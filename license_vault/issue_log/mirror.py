"""The mirror of a partner's issue log: fetch what is new, compare, keep, and say what is in it.

Nothing is believed for being sent: a checkpoint counts if the region's own key signed it, if the
tree that the fetched leaves make has its root, and if that tree begins with the one that was
held. Whatever was signed and contradicts is an alarm, kept beside what it contradicts, and the
mirror stays where it was. Fetching is done between transactions, never in one.

Source: RFC 9162, 11.3; ADR 0050.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from keys.certificate import read_certificate
from keys.errors import KeyCustodyError
from license_vault.database.columns import table_of
from license_vault.database.issue_log_tables import IssueLogLeafRow
from license_vault.database.sessions import Database, Reading, Writing
from license_vault.issue_log.checkpoints import Checkpoints, CheckpointWriter, provide_head
from license_vault.issue_log.standing import LogStanding, standing_of
from license_vault.issue_log.telling import tell_of_alarm
from license_vault.issue_log.tiles import Tiles
from signing.errors import MalformedIssueLogError
from signing.issue_log import Checkpoint, leaf_of, read_checkpoint
from signing.merkle import HASH_BYTES, TILE_WIDTH, hashes_in

# (level, number) → the hashes of a tile of the partner's log, as it was sent.
FetchTile = Callable[[int, int], bytes]

ADVANCED, RENEWED, UNCHANGED, OLDER = "advanced", "renewed", "unchanged", "older"
REFUSED, ALARMED = "refused", "alarmed"
SPLIT = "log-split"
# How many leaves are taken at once; a log that is ahead by more is fetched at another size first.
MOST_LEAVES = 4_000_000
_TOLERANCE = timedelta(minutes=5)
_ROWS_AT_ONCE = 400

_LEAF = table_of(IssueLogLeafRow)


@dataclass(frozen=True, slots=True)
class Advanced:
    """What became of a checkpoint: the outcome, and of one not taken the reason, a stable code.

    ``checkpoint`` is one to be countersigned: the one that was taken. ALARMED is REFUSED with
    something signed that contradicts; it is told once, though it be shown again and again.
    """

    outcome: str
    reason: str = ""
    checkpoint: Checkpoint | None = None

    @property
    def taken(self) -> bool:
        """Whether the mirror is as the checkpoint says."""
        return self.outcome in (ADVANCED, RENEWED, UNCHANGED)


class LogMirror:
    """What is kept here of one partner's log."""

    def __init__(self, database: Database, region: str) -> None:
        """Take whose log it is, GB/T 2260, 6 digits."""
        self._database = database
        self.region = region

    def advance(
        self, data: bytes, fetch_tile: FetchTile, signers: Collection[bytes], at: datetime
    ) -> Advanced:
        """Take a checkpoint (DER), with the leaves that are new in it.

        Args:
            fetch_tile: gives tiles of level 0; what it raises goes through.
            signers: the certificates (DER) of the region's library, by its accepted list.
            at: now.

        Returns:
            What became of it. Reasons of REFUSED: a code of the reader, ``other-log``,
            ``log-signer-unknown``, ``log-signature-invalid``, ``log-from-the-future``,
            ``log-too-far-ahead``, ``log-tile-short``, ``log-overtaken``. Of ALARMED:
            ``log-split``, ``log-root-mismatch``, ``log-times-backwards``.
        """
        try:
            checkpoint = read_checkpoint(data)
        except MalformedIssueLogError as error:
            return Advanced(REFUSED, error.code)
        refused = self._not_believed(checkpoint, signers, at)
        if refused is not None:
            return Advanced(REFUSED, refused)
        provide_head(self._database, self.region)
        with self._database.reading() as session:
            found = self._compare(session, checkpoint)
            held = _held_size(Checkpoints(session, self.region))
        if found is None:
            return self._extend(checkpoint, held, fetch_tile, at)
        if found.outcome == ALARMED:
            self._raise_alarm(found.reason, checkpoint, at)
        if found.outcome == RENEWED:
            with self._database.writing() as session:
                CheckpointWriter(session, self.region).keep(checkpoint)
        return found

    def _not_believed(
        self, checkpoint: Checkpoint, signers: Collection[bytes], at: datetime
    ) -> str | None:
        said, signed = checkpoint.content, checkpoint.signed
        if said.region != self.region:
            return "other-log"
        if signed.signer_certificate not in signers:
            return "log-signer-unknown"
        if not signed.signature_holds or not _in_period(signed.signer_certificate, said.issued_at):
            return "log-signature-invalid"
        return "log-from-the-future" if said.issued_at > at + _TOLERANCE else None

    def _compare(self, session: Reading, checkpoint: Checkpoint) -> Advanced | None:
        """Hold a checkpoint to what is kept; nothing: it is larger, and its leaves are wanted."""
        kept, said = Checkpoints(session, self.region), checkpoint.content
        newest = kept.newest()
        if newest is None:
            return None
        tiles = Tiles(session, self.region)
        if said.size <= newest.size and tiles.root(said.size) != said.root:
            return Advanced(ALARMED, SPLIT)
        begins = said.previous_size <= newest.size
        if begins and tiles.root(said.previous_size) != said.previous_root:
            return Advanced(ALARMED, SPLIT)
        if said.size < newest.size:
            return Advanced(OLDER)
        if said.size == newest.size:
            renewed = said.issued_at > newest.last_at
            return Advanced(RENEWED if renewed else UNCHANGED, checkpoint=checkpoint)
        if said.issued_at < newest.last_at:
            return Advanced(ALARMED, "log-times-backwards")
        return None

    def _extend(
        self, checkpoint: Checkpoint, held: int, fetch_tile: FetchTile, at: datetime
    ) -> Advanced:
        size = checkpoint.content.size
        if size - held > MOST_LEAVES:
            return Advanced(REFUSED, "log-too-far-ahead")
        # Fetched before a session is opened: a partner may take its time.
        first = held // TILE_WIDTH
        fetched = [
            fetch_tile(0, number)[: min(size - number * TILE_WIDTH, TILE_WIDTH) * HASH_BYTES]
            for number in range(first, -(-size // TILE_WIDTH))
        ]
        leaves = hashes_in(b"".join(fetched))
        if len(leaves) != size - first * TILE_WIDTH or (leaves and len(leaves[-1]) != HASH_BYTES):
            return Advanced(REFUSED, "log-tile-short")
        with self._database.writing() as session:
            writer = CheckpointWriter(session, self.region)
            if writer.locked_head() != held:
                return Advanced(REFUSED, "log-overtaken")
            reason = self._keep(session, checkpoint, held, leaves)
            if reason is not None and writer.raise_alarm(reason, checkpoint.signed, at):
                tell_of_alarm(session, self.region, reason, at)
        if reason is not None:
            return Advanced(ALARMED, reason)
        return Advanced(ADVANCED, checkpoint=checkpoint)

    def _keep(
        self, session: Writing, checkpoint: Checkpoint, held: int, leaves: tuple[bytes, ...]
    ) -> str | None:
        """Keep the leaves of a larger checkpoint; or return the reason of an alarm."""
        said, tiles = checkpoint.content, Tiles(session, self.region)
        known = hashes_in(tiles.tile(0, held // TILE_WIDTH))
        if leaves[: len(known)] != known:
            return SPLIT
        new = leaves[len(known) :]
        tiles.append(held, new)
        if tiles.root(said.size) != said.root:
            return "log-root-mismatch"
        if tiles.root(said.previous_size) != said.previous_root:
            return SPLIT
        tiles.write(session)
        for rows in _chunks(self._rows(new, held, said.size)):
            self._add_leaves(session, rows)
        writer = CheckpointWriter(session, self.region)
        writer.keep(checkpoint)
        writer.move_head(said.size)
        return None

    def _rows(self, leaves: Iterable[bytes], held: int, size: int) -> Iterator[dict[str, object]]:
        for position, leaf in enumerate(leaves, start=held):
            yield {"region": self.region, "leaf": leaf, "position": position, "first_size": size}

    def _add_leaves(self, session: Writing, rows: list[dict[str, object]]) -> None:
        """Add leaves; one that was logged before keeps its first place."""
        wanted = select(_LEAF.c.leaf).where(
            _LEAF.c.region == self.region, _LEAF.c.leaf.in_([row["leaf"] for row in rows])
        )
        known = set(session.execute(wanted).scalars())
        new = {row["leaf"]: row for row in reversed(rows) if row["leaf"] not in known}
        if new:
            session.add_rows(_LEAF, list(new.values()))

    def _raise_alarm(self, reason: str, checkpoint: Checkpoint, at: datetime) -> None:
        with self._database.writing() as session:
            writer = CheckpointWriter(session, self.region)
            if writer.raise_alarm(reason, checkpoint.signed, at):
                tell_of_alarm(session, self.region, reason, at)

    # --- asked ---------------------------------------------------------------------------------

    def standing_of(self, content_id: str) -> LogStanding | None:
        """Return how a content_id stands in the log as kept; None: nothing of it is kept."""
        with self._database.reading() as session:
            kept = Checkpoints(session, self.region)
            newest = kept.newest()
            if newest is None:
                return None
            wanted = select(_LEAF.c.first_size).where(
                _LEAF.c.region == self.region, _LEAF.c.leaf == leaf_of(content_id)
            )
            size = session.execute(wanted).scalar()
            return standing_of(kept, self.region, newest, None if size is None else kept.of(size))


def _held_size(kept: Checkpoints) -> int:
    newest = kept.newest()
    return 0 if newest is None else newest.size


def _in_period(certificate: bytes, moment: datetime) -> bool:
    try:
        found = read_certificate(certificate)
    except KeyCustodyError:
        return False
    return found.not_before <= moment <= found.not_after


def _chunks(rows: Iterator[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    chunk: list[dict[str, object]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _ROWS_AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
