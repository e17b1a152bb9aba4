"""How many licenses a case's item needs, and how many of them were there without paper."""

from datetime import datetime

from sqlalchemy import update

from license_vault.database.columns import table_of
from license_vault.database.figure_tables import CaseWaiverRow
from license_vault.database.sessions import Writing

_WAIVER = table_of(CaseWaiverRow)


def count_waived(session: Writing, case_row_id: int, counts: tuple[int, int], at: datetime) -> None:
    """Write how many of how many it was this time; what was counted before is written over."""
    waived, needed = counts
    values = {"waived": waived, "needed": needed, "counted_at": at}
    changed = update(_WAIVER).where(_WAIVER.c.case_id == case_row_id).values(**values)
    if session.change_rows(changed) == 0:
        session.add_row(_WAIVER, case_id=case_row_id, **values)
