"""Cases in the database: opened, decided, closed, listed; all SQL about them.

Which licenses a case has made is kept nowhere twice: they are those that carry its number and are
one of its holders'. So a license that came by another way counts too, and no crash leaves the two
apart.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, select, update
from sqlalchemy.engine import Row

from license_vault.cases.case import CaseRecord, CaseState, Decision, Outcome
from license_vault.cases.errors import CaseStateError, CaseUnknownError
from license_vault.database.case_tables import (
    CaseDecisionRow,
    CaseHolderRow,
    ItemResultRow,
    ServiceCaseRow,
)
from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import (
    HolderRow,
    LicenseHolderRow,
    LicenseRow,
    OrganisationRow,
)
from license_vault.license import LicenseStatus
from license_vault.registry.authorities import subtree_of

_CASE = table_of(ServiceCaseRow)
_HOLDER = table_of(CaseHolderRow)
_DECISION = table_of(CaseDecisionRow)
_RESULT = table_of(ItemResultRow)
_LICENSE = table_of(LicenseRow)
_LINK = table_of(LicenseHolderRow)
_PERSON = table_of(HolderRow)
_ORG = table_of(OrganisationRow)

# A license that is being made, or never was, is no result of a case.
NOT_MADE = (LicenseStatus.ISSUING.value, LicenseStatus.VOID.value)

_CASES = select(_CASE, _ORG.c.code.label("organisation_code")).join(
    _ORG, _ORG.c.id == _CASE.c.organisation_id
)
_BY_HANDLE = _CASES.where(_CASE.c.handle == bindparam("handle"))
_HOLDERS = (
    select(_HOLDER.c.case_id, _HOLDER.c.lookup_mac)
    .where(_HOLDER.c.case_id.in_(bindparam("case_ids", expanding=True)))
    .order_by(_HOLDER.c.case_id, _HOLDER.c.position)
)
# A license of the case: made, with the case's number, and of one of its holders.
_MADE = _LICENSE.c.status.not_in(NOT_MADE) & exists(
    select(_LINK.c.license_id)
    .join(_PERSON, _PERSON.c.id == _LINK.c.holder_id)
    .join(_HOLDER, _HOLDER.c.lookup_mac == _PERSON.c.lookup_mac)
    .where(_LINK.c.license_id == _LICENSE.c.id, _HOLDER.c.case_id == _CASE.c.id)
    .correlate(_LICENSE, _CASE)
)
_LACKS_ONE = exists(
    select(_RESULT.c.type_code)
    .where(_RESULT.c.definition_id == _CASE.c.definition_id)
    .where(
        ~exists(
            select(_LICENSE.c.id)
            .where(_LICENSE.c.case_mac == _CASE.c.case_mac)
            .where(_LICENSE.c.type_code == _RESULT.c.type_code, _MADE)
            .correlate(_RESULT, _CASE)
        )
    )
    .correlate(_CASE)
)


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case that is opened; ``holders`` are lookup MACs with the handle shown, if one was."""

    handle: str
    case_mac: bytes
    holders: tuple[tuple[bytes, str | None], ...]
    sealed_case: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)
    opened_by: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision that is made; ``request_sm3`` is what the officers signed, 32 bytes."""

    outcome: Outcome
    request_sm3: bytes
    approvals: str
    sealed_basis: bytes = field(repr=False)
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list: of an organisation and those below it, in a state if one is named.

    ``lacking_license`` leaves those that lack one of the licenses that their item issues.
    """

    within: str
    state: CaseState | None = None
    lacking_license: bool = False


