"""What the upper directory knows of each license, and what it still has to be told; all SQL.

One row a license: only its newest state is told. A change during a report makes it due again.
Of what the directory wrote about an error only a code and a member's name are kept.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, func, select, update
from sqlalchemy.engine import Row

from license_vault.clock import civil_date, start_of
from license_vault.database.columns import table_of
from license_vault.database.event_tables import DirectoryReportRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import LicenseFormRow, LicenseRow
from license_vault.directory.errors import ReportUnknownError
from license_vault.registry.authorities import subtree_of

_REPORT = table_of(DirectoryReportRow)
_LICENSE = table_of(LicenseRow)
_FORM = table_of(LicenseFormRow)
_REPORTS = select(
    _REPORT, _LICENSE.c.identifier, _LICENSE.c.type_code, _LICENSE.c.authority_id
).join(_LICENSE, _LICENSE.c.id == _REPORT.c.license_id)

_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)
# A node that dies at a report leaves its licenses to the next one after this.
_CLAIM = timedelta(minutes=5)


class ReportState(StrEnum):
    """Where a report stands: to be made, known to the directory, or refused by it."""

    DUE = "due"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ReportError:
    """Why the directory refused a license: its own code, and the member it is about."""

    code: str
    member: str


@dataclass(frozen=True, slots=True)
class Report:
    """A license as the directory is to know it; ``outbox_id`` is its newest event."""

    license_row_id: int
    identifier: str
    type_code: str
    outbox_id: int
    state: ReportState
    due_since: datetime
    attempts: int
    refusals: int
    errors: tuple[ReportError, ...]
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """How far the directory knows what it has to: counts of licenses.

    ``late`` were due before today. ``first_pass`` were never refused; ``signed`` have sealed files.
    """

    to_report: int
    accepted: int
    refused: int
    due: int
    late: int
    first_pass: int
    signed: int

    @property
    def collection_rate(self) -> float:
        """Return 归集率: known to the directory, of all that are to be."""
        return _rate(self.accepted, self.to_report)

    @property
    def qualified_rate(self) -> float:
        """Return 合格率: accepted, of all that the directory has judged."""
        return _rate(self.accepted, self.accepted + self.refused)

    @property
    def first_pass_rate(self) -> float:
        """Return the share of the accepted that were never refused."""
        return _rate(self.first_pass, self.accepted)

    @property
    def signing_rate(self) -> float:
        """Return 签发率: with sealed files, of all that are to be reported."""
        return _rate(self.signed, self.to_report)


def _rate(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


class Reports:
    """Looks reports up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def due(self, at: datetime, limit: int) -> tuple[Report, ...]:
        """Return the reports that are due, the oldest first."""
        rows = self._session.execute(
            _REPORTS.where(_REPORT.c.state == ReportState.DUE.value, _REPORT.c.next_at <= at)
            .order_by(_REPORT.c.next_at, _REPORT.c.license_id)
            .limit(limit)
        )
        return tuple(map(_report, rows))

    def refused(self, organisation_code: str | None, limit: int) -> tuple[Report, ...]:
        """Return the work list: what the directory refused, of an organisation and below."""
        wanted: Select[Any] = _REPORTS.where(_REPORT.c.state == ReportState.REFUSED.value)
        if organisation_code is not None:
            wanted = wanted.where(_within(organisation_code))
        rows = self._session.execute(wanted.order_by(_REPORT.c.license_id).limit(limit))
        return tuple(map(_report, rows))

    def figures(self, organisation_code: str | None, at: datetime) -> Figures:
        """Return the figures of an organisation and those below; None: of the whole library."""
        midnight = start_of(civil_date(at))
        state, of = _REPORT.c.state, func.count
        accepted, due = state == ReportState.ACCEPTED.value, state == ReportState.DUE.value
        counted = select(
            of().label("to_report"),
            of().filter(accepted).label("accepted"),
            of().filter(state == ReportState.REFUSED.value).label("refused"),
            of().filter(due).label("due"),
            of().filter(and_(due, _REPORT.c.due_since < midnight)).label("late"),
            of().filter(and_(accepted, _REPORT.c.refusals == 0)).label("first_pass"),
            of().filter(exists().where(_FORM.c.license_id == _LICENSE.c.id)).label("signed"),
        ).select_from(_REPORT.join(_LICENSE, _LICENSE.c.id == _REPORT.c.license_id))
        if organisation_code is not None:
            counted = counted.where(_within(organisation_code))
        row = self._session.execute(counted).one()
        return Figures(*(int(value) for value in row))


