"""List licenses whose copied values their sources say otherwise, as of this moment."""

from license_vault.cases.case_services import CaseServices
from license_vault.cases.copied_fields import PAGE, StaleCopies, StaleLicense


class StaleDesk:
    """Looks for stale copies. Made once, used by all threads."""

    def __init__(self, services: CaseServices) -> None:
        self._services = services

    def look(self) -> str | None:
        """Compare every copy whose source has moved on; tell how many, None if none had."""
        looked = 0
        while True:
            with self._services.database.writing() as session:
                found = StaleCopies(session, self._services.vault).look(self._services.clock())
            looked += found
            if found < PAGE:
                return f"{looked} copied fields compared" if looked else None

    def stale(self, within: str, limit: int) -> tuple[StaleLicense, ...]:
        """Return stale licenses of an organisation's subtree; what moved just now is in it."""
        self.look()
        with self._services.database.writing() as session:
            return StaleCopies(session, self._services.vault).stale(within, limit)
