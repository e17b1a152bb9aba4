"""The rows of the issue log: entries, tiles, checkpoints, countersignatures; SQLModel classes.

Conventions are those of ``tables``. The logs of partner regions are kept in the same tables, by
region, but for ``issue_log_entry`` (our own licenses) and ``issue_log_leaf`` (what others logged).
Nothing personal: a content_id is salted, and a leaf is its digest.
"""

from datetime import datetime

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from license_vault.database.columns import BigKey, index_where, key


class IssueLogEntryRow(SQLModel, table=True):
    """A license of ours in our log; written with its intent, placed at the next checkpoint."""

    __tablename__ = "issue_log_entry"
    __table_args__ = (index_where("ix_issue_log_entry_waiting", "position IS NULL", "id"),)

    id: int | None = key()
    license_id: int = Field(sa_type=BigKey, foreign_key="license.id", unique=True, nullable=False)
    content_id: str = Field(unique=True)
    recorded_at: datetime
    position: int | None = Field(default=None, sa_type=BigInteger, unique=True)


class IssueLogHeadRow(SQLModel, table=True):
    """How many leaves of a region's log are in tiles; its lock puts writers in a queue."""

    __tablename__ = "issue_log_head"

    region: str = Field(primary_key=True)  # GB/T 2260, 6 digits
    size: int = Field(sa_type=BigInteger)


class IssueLogTileRow(SQLModel, table=True):
    """Up to 256 hashes of one level of a region's log; the last tile of a level still grows."""

    __tablename__ = "issue_log_tile"

    region: str = Field(primary_key=True)
    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(
        sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    hashes: bytes


class IssueLogCheckpointRow(SQLModel, table=True):
    """The first and the last checkpoint of a size; the last is renewed until a larger follows."""

    __tablename__ = "issue_log_checkpoint"
    __table_args__ = (UniqueConstraint("region", "size"),)

    id: int | None = key()
    region: str
    size: int = Field(sa_type=BigInteger)
    root: bytes
    first_at: datetime
    first_der: bytes
    last_at: datetime
    last_der: bytes


class IssueLogCountersignatureRow(SQLModel, table=True):
    """That a region saw a log of this size and root; the first time that it said so."""

    __tablename__ = "issue_log_countersignature"
    __table_args__ = (UniqueConstraint("region", "size", "witness"),)

    id: int | None = key()
    region: str
    size: int = Field(sa_type=BigInteger)
    witness: str
    seen_at: datetime
    der: bytes


class IssueLogLeafRow(SQLModel, table=True):
    """A leaf of a partner's log, and the size of the checkpoint in which it came."""

    __tablename__ = "issue_log_leaf"

    region: str = Field(primary_key=True)
    leaf: bytes = Field(primary_key=True)
    position: int = Field(sa_type=BigInteger)
    first_size: int = Field(sa_type=BigInteger)


class IssueLogAlarmRow(SQLModel, table=True):
    """Something a region signed that contradicts what it showed before: both are kept."""

    __tablename__ = "issue_log_alarm"
    __table_args__ = (UniqueConstraint("region", "shown_sm3"),)

    id: int | None = key()
    region: str
    reason: str
    shown_sm3: bytes  # of what was signed, whatever the signature
    shown: bytes  # the checkpoint or countersignature that was refused
    held: bytes  # the newest checkpoint kept then; empty: none
    found_at: datetime
