"""The rows of signed trust lists, their roots, approvals and sightings, as SQLModel classes.

Conventions are those of ``tables``. Nothing personal: who approved is named as tokens name people.
Nothing is deleted, and an accepted list is kept for ever: old files are judged by the list of
their time.
"""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from license_vault.database.columns import key, unique_where

ACCEPTED = "state = 'accepted'"


class TrustRootRow(SQLModel, table=True):
    """A version of a region's root: ours or a partner's."""

    __tablename__ = "trust_root"
    __table_args__ = (
        UniqueConstraint("region", "sm3", name="uq_trust_root_region_sm3"),
        unique_where("uq_trust_root_accepted", ACCEPTED, "region", "version"),
    )

    id: int | None = key()
    region: str
    version: int
    sm3: bytes  # of what is signed
    der: bytes
    state: str  # draft: signatures are still missing; candidate; accepted; dropped
    added_at: datetime


class TrustListRow(SQLModel, table=True):
    """A trust list, ours or a partner's. The accepted one of the highest sequence counts."""

    __tablename__ = "trust_list"
    __table_args__ = (
        unique_where("uq_trust_list_accepted", ACCEPTED, "region", "sequence"),
        Index("ix_trust_list_region_state", "region", "state", "sequence"),
        Index("ix_trust_list_sm3", "sm3"),
    )

    id: int | None = key()
    region: str
    sequence: int
    sm3: bytes  # of what is signed: the fingerprint
    der: bytes
    root_version: int
    issued_at: datetime
    next_update: datetime
    state: str  # as of roots
    url: str  # of a candidate: where it was fetched
    added_at: datetime
    accepted_at: datetime | None = None


class TrustApprovalRow(SQLModel, table=True):
    """A person typed a list's fingerprint: to accept a first list, or to settle a split."""

    __tablename__ = "trust_approval"
    __table_args__ = (UniqueConstraint("region", "sm3", "purpose", "person"),)

    id: int | None = key()
    region: str
    sm3: bytes
    purpose: str  # accept or resolve
    person: str
    given_at: datetime


class TrustSightingRow(SQLModel, table=True):
    """A digest of a list, and who showed it to us first when."""

    __tablename__ = "trust_sighting"
    __table_args__ = (UniqueConstraint("region", "sequence", "sm3", "shown_by"),)

    id: int | None = key()
    region: str
    sequence: int
    sm3: bytes
    shown_by: str  # a region
    seen_at: datetime


class TrustSplitRow(SQLModel, table=True):
    """Two digests of one sequence: the region's lists are refused until two people settle it."""

    __tablename__ = "trust_split"
    __table_args__ = (unique_where("uq_trust_split_open", "resolved_at IS NULL", "region"),)

    id: int | None = key()
    region: str
    sequence: int
    found_at: datetime
    resolved_at: datetime | None = None
    kept_sm3: bytes | None = None


class TrustRefusalRow(SQLModel, table=True):
    """A list or root that was refused: why, who showed it, how often."""

    __tablename__ = "trust_refusal"
    __table_args__ = (UniqueConstraint("region", "reason", "sm3", "shown_by"),)

    id: int | None = key()
    region: str
    reason: str
    sm3: bytes  # empty: it could not be read
    shown_by: str
    times: int
    first_at: datetime
    last_at: datetime


class NationalRootRow(SQLModel, table=True):
    """A national root under which entries of trust lists may chain."""

    __tablename__ = "national_root"

    id: int | None = key()
    sm3: bytes = Field(unique=True)  # of the certificate
    certificate: bytes  # DER
    added_at: datetime