class Cases:
    """Looks cases up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, handle: str) -> CaseRecord:
        """Return a case.

        Raises:
            CaseUnknownError: there is none with this handle.
        """
        found = self._records(_BY_HANDLE, {"handle": handle})
        if not found:
            raise CaseUnknownError(handle)
        return found[0]

    def by_number(self, organisation_code: str, case_mac: bytes) -> CaseRecord | None:
        """Return an organisation's case of a number, None if there is none."""
        found = self._records(
            _CASES.where(_CASE.c.case_mac == case_mac, _ORG.c.code == organisation_code)
        )
        return found[0] if found else None

    def of_number(self, case_mac: bytes) -> tuple[CaseRecord, ...]:
        """Return the cases of a number, of whichever organisation."""
        return self._records(_CASES.where(_CASE.c.case_mac == case_mac).order_by(_CASE.c.id))

    def page(
        self, wanted: CaseFilter, limit: int, after: str | None = None
    ) -> tuple[CaseRecord, ...]:
        """Return the next cases that fit, the newest first.

        Args:
            after: the handle that the page before ended with.
        """
        query = _CASES.where(_CASE.c.organisation_id.in_(select(subtree_of(wanted.within).c.id)))
        if wanted.state is not None:
            query = query.where(_CASE.c.state == wanted.state.value)
        if wanted.lacking_license:
            query = query.where(_LACKS_ONE)
        if after is not None:
            last = select(_CASE.c.id).where(_CASE.c.handle == after).scalar_subquery()
            query = query.where(_CASE.c.id < last)
        return self._records(query.order_by(_CASE.c.id.desc()).limit(limit))

    def licenses(self, case: CaseRecord) -> tuple[tuple[str, str], ...]:
        """Return (identifier, type code) of the licenses that a case has made, in order."""
        rows = self._session.execute(
            select(_LICENSE.c.identifier, _LICENSE.c.type_code)
            .join(_CASE, _CASE.c.case_mac == _LICENSE.c.case_mac)
            .where(_CASE.c.id == case.row_id, _MADE)
            .order_by(_LICENSE.c.id)
        )
        return tuple((row.identifier, row.type_code) for row in rows)

    def lacking(self, case: CaseRecord) -> tuple[str, ...]:
        """Return the types that a case's item issues and the case has not made, sorted."""
        rows = self._session.execute(
            select(_RESULT.c.type_code).where(_RESULT.c.definition_id == case.definition_row_id)
        )
        made = {type_code for _, type_code in self.licenses(case)}
        return tuple(sorted(row.type_code for row in rows if row.type_code not in made))

    def decision(self, case: CaseRecord) -> "Row[Any] | None":
        """Return how a case was decided, its grounds still encrypted; None: not yet."""
        return self._session.execute(
            select(_DECISION).where(_DECISION.c.case_id == case.row_id)
        ).first()

    def _records(
        self, query: "Select[*tuple[Any, ...]]", values: dict[str, object] | None = None
    ) -> tuple[CaseRecord, ...]:
        rows = self._session.execute(query, values).all()
        macs: dict[int, list[bytes]] = defaultdict(list)
        ids = {"case_ids": tuple(row.id for row in rows)}
        for link in self._session.execute(_HOLDERS, ids):
            macs[link.case_id].append(link.lookup_mac)
        return tuple(_record(row, macs[row.id]) for row in rows)


class CaseWriter(Cases):
    """Changes cases, in a session that its opener commits."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, case: NewCase, definition_row_id: int, organisation_row_id: int) -> CaseRecord:
        """Open a case of an organisation under a definition.

        Raises:
            RowConflictError: the organisation has one of this number.
        """
        row_id = self._writing.add_row(
            _CASE,
            handle=case.handle,
            definition_id=definition_row_id,
            organisation_id=organisation_row_id,
            case_mac=case.case_mac,
            state=CaseState.OPEN.value,
            sealed_case=case.sealed_case,
            wrapped_key=case.wrapped_key,
            opened_by=case.opened_by,
            opened_at=case.opened_at,
            changed_at=case.opened_at,
        )
        self._writing.add_rows(
            _HOLDER,
            [
                {"case_id": row_id, "position": i, "lookup_mac": mac, "holder_handle": shown}
                for i, (mac, shown) in enumerate(case.holders)
            ],
        )
        return self.get(case.handle)

    def move(
        self, case: CaseRecord, allowed: Sequence[CaseState], to: CaseState, at: datetime
    ) -> None:
        """Move a case to another state.

        Raises:
            CaseStateError: it is in none of the allowed ones now.
        """
        moved = self._writing.change_rows(
            update(_CASE)
            .where(_CASE.c.id == case.row_id, _CASE.c.state.in_([s.value for s in allowed]))
            .values(state=to.value, changed_at=at)
        )
        if moved == 0:
            raise CaseStateError(case.handle, self.get(case.handle).state.value)

    def decide(self, case: CaseRecord, decision: NewDecision) -> None:
        """Put a decision on record; the case's state is moved by ``move`` before."""
        self._writing.add_rows(
            _DECISION,
            [
                {
                    "case_id": case.row_id,
                    "outcome": decision.outcome.value,
                    "request_sm3": decision.request_sm3,
                    "approvals": decision.approvals,
                    "sealed_basis": decision.sealed_basis,
                    "decided_by": decision.decided_by,
                    "decided_at": decision.decided_at,
                }
            ],
        )


def decision_of(row: "Row[Any]", basis: str) -> Decision:
    """Return a decision from its row, with its opened grounds."""
    return Decision(Outcome(row.outcome), basis, row.decided_by, row.decided_at)


def _record(row: "Row[Any]", macs: Sequence[bytes]) -> CaseRecord:
    return CaseRecord(
        row_id=row.id,
        handle=row.handle,
        definition_row_id=row.definition_id,
        organisation_code=row.organisation_code,
        state=CaseState(row.state),
        case_mac=row.case_mac,
        holder_macs=tuple(macs),
        sealed_case=row.sealed_case,
        wrapped_key=row.wrapped_key,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
    )
