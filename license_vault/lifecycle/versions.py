"""Making the next version of a license: change, renewal, reissue, revalidation, correction.

And its first at another authority (转入). Each is issued as every license is, once for all times
the order is sent; the version before ends in the transaction in which the new one comes into
force (``issuing.outcome``), or on the day it was ordered for (``lifecycle.settling``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from license_vault.api_clients import Caller
from license_vault.clock import civil_date
from license_vault.database.sessions import Reading
from license_vault.errors import (
    EffectiveDateInvalidError,
    FieldInvalidError,
    FieldProblem,
    IdentifierInvalidError,
    LicenseNotFoundError,
    NotTransferredError,
    OrganisationUnknownError,
    TransitionNotAllowedError,
    VersionPendingError,
)
from license_vault.issuing.issuance import Issuance, IssuedLicense
from license_vault.issuing.license_request import IssueRequest
from license_vault.issuing.plan import NextVersion, Plan
from license_vault.issuing.request_members import PREVIOUS
from license_vault.license import LicenseStatus
from license_vault.license_identifier import parse
from license_vault.lifecycle.next_version import (
    Following,
    comes_into_force,
    next_body,
    next_identifier,
)
from license_vault.lifecycle.orders import (
    Order,
    approved_digest,
    draft_order,
    order_digest,
    read_order,
)
from license_vault.lifecycle.settling import Settling
from license_vault.lifecycle.verbs import VERBS, Makes, Verb
from license_vault.packages.condition_registry import still_open
from license_vault.packages.part_registry import PartRecord
from license_vault.packages.part_succession import parts_to_replace, require_one_in_force
from license_vault.registry.authorities import Authorities
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import Succession

_IN_THE_MAKING = (LicenseStatus.ISSUING, LicenseStatus.PENDING)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The request that a next version is made by.

    ``replaced`` are the parts of the version before if the order names others, else None;
    ``begins`` is the day on which the new one comes into force.
    """

    request: dict[str, object]
    digest: bytes
    version: NextVersion
    replaced: tuple[PartRecord, ...] | None
    begins: date

    def require_parts(self, request: IssueRequest) -> None:
        """Check that a composite license does not come into force without a part in force."""
        if self.replaced is not None:
            require_one_in_force(request.members.parts, self.replaced, self.begins)


