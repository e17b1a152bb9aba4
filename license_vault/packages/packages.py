"""One request for several licenses of several authorities (一件事): all are issued, or none.

Each license is asked for by a whole request of its own, with its own approvals; who asks must be
allowed to ask for each alone. They are one group of ``issuing.issuance``.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from license_vault.api_clients import Caller
from license_vault.database.sessions import Writing
from license_vault.errors import (
    FieldInvalidError,
    LicenseTypeNotPublishedError,
    LicenseTypeUnknownError,
    LicenseVaultError,
)
from license_vault.face.errors import (
    CharacterNotSettableError,
    FaceOverflowError,
    GlyphMissingError,
)
from license_vault.issuing.copy_sets import plan_copies
from license_vault.issuing.intent import Work
from license_vault.issuing.issuance import Issuance, IssuedLicense
from license_vault.issuing.license_request import request_digest
from license_vault.issuing.plan import Plan
from license_vault.issuing.request_reading import ObjectReader, RequestProblems, too_many
from license_vault.packages.errors import PackageLicenseError
from license_vault.packages.package_registry import (
    NewPackage,
    PackageRecord,
    Packages,
    PackageWriter,
)
from license_vault.registry.authorities import Authorities
from license_vault.registry.holders import new_handle
from license_vault.registry.lookup_macs import LookupMacs

MAXIMUM_LICENSES: Final = 20
# With their duplicates; all are made at once.
MAXIMUM_COPIES: Final = 50

_REFERENCE: Final = re.compile(r"[0-9A-Za-z一-鿿〔〕（）()._/-]+")
# Errors that are about one member of one of the requests.
_ABOUT_A_MEMBER = (
    FieldInvalidError,
    LicenseTypeUnknownError,
    LicenseTypeNotPublishedError,
    FaceOverflowError,
    GlyphMissingError,
    CharacterNotSettableError,
)


@dataclass(frozen=True, slots=True)
class PackageRequest:
    """A package as asked for; ``licenses`` are bodies that are not looked at yet."""

    item_code: str
    case_number: str
    licenses: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class IssuedPackage:
    """A package whose licenses are all issued, in its order; duplicates follow their original."""

    package: PackageRecord
    licenses: tuple[IssuedLicense, ...]
    replayed: bool


def read_package(body: object) -> PackageRequest:
    """Read the body of a package; its licenses are read when they are planned.

    Raises:
        FieldInvalidError: with every problem of the package itself.
    """
    problems = RequestProblems()
    reader = ObjectReader(body, "", problems)
    item_code = reader.matching("item_code", _REFERENCE, 64)
    case_number = reader.matching("case_number", _REFERENCE, 64)
    licenses = reader.value("licenses")
    if reader.has("licenses") and (not isinstance(licenses, list) or not licenses):
        reader.problem("licenses", ("wrong-type", "应为非空列表。", "A list, not empty."))
    elif isinstance(licenses, list) and len(licenses) > MAXIMUM_LICENSES:
        reader.problem("licenses", too_many(MAXIMUM_LICENSES))
    reader.finish()
    if problems.found or not isinstance(licenses, list):
        raise FieldInvalidError(tuple(problems.found))
    return PackageRequest(item_code or "", case_number or "", tuple(licenses))


class PackageIssuing:
    """Issues packages. Made once, used by all threads."""

    def __init__(self, issuance: Issuance, macs: LookupMacs) -> None:
        self._issuance = issuance
        self._macs = macs

    def issue(self, body: object, caller: Caller, idempotency_key: str) -> IssuedPackage:
        """Issue all licenses of a package or none, once for all times it is sent.

        Raises:
            FieldInvalidError: the package itself cannot be read.
            PackageLicenseError: a member of one of its licenses is wrong; says of which.
            LicenseVaultError: as ``Issuance.issue``, for any of them; its ``package_place`` says
                which, where that is known.
        """
        request = read_package(body)
        mark = self._issuance.mark(body, caller, idempotency_key)
        issued = self._issuance.issue_group(
            lambda: tuple(self._plans(request, caller)), mark, self._recording(request, caller)
        )
        with self._issuance.services.database.reading() as session:
            package = Packages(session).of_license(issued.license.row_id)
        return IssuedPackage(package, (issued, *issued.others), issued.replayed)

    def _plans(self, request: PackageRequest, caller: Caller) -> Iterator[Plan]:
        made = 0
        for place, body in enumerate(request.licenses):
            for plan in self._plan(place, body, caller):
                made += 1
                if made > MAXIMUM_COPIES:
                    problems = RequestProblems()
                    problems.add("/licenses", too_many(MAXIMUM_COPIES))
                    raise FieldInvalidError(tuple(problems.found))
                yield plan

    def _plan(self, place: int, body: object, caller: Caller) -> tuple[Plan, ...]:
        try:
            body_sm3 = bytes.fromhex(request_digest(body))
            return plan_copies(self._issuance.planning, body, caller, body_sm3)
        except _ABOUT_A_MEMBER as error:
            raise PackageLicenseError(place, error) from error
        except LicenseVaultError as error:
            error.package_place = place
            raise

    def _recording(
        self, request: PackageRequest, caller: Caller
    ) -> Callable[[Writing, Sequence[Work]], None]:
        services = self._issuance.services

        def record(session: Writing, works: Sequence[Work]) -> None:
            asking = Authorities(session).get(caller.organisation_code)
            new = NewPackage(
                package_id=new_handle(services.random_bytes),
                organisation_row_id=asking.row_id,
                item_code=request.item_code,
                case_mac=self._macs.case(request.case_number),
                asked_by=caller.name,
                asked_at=works[0].at,
            )
            PackageWriter(session).add(new, [work.row_id for work in works])

        return record
