"""The rows about bulk jobs, their rows, and adopted files, as SQLModel classes.

What came in (names, numbers) stands in ``bulk_chunk`` encrypted under the job's key, which is
wrapped under ``vault-kek``; a job that is finished keeps no rows, only what became of them.
Conventions are those of ``tables``.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from license_vault.database.columns import key, reference


class BulkJobRow(SQLModel, table=True):
    """One job over many rows: whose, of what kind, how far. Counts are sums of its chunks."""

    __tablename__ = "bulk_job"
    __table_args__ = (
        UniqueConstraint("organisation_id", "kind", "input_sm3"),
        Index("ix_bulk_job_state", "state", "id"),
        Index("ix_bulk_job_organisation", "organisation_id", "id"),
    )

    id: int | None = key()
    name: str = Field(unique=True)  # random, public
    kind: str
    organisation_id: int = reference("organisation.id")
    actor: str
    scopes: str  # what its maker might do, as granted; joined by blanks
    input_sm3: bytes  # of the bytes that came and of the orders that came with them
    layout: str
    wrapped_key: bytes  # under vault-kek
    sealed_orders: bytes  # defaults for rows, and the folder of their files
    state: str
    staged_bytes: int = Field(sa_type=BigInteger)
    staged_rows: int
    staged_chunks: int
    done: int
    existing: int
    bad: int
    attempt: int
    slot: int | None = None  # whose executor works on it
    created_at: datetime
    started_at: datetime | None = None
    changed_at: datetime
    finished_at: datetime | None = None


class BulkChunkRow(SQLModel, table=True):
    """Some hundred rows of a job, encrypted; and when they are done, what became of them."""

    __tablename__ = "bulk_chunk"

    job_id: int = reference("bulk_job.id", primary_key=True)
    ordinal: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    first_row: int
    rows: int
    sealed_rows: bytes  # emptied when the job is finished
    sealed_outcomes: bytes | None = None
    done: int
    existing: int
    bad: int
    done_at: datetime | None = None


class AdoptedFileRow(SQLModel, table=True):
    """A sealed file that was made elsewhere and is kept as it is: how far it can be trusted."""

    __tablename__ = "adopted_file"

    license_id: int = reference("license.id", primary_key=True)
    form: str = Field(primary_key=True)
    sm3: bytes = Field(unique=True)
    trust_level: str  # A to D
    verdict: str
    codes: str  # reason codes of what was not passed, joined by blanks
    judged_at: datetime
