"""The rows about evidence, conditions, parts and packages, as SQLModel classes.

Conventions are those of ``tables``. What a condition or a part says in words stands in the
license's claims, encrypted in its record; here are dates, codes and states only.
"""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from license_vault.database.columns import key, reference


class EvidenceRow(SQLModel, table=True):
    """One evidence file (photo, paper) in the store, encrypted under a key of its own."""

    __tablename__ = "evidence"

    id: int | None = key()
    evidence_id: str = Field(unique=True)  # random
    organisation_id: int = reference("organisation.id", index=True)  # whose program brought it
    media_type: str
    size_bytes: int
    sm3: bytes
    sha256: bytes
    wrapped_key: bytes  # under vault-kek: the holder is not known yet
    uploaded_by: str
    uploaded_at: datetime
    ciphertext_sm3: bytes | None = None  # of the stored object; none: not in the store yet


class LicenseEvidenceRow(SQLModel, table=True):
    """Which evidence a license was issued upon, in the order of the request."""

    __tablename__ = "license_evidence"

    license_id: int = reference("license.id", primary_key=True)
    evidence_id: int = reference("evidence.id", primary_key=True, index=True)
    position: int


class LicenseConditionRow(SQLModel, table=True):
    """A condition (告知承诺, 容缺) that a license was issued with, and when it was fulfilled."""

    __tablename__ = "license_condition"

    license_id: int = reference("license.id", primary_key=True)
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})  # from 1
    due: date  # civil date of +08:00, the last day included
    fulfilled_at: datetime | None = None
    fulfilled_by: str | None = None


class LicensePartRow(SQLModel, table=True):
    """One part of a composite license (九证合一, 一业一证): its own authority, term and state."""

    __tablename__ = "license_part"
    __table_args__ = (UniqueConstraint("license_id", "position"),)

    id: int | None = key()
    license_id: int = reference("license.id")
    position: int  # from 1, in the order of the claims
    code: str
    authority_code: str = Field(index=True)
    valid_from: date
    valid_until: date | None = Field(default=None, index=True)  # none: 长期
    status: str  # the last event's


class LicensePartEventRow(SQLModel, table=True):
    """What happened to a part; only ever added."""

    __tablename__ = "license_part_event"

    id: int | None = key()
    part_id: int = reference("license_part.id", index=True)
    recorded_at: datetime
    effective_from: datetime
    kind: str
    status: str
    actor: str
    sealed_basis: bytes  # under the license's record key


class PackageRow(SQLModel, table=True):
    """One request for several licenses (一件事): all of them or none."""

    __tablename__ = "license_package"

    id: int | None = key()
    package_id: str = Field(unique=True)  # random
    organisation_id: int = reference("organisation.id", index=True)
    item_code: str
    case_mac: bytes
    asked_by: str
    asked_at: datetime


class PackageLicenseRow(SQLModel, table=True):
    """Which licenses a package asked for, in its order."""

    __tablename__ = "package_license"

    package_id: int = reference("license_package.id", primary_key=True)
    license_id: int = reference("license.id", primary_key=True, index=True)
    position: int
