"""Prove that every purpose-bound copy on record is there, opens, and says what its row says."""

from collections.abc import Iterator

from keys.errors import EnvelopeBrokenError
from license_vault.copies.rows import Copies, KeptCopy
from license_vault.database.sessions import Database
from license_vault.errors import ObjectDamagedError, ObjectMissingError
from license_vault.fsck.rows import Violation
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.vault import Vault
from signing.errors import MalformedCopyRecordError

_PAGE = 200


def copy_violations(database: Database, vault: Vault) -> Iterator[Violation]:
    """Yield what is wrong with copies, a page at a time."""
    after = 0
    while True:
        with database.reading() as session:
            page = Copies(session).page(after, _PAGE)
            holders = Holders(session)
            named = {kept.handle: holders.by_handle(kept.handle) for _, kept in page}
        for _, kept in page:
            yield from _violations(vault, kept, named[kept.handle])
        if len(page) < _PAGE:
            return
        after = page[-1][0]


def _violations(vault: Vault, kept: KeptCopy, holder: HolderRecord) -> Iterator[Violation]:
    try:
        own = vault.open_holder_key(holder.handle, holder.key_version, holder.wrapped_key)
        record = kept.record(vault, own)
        vault.open_file(kept.file, kept.key(vault, own))
    except (EnvelopeBrokenError, MalformedCopyRecordError):
        yield Violation("copy-does-not-open", kept.copy_id)
        return
    except ObjectMissingError as error:
        yield Violation("object-missing", kept.copy_id, error.key)
        return
    except ObjectDamagedError as error:
        yield Violation(f"object-damaged-{error.part}", kept.copy_id, error.key)
        return
    said = (record.copy_id, record.parent.identifier, record.created_at, record.expires_at)
    if said != (kept.copy_id, kept.license, kept.made_at, kept.expires_at):
        yield Violation("row-differs-from-record", kept.copy_id, "copy")
