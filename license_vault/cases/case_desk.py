"""Open, show, list, decide and close cases.

A case is opened under an item's definition and keeps it. It is decided once, with the signed
approvals that the item demands (独任, 一审一核); a case decided 准予 does not close before its
license is there.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from license_vault.api_clients import Caller
from license_vault.approvals.approvals import (
    Approval,
    ApprovedCase,
    CheckedApproval,
    check_approvals,
    read_approvals,
)
from license_vault.approvals.items import ApprovalItem
from license_vault.approvals.officers import Officers
from license_vault.cases.case import (
    STATE_AFTER,
    CaseHolder,
    CaseRecord,
    CaseState,
    Decision,
    OpenCase,
    Outcome,
)
from license_vault.cases.case_services import (
    CaseServices,
    Request,
    act_on_case,
    answered_before,
    opened,
    visible_case,
)
from license_vault.cases.errors import CaseExistsError, CaseStateError, CaseWithoutLicenseError
from license_vault.cases.holders import CaseHolders, HolderNamed
from license_vault.cases.needs import ItemNeeds
from license_vault.cases.rows import (
    CaseFilter,
    Cases,
    CaseWriter,
    NewCase,
    NewDecision,
    decision_of,
)
from license_vault.database.sessions import Reading
from license_vault.errors import FieldInvalidError
from license_vault.issuing.license_request import APPROVALS, request_digest
from license_vault.issuing.request_reading import ObjectReader, RequestProblems
from license_vault.registry.authorities import Authorities
from license_vault.registry.holders import new_handle

CASE_NUMBER: Final = re.compile(r"[0-9A-Za-z一-鿿〔〕（）()._/-]{1,64}")


@dataclass(frozen=True, slots=True)
class CaseOrder:
    """A case to be opened: of an item, under its number, about some holders."""

    item_code: str
    number: str
    holders: tuple[HolderNamed, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with what came of it; ``licenses`` are (identifier, type code)."""

    case: OpenCase
    decision: Decision | None
    licenses: tuple[tuple[str, str], ...]
    lacking: tuple[str, ...]
    replayed: bool = False


