"""What the authority of a part does with it: suspend, give back, rescind, revoke, cancel.

The rules are those of a license's verbs (``lifecycle.verbs``); the license follows its parts
(``packages.part_states``) and is otherwise left to its own authority.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from license_vault.api_clients import Caller
from license_vault.audit import Act, AuditWriter
from license_vault.clock import civil_date
from license_vault.errors import (
    AuthorityNotPermittedError,
    OrganisationUnknownError,
    TransitionNotAllowedError,
)
from license_vault.license import LicenseStatus
from license_vault.lifecycle.verbs import VERBS, Verb
from license_vault.packages.errors import PartNotFoundError
from license_vault.packages.member_life import Happening, MemberServices, OpenLicense, moved_by
from license_vault.packages.part_registry import PartEvent, PartRecord, Parts, PartWriter
from license_vault.packages.part_states import LIVING, license_state, state_on
from license_vault.packages.schedule import (
    OPERATE_TYPES,
    PART_CHANGED,
    SUSPENDED_WITH_PARTS,
    kind_with_parts,
)
from license_vault.registry.authorities import Authorities
from license_vault.registry.license_record import Basis
from license_vault.registry.writing import RequestMark
from license_vault.requests import earlier_answer, remember_answer

PART_VERBS = tuple(
    VERBS[name] for name in ("suspension", "resumption", "rescission", "revocation", "cancellation")
)


@dataclass(frozen=True, slots=True)
class PartOrder:
    """An order about one part (its number, from 1): which verb, upon which basis."""

    position: int
    verb: Verb
    basis: Basis


class PartLife:
    """Changes parts. Made once, used by all threads."""

    def __init__(self, services: MemberServices) -> None:
        self._services = services

    def do(self, identifier: str, order: PartOrder, caller: Caller, mark: RequestMark) -> bool:
        """Carry an order out; True if the same request did so before.

        Raises:
            LicenseNotFoundError: there is no such license.
            PartNotFoundError: it has no such part, or none that the caller acts for.
            ScopeMissingError: the caller may not do this with licenses of this type.
            TransitionNotAllowedError: the part's state, or the license's, does not allow it.
            IdempotencyKeyReusedError: the key came with another request before.
        """
        with self._services.database.reading() as session:
            parts = Parts(session).of_license(identifier)
            part_of(parts, Authorities(session), identifier, order.position, caller)
            if earlier_answer(session, mark) is not None:
                return True
        with self._services.database.writing() as session:
            license_ = OpenLicense(session, self._services, identifier, caller.name)
            caller.require(order.verb.scope, license_.license.type_code)
            became = order.verb.becomes or LicenseStatus.VALID
            license_.require_open(became)
            part = _moved(license_, order, became)
            follows = _what_follows(license_, order, became)
            license_.happens(follows)
            place = f"{identifier}/parts/{order.position}"
            remember_answer(session, mark, place, license_.now)
            details = {
                "part": str(order.position),
                "code": part.code,
                "from": part.status.value,
                "to": became.value,
                "license": follows.status.value,
            }
            action = f"license.part-{order.verb.event}"
            AuditWriter(session).append(Act(caller.name, action, identifier, details, license_.now))
        self._services.checkpoint("part-changed")
        return False


def part_of(
    parts: Sequence[PartRecord],
    authorities: Authorities,
    identifier: str,
    position: int,
    caller: Caller,
) -> PartRecord:
    """Return a part that the caller's organisation, or one below it, answers for.

    Raises:
        PartNotFoundError: there is none, or none of theirs.
    """
    part = {part.position: part for part in parts}.get(position)
    if part is None:
        raise PartNotFoundError(identifier, position)
    try:
        authorities.within(part.authority_code, caller.organisation_code)
    except (AuthorityNotPermittedError, OrganisationUnknownError) as error:
        raise PartNotFoundError(identifier, position) from error
    return part


def _moved(license_: OpenLicense, order: PartOrder, became: LicenseStatus) -> PartRecord:
    """Move the part; return it as it was before."""
    identifier, writer = license_.license.identifier, PartWriter(license_.session)
    part = next(p for p in writer.of_license(identifier) if p.position == order.position)
    state = state_on(part, civil_date(license_.now))
    if state not in order.verb.sources:
        raise TransitionNotAllowedError(identifier, state.value, became.value)
    event = PartEvent(
        kind=order.verb.event,
        status=became,
        actor=license_.actor,
        effective_from=license_.now,
        recorded_at=license_.now,
        sealed_basis=license_.sealed(order.basis),
    )
    if not writer.move(part, event):
        raise TransitionNotAllowedError(identifier, part.status.value, became.value)
    return part


def _what_follows(license_: OpenLicense, order: PartOrder, became: LicenseStatus) -> Happening:
    """Return what the license comes to by the change of a part."""
    parts = Parts(license_.session).of_license(license_.license.identifier)
    today = civil_date(license_.now)
    wanted = license_state([state_on(part, today) for part in parts], became)
    status = license_.license.status
    with_parts = moved_by(license_.events, license_.now) == SUSPENDED_WITH_PARTS
    ends = wanted not in LIVING
    suspends = wanted is LicenseStatus.SUSPENDED and status is LicenseStatus.VALID
    given_back = wanted is LicenseStatus.VALID and status is LicenseStatus.SUSPENDED and with_parts
    if ends or suspends or given_back:
        return Happening(kind_with_parts(wanted), wanted, order.basis, OPERATE_TYPES[wanted])
    return Happening(PART_CHANGED, status, order.basis)
