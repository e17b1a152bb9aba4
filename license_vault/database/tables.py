"""The rows of the database, as SQLModel classes; nothing else.

Rows never leave the modules that hold the SQL (``registry``, ``api_clients``, ``audit``,
``seals.registry``, ``status.publication``, ``trust.publication`` …). Seals are in
``database.seal_tables``, their uses in ``database.seal_use_tables``, items and officers in
``database.approval_tables``; whoever imports this module has all tables.
Nothing is ever deleted; the status of a license is the projection of its events
(docs/adr/0016), which are only ever added, as are audit entries.

In the clear stand: type, authority, region, state, dates, identifier, and random names.
Who holds a license, its number, its case and every field are encrypted under the holders'
keys, or kept as HMAC-SM3 for exact match (docs/adr/0017).

Conventions: keys are bigint; instants are UTC, whole seconds; ``*_sm3`` and ``*_mac`` are
32 bytes; ``sealed_*`` and ``wrapped_*`` are SM4-GCM of ``keys.envelope``.
"""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from license_vault.database import (
    approval_tables,
    bulk_tables,
    case_tables,
    event_tables,
    exchange_tables,
    figure_tables,
    holding_tables,
    issue_log_tables,
    lifecycle_tables,
    package_tables,
    partner_tables,
    presenting_tables,
    seal_tables,
    seal_use_tables,
    sharing_tables,
    status_tables,
    trust_list_tables,
    trust_tables,
    web_tables,
)
from license_vault.database.columns import (
    BigKey,
    given_key,
    index_where,
    key,
    metadata,
    reference,
    table_of,
    unique_where,
)

__all__ = [
    "approval_tables",
    "bulk_tables",
    "case_tables",
    "event_tables",
    "exchange_tables",
    "figure_tables",
    "holding_tables",
    "issue_log_tables",
    "lifecycle_tables",
    "metadata",
    "package_tables",
    "partner_tables",
    "presenting_tables",
    "seal_tables",
    "seal_use_tables",
    "sharing_tables",
    "status_tables",
    "table_of",
    "trust_list_tables",
    "trust_tables",
    "web_tables",
]

IN_FORCE = "status IN ('valid', 'suspended')"
BEING_ISSUED = "status = 'issuing'"
IN_THE_MAKING = "status IN ('issuing', 'pending')"
NUMBER_IN_FORCE = "uq_license_number_in_force"
NOT_VOID = "status <> 'void'"
ENDING = "status = 'valid' AND valid_until IS NOT NULL"


# --- organisations and who may call ---------------------------------------------------------


class OrganisationRow(SQLModel, table=True):
    """One organisation of the tree 省/市/区县/街道, or a department; some issue licenses."""

    __tablename__ = "organisation"

    id: int | None = key()
    code: str = Field(unique=True)  # USCC, 18 characters; a department's own code else
    name: str
    region: str  # GB/T 2260, 6 digits
    parent_id: int | None = Field(
        default=None, sa_type=BigKey, foreign_key="organisation.id", index=True
    )
    added_at: datetime


class ApiClientRow(SQLModel, table=True):
    """One program that may ask for access tokens."""

    __tablename__ = "api_client"

    id: int | None = key()
    client_id: str = Field(unique=True)
    organisation_id: int = reference("organisation.id")
    name: str
    secret_mac: bytes
    added_at: datetime
    disabled_at: datetime | None = None


class ClientScopeRow(SQLModel, table=True):
    """What a client may do, with which license type ('*': every type)."""

    __tablename__ = "client_scope"

    client_id: int = reference("api_client.id", primary_key=True)
    action: str = Field(primary_key=True)
    type_code: str = Field(primary_key=True)


class AccessTokenRow(SQLModel, table=True):
    """An opaque token that was given out; only its MAC is kept."""

    __tablename__ = "access_token"

    id: int | None = key()
    token_mac: bytes = Field(unique=True)
    client_id: int = reference("api_client.id", index=True)
    issued_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None = None


