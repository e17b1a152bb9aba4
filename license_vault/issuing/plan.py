"""Before anything is written: everything about a request that can be known to fail.

In order: the values, the caller's right, the authority, number and case, the seals (granted,
usable, key there), the officers' approvals, then every value's place on the face. What comes out
is a plan that only a power cut, an outage or somebody faster can keep from becoming a license
(ADR 0015).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from keys.provider import KeyProvider
from license_vault.api_clients import Caller
from license_vault.approvals.errors import (
    ApprovalInvalidError,
    ApprovalMissingError,
    ItemUnregisteredError,
    SamePersonError,
)
from license_vault.check_code import new_check_code
from license_vault.clock import Clock, civil_date
from license_vault.database.sessions import Database, Reading, Writing
from license_vault.errors import CaseAlreadyIssuedError, NumberInForceError
from license_vault.face.license_drawing import LicenseDrawing, PlacedLicense
from license_vault.issuing.form_making import MakeForm
from license_vault.issuing.license_request import IssueRequest, read_request
from license_vault.issuing.member_search import find_parts
from license_vault.issuing.request_approvals import (
    Approvers,
    UnsignedApprovals,
    approved_sm3,
    authorise,
    find_approvers,
    require_signable,
)
from license_vault.issuing.side_by_side import Doing, one_by_one
from license_vault.license import LicenseContent, LicensePart
from license_vault.license_identifier import compose, new_serial
from license_vault.license_metadata import canonical, claims_of
from license_vault.license_types.catalogue import Catalogue
from license_vault.license_types.license_type import LicenseType
from license_vault.refusals import Attempt, refusals_recorded
from license_vault.registry.authorities import Authorities, Organisation
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.registry.license_record import Basis, LicenseSecrets
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import Uniqueness
from license_vault.registry.registry import Registry
from license_vault.registry.writing import FIRST_VERSION, Succession
from license_vault.seals.errors import SealNotPermittedError, SealUnusableError
from license_vault.seals.registry import SealRecord, SealRegistry, require_usable
from license_vault.seals.uses import Authorisation, CheckedSeal
from license_vault.status.shards import StatusPlace, StatusShards
from license_vault.vault import Vault

if TYPE_CHECKING:
    from license_vault.issuing.intent import Work

ISSUE = "licenses:issue"
REFUSED_ON_RECORD = (
    SealNotPermittedError,
    SealUnusableError,
    ApprovalMissingError,
    ApprovalInvalidError,
    SamePersonError,
    ItemUnregisteredError,
)

_SALT_BYTES = 16
_SERIAL_BYTES = 16


def no_checkpoint(_step: str) -> None:
    """Do nothing; tests pass a checkpoint that cuts the power."""


@dataclass(frozen=True, slots=True)
class IssuanceServices:
    """What issuing works with; made once by the wiring.

    ``make_form`` makes each form; ``final_check`` raises OutputRefusedError for a file of a form
    that our own verifier does not accept, and tells the seals in it, in their order;
    ``status_base_uri`` is what the lists' names are put behind; ``doing`` says whether forms are
    made and deposited one by one or side by side; ``effects`` write what else belongs to a license
    into the transactions of its intent and its issue; an ISSUING license nobody has touched for
    ``stale_after`` may be finished by others.
    """

    database: Database
    keys: KeyProvider
    vault: Vault
    catalogue: Catalogue
    drawing: LicenseDrawing
    make_form: Mapping[str, MakeForm]
    final_check: Callable[[str, bytes], tuple[CheckedSeal, ...]]
    status_base_uri: str
    clock: Clock
    random_bytes: Callable[[int], bytes]
    unsigned_approvals: UnsignedApprovals = UnsignedApprovals.ALLOW
    doing: Doing = one_by_one
    effects: "tuple[IssueEffects, ...]" = ()
    stale_after: timedelta = timedelta(seconds=60)
    checkpoint: Callable[[str], None] = no_checkpoint


@dataclass(frozen=True, slots=True)
class Plan:
    """A license that nothing known stands against; ``known_holders`` by lookup MAC."""

    placed: PlacedLicense
    secrets: LicenseSecrets = field(repr=False)
    authority: Organisation
    seals: tuple[SealRecord, ...]
    authorisation: Authorisation
    uniqueness: Uniqueness
    holder_macs: tuple[bytes, ...]
    known_holders: dict[bytes, HolderRecord]
    place: StatusPlace
    at: datetime
    request: IssueRequest = field(repr=False)
    succession: Succession = FIRST_VERSION


@dataclass(frozen=True, slots=True)
class NextVersion:
    """What makes a request one for a next version: whom it follows, and its own identifier.

    ``identifier`` None: one with a new serial, as after a transfer to another authority;
    ``approved_sm3`` is what the officers signed if that is another body than the request's;
    ``making`` says how it came to be made, if not by a decision of today (claims v2).
    """

    succession: Succession = FIRST_VERSION
    identifier: str | None = None
    approved_sm3: bytes | None = None
    making: str = ""


FIRST: Final = NextVersion()


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database says of a request."""

    authority: Organisation
    seals: tuple[SealRecord, ...]
    approvers: Approvers
    uniqueness: Uniqueness
    known_holders: dict[bytes, HolderRecord]
    place: StatusPlace
    parts: tuple[LicensePart, ...]


