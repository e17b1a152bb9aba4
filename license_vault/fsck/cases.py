"""Prove that every file of a case is in the store and is what was brought.

Looks and changes nothing. A file in the store without a row is no violation as long as its case
is there: it was cut off before its row was written, and nobody was answered.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import bindparam, select

from keys.errors import EnvelopeBrokenError
from keys.provider import KeyProvider
from license_vault.cases.case import CaseDocument, CaseRecord
from license_vault.cases.case_secrets import CaseSecrets
from license_vault.cases.documents import CASE_PREFIX, CaseDocuments
from license_vault.cases.rows import Cases
from license_vault.database.case_tables import ServiceCaseRow
from license_vault.database.columns import table_of
from license_vault.database.sessions import Database, Reading
from license_vault.errors import ObjectDamagedError, ObjectMissingError
from license_vault.fsck.rows import Violation
from license_vault.vault import Vault

_PAGE = 100
_CASE = table_of(ServiceCaseRow)
_KNOWN = select(_CASE.c.handle).where(_CASE.c.handle.in_(bindparam("handles", expanding=True)))


def case_objects(session: Reading, object_keys: Sequence[str]) -> frozenset[str]:
    """Return those names in the store that belong to a case."""
    handles = {
        key: key.partition("/")[0].removeprefix(CASE_PREFIX)
        for key in object_keys
        if key.startswith(CASE_PREFIX)
    }
    if not handles:
        return frozenset()
    known = set(session.execute(_KNOWN, {"handles": tuple(handles.values())}).scalars())
    return frozenset(key for key, handle in handles.items() if handle in known)


def case_violations(database: Database, vault: Vault, keys: KeyProvider) -> Iterator[Violation]:
    """Yield what is wrong with cases and their files, a page at a time."""
    secrets, last = CaseSecrets(keys, vault), 0
    while True:
        with database.reading() as session:
            wanted = select(_CASE.c.handle).where(_CASE.c.id > last)
            handles = session.execute(wanted.order_by(_CASE.c.id).limit(_PAGE)).scalars().all()
            page = [Cases(session).get(handle) for handle in handles]
            files = [CaseDocuments(session).of_case(case) for case in page]
        for case, documents in zip(page, files, strict=True):
            yield from _of_case(case, documents, secrets)
        if len(page) < _PAGE:
            return
        last = page[-1].row_id


def _of_case(
    case: CaseRecord, documents: Sequence[CaseDocument], secrets: CaseSecrets
) -> Iterator[Violation]:
    try:
        key = secrets.key(case)
        secrets.opened_case(key, case)
    except EnvelopeBrokenError:
        yield Violation("case-does-not-open", case.handle)
        return
    for document in documents:
        try:
            secrets.file(key, document)
            secrets.opened_report(key, document)
        except ObjectMissingError:
            yield Violation("case-file-missing", document.handle)
        except ObjectDamagedError as error:
            yield Violation("case-file-damaged", document.handle, error.part)
        except EnvelopeBrokenError:
            yield Violation("case-report-broken", document.handle)
