"""The rows about outbox, webhooks, reports to the directory and grants, as SQLModel classes.

Conventions are those of ``tables``. Of a grant only codes are in the clear: what it is for and
why it is lawful are free texts, kept wrapped under ``vault-kek`` and found by HMAC.
"""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from license_vault.database.columns import key, optional_reference, reference


class AccessGrantRow(SQLModel, table=True):
    """Access that was asked for, and what became of it; states in ``access.grants``."""

    __tablename__ = "access_grant"
    __table_args__ = (
        Index("ix_access_grant_use", "consumer_id", "item_code", "type_code", "purpose_mac"),
    )

    id: int | None = key()
    number: str = Field(unique=True)
    consumer_id: int = reference("organisation.id")
    item_code: str
    type_code: str = Field(index=True)
    purpose_mac: bytes
    sealed_texts: bytes  # JSON {purpose, basis}, wrapped under vault-kek
    state: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_by: str | None = None
    revoked_at: datetime | None = None


class TaskLeaseRow(SQLModel, table=True):
    """A background task: when it began last, and who is at it until when."""

    __tablename__ = "task_lease"

    name: str = Field(primary_key=True)
    holder: str | None = None
    held_until: datetime | None = None
    began_at: datetime | None = None


class OutboxRow(SQLModel, table=True):
    """Something that happened and is to be told; written with it. ``data`` is JSON, never personal.

    ``organisation_id`` and ``type_code`` say whose it is: who is told sees no others.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "id",
            sqlite_where=text("spread_at IS NULL"),
            postgresql_where=text("spread_at IS NULL"),
        ),
    )

    id: int | None = key()
    kind: str
    subject: str
    license_id: int | None = optional_reference("license.id")
    organisation_id: int | None = optional_reference("organisation.id")
    type_code: str | None = None
    data: str
    recorded_at: datetime
    spread_at: datetime | None = None


class WebhookRow(SQLModel, table=True):
    """A subscription: where an organisation wants to be told of which kinds and types."""

    __tablename__ = "webhook"

    id: int | None = key()
    number: str = Field(unique=True)
    organisation_id: int = reference("organisation.id", index=True)
    sealed_url: bytes  # wrapped under vault-kek: addresses may hold secrets
    sealed_secret: bytes
    kinds: str  # separated by spaces; empty: all
    type_codes: str
    state: str
    failures: int = 0  # in a row
    alarmed_at: datetime | None = None
    added_by: str
    added_at: datetime
    changed_at: datetime


class WebhookDeliveryRow(SQLModel, table=True):
    """One thing to tell one subscriber; ``number`` is its webhook-id, the same in every try."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "outbox_id"),
        Index(
            "ix_webhook_delivery_due",
            "next_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: int | None = key()
    number: str = Field(unique=True)
    webhook_id: int = reference("webhook.id")
    outbox_id: int = reference("outbox.id")
    state: str
    attempts: int = 0
    next_at: datetime
    tried_at: datetime | None = None
    outcome: str | None = None  # a status code, or a word for why none came


class DirectoryReportRow(SQLModel, table=True):
    """A license as the upper directory is to know it: the newest event told or still to tell."""

    __tablename__ = "directory_report"
    __table_args__ = (Index("ix_directory_report_due", "state", "next_at"),)

    license_id: int = reference("license.id", primary_key=True)
    outbox_id: int = reference("outbox.id")  # the newest event
    state: str
    due_since: datetime
    next_at: datetime
    attempts: int = 0
    refusals: int = 0
    errors: str = "[]"  # JSON list of {code, member}; never what the directory wrote in words
    answered_at: datetime | None = None
    first_accepted_at: datetime | None = None
