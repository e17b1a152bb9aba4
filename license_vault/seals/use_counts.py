"""Uses of one seal key held against what is on record: the key port's own count, and ours.

Each signature must be one that was on record before it was made. An attempt that died before it
was completed leaves room for one signature: that many may stand for nothing on record, no more.

Memory: about 100 bytes for each use of the key.
"""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select

from keys.provider import KeyProvider
from license_vault.database.columns import table_of
from license_vault.database.seal_tables import DocumentSealingRow, SealRow
from license_vault.database.seal_use_tables import SealUseRow
from license_vault.database.sessions import Database, Reading

_USE = table_of(SealUseRow)
_SEAL = table_of(SealRow)
_SEALING = table_of(DocumentSealingRow)


@dataclass(frozen=True, slots=True)
class UseCount:
    """What one key, or all keys of a seal, have signed, by its keeper and by our records.

    ``unfinished`` uses were begun and never completed; ``unexplained`` signatures stand for
    nothing on record; ``missing`` are signatures on record that the keeper never made, by SM3.
    """

    signatures: int = 0
    recorded: int = 0
    unfinished: int = 0
    unexplained: int = 0
    missing: Counter[bytes] = field(default_factory=Counter)

    @property
    def agrees(self) -> bool:
        """Tell whether keeper and records say the same."""
        return self.unexplained == 0 and not self.missing

    def __add__(self, other: "UseCount") -> "UseCount":
        """Return the count of both together."""
        return UseCount(
            self.signatures + other.signatures,
            self.recorded + other.recorded,
            self.unfinished + other.unfinished,
            self.unexplained + other.unexplained,
            self.missing + other.missing,
        )


def count_of_key(database: Database, keys: KeyProvider, label: str) -> UseCount:
    """Hold the keeper's count of one key against the records.

    Raises:
        KeyFileDamagedError: the keeper's own record is damaged.
    """
    # Counted first: whatever is counted by now was intended before, so its row is there to read.
    counted = Counter(keys.uses(label))
    with database.reading() as session:
        attempts, signed = _on_record(session, label)
    matched = (counted & signed).total()
    spare = attempts - signed.total()
    missing: Counter[bytes] = Counter()
    if matched < signed.total():
        # Completed while we were looking, or really not there: only a second look tells.
        missing = signed - Counter(keys.uses(label))
    unexplained = max(0, counted.total() - matched - spare)
    return UseCount(counted.total(), signed.total(), spare, unexplained, missing)


def labels_of_all(session: Reading) -> tuple[str, ...]:
    """Return the labels of all keys that seals have or had, sorted."""
    queries = (select(table.c.key_label).distinct() for table in (_SEAL, _USE, _SEALING))
    return tuple(sorted({row.key_label for query in queries for row in session.execute(query)}))


def labels_of_seal(session: Reading, row_id: int) -> tuple[str, ...]:
    """Return the labels of the keys that one seal has or had, sorted."""
    queries = (
        select(_SEAL.c.key_label).where(_SEAL.c.id == row_id),
        select(_USE.c.key_label).where(_USE.c.seal_id == row_id).distinct(),
        select(_SEALING.c.key_label).where(_SEALING.c.seal_id == row_id).distinct(),
    )
    return tuple(sorted({row.key_label for query in queries for row in session.execute(query)}))


def _on_record(session: Reading, label: str) -> tuple[int, Counter[bytes]]:
    """Return how often a key may have been used, and SM3 of what it has signed."""
    attempts = session.execute(
        select(func.coalesce(func.sum(_USE.c.attempts), 0)).where(_USE.c.key_label == label)
    ).scalar_one()
    sealings = session.execute(
        select(func.count()).select_from(_SEALING).where(_SEALING.c.key_label == label)
    ).scalar_one()
    signed: Counter[bytes] = Counter()
    for table in (_USE, _SEALING):
        rows = session.execute(
            select(table.c.signed_sm3).where(
                table.c.key_label == label, table.c.signed_sm3.is_not(None)
            )
        )
        signed.update(bytes(row.signed_sm3) for row in rows)
    return int(attempts) + sealings, signed
