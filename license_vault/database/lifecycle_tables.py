"""The rows about versions of a license, what is due, marks and conditions, as SQLModel classes.

Conventions are those of ``tables``.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from license_vault.database.columns import key, reference, unique_where


class AnsweredRequestRow(SQLModel, table=True):
    """A request about something that is no license, for ever: what it made."""

    __tablename__ = "answered_request"

    caller: str = Field(primary_key=True)
    key_mac: bytes = Field(primary_key=True)
    body_sm3: bytes
    resource: str
    answered_at: datetime


class LicenseMarkRow(SQLModel, table=True):
    """A mark on a license in force, from ``since`` on and before ``until`` (none: it stands)."""

    __tablename__ = "license_mark"
    __table_args__ = (
        unique_where(
            "uq_license_mark_standing", "until IS NULL", "license_id", "mark", "reference"
        ),
    )

    id: int | None = key()
    license_id: int = reference("license.id", index=True)
    mark: str  # of LicenseMark
    since: datetime
    until: datetime | None = None
    reference: str  # what set it, as "dispute/…"; never anything personal
