"""The rows of partner regions and of what is pulled from them, as SQLModel classes.

Conventions are those of ``tables``. Nothing personal: trust, lists of states and of revoked
certificates, and when they came. Accepted trust lists are in ``trust_list_tables``, the mirror of
issue logs in ``issue_log_tables``.
"""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from license_vault.database.columns import BigKey, index_where, key, unique_where

NEWEST = "superseded_at IS NULL"


class PartnerRow(SQLModel, table=True):
    """A region whose first trust list two people accepted; its addresses may be called."""

    __tablename__ = "partner"

    id: int | None = key()
    region: str = Field(unique=True)  # GB/T 2260, 6 digits
    name: str
    url: str  # the address that was typed by those who accepted it
    further_urls: str = ""  # of its newest accepted trust list, separated by spaces
    state: str
    added_by: str
    added_at: datetime
    changed_at: datetime


class PartnerStateRow(SQLModel, table=True):
    """How one part of pulling from a region went last, when well and when not."""

    __tablename__ = "partner_state"
    __table_args__ = (UniqueConstraint("region", "part"),)

    id: int | None = key()
    region: str
    part: str
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    reason: str = ""  # of the last failure; stable codes, never what the partner wrote
    failures: int = 0  # in a row
    etag: str = ""  # of what was fetched last


class PartnerStatusListRow(SQLModel, table=True):
    """All states of a region's status list, and the signed file that names their digest.

    One of each list is not superseded; older ones stay for questions about their time.
    """

    __tablename__ = "partner_status_list"
    __table_args__ = (
        unique_where("uq_partner_status_list_newest", NEWEST, "uri"),
        index_where("ix_partner_status_list_region", NEWEST, "region"),
        Index("ix_partner_status_list_uri_issued_at", "uri", "issued_at"),
    )

    id: int | None = key()
    region: str
    uri: str
    name: str  # the last part of its address at the region
    sequence: int = Field(sa_type=BigKey)
    issued_at: datetime
    states: bytes  # one code an index, deflated
    signed_file: bytes  # DER, as received
    checked_at: datetime  # when the region said last that nothing is newer
    superseded_at: datetime | None = None


class PartnerRevocationListRow(SQLModel, table=True):
    """A CRL that a region publishes, signed by a CA of its accepted trust list."""

    __tablename__ = "partner_revocation_list"
    __table_args__ = (
        UniqueConstraint("region", "sm3"),
        unique_where("uq_partner_revocation_list_newest", NEWEST, "region", "issuer_sm3"),
    )

    id: int | None = key()
    region: str
    issuer_sm3: bytes  # of the issuer's name, DER
    this_update: datetime
    next_update: datetime
    sm3: bytes
    der: bytes
    received_at: datetime
    superseded_at: datetime | None = None
