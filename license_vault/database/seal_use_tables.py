"""The rows about uses of seals on licenses, as SQLModel classes; nothing else.

Conventions are those of ``tables``. What else is signed with a seal's key has a table of its own
(``database.seal_tables.DocumentSealingRow``).
"""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from license_vault.database.columns import key, reference


class SealUseRow(SQLModel, table=True):
    """A seal's key is used for one file: intended before, with what authorised it; then done.

    ``attempts`` is how often the key may have been used for it; each is on record before the key
    is. ``signed_sm3`` is SM3 of the bytes that the seal's signature covers, as the key port counts
    them. A seal that was made anew between two tries has another key, and so another row.
    """

    __tablename__ = "seal_use"
    __table_args__ = (UniqueConstraint("license_id", "form", "position", "key_label"),)

    id: int | None = key()
    seal_id: int = reference("seal.id", index=True)
    key_label: str = Field(index=True)
    license_id: int = reference("license.id")
    form: str
    position: int  # which of the file's seals, from 0
    item_code: str | None = None
    request_sm3: bytes | None = None  # of the request without its approvals: what they sign
    approvals: str  # JSON list, as license_vault.approvals.approvals writes each
    attempts: int
    intended_at: datetime
    signed_sm3: bytes | None = None
    completed_at: datetime | None = None
