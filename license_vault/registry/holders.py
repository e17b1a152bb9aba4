"""Holders in the database; all their SQL.

A holder is found by the MAC of its document's type and number, and named by a random handle.
Who it is stands encrypted in its row; its name stands only in its licenses.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row

from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import HolderRow, table_of
from license_vault.errors import HolderNotFoundError
from license_vault.license import Holder

_HOLDER = table_of(HolderRow)
_HANDLE_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_HANDLE_LENGTH = 26
_COLUMNS = (
    _HOLDER.c.id,
    _HOLDER.c.handle,
    _HOLDER.c.kind,
    _HOLDER.c.lookup_mac,
    _HOLDER.c.wrapped_key,
    _HOLDER.c.key_version,
)

_BY_MACS = select(*_COLUMNS).where(_HOLDER.c.lookup_mac.in_(bindparam("macs", expanding=True)))


@dataclass(frozen=True, slots=True)
class HolderRecord:
    """A holder's row, without what is encrypted in it but with its wrapped key."""

    row_id: int
    handle: str
    kind: str
    lookup_mac: bytes
    wrapped_key: bytes = field(repr=False)
    key_version: int


@dataclass(frozen=True, slots=True)
class NewHolder:
    """A holder that gets a vault with its first license."""

    handle: str
    kind: str
    lookup_mac: bytes
    wrapped_key: bytes = field(repr=False)
    key_version: int
    sealed_document: bytes = field(repr=False)
    added_at: datetime


def new_handle(random_bytes: Callable[[int], bytes]) -> str:
    """Draw a handle: 26 letters and digits, 130 random bits."""
    drawn = random_bytes(_HANDLE_LENGTH)
    return "".join(_HANDLE_LETTERS[byte % len(_HANDLE_LETTERS)] for byte in drawn)


def document_text(holder: Holder) -> bytes:
    """Return who a holder is as its row keeps it, before encryption."""
    return f"{holder.document_type} {holder.document_number}".encode()


class Holders:
    """Looks holders up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def by_macs(self, lookup_macs: Iterable[bytes]) -> dict[bytes, HolderRecord]:
        """Return those holders that are known, by their lookup MAC."""
        found = self._session.execute(_BY_MACS, {"macs": tuple(lookup_macs)})
        records = map(_record, found)
        return {record.lookup_mac: record for record in records}

    def by_handle(self, handle: str) -> HolderRecord:
        """Return one holder.

        Raises:
            HolderNotFoundError: there is none with this handle.
        """
        row = self._session.execute(select(*_COLUMNS).where(_HOLDER.c.handle == handle)).first()
        if row is None:
            raise HolderNotFoundError(handle)
        return _record(row)

    def by_row_ids(self, row_ids: Iterable[int]) -> dict[int, HolderRecord]:
        """Return holders by the keys of their rows."""
        wanted = select(*_COLUMNS).where(_HOLDER.c.id.in_(tuple(row_ids)))
        return {record.row_id: record for record in map(_record, self._session.execute(wanted))}


class HolderWriter(Holders):
    """Opens vaults for new holders."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, holder: NewHolder) -> int:
        """Add a holder and return its row's key.

        Raises:
            RowConflictError: the holder was added by somebody else meanwhile.
        """
        return self._writing.add_row(
            _HOLDER,
            handle=holder.handle,
            kind=holder.kind,
            lookup_mac=holder.lookup_mac,
            wrapped_key=holder.wrapped_key,
            key_version=holder.key_version,
            sealed_document=holder.sealed_document,
            added_at=holder.added_at,
        )


def _record(row: "Row[Any]") -> HolderRecord:
    return HolderRecord(
        row.id, row.handle, row.kind, row.lookup_mac, row.wrapped_key, row.key_version
    )
