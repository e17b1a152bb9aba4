"""The rows of requests and answers between regions, quotas and disputes, as SQLModel classes.

Conventions are those of ``tables``. Requests and answers are kept as their signed bytes, encrypted
under keys of their own that are wrapped under ``vault-kek``; their SM3 stands in the clear: it is
over a signature too, so nobody guesses a number from it. What was asked is compared by HMAC.
"""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from license_vault.database.columns import index_where, key, reference


class ExchangeRow(SQLModel, table=True):
    """One question between two regions; ``direction`` "in": it was asked of us."""

    __tablename__ = "exchange"
    __table_args__ = (
        UniqueConstraint("direction", "region", "exchange_id"),
        Index("ix_exchange_organisation", "organisation", "id"),
    )

    id: int | None = key()
    direction: str
    region: str  # the other one
    exchange_id: str = Field(index=True)
    operation: str
    organisation: str
    item_code: str
    content_mac: bytes  # of operation, use and body
    state: str
    outcome: str | None = None
    actor: str
    began_at: datetime
    ended_at: datetime | None = None


class ExchangeMessageRow(SQLModel, table=True):
    """A request (one for each try) or an answer, byte for byte as it was signed."""

    __tablename__ = "exchange_message"
    __table_args__ = (Index("ix_exchange_message_exchange_id", "exchange_id", "kind"),)

    id: int | None = key()
    exchange_id: int = reference("exchange.id")
    kind: str
    sm3: bytes = Field(unique=True)
    wrapped_key: bytes
    sealed: bytes
    kept_at: datetime


class ExchangeCountRow(SQLModel, table=True):
    """How often a partner used an operation in the window that began last."""

    __tablename__ = "exchange_count"

    region: str = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    seconds: int = Field(primary_key=True)
    began_at: datetime
    used: int


class PartnerDisputeRow(SQLModel, table=True):
    """A dispute raised here against a license of a partner; its number is the partner's."""

    __tablename__ = "partner_dispute"
    __table_args__ = (
        UniqueConstraint("region", "number"),
        index_where("ix_partner_dispute_due", "state IN ('sending', 'open')", "next_at"),
        Index("ix_partner_dispute_organisation", "organisation", "id"),
        Index("ix_partner_dispute_holder_mac", "holder_mac", "id"),
    )

    id: int | None = key()
    reference: str = Field(unique=True)
    region: str
    identifier: str
    field: str
    organisation: str
    holder_mac: bytes | None = None  # of the document of who raised it, if its holder did
    filed_by: str
    filed_at: datetime
    exchange_id: str
    wrapped_key: bytes
    sealed_question: bytes  # JSON {use, body}
    state: str
    reason: str | None = None  # why the partner did not take it
    number: str | None = None
    due_on: date | None = None
    outcome: str | None = None
    sealed_answer: bytes | None = None
    answered_at: datetime | None = None
    attempts: int = 0
    next_at: datetime


class DisputeOriginRow(SQLModel, table=True):
    """A dispute of ours that a partner raised: where its answer is to be sent."""

    __tablename__ = "dispute_origin"
    __table_args__ = (
        index_where("ix_dispute_origin_due", "told_at IS NULL", "next_at"),
        UniqueConstraint("region", "reference"),
    )

    number: str = Field(primary_key=True)
    region: str
    reference: str
    organisation: str
    exchange_id: str  # of the answer that is sent
    told_at: datetime | None = None
    outcome: str | None = None
    attempts: int = 0
    next_at: datetime
