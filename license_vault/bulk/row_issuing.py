"""A row without a file: a license that exists on paper is issued anew (存量补制).

What the paper says of itself, its 颁发日期 too, is data; the seals are today's, and the claims,
the face and the verdict say that it was made afterwards from the authority's records.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from keys.sm3 import sm3
from license_vault.api_clients import Caller
from license_vault.bulk.outcomes import Ending, RowOutcome
from license_vault.bulk.working import OpenJob
from license_vault.errors import CaseAlreadyIssuedError, IssuanceInFlightError
from license_vault.issuing.issuance import Issuance, IssuedLicense
from license_vault.license import MADE_FROM_RECORDS

_COUNTS: Final = ("ordinal", "of")
_DIGITS_OF_A_CASE: Final = 32


class RowIssuing:
    """Issues the license that a row describes, once for all times it is done."""

    def __init__(self, issuance: Issuance) -> None:
        self._issuance = issuance

    def __call__(self, job: OpenJob, number: int, body: dict[str, Any]) -> RowOutcome:
        """Issue it; "existing" if its case has led to a license before, by whatever way.

        Raises:
            LicenseVaultError, SigningError: what stands against it.
        """
        caller, request = job.job.caller, issue_body(job.defaults, body)
        try:
            issued = self._issue(request, caller, job.row_key(number))
        except CaseAlreadyIssuedError as error:
            return RowOutcome(number, Ending.EXISTING, identifier=error.identifier)
        return RowOutcome(number, Ending.DONE, identifier=issued.license.identifier)

    def _issue(self, request: dict[str, Any], caller: Caller, key: str) -> IssuedLicense:
        try:
            return self._issuance.issue(request, caller, key, MADE_FROM_RECORDS)
        except IssuanceInFlightError as error:
            # Nobody else has this row: who was at work on it is dead.
            self._issuance.finish(error.identifier, timedelta(0))
            return self._issuance.issue(request, caller, key, MADE_FROM_RECORDS)


def issue_body(defaults: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as the body of a request to issue.

    Members that the row does not have are taken from the defaults; stock has no case, so one is
    named after the number: the same license in another file is the same case.
    """
    request = {**defaults, **body}
    if "case_number" not in request and isinstance(request.get("number"), str):
        digest = sm3(str(request["number"]).encode()).hex()[:_DIGITS_OF_A_CASE]
        request["case_number"] = f"存量-{digest}"
    copy = request.get("copy")
    if isinstance(copy, Mapping):
        request["copy"] = {name: _count(name, value) for name, value in copy.items()}
    return request


def _count(name: str, value: object) -> object:
    """Return a number that a table can only write as text."""
    counts = name in _COUNTS and isinstance(value, str) and value.isascii() and value.isdigit()
    return int(str(value)) if counts else value