class ReportWriter(Reports):
    """Writes what is due and what the directory answered."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def changed(self, license_row_id: int, outbox_id: int, at: datetime) -> None:
        """Say that a license is to be reported since an instant, after an event."""
        values = {
            "outbox_id": outbox_id,
            "state": ReportState.DUE.value,
            "due_since": at,
            "next_at": at,
            "attempts": 0,
            "errors": "[]",
        }
        one = update(_REPORT).where(_REPORT.c.license_id == license_row_id)
        if self._writing.change_rows(one.values(**values)) == 0:
            row = {"license_id": license_row_id, "refusals": 0, **values}
            self._writing.add_rows(_REPORT, [row])

    def claim(self, report: Report, at: datetime) -> bool:
        """Say that a report is being made; False if somebody else was first."""
        claimed = (
            self._as_seen(report)
            .where(_REPORT.c.next_at <= at, _REPORT.c.attempts == report.attempts)
            .values(attempts=report.attempts + 1, next_at=at + _CLAIM)
        )
        return self._writing.change_rows(claimed) == 1

    def accepted(self, report: Report, at: datetime) -> None:
        """Write that the directory knows the license as it was when it was reported."""
        values = {"state": ReportState.ACCEPTED.value, "answered_at": at, "errors": "[]"}
        first = func.coalesce(_REPORT.c.first_accepted_at, at)
        self._writing.change_rows(self._as_seen(report).values(first_accepted_at=first, **values))

    def refused_for(self, report: Report, errors: Sequence[ReportError], at: datetime) -> None:
        """Write that the directory refused a license, and why: it goes to the work list."""
        told = json.dumps([{"code": e.code, "member": e.member} for e in errors])
        values = {"state": ReportState.REFUSED.value, "answered_at": at, "errors": told}
        self._writing.change_rows(
            self._as_seen(report).values(refusals=_REPORT.c.refusals + 1, **values)
        )

    def unanswered(self, report: Report, at: datetime) -> None:
        """Write that no answer came; the pauses double, up to an hour."""
        pause = min(_FIRST_PAUSE * 2 ** min(report.attempts, 16), _LONGEST_PAUSE)
        self._writing.change_rows(self._as_seen(report).values(next_at=at + pause))

    def resend(self, identifier: str | None, organisation_code: str | None, at: datetime) -> int:
        """Make refused reports due again after a correction: one, or all; return how many.

        Raises:
            ReportUnknownError: one was named, and it is not on the work list.
        """
        wanted = select(_REPORT.c.license_id).join(_LICENSE, _LICENSE.c.id == _REPORT.c.license_id)
        wanted = wanted.where(_REPORT.c.state == ReportState.REFUSED.value)
        if identifier is not None:
            wanted = wanted.where(_LICENSE.c.identifier == identifier)
        if organisation_code is not None:
            wanted = wanted.where(_within(organisation_code))
        # Found first: of an UPDATE that begins with WITH, SQLite's driver counts no rows.
        again = (
            update(_REPORT)
            .where(_REPORT.c.license_id == bindparam("license"))
            .where(_REPORT.c.state == ReportState.REFUSED.value)
            .values(state=ReportState.DUE.value, next_at=at, due_since=at, attempts=0)
        )
        found = [row.license_id for row in self._session.execute(wanted)]
        count = sum(self._writing.change_rows(again, {"license": row_id}) for row_id in found)
        if identifier is not None and count == 0:
            raise ReportUnknownError(identifier)
        return count

    def _as_seen(self, report: Report) -> Any:
        return update(_REPORT).where(
            _REPORT.c.license_id == report.license_row_id,
            _REPORT.c.outbox_id == report.outbox_id,
            _REPORT.c.state == ReportState.DUE.value,
        )


def _within(organisation_code: str) -> Any:
    return _LICENSE.c.authority_id.in_(select(subtree_of(organisation_code).c.id))


def _report(row: "Row[Any]") -> Report:
    return Report(
        license_row_id=row.license_id,
        identifier=row.identifier,
        type_code=row.type_code,
        outbox_id=row.outbox_id,
        state=ReportState(row.state),
        due_since=row.due_since,
        attempts=row.attempts,
        refusals=row.refusals,
        errors=tuple(ReportError(e["code"], e["member"]) for e in json.loads(row.errors)),
        answered_at=row.answered_at,
    )
