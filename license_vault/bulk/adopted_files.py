"""Files that were sealed elsewhere and kept as they are: how far each can be trusted.

All their SQL. The files lie in their holders' vaults like any other (``registry``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from license_vault.bulk.judgement import FileJudgement, TrustLevel
from license_vault.database.bulk_tables import AdoptedFileRow
from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing

ADOPTED = "license.adopted"

_ADOPTED = table_of(AdoptedFileRow)


@dataclass(frozen=True, slots=True)
class AdoptedFile:
    """One adopted file: its grade, what the verifier said then, and when."""

    license_row_id: int
    form: str
    trust_level: TrustLevel
    verdict: str
    codes: tuple[str, ...]
    judged_at: datetime


class AdoptedFiles:
    """Looks adopted files up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of_licenses(self, row_ids: Iterable[int]) -> tuple[AdoptedFile, ...]:
        """Return the adopted files of licenses; none for one that was issued here."""
        query = select(_ADOPTED).where(_ADOPTED.c.license_id.in_(tuple(row_ids)))
        return tuple(
            AdoptedFile(
                row.license_id,
                row.form,
                TrustLevel(row.trust_level),
                row.verdict,
                tuple(row.codes.split()),
                row.judged_at,
            )
            for row in self._session.execute(query.order_by(_ADOPTED.c.form))
        )


def record_adopted(
    session: Writing, row_id: int, sm3: bytes, judgement: FileJudgement, at: datetime
) -> None:
    """Keep what was said of a file when it was adopted.

    Raises:
        RowConflictError: the file was adopted before.
    """
    assert judgement.trust_level is not None
    session.add_rows(
        _ADOPTED,
        [
            {
                "license_id": row_id,
                "form": judgement.form,
                "sm3": sm3,
                "trust_level": judgement.trust_level.value,
                "verdict": judgement.verdict,
                "codes": " ".join(judgement.codes),
                "judged_at": at,
            }
        ],
    )
