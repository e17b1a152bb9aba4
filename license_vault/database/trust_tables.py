"""The rows of what verifiers are told to trust, as SQLModel classes.

Conventions are those of ``tables``.
"""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from license_vault.database.columns import key


class TrustCertificateRow(SQLModel, table=True):
    """An anchor or an intermediate CA that verifiers are told of."""

    __tablename__ = "trust_certificate"

    id: int | None = key()
    sm3: bytes = Field(unique=True)
    certificate: bytes  # DER
    purposes: str  # of an anchor: "seal timestamp status"; empty: an intermediate
    added_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_why: str | None = None  # of signing.trust_list.REASONS


class TrustSignerRow(SQLModel, table=True):
    """An end certificate that this region stands for by name: a seal maker, the library itself."""

    __tablename__ = "trust_signer"
    __table_args__ = (UniqueConstraint("sm3", "role"),)

    id: int | None = key()
    sm3: bytes
    certificate: bytes  # DER
    role: str  # of signing.trust_bundle.ROLES
    added_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_why: str | None = None  # of signing.trust_list.REASONS


class RevocationListRow(SQLModel, table=True):
    """A CRL that verifiers are told of; the newest of each issuer counts."""

    __tablename__ = "revocation_list"

    id: int | None = key()
    issuer_sm3: bytes = Field(index=True)  # of the issuer's name, DER
    this_update: datetime
    next_update: datetime
    sm3: bytes = Field(unique=True)
    der: bytes
    added_at: datetime