class IdempotencyRow(SQLModel, table=True):
    """A request that was accepted once, for ever: (caller, Idempotency-Key) and its body."""

    __tablename__ = "idempotency"

    caller: str = Field(primary_key=True)
    key_mac: bytes = Field(primary_key=True)
    body_sm3: bytes
    license_id: int = reference("license.id", index=True)
    recorded_at: datetime


# --- holders and licenses -------------------------------------------------------------------


class HolderRow(SQLModel, table=True):
    """One holder's vault: a random handle, a key of its own, and who it is, encrypted."""

    __tablename__ = "holder"

    id: int | None = key()
    handle: str = Field(unique=True)
    kind: str
    lookup_mac: bytes = Field(unique=True)  # of (document type, document number)
    wrapped_key: bytes  # under vault-kek
    key_version: int
    sealed_document: bytes  # document type and number, under the holder's key
    added_at: datetime


class StatusShardRow(SQLModel, table=True):
    """One status list: a random public name and room for ``capacity`` indexes.

    ``uri`` is its address from when it began, as the claims in it say for ever: the address of
    the node may change. Below ``opened`` indexes are drawn; None: anywhere in it.
    """

    __tablename__ = "status_shard"

    id: int | None = key()
    name: str = Field(unique=True)
    uri: str = Field(unique=True)
    capacity: int
    opened_at: datetime
    opened: int | None = None


class LicenseRow(SQLModel, table=True):
    """One version of a license, from its intent on."""

    __tablename__ = "license"
    __table_args__ = (
        UniqueConstraint("status_shard_id", "status_index"),
        unique_where(
            NUMBER_IN_FORCE,
            IN_FORCE,
            "authority_id",
            "type_code",
            "number_mac",
            "copy_kind",
            "copy_ordinal",
        ),
        unique_where(
            "uq_license_number_being_issued",
            IN_THE_MAKING,
            "authority_id",
            "type_code",
            "number_mac",
            "copy_kind",
            "copy_ordinal",
        ),
        unique_where(
            "uq_license_case",
            NOT_VOID,
            "authority_id",
            "case_mac",
            "type_code",
            "copy_kind",
            "copy_ordinal",
            "first_holder_id",
        ),
        Index("ix_license_number_mac", "number_mac"),
        Index("ix_license_case_mac", "case_mac"),
        Index("ix_license_recorded_at", "recorded_at"),
        Index("ix_license_shard_changed", "status_shard_id", "changed_at"),
        Index("ix_license_authority", "authority_id", "id"),
        Index(
            "ix_license_ending",
            "valid_until",
            sqlite_where=text(ENDING),
            postgresql_where=text(ENDING),
        ),
        Index(
            "ix_license_issuing",
            "id",
            sqlite_where=text(BEING_ISSUED),
            postgresql_where=text(BEING_ISSUED),
        ),
        unique_where("uq_license_successor_in_the_making", IN_THE_MAKING, "predecessor_id"),
        Index("ix_license_predecessor", "predecessor_id"),
        index_where("ix_license_group", "group_id IS NOT NULL", "group_id"),
        index_where("ix_license_due", "due_at IS NOT NULL", "due_at"),
    )

    id: int | None = key()
    identifier: str = Field(unique=True)
    type_code: str
    type_version: str
    authority_id: int = reference("organisation.id")
    region: str
    first_holder_id: int = reference("holder.id")
    number_mac: bytes
    case_mac: bytes
    copy_kind: str
    copy_ordinal: int
    copy_of: int
    issued_on: date
    valid_from: date
    valid_until: date | None = None  # none: 长期
    status: str
    status_shard_id: int = reference("status_shard.id")
    status_index: int
    check_code_mac: bytes
    content_id: str  # SM3 of the claims, 64 hex digits; salted inside, so it cannot be guessed
    sealed_record: bytes  # claims, check code, case, basis: what finishing needs
    recorded_at: datetime
    changed_at: datetime
    claimed_at: datetime | None = None  # since when somebody is at work on an ISSUING one
    intended_forms: str = "pdf"  # which files it has when issued, joined by blanks
    predecessor_id: int | None = Field(default=None, sa_type=BigKey)  # the version before it
    foreign_predecessor: str | None = None  # 转入 from elsewhere: an identifier that is not ours
    group_id: int | None = Field(default=None, sa_type=BigKey)  # the first of its group; none: it
    origin: str = "issue"  # the verb that made it
    in_force_from: datetime | None = None  # when it is to come into force; none: when issued
    due_at: datetime | None = None  # when the status has to be looked at again


