"""Checkpoints of a region's log as they are kept: of each size the first, and the last.

The first says when what came with it appeared; the last says how long nothing more came. All the
SQL of heads, checkpoints, countersignatures and alarms; our own log and the mirrors alike.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from keys.sm3 import sm3
from license_vault.database.columns import table_of
from license_vault.database.issue_log_tables import (
    IssueLogAlarmRow,
    IssueLogCheckpointRow,
    IssueLogCountersignatureRow,
    IssueLogHeadRow,
)
from license_vault.database.sessions import Database, Reading, Writing
from license_vault.errors import RowConflictError
from signing.issue_log import (
    Checkpoint,
    Countersignature,
    read_checkpoint,
    read_countersignature,
)
from signing.issue_proof import MAX_COUNTERSIGNATURES, WitnessedCheckpoint
from signing.signed_value import SignedValue

_HEAD = table_of(IssueLogHeadRow)
_CHECKPOINT = table_of(IssueLogCheckpointRow)
_SEEN = table_of(IssueLogCountersignatureRow)
_ALARM = table_of(IssueLogAlarmRow)


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """What is kept of one size: the root, and the first and last checkpoint of it."""

    size: int
    root: bytes
    first_at: datetime
    first_der: bytes
    last_at: datetime
    last_der: bytes

    @property
    def first(self) -> Checkpoint:
        """The first checkpoint of this size."""
        return read_checkpoint(self.first_der)

    @property
    def last(self) -> Checkpoint:
        """The last checkpoint of this size; final once there is a larger one."""
        return read_checkpoint(self.last_der)


@dataclass(frozen=True, slots=True)
class LogAlarm:
    """Something signed that contradicts what is kept."""

    region: str
    reason: str
    found_at: datetime
    shown: bytes
    held: bytes


class Checkpoints:
    """Reads what is kept of one region's log."""

    def __init__(self, session: Reading, region: str) -> None:
        self._session = session
        self._region = region

    def newest(self) -> KeptCheckpoint | None:
        """Return the largest; None: the log has none yet."""
        return self._first(_CHECKPOINT.c.size >= 0, _CHECKPOINT.c.size.desc())

    def of(self, size: int) -> KeptCheckpoint | None:
        """Return that of a size, if one was made of it."""
        return self._first(_CHECKPOINT.c.size == size, _CHECKPOINT.c.size)

    def holding(self, index: int) -> KeptCheckpoint | None:
        """Return the smallest that has the leaf of an index; None: none has it yet."""
        return self._first(_CHECKPOINT.c.size > index, _CHECKPOINT.c.size)

    def before(self, size: int) -> KeptCheckpoint | None:
        """Return the largest that is smaller than a size."""
        return self._first(_CHECKPOINT.c.size < size, _CHECKPOINT.c.size.desc())

    def _first(self, condition: Any, order: Any) -> KeptCheckpoint | None:
        row = self._session.execute(
            select(
                _CHECKPOINT.c.size,
                _CHECKPOINT.c.root,
                _CHECKPOINT.c.first_at,
                _CHECKPOINT.c.first_der,
                _CHECKPOINT.c.last_at,
                _CHECKPOINT.c.last_der,
            )
            .where(_CHECKPOINT.c.region == self._region, condition)
            .order_by(order)
            .limit(1)
        ).first()
        return None if row is None else KeptCheckpoint(*row)

    def witnessed(self, checkpoint: Checkpoint) -> WitnessedCheckpoint:
        """Return a checkpoint with the countersignatures of its size."""
        return WitnessedCheckpoint(checkpoint, self.countersignatures(checkpoint.content.size))

    def countersignatures(self, size: int) -> tuple[Countersignature, ...]:
        """Return the countersignatures that are kept of a size, one a witness."""
        rows = self._session.execute(
            select(_SEEN.c.der)
            .where(_SEEN.c.region == self._region, _SEEN.c.size == size)
            .order_by(_SEEN.c.witness)
            .limit(MAX_COUNTERSIGNATURES)
        )
        return tuple(read_countersignature(row.der) for row in rows)

    def witnesses_since(self, size: int) -> tuple[str, ...]:
        """Return the regions that saw the log when it was as large as this, or larger."""
        rows = self._session.execute(
            select(_SEEN.c.witness)
            .where(_SEEN.c.region == self._region, _SEEN.c.size >= size)
            .distinct()
            .order_by(_SEEN.c.witness)
        )
        return tuple(rows.scalars())

    def alarms(self) -> tuple[LogAlarm, ...]:
        """Return what contradicted, the oldest first."""
        rows = self._session.execute(
            select(_ALARM).where(_ALARM.c.region == self._region).order_by(_ALARM.c.id)
        )
        return tuple(map(_alarm, rows))


