"""Prove that every holder's journal is whole: chained from its beginning to its head.

Looks and changes nothing. A head that is missing although there are entries, or that says other
than the last entry, shows that the end was cut off.
"""

from collections.abc import Iterator

from sqlalchemy import select

from keys.errors import EnvelopeBrokenError
from license_vault.database.columns import table_of
from license_vault.database.holding_tables import JournalEntryRow, JournalHeadRow
from license_vault.database.sessions import Database
from license_vault.fsck.rows import Violation
from license_vault.holding.journal import GENESIS, JournalEntry, JournalReader, entry_digest
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.vault import Vault

_PAGE = 500
_ENTRY = table_of(JournalEntryRow)
_HEAD = table_of(JournalHeadRow)
_BEFORE_EVERYTHING = -(2**63)
_WITH_JOURNAL = select(_ENTRY.c.holder_id).union(select(_HEAD.c.holder_id)).subquery()


def journal_violations(database: Database, vault: Vault) -> Iterator[Violation]:
    """Yield what is wrong with the journals, a page of holders at a time."""
    last = 0
    while True:
        with database.reading() as session:
            query = select(_WITH_JOURNAL.c.holder_id).where(_WITH_JOURNAL.c.holder_id > last)
            found = session.execute(query.order_by(_WITH_JOURNAL.c.holder_id).limit(_PAGE))
            row_ids = tuple(found.scalars())
            holders = Holders(session).by_row_ids(row_ids) if row_ids else {}
            for row_id in row_ids:
                yield from _of_holder(JournalReader(session, vault), holders[row_id])
        if len(row_ids) < _PAGE:
            return
        last = row_ids[-1]


def _of_holder(reader: JournalReader, holder: HolderRecord) -> Iterator[Violation]:
    before = (0, GENESIS)
    try:
        for sequence, entry in _whole_chain(reader, holder):
            yield from _entry_violations(holder.handle, before, sequence, entry)
            before = (sequence, before[1] if entry is None else entry.digest)
    except EnvelopeBrokenError:
        yield Violation("journal-does-not-open", holder.handle)
        return
    if reader.head(holder) != before:
        yield Violation("journal-head-differs", holder.handle, f"chain ends at {before[0]}")


def _whole_chain(
    reader: JournalReader, holder: HolderRecord
) -> Iterator[tuple[int, JournalEntry | None]]:
    seen = _BEFORE_EVERYTHING
    while True:
        page = reader.chain(holder, seen, _PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        seen = page[-1][0]


def _entry_violations(
    handle: str, before: tuple[int, bytes], sequence: int, entry: JournalEntry | None
) -> Iterator[Violation]:
    last, digest = before
    subject = f"{handle}/{sequence}"
    if sequence != last + 1:
        yield Violation("journal-entry-missing", f"{handle}/{last + 1}")
    elif entry is not None and entry.previous != digest:
        yield Violation("journal-chain-broken", subject)
    if entry is None:
        yield Violation("journal-entry-does-not-open", subject)
    elif entry_digest(entry) != entry.digest:
        yield Violation("journal-entry-changed", subject)
