"""How pulling from each partner went last, part by part; all SQL.

Parts fail by themselves: a region whose status lists cannot be had may still give a trust list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from license_vault.database.columns import table_of
from license_vault.database.partner_tables import PartnerStateRow
from license_vault.database.sessions import Reading, Writing

_STATE = table_of(PartnerStateRow)


class Part(StrEnum):
    """What is pulled from a partner, in this order."""

    TRUST_LIST = "trust-list"
    SIGHTINGS = "sightings"
    REVOCATION_LISTS = "revocation-lists"
    STATUS_LISTS = "status-lists"
    ISSUE_LOG = "issue-log"
    SHARING_CATALOGUE = "sharing-catalogue"
    USE_LIST = "use-list"
    SHARING_MAPS = "sharing-maps"


@dataclass(frozen=True, slots=True)
class PartState:
    """How it went last: when well; when not, and why; how often not, in a row."""

    part: Part
    succeeded_at: datetime | None
    failed_at: datetime | None
    reason: str
    failures: int
    etag: str


class PartStates:
    """Looks up how it went."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of(self, region: str) -> dict[Part, PartState]:
        """Return what is known of a region; parts never tried are not there."""
        rows = self._session.execute(select(_STATE).where(_STATE.c.region == region))
        return {Part(row.part): _state(row) for row in rows if row.part in list(Part)}

    def etag(self, region: str, part: Part) -> str | None:
        """Return the tag of what was fetched last; None if there is none."""
        found = self.of(region).get(part)
        return found.etag or None if found else None


class PartStateWriter(PartStates):
    """Notes how it went."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def succeeded(self, region: str, part: Part, at: datetime, etag: str | None = None) -> None:
        """Note that a part was pulled; ``etag`` None leaves the tag as it is."""
        values: dict[str, object] = {"succeeded_at": at, "failures": 0}
        if etag is not None:
            values["etag"] = etag
        self._note(region, part, values)

    def failed(self, region: str, part: Part, reason: str, at: datetime) -> None:
        """Note that a part could not be pulled, and why."""
        failures = _STATE.c.failures + 1
        self._note(region, part, {"failed_at": at, "reason": reason, "failures": failures})

    def _note(self, region: str, part: Part, values: dict[str, object]) -> None:
        found = (_STATE.c.region == region, _STATE.c.part == part.value)
        if self._writing.change_rows(update(_STATE).where(*found).values(**values)) == 0:
            blank = {"reason": "", "failures": 0, "etag": ""}
            first = {"failures": 1} if "failed_at" in values else {}
            row = {**blank, **values, **first}
            self._writing.add_row(_STATE, region=region, part=part.value, **row)


def _state(row: Row[Any]) -> PartState:
    return PartState(
        part=Part(row.part),
        succeeded_at=row.succeeded_at,
        failed_at=row.failed_at,
        reason=row.reason,
        failures=row.failures,
        etag=row.etag,
    )