class CheckpointWriter(Checkpoints):
    """Keeps more of a log, in a session that its opener commits."""

    def __init__(self, session: Writing, region: str) -> None:
        super().__init__(session, region)
        self._writing = session

    @property
    def writing(self) -> Writing:
        """The session, for what else is written in it."""
        return self._writing

    def locked_head(self) -> int:
        """Return how many leaves are in tiles, and let nobody else add any until the end."""
        wanted = select(_HEAD.c.size).where(_HEAD.c.region == self._region).with_for_update()
        return int(self._writing.execute(wanted).scalar_one())

    def move_head(self, size: int) -> None:
        """Say how many leaves are in tiles now; under the lock of ``locked_head``."""
        self._writing.change_rows(
            update(_HEAD).where(_HEAD.c.region == self._region).values(size=size)
        )

    def keep(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint: the first of its size, or the last instead of the one before."""
        said, data = checkpoint.content, checkpoint.signed.der
        renewed = self._writing.change_rows(
            update(_CHECKPOINT)
            .where(_CHECKPOINT.c.region == self._region, _CHECKPOINT.c.size == said.size)
            .where(_CHECKPOINT.c.last_at <= said.issued_at)
            .values(last_at=said.issued_at, last_der=data)
        )
        if renewed == 0 and self.of(said.size) is None:
            self._writing.add_row(
                _CHECKPOINT,
                region=self._region,
                size=said.size,
                root=said.root,
                first_at=said.issued_at,
                first_der=data,
                last_at=said.issued_at,
                last_der=data,
            )

    def keep_countersignature(self, seen: Countersignature) -> bool:
        """Keep a countersignature; False: the witness has said so of this size before."""
        said = seen.content
        known = select(_SEEN.c.id).where(
            _SEEN.c.region == self._region,
            _SEEN.c.size == said.size,
            _SEEN.c.witness == said.witness,
        )
        if self._writing.execute(known).first() is not None:
            return False
        self._writing.add_row(
            _SEEN,
            region=self._region,
            size=said.size,
            witness=said.witness,
            seen_at=said.seen_at,
            der=seen.signed.der,
        )
        return True

    def raise_alarm(self, reason: str, shown: SignedValue, at: datetime) -> bool:
        """Keep what contradicts beside what it contradicts; False: the same was said before."""
        digest = sm3(shown.tbs)
        known = select(_ALARM.c.id).where(
            _ALARM.c.region == self._region, _ALARM.c.shown_sm3 == digest
        )
        if self._writing.execute(known).first() is not None:
            return False
        newest = self.newest()
        self._writing.add_row(
            _ALARM,
            region=self._region,
            reason=reason,
            shown_sm3=digest,
            shown=shown.der,
            held=b"" if newest is None else newest.last_der,
            found_at=at,
        )
        return True


def regions_kept(session: Reading) -> tuple[str, ...]:
    """Return the regions of whose logs something is kept, ours among them."""
    return tuple(session.execute(select(_HEAD.c.region).order_by(_HEAD.c.region)).scalars())


def provide_head(database: Database, region: str) -> None:
    """Make the head of a log that has none."""
    with database.reading() as session:
        if session.execute(select(_HEAD.c.size).where(_HEAD.c.region == region)).first():
            return
    # Another node that begins at the same moment may be first.
    with suppress(RowConflictError), database.writing() as session:
        session.add_rows(_HEAD, [{"region": region, "size": 0}])


def _alarm(row: Row[*tuple[Any, ...]]) -> LogAlarm:
    return LogAlarm(row.region, row.reason, row.found_at, row.shown, row.held)
