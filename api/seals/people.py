"""Who comes to the routes about seals: managers, users, auditors, holders, programs.

A role in a token is one of seal-manager, seal-user and seal-auditor; two are refused. Whoever is
turned away here is in the audit, as everybody whom ``license_vault`` turns away is.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header

from api.authentication import HOLDER_ROLE, HolderPerson, Principal, seal_role_of
from api.dependencies import ServicesDep, principal_of
from api.errors import ForbiddenError
from api.holding.acting import Acting, ActingFor, vault_of
from api.seeing import own_handle
from api.services import Services
from license_vault.audit import Act, AuditWriter
from license_vault.errors import HolderNotFoundError, ScopeMissingError
from license_vault.holding.mandates import GIVE
from license_vault.refusals import REFUSED, Attempt, refusals_recorded
from license_vault.seals.acts import NO_SEAL, OwnHolder
from license_vault.seals.document_sealing import USE_SEALS, SealUser
from license_vault.seals.errors import SealRoleMissingError, SealRolesConflictError
from license_vault.seals.roles import SealPerson, SealRole, SealRoles

_OFFICER = "officer:"
_ACCESS = "seal.access"


def seal_principal_of(
    services: ServicesDep, authorization: Annotated[str | None, Header()] = None
) -> Principal:
    """Return who calls.

    Raises:
        UnauthenticatedError: no credential that counts.
        SealRolesConflictError: a token with two seal roles.
    """
    try:
        return principal_of(services, authorization)
    except SealRolesConflictError as error:
        details = {"holds": error.holds, "role": error.role}
        _record(services, f"{_OFFICER}{error.person}", details)
        raise


SealPrincipalDep = Annotated[Principal, Depends(seal_principal_of)]


def manager_of(services: ServicesDep, principal: SealPrincipalDep) -> SealPerson:
    """Return the manager of seals that calls; what the person may do is asked where it is done.

    Raises:
        SealRoleMissingError: it is a program, or a holder.
    """
    return _person(services, principal, SealRole.MANAGE)


def auditor_of(services: ServicesDep, principal: SealPrincipalDep) -> SealPerson:
    """Return the auditor of seals that calls.

    Raises:
        SealRoleMissingError: it is anybody else.
        SealRolesConflictError: the register tells another role.
    """
    person = _person(services, principal, SealRole.AUDIT)
    _require(services, person, SealRole.AUDIT)
    return person


def applicant_of(
    services: ServicesDep, principal: SealPrincipalDep, acting_for: ActingFor = None
) -> SealPerson | OwnHolder:
    """Return who applies for a seal: a manager, or a holder for the own one.

    Raises:
        SealRoleMissingError: it is a program.
        HolderNotFoundError: nothing was ever issued to this person.
    """
    if isinstance(principal, HolderPerson):
        return _holder(services, principal, acting_for)
    return _person(services, principal, SealRole.MANAGE)


def consenting_of(
    services: ServicesDep, principal: SealPrincipalDep, acting_for: ActingFor = None
) -> OwnHolder:
    """Return the holder that consents.

    Raises:
        ForbiddenError: it is a program or an officer, who cannot consent for anybody.
        HolderNotFoundError: nothing was ever issued to this person.
    """
    if not isinstance(principal, HolderPerson):
        _record(services, principal.name, {"role": HOLDER_ROLE})
        raise ForbiddenError(HOLDER_ROLE)
    return _holder(services, principal, acting_for)


def user_of(
    services: ServicesDep, principal: SealPrincipalDep, acting_for: ActingFor = None
) -> SealUser:
    """Return who sets a seal: a person, a program with the scope seals:use, or a holder.

    Raises:
        ScopeMissingError: a program without the scope.
        HolderNotFoundError: nothing was ever issued to this person.
    """
    if isinstance(principal, HolderPerson):
        return _holder(services, principal, acting_for)
    if principal.name.startswith(_OFFICER):
        return _person(services, principal, SealRole.USE)
    try:
        principal.require(USE_SEALS, "*")
    except ScopeMissingError:
        _record(services, principal.name, {"scope": USE_SEALS})
        raise
    return principal


def reader_of(
    services: ServicesDep, principal: SealPrincipalDep, acting_for: ActingFor = None
) -> SealPerson | OwnHolder:
    """Return who looks at seals: a person with any of the roles, or a holder at the own ones.

    Raises:
        SealRoleMissingError: neither.
        SealRolesConflictError: the register tells another role than the token.
        HolderNotFoundError: nothing was ever issued to this person.
    """
    if isinstance(principal, HolderPerson):
        return _holder(services, principal, acting_for)
    person = _person(services, principal, SealRole.USE)
    _require(services, person, SealRole.USE, SealRole.MANAGE, SealRole.AUDIT)
    return person


ManagerDep = Annotated[SealPerson, Depends(manager_of)]
AuditorDep = Annotated[SealPerson, Depends(auditor_of)]
ApplicantDep = Annotated[SealPerson | OwnHolder, Depends(applicant_of)]
ConsentingDep = Annotated[OwnHolder, Depends(consenting_of)]
UserDep = Annotated[SealUser, Depends(user_of)]
ReaderDep = Annotated[SealPerson | OwnHolder, Depends(reader_of)]


def _person(services: Services, principal: Principal, role: SealRole) -> SealPerson:
    """Return the person that calls; a program or a holder is turned away for want of a role."""
    if isinstance(principal, HolderPerson):
        actor = _holder(services, principal).actor
    elif not principal.name.startswith(_OFFICER):
        actor = principal.name
    else:
        person = principal.name.removeprefix(_OFFICER)
        return SealPerson(person, seal_role_of(principal), principal.organisation_code)
    _record(services, actor, {"role": role})
    raise SealRoleMissingError(actor, role)


def _require(services: Services, person: SealPerson, *roles: SealRole) -> None:
    attempt = Attempt(person.actor, _ACCESS, NO_SEAL)
    with (
        refusals_recorded(services.database, attempt, services.clock),
        services.database.reading() as session,
    ):
        SealRoles(session).require(person, *roles)


def _holder(services: Services, person: HolderPerson, acting_for: str | None = None) -> OwnHolder:
    """Return the holder that calls, or whom the person represents; who then says so in the audit.

    Raises:
        HolderNotFoundError: there is none, or the person does not represent them.
    """
    try:
        with services.database.reading() as session:
            if acting_for is None:
                return OwnHolder(own_handle(session, services.macs, person).handle)
            acting = Acting(person, acting_for, services.clock())
            access = vault_of(session, services, acting, acting_for, GIVE)
            return OwnHolder(access.holder.handle, access.actor)
    except HolderNotFoundError:
        _record(services, "holder:unknown", {})
        raise


def _record(services: Services, actor: str, details: dict[str, str]) -> None:
    with services.database.writing() as session:
        act = Act(actor, _ACCESS + REFUSED, NO_SEAL, details, services.clock())
        AuditWriter(session).append(act)
