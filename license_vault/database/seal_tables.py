"""The rows about seals, as SQLModel classes; nothing else. Conventions are those of ``tables``.

A seal of an organisation stands in the clear, for it is on every license it sealed. What tells
of a holder (a person's name is in the seal, its picture and its certificate) is encrypted under
the holder's key, and its row in ``seal`` has those columns empty (docs/adr/0035).
"""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from license_vault.database.columns import key, optional_reference, reference, unique_where


class SealRow(SQLModel, table=True):
    """One seal, from its application on: whose, in which state, and as it was made last."""

    __tablename__ = "seal"

    id: int | None = key()
    code: str = Field(unique=True)  # 14 digits
    owner_id: int = reference("organisation.id", index=True)  # of a holder's: who looks after it
    key_label: str
    certificate: bytes  # DER; empty before it was made, and of a holder's
    chain: str  # JSON list of base64 DER: the issuing CAs, without the root
    picture: str  # JSON of signing.picture.seal_picture.SealPicture
    state: str
    installed_at: datetime  # when it was applied for first
    changed_at: datetime
    kind: str = "special"  # license_vault.seals.life.SealKind
    name: str = ""  # 印章名称
    ses: bytes = b""  # SESeal, DER; empty before it was made, and of a holder's
    filing_number: str | None = None  # 备案号
    cancellation_number: str | None = None  # 注销备案号


class SealApplicationRow(SQLModel, table=True):
    """Somebody asked that a seal be made or made again, and somebody else decided."""

    __tablename__ = "seal_application"

    id: int | None = key()
    seal_id: int = reference("seal.id", index=True)
    purpose: str  # "make" or "remake"
    basis: str
    applied_by: str
    applied_at: datetime
    decision: str | None = None  # "approved" or "rejected"
    decision_basis: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


class SealMakingRow(SQLModel, table=True):
    """A seal as it was made once; only ever added, so that an older one stays on record."""

    __tablename__ = "seal_making"

    id: int | None = key()
    seal_id: int = reference("seal.id", index=True)
    made_by: str
    made_at: datetime
    maker_sm3: bytes  # of the maker's certificate
    ses: bytes  # SESeal, DER; of a holder's encrypted under the holder's key


class HolderSealRow(SQLModel, table=True):
    """Whose a seal is that belongs to a holder, and all of it that tells who that is."""

    __tablename__ = "holder_seal"

    seal_id: int = reference("seal.id", primary_key=True)
    holder_id: int = reference("holder.id", index=True)
    sealed_data: bytes  # certificate, chain, picture, name, SESeal: under the holder's key


class SealGrantRow(SQLModel, table=True):
    """A seal may be set for an authority's licenses of a type; without one it may not."""

    __tablename__ = "seal_grant"
    __table_args__ = (
        unique_where(
            "uq_seal_grant_live", "withdrawn_at IS NULL", "authority_id", "type_code", "seal_id"
        ),
    )

    id: int | None = key()
    seal_id: int = reference("seal.id", index=True)
    authority_id: int = reference("organisation.id")
    type_code: str  # '*': every type; "documents": documents that are no licenses
    granted_at: datetime
    granted_by: str
    withdrawn_at: datetime | None = None


class SealRoleRow(SQLModel, table=True):
    """What a person does with seals: manage, use or audit; at most one at a time."""

    __tablename__ = "seal_role"
    __table_args__ = (unique_where("uq_seal_role_live", "withdrawn_at IS NULL", "person"),)

    id: int | None = key()
    person: str
    role: str
    given_by: str
    given_at: datetime
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None


class SealConsentRow(SQLModel, table=True):
    """A holder agreed that the own seal be set on one document, once, before an instant."""

    __tablename__ = "seal_consent"
    __table_args__ = (UniqueConstraint("holder_id", "key_mac"),)

    id: int | None = key()
    consent_id: str = Field(unique=True)  # random
    seal_id: int = reference("seal.id", index=True)
    holder_id: int = reference("holder.id")
    document_sm3: bytes
    sealed_purpose: bytes  # under the holder's key
    key_mac: bytes  # of the Idempotency-Key
    body_sm3: bytes
    given_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class DocumentSealingRow(SQLModel, table=True):
    """A seal's key signed something that is no license: begun before it is used, then done.

    ``signed_sm3`` is SM3 of the bytes the signature covers, as the key port counts them; a row
    without it tells of a sealing that signed nothing, or was cut off.
    """

    __tablename__ = "document_sealing"
    __table_args__ = (UniqueConstraint("actor", "key_mac"),)

    id: int | None = key()
    seal_id: int = reference("seal.id", index=True)
    key_label: str
    consent_id: int | None = optional_reference("seal_consent.id")
    actor: str
    key_mac: bytes  # of the Idempotency-Key
    form: str  # "pdf" or "ofd"; "certificate-request": of the seal's own key
    document_sm3: bytes  # of the document as it came
    begun_at: datetime
    signed_sm3: bytes | None = None
    result_sm3: bytes | None = Field(default=None, index=True)
    done_at: datetime | None = None
