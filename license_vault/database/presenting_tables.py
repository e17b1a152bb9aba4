"""The rows about devices, presenting codes, receipts and purpose-bound copies, as SQLModel classes.

Conventions are those of ``tables``.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from license_vault.database.columns import key, reference


class DeviceRow(SQLModel, table=True):
    """One self-service machine or window device, with a credential of its own."""

    __tablename__ = "device"

    id: int | None = key()
    device_id: str = Field(unique=True)
    organisation_id: int = reference("organisation.id", index=True)
    name: str
    secret_mac: bytes
    added_at: datetime
    revoked_at: datetime | None = None


class DeviceTokenRow(SQLModel, table=True):
    """An opaque token that was given to a device; only its MAC is kept."""

    __tablename__ = "device_token"

    id: int | None = key()
    token_mac: bytes = Field(unique=True)
    device_id: int = reference("device.id", index=True)
    issued_at: datetime
    expires_at: datetime


class PresentationRow(SQLModel, table=True):
    """One code by which a holder lets a window see licenses once, and what came of it.

    What is consented to and the code itself stand in ``sealed_order``, the signed receipt in
    ``sealed_receipt``, both under the holder's key.
    """

    __tablename__ = "presentation"

    id: int | None = key()
    presentation_id: str = Field(unique=True)
    code_mac: bytes = Field(unique=True)
    holder_id: int = reference("holder.id", index=True)
    made_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None  # the organisation's code
    sealed_order: bytes
    sealed_receipt: bytes | None = None


class LicenseCopyRow(SQLModel, table=True):
    """One purpose-bound copy (加注件) of a license; for whom and for what is encrypted."""

    __tablename__ = "license_copy"

    id: int | None = key()
    copy_id: str = Field(unique=True)
    license_id: int = reference("license.id", index=True)
    holder_id: int = reference("holder.id", index=True)
    made_at: datetime
    expires_at: datetime
    sealed_record: bytes  # the copy's metadata, under its own key
    wrapped_key: bytes  # under the holder's key
    key_version: int
    object_key: str = Field(unique=True)
    size_bytes: int
    sm3: bytes = Field(index=True)  # of the sealed file
    sha256: bytes
    ciphertext_sm3: bytes
