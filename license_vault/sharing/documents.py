"""Sharing documents on record: every version that this region published or took from a partner.

All their SQL. Rows are only ever added; of each region and kind the highest version counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from keys.sm3 import sm3
from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.database.sharing_tables import SharingDocumentRow
from license_vault.sharing.errors import SharingDocumentRefusedError, SharingDocumentUnknownError
from signing.sealed_json.sharing_document import (
    SharingDocument,
    SharingKind,
    read_sharing_document,
)

_DOCUMENT = table_of(SharingDocumentRow)


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document with its bytes as signed and their SM3; where it came from, and when."""

    document: SharingDocument
    file: bytes = field(repr=False)
    sm3: bytes
    taken_in_at: datetime
    taken_in_by: str


class SharingDocuments:
    """Looks documents up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def find(self, region: str, kind: SharingKind, version: int | None = None) -> KeptDocument:
        """Return a document of a region, the newest unless a version is asked for.

        Raises:
            SharingDocumentUnknownError: there is none.
        """
        found = self.newest(region, kind) if version is None else self._get(region, kind, version)
        if found is None:
            raise SharingDocumentUnknownError(kind.value)
        return found

    def newest(self, region: str, kind: SharingKind) -> KeptDocument | None:
        """Return the document of a region that counts, None if there is none."""
        query = (
            select(_DOCUMENT)
            .where(_DOCUMENT.c.region == region, _DOCUMENT.c.kind == kind.value)
            .order_by(_DOCUMENT.c.version.desc())
            .limit(1)
        )
        row = self._session.execute(query).first()
        return None if row is None else _kept(row)

    def _get(self, region: str, kind: SharingKind, version: int) -> KeptDocument | None:
        query = select(_DOCUMENT).where(
            _DOCUMENT.c.region == region,
            _DOCUMENT.c.kind == kind.value,
            _DOCUMENT.c.version == version,
        )
        row = self._session.execute(query).first()
        return None if row is None else _kept(row)

    def regions(self, kind: SharingKind) -> tuple[str, ...]:
        """Return the regions that a document of a kind is kept of, in the order of their codes."""
        query = (
            select(_DOCUMENT.c.region)
            .where(_DOCUMENT.c.kind == kind.value)
            .distinct()
            .order_by(_DOCUMENT.c.region)
        )
        return tuple(str(row.region) for row in self._session.execute(query))


class SharingDocumentWriter(SharingDocuments):
    """Keeps documents."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, file: bytes, by: str, at: datetime) -> KeptDocument:
        """Keep a signed document; the very same one again changes nothing.

        Whether its signature is to be believed was judged before.

        Raises:
            MalformedSharingDocumentError: it is none.
            SharingDocumentRefusedError: "older" than the one kept, or "split": another one of the
                same version is kept.
            RowConflictError: somebody was first with this version.
        """
        document = read_sharing_document(file).document
        digest = sm3(file)
        newest = self.newest(document.region, document.kind)
        if newest is not None:
            if newest.sm3 == digest:
                return newest
            if newest.document.version == document.version:
                raise SharingDocumentRefusedError("split")
            if newest.document.version > document.version:
                raise SharingDocumentRefusedError("older")
        self._writing.add_row(
            _DOCUMENT,
            region=document.region,
            kind=document.kind.value,
            version=document.version,
            sm3=digest,
            file=file,
            published_at=document.published_at,
            taken_in_at=at,
            taken_in_by=by,
        )
        return KeptDocument(document, file, digest, at, by)


def _kept(row: Row[Any]) -> KeptDocument:
    document = read_sharing_document(row.file).document
    return KeptDocument(document, row.file, row.sm3, row.taken_in_at, row.taken_in_by)
