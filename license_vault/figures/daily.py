"""What happened on each day, as counts over counts, from the rows; all SQL.

A figure is never kept: it is counted when somebody asks, so it says what the rows say. Of the
organisation that asks and those below it, but for presenting and the canary, which are the whole
library's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, or_, select

from license_vault.database.case_tables import ServiceCaseRow
from license_vault.database.columns import table_of
from license_vault.database.event_tables import DirectoryReportRow
from license_vault.database.figure_tables import CanaryRunRow, CaseWaiverRow
from license_vault.database.holding_tables import DisputeRow
from license_vault.database.presenting_tables import PresentationRow
from license_vault.database.sessions import Reading
from license_vault.database.tables import LicenseFormRow, LicenseRow
from license_vault.figures.days import Days, civil_day
from license_vault.license import LicenseStatus
from license_vault.registry.authorities import subtree_of

_LICENSE, _FORM = table_of(LicenseRow), table_of(LicenseFormRow)
_REPORT, _DISPUTE = table_of(DirectoryReportRow), table_of(DisputeRow)
_PRESENTATION, _CANARY = table_of(PresentationRow), table_of(CanaryRunRow)
_WAIVER, _CASE = table_of(CaseWaiverRow), table_of(ServiceCaseRow)
_HAS_FILES = exists().where(_FORM.c.license_id == _LICENSE.c.id)


class FigureName(StrEnum):
    """What is counted; the words for people are the API's."""

    SIGNED = "signed"
    COLLECTED_SAME_DAY = "collected_same_day"
    PAPER_WAIVED = "paper_waived"
    PRESENTED = "presented"
    DISPUTES_IN_TIME = "disputes_in_time"
    CANARY = "canary"


@dataclass(frozen=True, slots=True)
class DayCount:
    """So many of so many, on one civil day."""

    day: date
    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure over some days, one count a day; days on which nothing happened are 0 of 0."""

    name: FigureName
    counts: tuple[DayCount, ...]

    @property
    def part(self) -> int:
        """Return the counted of all days."""
        return sum(count.part for count in self.counts)

    @property
    def whole(self) -> int:
        """Return what they are counted of."""
        return sum(count.whole for count in self.counts)


class DailyFigures:
    """Counts for one organisation and those below it."""

    def __init__(self, session: Reading, organisation_code: str) -> None:
        self._session = session
        self._organisations = select(subtree_of(organisation_code).c.id)

    def count(self, days: Days, today: date) -> tuple[Figure, ...]:
        """Return every figure over some days; ``today``: what is due later is not counted."""
        wanted = {
            FigureName.SIGNED: self._signed(days),
            FigureName.COLLECTED_SAME_DAY: self._collected(days),
            FigureName.PAPER_WAIVED: self._waived(days),
            FigureName.PRESENTED: _presented(days),
            FigureName.DISPUTES_IN_TIME: self._disputes(days, today),
            FigureName.CANARY: _canary(days),
        }
        return tuple(Figure(name, tuple(self._by_day(q, days))) for name, q in wanted.items())

    def _by_day(self, counted: Select[Any], days: Days) -> Iterator[DayCount]:
        found = {row.day: row for row in self._session.execute(counted)}
        for day in days:
            row = found.get(day)
            part, whole = (row.part, row.whole) if row is not None else (0, 0)
            yield DayCount(day, int(part), int(whole))

    def _signed(self, days: Days) -> Select[Any]:
        """签发率: with sealed files, of all that were to be issued that day."""
        day = civil_day(_LICENSE.c.recorded_at)
        return (
            select(day.label("day"), *_counts(_HAS_FILES))
            .where(days.holds(_LICENSE.c.recorded_at))
            .where(_LICENSE.c.status != LicenseStatus.VOID.value)
            .where(_LICENSE.c.authority_id.in_(self._organisations))
            .group_by(day)
        )

    def _collected(self, days: Days) -> Select[Any]:
        """当日归集率: first accepted by the upper directory that day, of those issued that day."""
        day = civil_day(_LICENSE.c.recorded_at)
        same_day = civil_day(_REPORT.c.first_accepted_at) == day
        return (
            select(day.label("day"), *_counts(same_day))
            .select_from(_LICENSE.outerjoin(_REPORT, _REPORT.c.license_id == _LICENSE.c.id))
            .where(days.holds(_LICENSE.c.recorded_at), _HAS_FILES)
            .where(_LICENSE.c.authority_id.in_(self._organisations))
            .group_by(day)
        )

    def _waived(self, days: Days) -> Select[Any]:
        """免交率: licenses that were there without paper, of all that cases' items need."""
        day = civil_day(_WAIVER.c.counted_at)
        waived, needed = func.sum(_WAIVER.c.waived), func.sum(_WAIVER.c.needed)
        counts: tuple[Any, Any] = waived.label("part"), needed.label("whole")
        return (
            select(day.label("day"), *counts)
            .select_from(_WAIVER.join(_CASE, _CASE.c.id == _WAIVER.c.case_id))
            .where(days.holds(_WAIVER.c.counted_at))
            .where(_CASE.c.organisation_id.in_(self._organisations))
            .group_by(day)
        )

    def _disputes(self, days: Days, today: date) -> Select[Any]:
        """异议按期办结率: each dispute once, on the day it was answered or else on its last day."""
        answered = civil_day(_DISPUTE.c.answered_at)
        in_time = and_(_DISPUTE.c.answered_at.is_not(None), answered <= _DISPUTE.c.due_on)
        day = case((in_time, answered), else_=_DISPUTE.c.due_on)
        over = or_(in_time, _DISPUTE.c.due_on < today)
        return (
            select(day.label("day"), *_counts(in_time))
            .select_from(_DISPUTE.join(_LICENSE, _LICENSE.c.id == _DISPUTE.c.license_id))
            .where(over, day >= days.first, day <= days.last)
            .where(_LICENSE.c.authority_id.in_(self._organisations))
            .group_by(day)
        )


def _presented(days: Days) -> Select[Any]:
    """亮证量: codes that a window read, of all that holders made."""
    day = civil_day(_PRESENTATION.c.made_at)
    return (
        select(day.label("day"), *_counts(_PRESENTATION.c.resolved_at.is_not(None)))
        .where(days.holds(_PRESENTATION.c.made_at))
        .group_by(day)
    )


def _canary(days: Days) -> Select[Any]:
    """巡检: runs that passed, of all runs."""
    day = civil_day(_CANARY.c.began_at)
    return (
        select(day.label("day"), *_counts(_CANARY.c.failed_step == ""))
        .where(days.holds(_CANARY.c.began_at))
        .group_by(day)
    )


def _counts(part: Any) -> tuple[Any, Any]:
    return func.count().filter(part).label("part"), func.count().label("whole")
