"""Prove that every file of evidence is in the store and is what was brought.

Looks and changes nothing. A row whose file is not in the store yet is no violation: nobody was
answered, and no license can name it.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from keys.errors import EnvelopeBrokenError
from keys.provider import KeyProvider
from license_vault.database.columns import table_of
from license_vault.database.package_tables import EvidenceRow
from license_vault.database.sessions import Database, Reading
from license_vault.errors import ObjectDamagedError, ObjectMissingError
from license_vault.fsck.rows import Violation
from license_vault.packages.evidence import open_evidence
from license_vault.packages.evidence_registry import EVIDENCE, Evidence, EvidenceRegistry
from license_vault.vault import Vault

_PAGE = 100
_EVIDENCE = table_of(EvidenceRow)


def evidence_objects(session: Reading, object_keys: Sequence[str]) -> frozenset[str]:
    """Return those names in the store that are evidence with a row."""
    prefix = f"{EVIDENCE}/"
    ids = [key.removeprefix(prefix) for key in object_keys if key.startswith(prefix)]
    return EvidenceRegistry(session).object_keys(ids) if ids else frozenset()


def evidence_violations(database: Database, vault: Vault, keys: KeyProvider) -> Iterator[Violation]:
    """Yield what is wrong with files of evidence, a page at a time."""
    last = 0
    while True:
        with database.reading() as session:
            wanted = select(_EVIDENCE.c.evidence_id).where(
                _EVIDENCE.c.id > last, _EVIDENCE.c.ciphertext_sm3.is_not(None)
            )
            ids = session.execute(wanted.order_by(_EVIDENCE.c.id).limit(_PAGE)).scalars().all()
            page = [EvidenceRegistry(session).get(evidence_id) for evidence_id in ids]
        for evidence in page:
            yield from _of_file(evidence, vault, keys)
        if len(page) < _PAGE:
            return
        last = page[-1].row_id


def _of_file(evidence: Evidence, vault: Vault, keys: KeyProvider) -> Iterator[Violation]:
    try:
        open_evidence(evidence, vault, keys)
    except ObjectMissingError:
        yield Violation("evidence-missing", evidence.evidence_id)
    except ObjectDamagedError as error:
        yield Violation("evidence-damaged", evidence.evidence_id, error.part)
    except EnvelopeBrokenError:
        yield Violation("evidence-key-broken", evidence.evidence_id)
