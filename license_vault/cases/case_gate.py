"""A case that is not decided 准予 makes no license, whichever way the license is asked for.

An effect of issuing: it looks in the transaction of the intent, so a decision and an issue at the
same moment are one before the other.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from license_vault.cases.case import CaseRecord, CaseState
from license_vault.cases.errors import CaseStateError
from license_vault.cases.rows import Cases
from license_vault.database.sessions import Writing
from license_vault.errors import AuthorityNotPermittedError
from license_vault.registry.authorities import Authorities

if TYPE_CHECKING:
    from license_vault.issuing.intent import Work
    from license_vault.issuing.plan import Plan


class CaseGate:
    """Lets licenses of undecided and refused cases not come into being."""

    def at_intent(self, session: Writing, plan: "Plan", work: "Work") -> None:
        """Check the cases that have the license's number and of which it would be a result.

        They are the authority's own, and those of organisations above it about one of the holders:
        the licenses of a package (一件事) have the number of a case above them.

        Raises:
            CaseStateError: one is open, or was decided 不予.
        """
        del work
        for case in Cases(session).of_number(plan.uniqueness.case_mac):
            undecided = case.state in {CaseState.OPEN, CaseState.REFUSED}
            if undecided and _is_about(session, case, plan):
                raise CaseStateError(case.handle, case.state.value)

    def at_issue(self, session: Writing, work: "Work", at: datetime) -> None:
        """Do nothing more: what was intended may be finished."""


def _is_about(session: Writing, case: CaseRecord, plan: "Plan") -> bool:
    if case.organisation_code == plan.authority.code:
        return True
    try:
        Authorities(session).within(plan.authority.code, case.organisation_code)
    except AuthorityNotPermittedError:
        return False
    return not set(case.holder_macs).isdisjoint(plan.holder_macs)