class Versions:
    """Makes next versions. Made once, used by all threads."""

    def __init__(self, issuance: Issuance, settling: Settling) -> None:
        self._issuance = issuance
        self._settling = settling
        self._services = issuance.services
        self._opener = LicenseOpener(issuance.services.vault)

    def make(
        self, identifier: str, verb: Verb, body: object, caller: Caller, key: str
    ) -> IssuedLicense:
        """Make the next version of a license, once for all times the order is sent.

        Args:
            verb: one that makes a version.
            body: the parsed JSON of the order.
            key: the Idempotency-Key.

        Raises:
            LicenseNotFoundError: there is none with this identifier.
            TransitionNotAllowedError: its state does not allow the verb.
            VersionPendingError: another version of it is on its way.
            EffectiveDateInvalidError: in the past, or before the new period begins.
            LicenseVaultError: as ``Issuance.issue``.
        """
        mark = self._issuance.mark({verb.name: identifier, "order": body}, caller, key)
        self._settling.settle(self._services.clock())
        return self._issuance.issue_group(
            lambda: (self.plan(identifier, verb, body, caller),), mark
        )

    def plan(
        self,
        identifier: str,
        verb: Verb,
        body: object,
        caller: Caller,
        signed: bytes | None = None,
    ) -> Plan:
        """Plan the next version of a license; several plans can be issued as one group.

        Args:
            signed: the digest of the order that the officers signed, if not this one.

        Raises:
            LicenseVaultError: as ``make``.
        """
        asked = self._asked(identifier, verb, body, caller)
        version = replace(asked.version, approved_sm3=signed) if signed else asked.version
        plan = self._issuance.planning.plan(asked.request, caller, asked.digest, version)
        asked.require_parts(plan.request)
        return plan

    def foresee(
        self, identifier: str, verb: Verb, body: object, caller: Caller
    ) -> dict[str, object]:
        """Check all that stands against an order which officers have not signed yet.

        Nothing is written, and the identifier of the next version is not spent. Whether every
        value has its place shows when its face is drawn.

        Returns:
            The request that the next version would be made by.

        Raises:
            LicenseVaultError: as ``make``.
        """
        asked = self._asked(identifier, verb, body, caller)
        planning = self._issuance.planning
        request = planning.foresee(asked.request, caller, asked.digest, asked.version)
        asked.require_parts(request)
        return asked.request

    def draft(self, identifier: str, verb: Verb, body: object, caller: Caller) -> dict[str, object]:
        """Return the request of the next version as far as an order is filled in.

        Raises:
            LicenseNotFoundError, ScopeMissingError, AuthorityNotPermittedError: as ``make``.
            VersionPendingError: another version of it is on its way.
            FieldInvalidError: what the order changes does not fit what is there.
        """
        order, now = draft_order(body, verb), self._services.clock()
        _, before, _ = self._before(identifier, verb, order, caller, now)
        catalogue = self._services.catalogue
        return next_body(before.content, order, verb, catalogue, civil_date(now))

    def _asked(self, identifier: str, verb: Verb, body: object, caller: Caller) -> _Asked:
        if verb.makes is not Makes.VERSION:
            raise ValueError(verb.name)
        order, now = read_order(body, verb), self._services.clock()
        license_, before, replaced = self._before(identifier, verb, order, caller, now)
        if license_.status not in verb.sources:
            wanted = (verb.becomes or license_.status).value
            raise TransitionNotAllowedError(identifier, license_.status.value, wanted)
        catalogue = self._services.catalogue
        request = next_body(before.content, order, verb, catalogue, civil_date(now))
        begins = comes_into_force(request, order.effective, now)
        version = NextVersion(
            Succession(verb.name, identifier, license_.row_id, begins),
            next_identifier(before),
            approved_digest(body, verb, identifier),
        )
        return _Asked(
            request,
            order_digest(body, verb, identifier),
            version,
            replaced if order.names_parts else None,
            civil_date(begins or now),
        )

    def _before(
        self, identifier: str, verb: Verb, order: Order, caller: Caller, now: datetime
    ) -> tuple[LicenseRecord, Following, tuple[PartRecord, ...]]:
        """Return the version before, what it says, and its parts if the order names others."""
        with self._services.database.reading() as session:
            registry = Registry(session)
            license_, kept = registry.get(identifier), registry.kept(identifier)
            caller.require(verb.scope, license_.type_code)
            Authorities(session).within(license_.authority_code, caller.organisation_code)
            require_alone(registry, license_)
            spent = registry.successors_of(license_.row_id)
            content = self._opener.secrets(kept).content
            open_ones = still_open(session, license_.row_id, content, civil_date(now))
            replaced = parts_to_replace(session, identifier, caller) if order.names_parts else ()
        return license_, Following(replace(content, conditions=open_ones), spent), replaced

    def transfer_in(self, body: object, caller: Caller, key: str) -> IssuedLicense:
        """Issue the license that follows one of another authority (转入).

        Args:
            body: a request to issue, with ``previous_identifier``.

        Raises:
            NotTransferredError: the one before cannot be taken over.
            LicenseVaultError: as ``Issuance.issue``.
        """
        verb = VERBS["transfer-in"]
        mark = self._issuance.mark({verb.name: body}, caller, key)
        self._settling.settle(self._services.clock())
        return self._issuance.issue_group(lambda: (self._transfer(body, verb, caller),), mark)

    def foresee_transfer(self, body: object, caller: Caller) -> None:
        """Check all that stands against 转入 which officers have not signed yet; write nothing.

        Raises:
            LicenseVaultError: as ``transfer_in``.
        """
        asked, before = self._taking_over(body, VERBS["transfer-in"])
        planning = self._issuance.planning
        request = planning.foresee(asked.request, caller, asked.digest, asked.version)
        macs = LookupMacs(self._services.keys)
        holders = tuple(map(macs.of_holder, request.holders))
        self._require_same_holders(before, request.authority_code, holders)

    def _transfer(self, body: object, verb: Verb, caller: Caller) -> Plan:
        asked, before = self._taking_over(body, verb)
        plan = self._issuance.planning.plan(asked.request, caller, asked.digest, asked.version)
        self._require_same_holders(before, plan.authority.code, plan.holder_macs)
        return plan

    def _taking_over(self, body: object, verb: Verb) -> tuple[_Asked, LicenseRecord | None]:
        """Return what 转入 asks for, and the license before if it is on this node."""
        services, now = self._services, self._services.clock()
        request = dict(body) if isinstance(body, Mapping) else {}
        previous = take_previous(request)
        with services.database.reading() as session:
            before = _taken_over(session, previous, str(request.get("type_code")))
            if before is not None:
                require_alone(Registry(session), before)
        version = NextVersion(
            Succession(
                verb.name,
                previous,
                None if before is None else before.row_id,
                _begins(request, now),
            ),
            approved_sm3=approved_digest(request, verb, previous),
        )
        begins = civil_date(version.succession.in_force_from or now)
        digest = order_digest(request, verb, previous)
        return _Asked(request, digest, version, None, begins), before

    def _require_same_holders(
        self, before: LicenseRecord | None, authority_code: str, holder_macs: tuple[bytes, ...]
    ) -> None:
        if before is None:
            return
        with self._services.database.reading() as session:
            kept = Registry(session).kept(before.identifier)
        same_place = before.authority_code == authority_code
        if same_place or set(kept.holder_macs) != set(holder_macs):
            raise NotTransferredError(before.identifier)


def require_alone(registry: Registry, license_: LicenseRecord) -> None:
    """Check that no other version is being made after a license or waits for its day.

    Raises:
        VersionPendingError: one does.
    """
    for spent in registry.successors_of(license_.row_id):
        if registry.get(spent).status in _IN_THE_MAKING:
            raise VersionPendingError(spent)


def _begins(request: Mapping[str, object], now: datetime) -> datetime | None:
    try:
        return comes_into_force(request, None, now)
    except EffectiveDateInvalidError:
        return None


def take_previous(request: dict[str, object]) -> str:
    """Take the identifier of the license before out of a request of 转入; return it.

    Raises:
        FieldInvalidError: there is none.
    """
    found = request.pop(PREVIOUS, None)
    try:
        return parse(str(found)).text
    except IdentifierInvalidError as error:
        zh, en = "应为有效的电子证照标识。", "This must be the identifier of a license."
        problem = FieldProblem(f"/{PREVIOUS}", "wrong-format", zh, en)
        raise FieldInvalidError((problem,)) from error


def _taken_over(session: Reading, previous: str, type_code: str) -> LicenseRecord | None:
    """Return the license before, None: it is of an authority that is not on this node.

    Raises:
        NotTransferredError: it is not one of the type that was transferred out.
    """
    identifier = parse(previous)
    if identifier.type_code != type_code:
        raise NotTransferredError(previous)
    try:
        found = Registry(session).get(previous)
    except LicenseNotFoundError:
        try:
            Authorities(session).get(identifier.authority_code)
        except OrganisationUnknownError:
            return None
        raise NotTransferredError(previous) from None
    if found.status is not LicenseStatus.TRANSFERRED:
        raise NotTransferredError(previous)
    return found
