"""A row of an import: with files it is adopted, without it is issued anew."""

from __future__ import annotations

from typing import Any, Final

from license_vault.bulk.outcomes import RowOutcome
from license_vault.bulk.working import OpenJob, RowWork

_FILE: Final = "file"


class RowImporting:
    """Chooses what is done with a row."""

    def __init__(self, issuing: RowWork, adopting: RowWork) -> None:
        """Take ``RowIssuing`` and ``Adoption``."""
        self._issuing = issuing
        self._adopting = adopting

    def __call__(self, job: OpenJob, number: int, body: dict[str, Any]) -> RowOutcome:
        """Do the row.

        Raises:
            LicenseVaultError, SigningError: why it cannot be done.
        """
        work = self._adopting if _FILE in body else self._issuing
        return work(job, number, body)
