"""A case that is not decided 准予 makes no license, whichever way the license is asked for.

An effect of issuing: it looks in the transaction of the intent, so a decision and an issue at the
same moment are one before the other.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from license_vault.cases.case import CaseState
from license_vault.cases.errors import CaseStateError
from license_vault.cases.rows import Cases
from license_vault.database.sessions import Writing

if TYPE_CHECKING:
    from license_vault.issuing.intent import Work
    from license_vault.issuing.plan import Plan


class CaseGate:
    """Lets licenses of undecided and refused cases not come into being."""

    def at_intent(self, session: Writing, plan: "Plan", work: "Work") -> None:
        """Check the case of the authority that has the license's number, if it has one.

        Raises:
            CaseStateError: it is open, or was decided 不予.
        """
        del work
        case = Cases(session).by_number(plan.authority.code, plan.uniqueness.case_mac)
        if case is not None and case.state in {CaseState.OPEN, CaseState.REFUSED}:
            raise CaseStateError(case.handle, case.state.value)

    def at_issue(self, session: Writing, work: "Work", at: datetime) -> None:
        """Do nothing more: what was intended may be finished."""
