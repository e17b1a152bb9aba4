"""The rows about mandates, deliveries, prints, journals and disputes, as SQLModel classes.

Conventions are those of ``tables``.
"""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from license_vault.database.columns import (
    BigKey,
    key,
    optional_reference,
    reference,
    unique_where,
)

IS_RECEIPT = "channel = 'download'"
IS_OPEN = "answered_at IS NULL"


class JournalEntryRow(SQLModel, table=True):
    """One use of one holder's license; only ever added, chained for each holder.

    The license is one of this library or one of a partner region that the holder took in.
    """

    __tablename__ = "journal_entry"
    __table_args__ = (UniqueConstraint("holder_id", "sequence"),)

    id: int | None = key()
    holder_id: int = reference("holder.id")
    sequence: int = Field(sa_type=BigKey)
    license_id: int | None = optional_reference("license.id", index=True)
    partner_license_id: int | None = optional_reference("partner_license.id", index=True)
    action: str
    actor: str
    organisation: str | None = None
    item_code: str | None = None
    recorded_at: datetime
    sealed_entry: bytes  # all that the digest is taken over, under the holder's key
    previous: bytes
    digest: bytes


class JournalHeadRow(SQLModel, table=True):
    """Where one holder's chain ends."""

    __tablename__ = "journal_head"

    holder_id: int = reference("holder.id", primary_key=True)
    sequence: int = Field(sa_type=BigKey)
    digest: bytes


class MandateRow(SQLModel, table=True):
    """Who may act for a holder: an agent by mandate, or the recorded representative."""

    __tablename__ = "mandate"

    id: int | None = key()
    mandate_id: str = Field(unique=True)
    principal_id: int = reference("holder.id", index=True)
    agent_mac: bytes = Field(index=True)  # of (document type, document number)
    kind: str  # mandate, representation
    type_codes: str  # joined by blanks; '*': every type
    actions: str  # joined by blanks
    begins_at: datetime
    ends_at: datetime | None = None
    license_id: int | None = optional_reference("license.id")  # of a representation: shown by it
    sealed_details: bytes  # who the agent is, and the evidence, under the principal's key
    recorded_by: str
    recorded_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None = None


class DeliveryRow(SQLModel, table=True):
    """A license was handed over (送达), or its holder received it by a first download."""

    __tablename__ = "delivery"
    __table_args__ = (unique_where("uq_delivery_receipt", IS_RECEIPT, "license_id"),)

    id: int | None = key()
    delivery_id: str = Field(unique=True)
    license_id: int = reference("license.id", index=True)
    channel: str
    delivered_at: datetime
    sealed_details: bytes  # to whom, by which delegate, tracking number; under the record key
    recorded_by: str
    recorded_at: datetime


class LicensePrintRow(SQLModel, table=True):
    """One numbered print of a license; its random code leads to what the license is now."""

    __tablename__ = "license_print"
    __table_args__ = (UniqueConstraint("license_id", "number"),)

    id: int | None = key()
    code: str = Field(unique=True)
    license_id: int = reference("license.id")
    number: int
    made_by: str
    made_at: datetime


class ReminderRow(SQLModel, table=True):
    """A holder was reminded that a license ends, so many days before."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("license_id", "days"),)

    id: int | None = key()
    license_id: int = reference("license.id")
    days: int
    made_at: datetime


class DisputeRow(SQLModel, table=True):
    """A holder says that something in a license is wrong (异议), and what was answered."""

    __tablename__ = "dispute"
    __table_args__ = (
        Index(
            "ix_dispute_open",
            "id",
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
    )

    id: int | None = key()
    number: str = Field(unique=True)
    license_id: int = reference("license.id", index=True)
    holder_id: int = reference("holder.id", index=True)
    field: str  # which claim, as "fields.address"
    sealed_grounds: bytes  # under the holder's key
    filed_by: str
    filed_at: datetime
    due_on: date
    outcome: str | None = None  # upheld, rejected
    sealed_answer: bytes | None = None  # under the holder's key
    answered_by: str | None = None
    answered_at: datetime | None = None


class HolderHandleRow(SQLModel, table=True):
    """A short-lived name that a system was given for a holder, in place of the number."""

    __tablename__ = "holder_handle"

    id: int | None = key()
    handle_mac: bytes = Field(unique=True)
    holder_id: int = reference("holder.id", index=True)
    organisation: str
    given_to: str
    evidence_kind: str
    sealed_evidence: bytes  # under the holder's key
    given_at: datetime
    expires_at: datetime
