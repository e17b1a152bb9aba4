"""The rows about items and the officers who decide them, as SQLModel classes; nothing else.

Conventions are those of ``tables``. An officer's certificate names a person and is kept wrapped
under ``vault-kek``; a certificate that was replaced or shut out stays, since approvals signed
with it stay.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from license_vault.database.columns import key, reference, unique_where


class ApprovalItemRow(SQLModel, table=True):
    """An item (事项) and how many officers decide it: one (独任), or two (一审一核)."""

    __tablename__ = "approval_item"

    id: int | None = key()
    code: str = Field(unique=True)
    name: str
    mode: str
    added_by: str
    added_at: datetime


class OfficerRow(SQLModel, table=True):
    """An officer who signs approvals, with one certificate; another certificate is another row."""

    __tablename__ = "officer"
    __table_args__ = (unique_where("uq_officer_live", "disabled_at IS NULL", "officer_id"),)

    id: int | None = key()
    officer_id: str = Field(index=True)
    organisation_id: int = reference("organisation.id")
    sealed_certificate: bytes  # DER, wrapped under vault-kek
    key_sm3: bytes = Field(index=True)  # of the public point: a key is one person's
    added_by: str
    added_at: datetime
    disabled_by: str | None = None
    disabled_at: datetime | None = None