class CaseDesk:
    """Works on cases. Made once, used by all threads."""

    def __init__(self, services: CaseServices) -> None:
        self._services = services

    def open(self, order: CaseOrder, request: Request) -> CaseView:
        """Open a case of the caller's organisation.

        Raises:
            ItemUnknownError: the item has no definition.
            HolderHandleUnusableError: a handle is unknown, expired, or another organisation's.
            CaseExistsError: the organisation has a case of this number.
            IdempotencyKeyReusedError: the key came with another body before.
        """
        earlier = answered_before(self._services, request)
        if earlier is not None:
            return self._view(earlier, request.caller, replayed=True)
        services, code = self._services, request.caller.organisation_code
        with act_on_case(services, request, "case.opened") as act:
            definition = ItemNeeds(act.session).get(order.item_code)
            mac = services.macs.case(order.number)
            standing = Cases(act.session).by_number(code, mac)
            if standing is not None:
                raise CaseExistsError(standing.handle)
            naming = CaseHolders(act.session, services.macs, services.vault)
            holders = tuple(naming.whom(named, code, act.at) for named in order.holders)
            case = self._new(order.number, holders, request.caller, act.at)
            organisation = Authorities(act.session).get(code)
            CaseWriter(act.session).add(case, definition.row_id, organisation.row_id)
            act.made = act.subject = f"case:{case.handle}"
            act.details = {"item": order.item_code, "definition": str(definition.version)}
        return self._view(act.made, request.caller)

    def _new(
        self, number: str, holders: tuple[CaseHolder, ...], caller: Caller, at: datetime
    ) -> NewCase:
        services, macs = self._services, self._services.macs
        handle = new_handle(services.random_bytes)
        key, wrapped = services.secrets.new_key(handle)
        return NewCase(
            handle=handle,
            case_mac=macs.case(number),
            holders=tuple(
                (macs.holder(h.document_type, h.document_number), h.presence or None)
                for h in holders
            ),
            sealed_case=services.secrets.sealed_case(key, handle, number, holders),
            wrapped_key=wrapped,
            opened_by=caller.name,
            opened_at=at,
        )

    def show(self, handle: str, caller: Caller) -> CaseView:
        """Return a case.

        Raises:
            CaseUnknownError: there is none that the caller may see.
        """
        return self._view(f"case:{handle}", caller)

    def page(self, wanted: CaseFilter, limit: int, after: str | None) -> tuple[CaseView, ...]:
        """Return the next cases that fit, the newest first."""
        with self._services.database.reading() as session:
            found = Cases(session).page(wanted, limit, after)
            return tuple(self._viewed(session, record) for record in found)

    def decide(self, handle: str, body: Mapping[str, Any], request: Request) -> CaseView:
        """Decide a case, with what its officers have signed over the request.

        Raises:
            CaseUnknownError: there is none that the caller may see.
            CaseStateError: it is decided already.
            ApprovalMissingError, ApprovalInvalidError, SamePersonError: as ``check_approvals``.
            FieldInvalidError: what is wrong with the request.
        """
        earlier = answered_before(self._services, request)
        if earlier is not None:
            return self._view(earlier, request.caller, replayed=True)
        services = self._services
        outcome, basis, approvals = _read_decision(body)
        digest = request_digest({k: v for k, v in body.items() if k != APPROVALS})
        with act_on_case(services, request, "case.decided") as act:
            case = opened(services, act.session, visible_case(act.session, handle, request.caller))
            if case.record.state is not CaseState.OPEN:
                raise CaseStateError(handle, case.record.state.value)
            checked = self._checked(act.session, case, approvals, digest, act.at)
            decision = NewDecision(
                outcome=outcome,
                request_sm3=bytes.fromhex(digest),
                approvals=json.dumps([each.as_json() for each in checked]),
                sealed_basis=services.secrets.sealed_basis(case.key, handle, basis),
                decided_by=request.caller.name,
                decided_at=act.at,
            )
            writer = CaseWriter(act.session)
            writer.move(case.record, (CaseState.OPEN,), STATE_AFTER[outcome], act.at)
            writer.decide(case.record, decision)
            act.made = act.subject = f"case:{handle}"
            officers = " ".join(each.approval.officer_id for each in checked)
            act.details = {"outcome": outcome.value, "officers": officers}
        return self._view(act.made, request.caller)

    def _checked(
        self,
        session: Reading,
        case: OpenCase,
        approvals: tuple[Approval, ...],
        digest: str,
        at: datetime,
    ) -> tuple[CheckedApproval, ...]:
        item = case.definition.item
        officers = Officers(session, self._services.keys).within(
            [approval.officer_id for approval in approvals], case.record.organisation_code
        )
        approved = ApprovedCase(case.number, item.code, digest)
        decided_as = ApprovalItem(item.code, item.name.zh, item.mode)
        return check_approvals(decided_as, approvals, officers, approved, at)

    def close(self, handle: str, request: Request) -> CaseView:
        """Close a decided case; one decided 准予 only with every license that its item issues.

        Raises:
            CaseUnknownError: there is none that the caller may see.
            CaseStateError: it is not decided, or closed already.
            CaseWithoutLicenseError: a license is lacking.
        """
        earlier = answered_before(self._services, request)
        if earlier is not None:
            return self._view(earlier, request.caller, replayed=True)
        with act_on_case(self._services, request, "case.closed") as act:
            record = visible_case(act.session, handle, request.caller)
            writer = CaseWriter(act.session)
            lacking = writer.lacking(record) if record.state is CaseState.APPROVED else ()
            if lacking:
                raise CaseWithoutLicenseError(handle, lacking)
            decided = (CaseState.APPROVED, CaseState.REFUSED)
            writer.move(record, decided, CaseState.CLOSED, act.at)
            act.made = act.subject = f"case:{handle}"
            made = [identifier for identifier, _ in writer.licenses(record)]
            act.details = {"licenses": " ".join(made)} if made else {}
        return self._view(act.made, request.caller)

    def _view(self, resource: str, caller: Caller, *, replayed: bool = False) -> CaseView:
        handle = resource.removeprefix("case:")
        with self._services.database.reading() as session:
            view = self._viewed(session, visible_case(session, handle, caller))
        return CaseView(view.case, view.decision, view.licenses, view.lacking, replayed)

    def _viewed(self, session: Reading, record: CaseRecord) -> CaseView:
        cases, case = Cases(session), opened(self._services, session, record)
        row, decision = cases.decision(record), None
        if row is not None:
            basis = self._services.secrets.opened_basis(case.key, record.handle, row.sealed_basis)
            decision = decision_of(row, basis)
        return CaseView(case, decision, cases.licenses(record), cases.lacking(record))


def _read_decision(body: Mapping[str, Any]) -> tuple[Outcome, str, tuple[Approval, ...]]:
    problems = RequestProblems()
    reader = ObjectReader(body, "", problems)
    outcome, basis = reader.word("outcome", Outcome), reader.text("basis", 500)
    approvals = read_approvals(reader) if reader.has(APPROVALS) else ()
    reader.finish()
    if problems.found or outcome is None or basis is None:
        raise FieldInvalidError(tuple(problems.found))
    return outcome, basis, approvals
