"""Parts and conditions of a license by our own rows: the same wherever this node shows a license.

An answer about one license, a report of ``/v1/verifications``, the page ``/verify`` and
``license-vault verify`` on the node all ask here. Partners see the state of the whole license and
the dates on the face, and nothing of a part that its authority suspended or ended.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from license_vault.clock import civil_date
from license_vault.license import LONG_TERM, STATUS_NAMES
from license_vault.packages.condition_registry import ConditionRecord, Conditions
from license_vault.packages.part_registry import PartRecord, Parts
from license_vault.packages.part_states import state_on
from verification.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from license_vault.database.sessions import Database, Reading

# Of a file that was altered or is not trusted we say nothing more.
_TOLD = (Verdict.VALID.value, Verdict.NOT_IN_FORCE.value)


def members_of(session: Reading, identifier: str, at: datetime) -> dict[str, Any]:
    """Return ``parts`` and ``conditions`` of a license as of an instant; lists, mostly empty.

    What a part is called and a condition says stands in the claims, and is not told here.
    """
    parts = Parts(session).as_of(identifier, at)
    conditions = Conditions(session).of_identifier(identifier)
    return {
        "parts": [_part(part, at) for part in parts],
        "conditions": [_condition(each, at) for each in conditions],
    }


def with_members(
    database: Database, report: Mapping[str, Any], at: datetime | None, now: datetime
) -> dict[str, Any]:
    """Return a report in which the license has its parts and conditions, if it has any.

    Args:
        report: as ``VerificationReport.to_json`` writes it, or ``TogetherReport.to_json``.
        at: the time asked about, None: now. What is to come is not known.
        now: what o'clock it is.
    """
    if "reports" in report:
        told = [with_members(database, one, at, now) for one in report["reports"]]
        return {**report, "reports": told}
    license_ = report.get("license")
    if license_ is None or report["verdict"] not in _TOLD:
        return dict(report)
    with database.reading() as session:
        members = members_of(session, str(license_["identifier"]), min(at or now, now))
    there = {name: items for name, items in members.items() if items}
    return {**report, "license": {**license_, **there}}


def _part(part: PartRecord, at: datetime) -> dict[str, Any]:
    state = state_on(part, civil_date(at))
    zh, en = STATUS_NAMES[state]
    return {
        "position": part.position,
        "code": part.code,
        "authority_code": part.authority_code,
        "valid_until": part.valid_until.isoformat() if part.valid_until else LONG_TERM,
        "status": {"code": state.value, "zh": zh, "en": en},
    }


def _condition(condition: ConditionRecord, at: datetime) -> dict[str, Any]:
    fulfilled = condition.fulfilled_at
    then = fulfilled if fulfilled is not None and fulfilled <= at else None
    return {
        "position": condition.position,
        "due": condition.due.isoformat(),
        "fulfilled_at": None if then is None else then.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "overdue": then is None and condition.overdue_from <= at,
    }
