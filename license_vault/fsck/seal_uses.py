"""What ``fsck`` asks of seal uses: key port, records and documents say the same (I6).

The key port counts every signature of a seal's key by itself. Each must be one that was on record
before it was made: a license's intent with its later tries, or the sealing of another document.
So a signature that somebody had made past the workflow shows, and a sealed document whose
signature the port never made shows too. An attempt that died before it was completed leaves room
for one signature: that many entries may stand for nothing on record, and no more.

Memory: about 100 bytes for each use of one seal at a time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import select

from keys.errors import KeyFileDamagedError
from keys.provider import KeyProvider
from license_vault.database.columns import table_of
from license_vault.database.seal_tables import SealRow
from license_vault.database.seal_use_tables import SealUseRow
from license_vault.database.sessions import Database, Reading
from license_vault.database.tables import LicenseRow
from license_vault.fsck.rows import Violation
from license_vault.license import LicenseStatus
from license_vault.registry.records import LicenseRecord
from license_vault.seals.use_counts import count_of_key, labels_of_all
from license_vault.seals.uses import CheckedSeal, SealUse
from license_vault.vault import PDF

_USE = table_of(SealUseRow)
_SEAL = table_of(SealRow)
_LICENSE = table_of(LicenseRow)


class DocumentUses:
    """Holds the seals in documents against the uses on record."""

    def __init__(self, session: Reading) -> None:
        """Read the codes of all seals."""
        rows = session.execute(select(_SEAL.c.id, _SEAL.c.code))
        self._codes: Mapping[int, str] = {row.id: row.code for row in rows}

    def violations(
        self,
        license_: LicenseRecord,
        uses: Sequence[SealUse],
        found: Mapping[str, Sequence[CheckedSeal]],
    ) -> Iterator[Violation]:
        """Yield where the files of a license bear other seals than are on record.

        Args:
            uses: what is on record for the license.
            found: the seals of each file that could be read.
        """
        if license_.status is LicenseStatus.ISSUING:
            return
        if license_.status is LicenseStatus.VOID:
            for use in uses:
                if use.signed_sm3 is not None:
                    yield Violation("seal-use-of-no-document", license_.identifier, use.form)
            return
        if not uses and license_.intended_forms == (PDF,):
            # Issued by a release that did not record uses; its key port did not count either.
            return
        for form, seals in found.items():
            recorded = [
                (self._codes.get(use.seal_id), use.signed_sm3)
                for use in uses
                if use.form == form and use.signed_sm3 is not None
            ]
            if recorded != [(seal.code, seal.signed_sm3) for seal in seals]:
                yield Violation("seal-use-differs", license_.identifier, form)


def count_violations(database: Database, keys: KeyProvider) -> Iterator[Violation]:
    """Yield where the key port's count and the uses on record differ."""
    with database.reading() as session:
        labels = labels_of_all(session)
    for label in labels:
        try:
            yield from _of_key(database, keys, label)
        except KeyFileDamagedError as error:
            yield Violation("seal-use-log-damaged", label, error.reason)


def _of_key(database: Database, keys: KeyProvider, label: str) -> Iterator[Violation]:
    count = count_of_key(database, keys, label)
    if count.unexplained:
        detail = f"{count.unexplained} of {count.signatures} signatures"
        yield Violation("seal-use-unexplained", label, detail)
    if count.missing:
        with database.reading() as session:
            yield from _not_counted(session, label, count.missing)


def _not_counted(session: Reading, label: str, missing: Iterable[bytes]) -> Iterator[Violation]:
    for digest in missing:
        named = select(_LICENSE.c.identifier, _USE.c.form).join(
            _USE, _USE.c.license_id == _LICENSE.c.id
        )
        rows = session.execute(
            named.where(_USE.c.key_label == label, _USE.c.signed_sm3 == digest)
        ).all()
        for row in rows:
            yield Violation("seal-use-not-counted", row.identifier, row.form)
        if not rows:
            yield Violation("seal-use-not-counted", label, "a document that is no license")
