"""The rows of sharing documents, verification receipts and partners' licenses, as SQLModel classes.

Conventions are those of ``tables``. A sharing document (catalogue, use list, maps) is public and
holds codes and names of types, items and fields only. What a receipt says, and every file, is
encrypted.
"""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from license_vault.database.columns import key, reference


class SharingDocumentRow(SQLModel, table=True):
    """One signed version of what a region shares or accepts; a region's newest counts."""

    __tablename__ = "sharing_document"
    __table_args__ = (UniqueConstraint("region", "kind", "version"),)

    id: int | None = key()
    region: str
    kind: str
    version: int
    sm3: bytes  # of the whole file
    file: bytes  # as signed by the region
    published_at: datetime
    taken_in_at: datetime
    taken_in_by: str


class VerificationReceiptRow(SQLModel, table=True):
    """One signed verification receipt (核验回执); found by its random number."""

    __tablename__ = "verification_receipt"
    __table_args__ = (Index("ix_verification_receipt_requester", "requester", "id"),)

    id: int | None = key()
    receipt_id: str = Field(unique=True)
    requester: str  # an organisation's code, "holder" or "anonymous"
    verdict: str
    decision: str
    sm3: bytes = Field(index=True)  # of the whole receipt
    sealed_receipt: bytes  # wrapped under vault-kek
    made_at: datetime


class PartnerLicenseRow(SQLModel, table=True):
    """A license that a partner region issued, in its holder's vault here: the file as it came.

    Its state is the partner's to say: no row of this library tells it.
    """

    __tablename__ = "partner_license"
    __table_args__ = (UniqueConstraint("holder_id", "content_id", "form"),)

    id: int | None = key()
    holder_id: int = reference("holder.id")
    handle: str = Field(unique=True)  # a random name
    identifier: str = Field(index=True)
    type_code: str
    authority_code: str
    region: str  # whose trust list vouched for it
    form: str
    content_id: bytes
    trust_level: str
    sm3: bytes = Field(index=True)  # of the sealed file
    sha256: bytes
    ciphertext_sm3: bytes
    size_bytes: int
    object_key: str = Field(unique=True)
    wrapped_key: bytes  # the file's key, under the holder's
    key_version: int
    sealed_holder: bytes | None = None  # whom it names, under the holder's key
    taken_in_at: datetime
