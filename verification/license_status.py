"""Judge the state of the license: in force or not, at the time asked about.

A signed list speaks of its own time only. For a time before it: what is in force in the list
was issued and not ended then (only a suspension in between stays unseen, and the finding says
so); what has ended in the list may still have been in force then: indeterminate. Dates are
judged at the time asked about, whoever answers.

Source: ADR 0006, 0020 and 0022; 行政许可法 69 and 70.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from license_vault.license import (
    MARK_CODES,
    STATUS_CODES,
    STATUS_NAMES,
    LicenseMark,
    LicenseStatus,
    in_order,
)
from signing.status_file import UNASSIGNED
from verification.case import Case, StatusSubject
from verification.evidence import StatusEvidence, StatusKind
from verification.explanations import Effect
from verification.findings import Finding, finding
from verification.moments import civil_day, end_of_day, shown
from verification.policy import StatusDemand
from verification.status_files import ListAnswer, ask_files

_NOT_IN_FORCE = {
    LicenseStatus.ISSUING: "not-yet-in-force",
    LicenseStatus.PENDING: "not-yet-in-force",
    LicenseStatus.VOID: "not-yet-in-force",
    LicenseStatus.SUSPENDED: "suspended",
    LicenseStatus.RESCINDED: "rescinded",
    LicenseStatus.REVOKED: "revoked",
    LicenseStatus.CANCELLED: "cancelled",
    LicenseStatus.LAPSED: "lapsed",
    LicenseStatus.SUPERSEDED: "superseded",
    LicenseStatus.TRANSFERRED: "transferred",
}
_WAITS = LicenseMark.RENEWAL_PENDING.value
_SAID_AS_ISSUING = (LicenseStatus.VOID, LicenseStatus.PENDING)
_OF_CODE: dict[int, tuple[LicenseStatus, tuple[LicenseMark, ...]]] = {
    **{
        code: (status, ())
        for status, code in STATUS_CODES.items()
        if status not in _SAID_AS_ISSUING
    },
    **{code: (LicenseStatus.VALID, in_order(marks)) for marks, code in MARK_CODES.items()},
}


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a source said: the state, when that was so, and a detail to show.

    ``status`` None: not in force, and why is not at hand.
    """

    status: LicenseStatus | None
    known_at: datetime
    detail: str = ""
    speaks_of_as_of: bool = False
    marks: tuple[LicenseMark, ...] = ()


def judge_status(case: Case) -> tuple[Finding, ...]:
    """Return the findings about the state; one that passes if the license is in force."""
    claims, status = case.subject, case.evidence.status
    if claims is None and (status is None or status.kind is not StatusKind.REGISTER):
        return (finding("status-not-judged"),)
    # Of a file that says nothing itself, the register of the node that keeps it may.
    dates = () if claims is None else tuple(_judge_dates(case, claims))
    if case.policy.status is StatusDemand.SKIPPED:
        return (finding("status-skipped"), *dates)
    tomorrow = end_of_day(civil_day(case.moments.verified_at))
    if case.moments.as_of > tomorrow:
        return (finding("as-of-in-future", time=shown(case.moments.as_of)), *dates)
    if status is None or status.kind is StatusKind.UNAVAILABLE:
        detail = status.detail if status is not None else ""
        return (finding("status-list-missing", detail=detail), *dates)
    answer = _ask(case, claims, status)
    if isinstance(answer, Finding):
        return (answer, *dates)
    found, marks = _judge_answer(case, answer), tuple(_judge_marks(case, answer))
    if found.effect is not Effect.PASSED:
        # That it lapsed by its last day is said by the date.
        return dates if dates and found.code == "lapsed" else (found, *dates)
    if dates and _stays_in_force(answer, dates):
        last = dates[0].values["detail"]
        others = tuple(mark for mark in marks if mark.code != _WAITS)
        return (found, finding("renewal-pending-after-expiry", detail=last), *others)
    return dates or (found, *marks)


def _judge_marks(case: Case, answer: _Answer) -> Iterator[Finding]:
    """Say which marks a license in force has; a later list tells none of the time before it."""
    earlier = case.moments.as_of + case.policy.clock_tolerance < answer.known_at
    if earlier and not answer.speaks_of_as_of:
        return
    for mark in answer.marks:
        yield finding(mark.value, answer.known_at, time=shown(answer.known_at))


def _stays_in_force(answer: _Answer, dates: Sequence[Finding]) -> bool:
    """Say whether only its last day is against a license whose renewal is waited for."""
    waits = LicenseMark.RENEWAL_PENDING in answer.marks
    return waits and [date.code for date in dates] == ["expired"]


def _judge_dates(case: Case, claims: StatusSubject) -> Iterator[Finding]:
    """Compare the civil day asked about with the period, both ends included."""
    day = civil_day(case.moments.as_of)
    if day < claims.valid_from:
        yield finding("not-yet-in-force", detail=claims.valid_from.isoformat())
    if claims.valid_until is not None and day > claims.valid_until:
        yield finding("expired", detail=claims.valid_until.isoformat())


def _ask(case: Case, claims: StatusSubject | None, status: StatusEvidence) -> _Answer | Finding:
    if status.kind is StatusKind.REGISTER:
        if status.observed_at is None or status.state not in list(LicenseStatus):
            return finding("status-list-malformed", detail="register")
        state = LicenseStatus(status.state)
        marks = in_order(LicenseMark(mark) for mark in status.marks if mark in list(LicenseMark))
        at = status.observed_at
        return _Answer(state, at, status.detail, speaks_of_as_of=True, marks=marks)
    if claims is None:
        return finding("status-not-judged")
    told = ask_files(case, claims, status)
    return told if isinstance(told, Finding) else _read_answer(told)


def _read_answer(told: ListAnswer) -> _Answer | Finding:
    issued_at, code = told.issued_at, told.code
    if code == UNASSIGNED:
        return finding("status-unassigned", issued_at, time=shown(issued_at))
    if code is None:
        return _Answer(None, issued_at)
    if code not in _OF_CODE:
        return finding("status-list-malformed", issued_at, detail=f"state {code}")
    state, marks = _OF_CODE[code]
    return _Answer(state, issued_at, marks=marks)


def _judge_answer(case: Case, answer: _Answer) -> Finding:
    known_at = answer.known_at
    asked = case.moments.as_of + case.policy.clock_tolerance
    earlier = asked < known_at and not answer.speaks_of_as_of
    if answer.status is LicenseStatus.VALID:
        code = "in-force-later" if earlier else "in-force"
        return finding(code, known_at, time=shown(known_at))
    if earlier:
        state = "不在有效状态" if answer.status is None else STATUS_NAMES[answer.status][0]
        return finding("status-ended-later", known_at, time=shown(known_at), state=state)
    if answer.status is None:
        return finding("not-in-force", known_at, time=shown(known_at))
    if answer.status is LicenseStatus.SUSPENDED and answer.detail:
        time = shown(known_at)
        return finding("suspended-until", known_at, time=time, detail=answer.detail)
    code, detail = _NOT_IN_FORCE[answer.status], answer.detail
    if code == "not-yet-in-force" and not detail:
        # When that was so; from when it will be in force no list says.
        detail = f"{shown(known_at)}: state-then"
    return finding(code, known_at, time=shown(known_at), detail=detail)
