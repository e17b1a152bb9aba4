"""A row of a 校验 (revalidation): the license it names gets its next version, with the record.

A license is named by its identifier, or by type and number (and copy) within the organisation that
the job is for. The same license and year in another file is found to be done.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from keys.sm3 import sm3
from license_vault.api_clients import Caller
from license_vault.bulk.errors import RowRefusedError
from license_vault.bulk.outcomes import Ending, RowOutcome
from license_vault.bulk.row_issuing import issue_body
from license_vault.bulk.working import OpenJob
from license_vault.errors import CaseAlreadyIssuedError, IssuanceInFlightError
from license_vault.issuing.issuance import Issuance, IssuedLicense
from license_vault.license import LicenseStatus
from license_vault.license_identifier import parse
from license_vault.lifecycle.verbs import VERBS
from license_vault.lifecycle.versions import Versions
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import LicenseFilter, LicenseRecord
from license_vault.registry.registry import Registry

_VERB: Final = VERBS["revalidation"]
_NAMING: Final = ("identifier", "type_code", "number", "copy")
_DIGITS_OF_A_CASE: Final = 32
# A number has its 正本 and some 副本 in force, no more.
_COPIES: Final = 100


class RowRevalidation:
    """Revalidates the license that a row names, once for all times it is done."""

    def __init__(self, issuance: Issuance, versions: Versions) -> None:
        self._issuance = issuance
        self._versions = versions
        self._macs = LookupMacs(issuance.services.keys)

    def __call__(self, job: OpenJob, number: int, body: dict[str, Any]) -> RowOutcome:
        """Revalidate it; "existing" if it was, for that year, by whatever way.

        Raises:
            RowRefusedError: "license-not-named", "license-not-found".
            LicenseVaultError, SigningError: what stands against it.
        """
        caller, key = job.job.caller, job.row_key(number)
        earlier = self._earlier(caller, key)
        named = issue_body({}, body)
        identifier = earlier or self._identifier(named, caller)
        order = {name: value for name, value in body.items() if name not in _NAMING}
        order = {**job.defaults, "case_number": _case(identifier, order), **order}
        try:
            issued = self._make(identifier, order, caller, key)
        except CaseAlreadyIssuedError as error:
            return RowOutcome(number, Ending.EXISTING, identifier=error.identifier)
        return RowOutcome(number, Ending.DONE, identifier=issued.license.identifier)

    def _make(
        self, identifier: str, order: dict[str, Any], caller: Caller, key: str
    ) -> IssuedLicense:
        try:
            return self._versions.make(identifier, _VERB, order, caller, key)
        except IssuanceInFlightError as error:
            # Nobody else has this row: who was at work on it is dead.
            self._issuance.finish(error.identifier, timedelta(0))
            return self._versions.make(identifier, _VERB, order, caller, key)

    def _earlier(self, caller: Caller, key: str) -> str | None:
        """Return the license that an earlier try of this row was about: the one before its own."""
        mac = self._macs.idempotency_key(caller.name, key)
        with self._issuance.services.database.reading() as session:
            registry = Registry(session)
            earlier = registry.earlier_request(caller.name, mac)
            return None if earlier is None else registry.get(earlier.identifier).predecessor

    def _identifier(self, named: Mapping[str, Any], caller: Caller) -> str:
        given = named.get("identifier")
        if isinstance(given, str):
            return given
        type_code, number = named.get("type_code"), named.get("number")
        if not isinstance(type_code, str) or not isinstance(number, str):
            raise RowRefusedError("license-not-named", "/identifier")
        wanted = LicenseFilter(
            within=caller.organisation_code,
            type_code=type_code,
            status=LicenseStatus.VALID,
            number_mac=self._macs.license_number(number),
        )
        with self._issuance.services.database.reading() as session:
            found = Registry(session).page(wanted, _COPIES)
        fitting = [license_ for license_ in found if _is_copy(license_, named.get("copy"))]
        if len(fitting) != 1:
            raise RowRefusedError("license-not-found", "/number")
        return fitting[0].identifier


def _is_copy(license_: LicenseRecord, copy: object) -> bool:
    """Say whether a license is the copy that a row names; one that names none means any."""
    if not isinstance(copy, Mapping):
        return True
    own = {"kind": str(license_.copy.kind), "ordinal": license_.copy.ordinal}
    return all(own[name] == copy[name] for name in own if name in copy)


def _case(identifier: str, order: Mapping[str, Any]) -> str:
    """Return the case of a row that has none: the license, whatever its version, and the year.

    Raises:
        IdentifierInvalidError: the row names something that is no identifier.
    """
    record = order.get("record")
    year = record.get("year", "") if isinstance(record, Mapping) else order.get("valid_until", "")
    own = parse(identifier)
    name = f"{own.type_code}.{own.authority_code}.{own.serial}"
    digest = sm3(f"{name}\0{year}".encode()).hex()[:_DIGITS_OF_A_CASE]
    return f"校验-{digest}"
