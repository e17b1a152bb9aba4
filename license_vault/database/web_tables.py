"""The rows of people's sessions on the pages, as SQLModel classes.

Conventions are those of ``tables``. A copy of the database lets nobody in: what the browser holds
is kept as HMAC-SM3 only, and the token that the session speaks with is encrypted.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from license_vault.database.columns import key


class WebSessionRow(SQLModel, table=True):
    """One log-in of a person or a device in one browser; it counts until it ends or is closed."""

    __tablename__ = "web_session"

    id: int | None = key()
    secret_mac: bytes = Field(unique=True)
    kind: str  # "person" or "device"
    sealed_token: bytes  # wrapped under vault-kek
    opened_at: datetime
    ends_at: datetime = Field(index=True)
    closed_at: datetime | None = None