class LicenseHolderRow(SQLModel, table=True):
    """Who holds a license, in the order of the claims (several: 共有)."""

    __tablename__ = "license_holder"

    license_id: int = reference("license.id", primary_key=True)
    holder_id: int = reference("holder.id", primary_key=True, index=True)
    position: int


class LicenseSealRow(SQLModel, table=True):
    """Which seals a license bears, in the order they are set."""

    __tablename__ = "license_seal"

    license_id: int = reference("license.id", primary_key=True)
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seal_id: int = reference("seal.id", index=True)


class ObjectKeyRow(SQLModel, table=True):
    """The key of one thing kept for a license, wrapped under one holder's key."""

    __tablename__ = "object_key"

    license_id: int = reference("license.id", primary_key=True)
    purpose: str = Field(primary_key=True)  # "record" or a form, as "pdf"
    holder_id: int = reference("holder.id", primary_key=True)
    key_version: int
    wrapped_key: bytes


class LicenseFormRow(SQLModel, table=True):
    """One sealed file of a license in the store: what it must be when it is read back."""

    __tablename__ = "license_form"

    license_id: int = reference("license.id", primary_key=True)
    form: str = Field(primary_key=True)
    object_key: str = Field(unique=True)
    media_type: str
    size_bytes: int
    sm3: bytes = Field(index=True)  # of the sealed file
    sha256: bytes  # of the sealed file
    ciphertext_sm3: bytes  # of the stored object
    deposited_at: datetime


class LicenseEventRow(SQLModel, table=True):
    """What happened to a license; only ever added. ``license.status`` is the last one's."""

    __tablename__ = "license_event"

    id: int | None = key()
    license_id: int = reference("license.id", index=True)
    recorded_at: datetime
    effective_from: datetime
    kind: str
    status: str  # what the license is from then on
    actor: str
    sealed_basis: bytes  # legal basis and reason, under the license's record key
    operate_type: str = ""  # of the national model; empty: recorded before it was kept


# --- the record of who did what, and what is published --------------------------------------


class AuditEntryRow(SQLModel, table=True):
    """One entry of the chained record; only ever added."""

    __tablename__ = "audit_entry"

    sequence: int = given_key()
    recorded_at: datetime
    actor: str
    action: str
    subject: str = Field(index=True)
    details: str  # RFC 8785 JSON, no personal data
    previous: bytes
    digest: bytes


class AuditHeadRow(SQLModel, table=True):
    """The one row that says where the chain ends, and whose lock serialises appending."""

    __tablename__ = "audit_head"

    id: int = given_key()
    sequence: int = Field(sa_type=BigKey)
    digest: bytes


class StatusPublicationRow(SQLModel, table=True):
    """One publication of a status list; ``der`` is the signed plane, empty: no longer kept."""

    __tablename__ = "status_publication"
    __table_args__ = (UniqueConstraint("shard_id", "sequence"),)

    id: int | None = key()
    shard_id: int = reference("status_shard.id")
    sequence: int = Field(sa_type=BigKey)
    issued_at: datetime
    next_update: datetime
    states_sm3: bytes
    der: bytes
