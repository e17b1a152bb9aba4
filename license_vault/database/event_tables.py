"""The rows about outbox, webhooks, reports to the directory and grants, as SQLModel classes.

Conventions are those of ``tables``. Of a grant only codes are in the clear: what it is for and
why it is lawful are free texts, kept wrapped under ``vault-kek`` and found by HMAC.
"""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from license_vault.database.columns import key, reference


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
