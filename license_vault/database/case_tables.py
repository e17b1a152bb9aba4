"""The rows about cases, what items need, and copied fields, as SQLModel classes.

Conventions are those of ``tables``. A case has a key of its own, wrapped under ``vault-kek``:
its number, its holders, its grounds and its reports are encrypted with it, and so are its files.
"""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from license_vault.database.columns import (
    BigKey,
    index_where,
    key,
    optional_reference,
    reference,
)


class ItemDefinitionRow(SQLModel, table=True):
    """What an item needs and makes, one version; the newest counts, older ones stay."""

    __tablename__ = "item_definition"
    __table_args__ = (UniqueConstraint("item_id", "version"),)

    id: int | None = key()
    item_id: int = reference("approval_item.id")
    version: int
    document: str  # RFC 8785 JSON of schema license-vault/item/1
    put_by: str
    put_at: datetime


class ItemResultRow(SQLModel, table=True):
    """A type of license that cases under a definition have to end with."""

    __tablename__ = "item_result"

    definition_id: int = reference("item_definition.id", primary_key=True)
    type_code: str = Field(primary_key=True)


class ServiceCaseRow(SQLModel, table=True):
    """One case of one organisation, under the item's definition as it was then."""

    __tablename__ = "service_case"
    __table_args__ = (
        UniqueConstraint("case_mac", "organisation_id"),
        Index("ix_service_case_state", "organisation_id", "state", "id"),
    )

    id: int | None = key()
    handle: str = Field(unique=True)  # random
    definition_id: int = reference("item_definition.id", index=True)
    organisation_id: int = reference("organisation.id")
    case_mac: bytes
    state: str  # cases.case.CaseState
    sealed_case: bytes  # number and holders, under the case's key
    wrapped_key: bytes
    opened_by: str
    opened_at: datetime
    changed_at: datetime


class CaseHolderRow(SQLModel, table=True):
    """Whom a case is about, found by what holders are found by."""

    __tablename__ = "case_holder"

    case_id: int = reference("service_case.id", primary_key=True)
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    lookup_mac: bytes
    holder_handle: str | None = None  # the expiring one that was shown; its evidence is there


class CaseDocumentRow(SQLModel, table=True):
    """A file of a case: what the applicant brought, a form sheet, or the sheet with its seal."""

    __tablename__ = "case_document"

    id: int | None = key()
    handle: str = Field(unique=True)  # random
    case_id: int = reference("service_case.id", index=True)
    kind: str  # cases.documents.DocumentKind
    form: str
    verdict: str  # of our verifier, when it came; empty of a sheet
    object_key: str = Field(unique=True)
    size_bytes: int
    sm3: bytes  # of the file
    sha256: bytes
    ciphertext_sm3: bytes  # of the stored object
    sealed_report: bytes  # the report, and the claims if it is a license: under the case's key
    sheet_id: int | None = optional_reference("case_document.id")  # which sheet bears this seal
    added_by: str
    added_at: datetime


class CaseDecisionRow(SQLModel, table=True):
    """How a case was decided; once."""

    __tablename__ = "case_decision"

    case_id: int = reference("service_case.id", primary_key=True)
    outcome: str  # cases.case.Outcome
    request_sm3: bytes  # what the officers signed
    approvals: str  # JSON of the checked approvals
    sealed_basis: bytes  # under the case's key
    decided_by: str
    decided_at: datetime


class CopiedFieldRow(SQLModel, table=True):
    """A value in a license that was taken from another license (一数一源)."""

    __tablename__ = "copied_field"
    __table_args__ = (
        UniqueConstraint("license_id", "path"),
        Index("ix_copied_field_stale", "stale_since"),
        index_where("ix_copied_field_moved", "moved", "id"),
    )

    id: int | None = key()
    license_id: int = reference("license.id")
    path: str  # JSON pointer into the claims
    source_id: int = reference("license.id", index=True)
    source_path: str
    seen_id: int = Field(sa_type=BigKey, foreign_key="license.id", index=True)
    moved: bool = False  # a newer version of the one seen was intended
    stale_since: datetime | None = None
    recorded_at: datetime
