"""The parts of a composite license in a report on it: their states by our own rows, as asked.

Only what our nodes know: a partner's check sees the state of the whole license and the dates of the
parts on the face, and says nothing of a part that was suspended or ended by its authority.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from license_vault.clock import civil_date
from license_vault.license import LONG_TERM, STATUS_NAMES
from license_vault.packages.part_registry import PartRecord, Parts
from license_vault.packages.part_states import state_on
from verification.report import Verdict

if TYPE_CHECKING:
    from api.services import Services

# Of a file that was altered or is not trusted we say nothing more.
_TOLD = (Verdict.VALID.value, Verdict.NOT_IN_FORCE.value)


def with_parts(services: Services, report: dict[str, Any], at: datetime | None) -> dict[str, Any]:
    """Return a report that also lists the parts of the license, if it is a composite one of ours.

    Args:
        report: as ``VerificationReport.to_json`` writes it.
        at: the time asked about, None: now.
    """
    license_ = report.get("license")
    if license_ is None or report["verdict"] not in _TOLD:
        return report
    now = services.clock()
    asked = min(at or now, now)
    with services.database.reading() as session:
        parts = Parts(session).as_of(str(license_["identifier"]), asked)
    if not parts:
        return report
    told = [_part(part, asked) for part in parts]
    return {**report, "license": {**license_, "parts": told}}


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
