"""What ``fsck`` asks the database: disagreements that the rows show by themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select

from license_vault.bulk.adopted_files import ADOPTED
from license_vault.database.sessions import Reading
from license_vault.database.tables import (
    AuditEntryRow,
    IdempotencyRow,
    LicenseEventRow,
    LicenseHolderRow,
    LicenseRow,
    table_of,
)
from license_vault.issuing.outcome import ISSUED
from license_vault.license import LicenseStatus
from license_vault.lifecycle.settling import CANNOT_SETTLE

_LICENSE = table_of(LicenseRow)
_EVENT = table_of(LicenseEventRow)
_LINK = table_of(LicenseHolderRow)
_ENTRY = table_of(AuditEntryRow)
_IDEMPOTENCY = table_of(IdempotencyRow)

# Issued here, or sealed elsewhere and kept.
_MADE = (ISSUED, ADOPTED)
_NOT_ISSUED = (LicenseStatus.ISSUING.value, LicenseStatus.VOID.value)
_IN_FORCE = (LicenseStatus.VALID.value, LicenseStatus.SUSPENDED.value)


@dataclass(frozen=True, slots=True)
class Violation:
    """One disagreement: a stable code, what it is about, and what was seen."""

    code: str
    subject: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.subject} {self.detail}".rstrip()


def row_violations(session: Reading) -> Iterator[Violation]:
    """Yield the disagreements that the rows show by themselves."""
    for code, query in _QUERIES.items():
        for row in session.execute(query):
            yield Violation(code, str(row[0]), " ".join(str(value) for value in row[1:]))


def _number_twice() -> "Select[Any]":
    """I1: one version in force for an authority's number and copy."""
    same = (
        _LICENSE.c.authority_id,
        _LICENSE.c.type_code,
        _LICENSE.c.number_mac,
        _LICENSE.c.copy_kind,
        _LICENSE.c.copy_ordinal,
    )
    return (
        select(func.min(_LICENSE.c.identifier), func.max(_LICENSE.c.identifier))
        .where(_LICENSE.c.status.in_(_IN_FORCE))
        .group_by(*same)
        .having(func.count() > 1)
    )


def _identifier_twice() -> "Select[Any]":
    """I4: an identifier names one version."""
    return select(_LICENSE.c.identifier).group_by(_LICENSE.c.identifier).having(func.count() > 1)


def _index_twice() -> "Select[Any]":
    """I4: a place in a status list is one version's."""
    return (
        select(func.min(_LICENSE.c.identifier), func.max(_LICENSE.c.identifier))
        .group_by(_LICENSE.c.status_shard_id, _LICENSE.c.status_index)
        .having(func.count() > 1)
    )


def _status_not_of_last_event() -> "Select[Any]":
    """The status is the projection of the events, but those that wait for the day it is due."""
    last = (
        select(_EVENT.c.license_id, func.max(_EVENT.c.id).label("event_id"))
        .join(_LICENSE, _LICENSE.c.id == _EVENT.c.license_id)
        .where(_LICENSE.c.due_at.is_(None) | (_EVENT.c.effective_from < _LICENSE.c.due_at))
        .group_by(_EVENT.c.license_id)
        .subquery()
    )
    status = (
        select(last.c.license_id, _EVENT.c.status)
        .join(_EVENT, _EVENT.c.id == last.c.event_id)
        .subquery()
    )
    return (
        select(_LICENSE.c.identifier, _LICENSE.c.status, func.coalesce(status.c.status, "-"))
        .outerjoin(status, status.c.license_id == _LICENSE.c.id)
        .where((status.c.status.is_(None)) | (status.c.status != _LICENSE.c.status))
    )


def _without_holder() -> "Select[Any]":
    has = exists().where(_LINK.c.license_id == _LICENSE.c.id, _LINK.c.position == 0)
    return select(_LICENSE.c.identifier).where(~has)


def _without_request() -> "Select[Any]":
    """I7: a license was asked for once, alone or with its group."""
    leader = func.coalesce(_LICENSE.c.group_id, _LICENSE.c.id)
    asked = exists().where(_IDEMPOTENCY.c.license_id == leader)
    return select(_LICENSE.c.identifier).where(~asked)


def _not_issued_once_on_record() -> "Select[Any]":
    """I5: exactly one audit entry for each license that was issued, none for others."""
    entries = (
        select(_ENTRY.c.subject, func.count().label("times"))
        .where(_ENTRY.c.action.in_(_MADE))
        .group_by(_ENTRY.c.subject)
        .subquery()
    )
    times = func.coalesce(entries.c.times, 0)
    issued = _LICENSE.c.status.not_in(_NOT_ISSUED)
    return (
        select(_LICENSE.c.identifier, times)
        .outerjoin(entries, entries.c.subject == _LICENSE.c.identifier)
        .where((issued & (times != 1)) | (~issued & (times != 0)))
    )


def _on_record_without_license() -> "Select[Any]":
    """I5: what is on record as issued is there."""
    there = exists().where(_LICENSE.c.identifier == _ENTRY.c.subject)
    return select(_ENTRY.c.subject).where(_ENTRY.c.action.in_(_MADE), ~there)


def _cannot_be_settled() -> "Select[Any]":
    """What was due and could not be done: the number is in force elsewhere; somebody must act."""
    told = exists().where(
        _ENTRY.c.subject == _LICENSE.c.identifier,
        _ENTRY.c.action == CANNOT_SETTLE,
        _ENTRY.c.recorded_at >= _LICENSE.c.due_at,
    )
    return select(_LICENSE.c.identifier, _LICENSE.c.status).where(
        _LICENSE.c.due_at.is_not(None), told
    )


_QUERIES = {
    "number-in-force-twice": _number_twice(),
    "identifier-twice": _identifier_twice(),
    "status-index-twice": _index_twice(),
    "status-not-of-last-event": _status_not_of_last_event(),
    "license-without-holder": _without_holder(),
    "license-without-request": _without_request(),
    "not-once-on-record": _not_issued_once_on_record(),
    "on-record-without-license": _on_record_without_license(),
    "cannot-settle": _cannot_be_settled(),
}
