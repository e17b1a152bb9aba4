"""Files of cases in the database; all SQL about them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row

from license_vault.cases.case import CaseDocument, CaseRecord, DocumentKind
from license_vault.cases.errors import CaseDocumentUnknownError
from license_vault.database.case_tables import CaseDocumentRow
from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.vault import Deposited

CASE_PREFIX: Final = "case-"

_DOCUMENT = table_of(CaseDocumentRow)
_OF_CASE = select(_DOCUMENT).where(_DOCUMENT.c.case_id == bindparam("case_id"))


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A file that a case gets."""

    handle: str
    kind: DocumentKind
    verdict: str
    deposited: Deposited
    sealed_report: bytes = field(repr=False)
    sheet_row_id: int | None
    added_by: str
    added_at: datetime


class CaseDocuments:
    """Looks files of cases up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of_case(self, case: CaseRecord) -> tuple[CaseDocument, ...]:
        """Return a case's files, in the order they came."""
        rows = self._session.execute(_OF_CASE.order_by(_DOCUMENT.c.id), {"case_id": case.row_id})
        return tuple(map(_document, rows))

    def get(self, case: CaseRecord, handle: str) -> CaseDocument:
        """Return one file of a case.

        Raises:
            CaseDocumentUnknownError: the case has none with this handle.
        """
        query = _OF_CASE.where(_DOCUMENT.c.handle == handle)
        row = self._session.execute(query, {"case_id": case.row_id}).first()
        if row is None:
            raise CaseDocumentUnknownError(handle)
        return _document(row)


class CaseDocumentWriter(CaseDocuments):
    """Adds files to cases."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, case: CaseRecord, document: NewDocument) -> CaseDocument:
        """Add a file, deposited already, to a case."""
        kept = document.deposited
        self._writing.add_row(
            _DOCUMENT,
            handle=document.handle,
            case_id=case.row_id,
            kind=document.kind.value,
            form=kept.form,
            verdict=document.verdict,
            object_key=kept.object_key,
            size_bytes=len(kept.data),
            sm3=kept.sm3,
            sha256=kept.sha256,
            ciphertext_sm3=kept.ciphertext_sm3,
            sealed_report=document.sealed_report,
            sheet_id=document.sheet_row_id,
            added_by=document.added_by,
            added_at=document.added_at,
        )
        return self.get(case, document.handle)


def _document(row: "Row[Any]") -> CaseDocument:
    return CaseDocument(
        row_id=row.id,
        handle=row.handle,
        kind=DocumentKind(row.kind),
        form=row.form,
        verdict=row.verdict,
        object_key=row.object_key,
        size_bytes=row.size_bytes,
        sm3=row.sm3,
        sha256=row.sha256,
        ciphertext_sm3=row.ciphertext_sm3,
        sealed_report=row.sealed_report,
        sheet_id=row.sheet_id,
        added_at=row.added_at,
    )


def object_key_of(case: str, document: str, form: str) -> str:
    """Return the name of a case's file in the store."""
    return f"{CASE_PREFIX}{case}/{document}/{form}"