@dataclass(frozen=True, slots=True)
class _Sought:
    """What a request is looked up by."""

    holder_macs: tuple[bytes, ...]
    version: NextVersion


class IssueEffects(Protocol):
    """What else is written of a license when it is intended, and when it is issued.

    Both may follow each other in another process, after a power cut: what the second writes must
    come from the rows of the first and from what the license says.
    """

    def at_intent(self, session: Writing, plan: Plan, work: "Work") -> None:
        """Write in the transaction of the intent."""
        ...

    def at_issue(self, session: Writing, work: "Work", at: datetime) -> None:
        """Write in the transaction that brings it to an end as VALID or PENDING."""
        ...


class Planning:
    """Makes plans; writes nothing but the record of a seal or an approval that was refused."""

    def __init__(self, services: IssuanceServices) -> None:
        self._services = services
        self._macs = LookupMacs(services.keys)

    def plan(
        self, body: object, caller: Caller, body_sm3: bytes, version: NextVersion = FIRST
    ) -> Plan:
        """Check everything about a request that can be known to fail, and plan its license.

        Args:
            body_sm3: SM3 of the body's RFC 8785 form.
            version: whom it follows, and how it came to be made.

        Raises:
            LicenseVaultError: what stands against it; nothing was written.
        """
        services, now = self._services, self._services.clock()
        request, license_type = self._read(body, caller, now)
        macs = tuple(map(self._macs.of_holder, request.holders))
        with self._refusals_recorded(request, caller):
            found = self._sealable(request, license_type, caller, _Sought(macs, version), now)
            digest = version.approved_sm3 or approved_sm3(body, body_sm3)
            authorisation = authorise(
                request, found.approvers, digest, services.unsigned_approvals, now
            )
        content = self._content(request, license_type, found, version, now)
        check_code = new_check_code(services.random_bytes)
        placed = services.drawing.place(license_type, content, check_code)
        secrets = LicenseSecrets(
            claims=placed.claims,
            check_code=check_code,
            case_number=request.case_number,
            item_code=request.item_code,
            actor=caller.name,
            basis=Basis(request.basis, request.officer),
        )
        return Plan(
            placed=placed,
            secrets=secrets,
            authority=found.authority,
            seals=found.seals,
            authorisation=authorisation,
            uniqueness=found.uniqueness,
            holder_macs=macs,
            known_holders=found.known_holders,
            place=found.place,
            at=now,
            request=request,
            succession=version.succession,
        )

    def foresee(
        self, body: object, caller: Caller, body_sm3: bytes, version: NextVersion = FIRST
    ) -> IssueRequest:
        """Check the same of a request that officers have not signed yet; plan and write nothing.

        Whether every value has its place shows when its face is drawn (``issuing.preview``).

        Raises:
            LicenseVaultError: as ``plan``.
        """
        services, now = self._services, self._services.clock()
        request, license_type = self._read(body, caller, now)
        macs = tuple(map(self._macs.of_holder, request.holders))
        found = self._sealable(request, license_type, caller, _Sought(macs, version), now)
        digest = version.approved_sm3 or approved_sm3(body, body_sm3)
        require_signable(request, found.approvers, digest, services.unsigned_approvals, now)
        canonical(claims_of(self._content(request, license_type, found, version, now)))
        return request

    def _read(
        self, body: object, caller: Caller, now: datetime
    ) -> tuple[IssueRequest, LicenseType]:
        find_type = self._services.catalogue.for_issuing
        request = read_request(body, find_type, civil_date(now))
        caller.require(ISSUE, request.type_code)
        return request, find_type(request.type_code, request.type_version)

    def _sealable(
        self,
        request: IssueRequest,
        license_type: LicenseType,
        caller: Caller,
        sought: "_Sought",
        now: datetime,
    ) -> _Found:
        found = self._look_up(request, license_type, caller, sought)
        for seal in found.seals:
            require_usable(seal, self._services.keys, now)
        return found

    @contextmanager
    def _refusals_recorded(self, request: IssueRequest, caller: Caller) -> Iterator[None]:
        """Record that a seal may not be used for a request; other refusals leave nothing."""
        services = self._services
        try:
            yield
        except REFUSED_ON_RECORD:
            details = {"type": request.type_code}
            attempt = Attempt(caller.name, "license.issue", request.authority_code, details)
            with refusals_recorded(services.database, attempt, services.clock):
                raise

    def _look_up(
        self,
        request: IssueRequest,
        license_type: LicenseType,
        caller: Caller,
        sought: "_Sought",
    ) -> _Found:
        macs = sought.holder_macs
        with self._services.database.reading() as session:
            authority = Authorities(session).within(
                request.authority_code, caller.organisation_code
            )
            uniqueness = Uniqueness(
                authority_id=authority.row_id,
                type_code=request.type_code,
                copy=request.copy,
                number_mac=self._macs.license_number(request.number),
                case_mac=self._macs.case(request.case_number),
                first_holder_mac=macs[0],
                predecessor_id=sought.version.succession.predecessor_id,
            )
            _require_free(session, uniqueness)
            return _Found(
                authority=authority,
                seals=seals_for(session, authority, license_type),
                approvers=find_approvers(session, self._services.keys, request),
                uniqueness=uniqueness,
                known_holders=Holders(session).by_macs(macs),
                place=StatusShards(session).draw_place(
                    self._services.status_base_uri, self._services.random_bytes
                ),
                parts=find_parts(session, request.members, caller),
            )

    def _content(
        self,
        request: IssueRequest,
        license_type: LicenseType,
        found: _Found,
        version: NextVersion,
        now: datetime,
    ) -> LicenseContent:
        services, place = self._services, found.place
        return LicenseContent(
            identifier=version.identifier or self._new_identifier(request),
            type_code=request.type_code,
            type_version=license_type.version,
            type_name=license_type.name_zh,
            authority=found.authority.as_authority,
            holders=request.holders,
            copy=request.copy,
            number=request.number,
            issued_on=request.issued_on or civil_date(now),
            valid_from=request.valid_from,
            valid_until=request.valid_until,
            fields=request.fields,
            seals=license_type.seals,
            status_uri=place.shard.uri,
            status_index=place.index,
            salt=services.random_bytes(_SALT_BYTES),
            making=version.making,
            predecessor=version.succession.predecessor,
            conditions=request.members.conditions,
            parts=found.parts,
        )

    def _new_identifier(self, request: IssueRequest) -> str:
        serial = new_serial(self._services.random_bytes(_SERIAL_BYTES))
        return compose(request.type_code, request.authority_code, serial).text


def seals_for(
    session: Reading, authority: Organisation, license_type: LicenseType
) -> tuple[SealRecord, ...]:
    """Return the seals to be set for an authority's license of a type, in order.

    Raises:
        SealNotPermittedError: fewer are granted than the type needs.
    """
    granted = SealRegistry(session).granted(authority, license_type.code)
    if len(granted) < license_type.seals:
        raise SealNotPermittedError(authority.code, license_type.code)
    return granted[: license_type.seals]


def _require_free(session: Reading, uniqueness: Uniqueness) -> None:
    standing = Registry(session).standing_against(uniqueness)
    if standing.by_case is not None:
        raise CaseAlreadyIssuedError(standing.by_case)
    if standing.by_number is not None:
        raise NumberInForceError(standing.by_number)
