"""The canary's runs as rows: added, looked up, old ones deleted. All SQL about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.engine import Row

from license_vault.database.columns import table_of
from license_vault.database.figure_tables import CanaryRunRow
from license_vault.database.sessions import Reading, Writing

_RUN = table_of(CanaryRunRow)
_NEWEST = select(_RUN).order_by(_RUN.c.began_at.desc(), _RUN.c.id.desc()).limit(1)
# As long as figures may be asked about.
KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class CanaryRun:
    """One run; ``failed_step`` is empty if it passed, ``reason`` says why it did not."""

    began_at: datetime
    failed_step: str
    reason: str
    seal_milliseconds: int
    verify_milliseconds: int

    @property
    def has_passed(self) -> bool:
        """Tell whether what was sealed was verified."""
        return not self.failed_step


class CanaryRuns:
    """Looks runs up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def last(self) -> CanaryRun | None:
        """Return the newest run, None if there was none yet."""
        return _run(self._session.execute(_NEWEST).first())

    def last_passed(self) -> CanaryRun | None:
        """Return the newest run that passed, None if none ever did."""
        return _run(self._session.execute(_NEWEST.where(_RUN.c.failed_step == "")).first())


class CanaryRunWriter(CanaryRuns):
    """Adds runs."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, run: CanaryRun) -> None:
        """Add a run, and forget those that nobody asks about any more."""
        self._writing.change_rows(delete(_RUN).where(_RUN.c.began_at < run.began_at - KEPT))
        self._writing.add_row(
            _RUN,
            began_at=run.began_at,
            failed_step=run.failed_step,
            reason=run.reason,
            seal_milliseconds=run.seal_milliseconds,
            verify_milliseconds=run.verify_milliseconds,
        )


def _run(row: "Row[Any] | None") -> CanaryRun | None:
    if row is None:
        return None
    return CanaryRun(
        row.began_at, row.failed_step, row.reason, row.seal_milliseconds, row.verify_milliseconds
    )
