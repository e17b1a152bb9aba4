"""Purpose-bound copies in the database; all their SQL.

Whom and what a copy is for is encrypted under a key of its own, wrapped under the holder's; so is
its file in the store.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from license_vault.copies.errors import CopyUnknownError
from license_vault.database.columns import table_of
from license_vault.database.presenting_tables import LicenseCopyRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import HolderRow, LicenseRow
from license_vault.registry.holders import HolderRecord
from license_vault.registry.records import LicenseRecord
from license_vault.vault import HolderKey, StoredFile, Vault, object_key_of
from signing.sealed_json.copy_record import CopyRecord, copy_record_bytes, read_copy_record

FORM = "copy"
_COPY = table_of(LicenseCopyRow)
_LICENSE = table_of(LicenseRow)
_HOLDER = table_of(HolderRow)
_COPIES = (
    select(_COPY, _LICENSE.c.identifier, _HOLDER.c.handle)
    .join(_LICENSE, _LICENSE.c.id == _COPY.c.license_id)
    .join(_HOLDER, _HOLDER.c.id == _COPY.c.holder_id)
)


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """A copy's row; what it says of itself opens with the holder's key."""

    copy_id: str
    license: str
    handle: str
    made_at: datetime
    expires_at: datetime
    size_bytes: int
    file: StoredFile
    sealed_record: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)

    def key(self, vault: Vault, holder: HolderKey) -> bytes:
        """Open the copy's own key.

        Raises:
            EnvelopeBrokenError: a row was changed, or it is another holder's.
        """
        return vault.unwrap_key(holder, self.license, purpose_of(self.copy_id), self.wrapped_key)

    def record(self, vault: Vault, holder: HolderKey) -> CopyRecord:
        """Open what the copy says of itself.

        Raises:
            EnvelopeBrokenError: a row was changed, or it is another holder's.
        """
        key = self.key(vault, holder)
        return read_copy_record(vault.decrypt(key, self.copy_id, FORM, self.sealed_record))


@dataclass(frozen=True, slots=True)
class NewCopy:
    """A copy that was made: what it says, its sealed file, and the key it is kept under."""

    record: CopyRecord
    data: bytes = field(repr=False)
    key: bytes = field(repr=False)


def purpose_of(copy_id: str) -> str:
    """Return what a copy's key and file are bound to."""
    return f"copy-{copy_id}"


class Copies:
    """Looks copies up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, copy_id: str, handle: str) -> KeptCopy:
        """Return a copy of a holder's vault.

        Raises:
            CopyUnknownError: there is none, or it is another holder's.
        """
        wanted = _COPIES.where(_COPY.c.copy_id == copy_id, _HOLDER.c.handle == handle)
        row = self._session.execute(wanted).first()
        if row is None:
            raise CopyUnknownError
        return _kept(row)

    def of_license(self, license_: LicenseRecord, handle: str) -> tuple[KeptCopy, ...]:
        """Return the copies that a holder had made of a license, the newest first."""
        wanted = _COPIES.where(_COPY.c.license_id == license_.row_id, _HOLDER.c.handle == handle)
        return tuple(map(_kept, self._session.execute(wanted.order_by(_COPY.c.id.desc()))))

    def of_holder(
        self, handle: str, limit: int, behind: str | None, type_codes: frozenset[str] | None
    ) -> tuple[KeptCopy, ...]:
        """Return the copies of a vault, the newest first.

        Args:
            behind: id of the copy that the page before ended with.
            type_codes: of licenses of these types only; None: of all.
        """
        wanted = _COPIES.where(_HOLDER.c.handle == handle)
        if behind is not None:
            last = select(_COPY.c.id).where(_COPY.c.copy_id == behind).scalar_subquery()
            wanted = wanted.where(_COPY.c.id < last)
        if type_codes is not None:
            wanted = wanted.where(_LICENSE.c.type_code.in_(sorted(type_codes)))
        found = self._session.execute(wanted.order_by(_COPY.c.id.desc()).limit(limit))
        return tuple(map(_kept, found))

    def page(self, after: int, limit: int) -> tuple[tuple[int, KeptCopy], ...]:
        """Return the next copies of all vaults with the keys of their rows, the oldest first."""
        wanted = _COPIES.where(_COPY.c.id > after).order_by(_COPY.c.id).limit(limit)
        return tuple((row.id, _kept(row)) for row in self._session.execute(wanted))


class CopyWriter(Copies):
    """Adds copies, in a session that its opener commits."""

    def __init__(self, session: Writing, vault: Vault) -> None:
        super().__init__(session)
        self._writing = session
        self._vault = vault

    def add(self, new: NewCopy, license_: LicenseRecord, holder: HolderRecord) -> None:
        """Add a copy; its file is deposited already.

        Raises:
            ObjectMissingError: it is not.
        """
        vault, copy_id = self._vault, new.record.copy_id
        purpose = purpose_of(copy_id)
        object_key = object_key_of(holder.handle, license_.identifier, purpose)
        stored = vault.deposit(object_key, FORM, new.key, new.data)
        own = vault.open_holder_key(holder.handle, holder.key_version, holder.wrapped_key)
        self._writing.add_row(
            _COPY,
            copy_id=copy_id,
            license_id=license_.row_id,
            holder_id=holder.row_id,
            made_at=new.record.created_at,
            expires_at=new.record.expires_at,
            sealed_record=vault.encrypt(new.key, copy_id, FORM, copy_record_bytes(new.record)),
            wrapped_key=vault.wrap_key(own, license_.identifier, purpose, new.key),
            key_version=holder.key_version,
            object_key=object_key,
            size_bytes=len(new.data),
            sm3=stored.sm3,
            sha256=stored.sha256,
            ciphertext_sm3=stored.ciphertext_sm3,
        )


def copy_objects(session: Reading, object_keys: Iterable[str]) -> frozenset[str]:
    """Return which of some names in the store are those of copies on record."""
    names = tuple(object_keys)
    rows = session.execute(select(_COPY.c.object_key).where(_COPY.c.object_key.in_(names)))
    return frozenset(row.object_key for row in rows)


def _kept(row: "Row[Any]") -> KeptCopy:
    return KeptCopy(
        copy_id=row.copy_id,
        license=row.identifier,
        handle=row.handle,
        made_at=row.made_at,
        expires_at=row.expires_at,
        size_bytes=row.size_bytes,
        file=StoredFile(row.object_key, FORM, row.sm3, row.sha256, row.ciphertext_sm3),
        sealed_record=row.sealed_record,
        wrapped_key=row.wrapped_key,
    )
