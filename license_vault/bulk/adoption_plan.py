"""What of a license that is to be adopted can be known to fail, before anything is written.

The values by the rules of its type, the caller's right, the authority, number and case, and the
identifier it came with. No seal is asked for: none is going to be set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from license_vault.api_clients import Caller
from license_vault.bulk.errors import RowRefusedError
from license_vault.bulk.row_files import RowFile, require_one_each
from license_vault.bulk.row_issuing import issue_body
from license_vault.bulk.working import OpenJob
from license_vault.clock import civil_date
from license_vault.errors import (
    CaseAlreadyIssuedError,
    IdentifierInvalidError,
    NumberInForceError,
)
from license_vault.issuing.license_request import IssueRequest, read_request
from license_vault.issuing.plan import ISSUE, IssuanceServices
from license_vault.license_identifier import compose, new_serial, parse
from license_vault.license_types.license_type import LicenseType
from license_vault.registry.authorities import Authorities, Organisation
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import Uniqueness
from license_vault.registry.registry import Registry
from license_vault.registry.writing import RequestMark
from license_vault.status.shards import StatusPlace, StatusShards

FILE: Final = "file"
_IDENTIFIER: Final = "identifier"


@dataclass(frozen=True, slots=True)
class Draft:
    """A license that is going to be kept, as far as it stands before anything is written."""

    job: OpenJob
    number: int
    mark: RequestMark
    files: tuple[RowFile, ...]
    request: IssueRequest = field(repr=False)
    license_type: LicenseType
    authority: Organisation
    place: StatusPlace
    identifier: str
    at: datetime


class AdoptionPlanning:
    """Makes drafts; writes nothing."""

    def __init__(self, services: IssuanceServices) -> None:
        self._services = services
        self._macs = LookupMacs(services.keys)

    def draft(
        self,
        job: OpenJob,
        number: int,
        body: Mapping[str, Any],
        files: tuple[RowFile, ...],
        mark: RequestMark,
    ) -> Draft:
        """Check a row and its files, and say what license is to be kept.

        Raises:
            LicenseVaultError: what stands against it.
        """
        services, now, caller = self._services, self._services.clock(), job.job.caller
        rest = {name: value for name, value in body.items() if name not in (FILE, _IDENTIFIER)}
        request = read_request(
            issue_body(job.defaults, rest), services.catalogue.for_issuing, civil_date(now)
        )
        caller.require(ISSUE, request.type_code)
        license_type = services.catalogue.for_issuing(request.type_code, request.type_version)
        authority, place = self._look_up(request, caller)
        own = _own_identifier(request, body.get(_IDENTIFIER), files)
        serial = new_serial(job.key.derive("serial", number, 16))
        return Draft(
            job=job,
            number=number,
            mark=mark,
            files=files,
            request=request,
            license_type=license_type,
            authority=authority,
            place=place,
            identifier=own or compose(request.type_code, request.authority_code, serial).text,
            at=now,
        )

    def _look_up(self, request: IssueRequest, caller: Caller) -> tuple[Organisation, StatusPlace]:
        services = self._services
        with services.database.reading() as session:
            authority = Authorities(session).within(
                request.authority_code, caller.organisation_code
            )
            standing = Registry(session).standing_against(self.uniqueness(request, authority))
            if standing.by_case is not None:
                raise CaseAlreadyIssuedError(standing.by_case)
            if standing.by_number is not None:
                raise NumberInForceError(standing.by_number)
            place = StatusShards(session).draw_place(
                services.status_base_uri, services.random_bytes
            )
        return authority, place

    def uniqueness(self, request: IssueRequest, authority: Organisation) -> Uniqueness:
        """Return what of the license must not be there already."""
        return Uniqueness(
            authority_id=authority.row_id,
            type_code=request.type_code,
            copy=request.copy,
            number_mac=self._macs.license_number(request.number),
            case_mac=self._macs.case(request.case_number),
            first_holder_mac=self._macs.of_holder(request.holders[0]),
        )


def _own_identifier(request: IssueRequest, given: object, files: tuple[RowFile, ...]) -> str | None:
    """Return the identifier that a license came with, None if it came without."""
    named = next((file.judgement.identifier for file in files if file.judgement.identifier), None)
    text = given if isinstance(given, str) and given else named
    require_one_each(files, text)
    if text is None:
        return None
    try:
        identifier = parse(text)
    except IdentifierInvalidError as error:
        raise RowRefusedError("identifier-of-another", f"/{_IDENTIFIER}") from error
    if (identifier.type_code, identifier.authority_code) != (
        request.type_code,
        request.authority_code,
    ):
        raise RowRefusedError("identifier-of-another", f"/{_IDENTIFIER}")
    return text
