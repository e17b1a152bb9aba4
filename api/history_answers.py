"""What answers say of a license's past: events, and its state as of a day, with evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Query

from api.errors import RequestInvalidError
from license_vault.license import CERT_STATES, MARK_NAMES, STATUS_NAMES, LicenseStatus
from license_vault.lifecycle.history import AsOf, Happened, StateAsOf
from license_vault.lifecycle.suspensions import last_day
from license_vault.registry.license_record import Basis
from verification.errors import AsOfInvalidError
from verification.moments import read_as_of


def as_of_in(
    as_of: Annotated[
        str | None,
        Query(
            max_length=40,
            description="an instant with an offset, or a date, which means its end (+08:00)",
            examples=["2026-06-30"],
        ),
    ] = None,
) -> datetime | None:
    """Return the instant that a question is about, None: now.

    Raises:
        RequestInvalidError: it is neither a date nor an instant with an offset.
    """
    if not as_of:
        return None
    try:
        return read_as_of(as_of)
    except AsOfInvalidError as error:
        raise RequestInvalidError(
            "/query/as_of",
            "not-a-time",
            "应为带时区的时刻或日期，如 2026-06-30。",
            "This must be an instant with an offset, or a date such as 2026-06-30.",
        ) from error


AsOfDep = Annotated[datetime | None, Depends(as_of_in)]


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which day a license is asked for, and which answer the caller has already."""

    as_of: datetime | None
    if_none_match: str | None


def asked_in(as_of: AsOfDep, if_none_match: Annotated[str | None, Header()] = None) -> Asked:
    """Return what is asked for of one license."""
    return Asked(as_of, if_none_match)


AskedDep = Annotated[Asked, Depends(asked_in)]


def status_values(status: LicenseStatus) -> dict[str, str]:
    """Return a state as answers show it."""
    zh, en = STATUS_NAMES[status]
    return {"code": status.value, "zh": zh, "en": en}


def event_values(happened: Happened, basis: Basis) -> dict[str, Any]:
    """Return one event as answers show it, with its basis, open."""
    event, officer = happened.event, basis.officer
    return {
        "kind": event.kind,
        "status": status_values(event.status),
        "cert_state": CERT_STATES[event.status],
        "operate_type": event.operate_type,
        "actor": event.actor,
        "basis": {
            "text": basis.text,
            "officer": None if officer is None else {"id": officer.id, "name": officer.name},
            "case_number": basis.case_number,
            "item_code": basis.item_code,
            "reason": basis.reason,
        },
        "recorded_at": event.recorded_at,
        "effective_from": event.effective_from,
        "until": None if happened.over is None else last_day(happened.over),
        "evidence": _evidence(happened),
    }


def as_of_values(found: AsOf) -> dict[str, Any]:
    """Return what was true of a license on a day, and what was known then."""
    return {
        "at": found.at,
        "state": _state(found.state),
        "known_then": _state(found.known_then),
    }


def _state(state: StateAsOf) -> dict[str, Any] | None:
    if state.status is None or state.because is None:
        return None
    event = state.because.event
    return {
        "status": status_values(state.status),
        "cert_state": CERT_STATES[state.status],
        "marks": [mark.value for mark in state.marks],
        "marks_zh": [MARK_NAMES[mark][0] for mark in state.marks],
        "because": event.kind,
        "recorded_at": event.recorded_at,
        "effective_from": event.effective_from,
        "evidence": _evidence(state.because),
    }


def _evidence(happened: Happened) -> dict[str, Any] | None:
    entry = happened.evidence
    if entry is None:
        return None
    return {"audit_sequence": entry.sequence, "audit_digest": entry.digest.hex()}
