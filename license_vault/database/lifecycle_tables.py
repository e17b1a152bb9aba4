"""The rows about versions of a license, what is due, marks and conditions, as SQLModel classes.

Conventions are those of ``tables``.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel


class AnsweredRequestRow(SQLModel, table=True):
    """A request about something that is no license, for ever: what it made."""

    __tablename__ = "answered_request"

    caller: str = Field(primary_key=True)
    key_mac: bytes = Field(primary_key=True)
    body_sm3: bytes
    resource: str
    answered_at: datetime
