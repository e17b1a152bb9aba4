"""Who comes to the routes about seals: managers, users, auditors, holders, programs.

A role in a token is one of seal-manager, seal-user and seal-auditor; two are refused. Whoever is
turned away here is in the audit, as everybody whom ``license_vault`` turns away is.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header

from api.authentication import HolderPerson, Principal, seal_role_of
from api.dependencies import ServicesDep, principal_of
from api.seeing import own_handle
from api.services import Services
from license_vault.api_clients import Caller
from license_vault.audit import Act, AuditWriter
from license_vault.document_sealing import USE_SEALS, SealUser
from license_vault.errors import HolderNotFoundError, ScopeMissingError
from license_vault.seal_acts import NO_SEAL, OwnHolder
from license_vault.seal_errors import SealRoleMissingError, SealRolesConflictError
from license_vault.seal_roles import SealPerson, SealRole

_OFFICER = "officer:"
_TURNED_AWAY = "seal.access.refused"


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
    """
    person = _person(services, principal, SealRole.AUDIT)
    if person.claimed is not SealRole.AUDIT:
        raise turned_away(services, person.actor, SealRole.AUDIT)
    return person


def applicant_of(services: ServicesDep, principal: SealPrincipalDep) -> SealPerson | OwnHolder:
    """Return who applies for a seal: a manager, or a holder for the own one.

    Raises:
        SealRoleMissingError: it is a program.
        HolderNotFoundError: nothing was ever issued to this person.
    """
    if isinstance(principal, HolderPerson):
        return _holder(services, principal)
    return _person(services, principal, SealRole.MANAGE)


def consenting_of(services: ServicesDep, principal: SealPrincipalDep) -> OwnHolder:
    """Return the holder that consents.

    Raises:
        SealRoleMissingError: it is a program or an officer, who cannot consent for anybody.
        HolderNotFoundError: nothing was ever issued to this person.
    """
    if not isinstance(principal, HolderPerson):
        raise turned_away(services, principal.name, "holder")
    return _holder(services, principal)


def user_of(services: ServicesDep, principal: SealPrincipalDep) -> SealUser:
    """Return who sets a seal: a person, a program with the scope seals:use, or a holder.

    Raises:
        ScopeMissingError: a program without the scope.
        HolderNotFoundError: nothing was ever issued to this person.
    """
    if isinstance(principal, HolderPerson):
        return _holder(services, principal)
    if principal.name.startswith(_OFFICER):
        return _person(services, principal, SealRole.USE)
    try:
        principal.require(USE_SEALS, "*")
    except ScopeMissingError:
        _record(services, principal.name, {"scope": USE_SEALS})
        raise
    return principal


def reader_of(services: ServicesDep, principal: SealPrincipalDep) -> SealPerson | OwnHolder:
    """Return who looks at seals: a person with any of the roles, or a holder at the own ones.

    Raises:
        SealRoleMissingError: neither.
        HolderNotFoundError: nothing was ever issued to this person.
    """
    if isinstance(principal, HolderPerson):
        return _holder(services, principal)
    person = _person(services, principal, SealRole.USE)
    if person.claimed is None:
        raise turned_away(services, person.actor, SealRole.USE)
    return person


ManagerDep = Annotated[SealPerson, Depends(manager_of)]
AuditorDep = Annotated[SealPerson, Depends(auditor_of)]
ApplicantDep = Annotated[SealPerson | OwnHolder, Depends(applicant_of)]
ConsentingDep = Annotated[OwnHolder, Depends(consenting_of)]
UserDep = Annotated[SealUser, Depends(user_of)]
ReaderDep = Annotated[SealPerson | OwnHolder, Depends(reader_of)]


def turned_away(services: Services, actor: str, role: str) -> SealRoleMissingError:
    """Record that somebody was turned away for want of a role; return the error to raise."""
    _record(services, actor, {"role": role})
    return SealRoleMissingError(actor, role)


def _person(services: Services, principal: Principal, role: SealRole) -> SealPerson:
    if isinstance(principal, HolderPerson):
        raise turned_away(services, _holder(services, principal).actor, role)
    if not principal.name.startswith(_OFFICER):
        raise turned_away(services, principal.name, role)
    return _as_person(principal)


def _as_person(caller: Caller) -> SealPerson:
    person = caller.name.removeprefix(_OFFICER)
    return SealPerson(person, seal_role_of(caller), caller.organisation_code)


def _holder(services: Services, person: HolderPerson) -> OwnHolder:
    try:
        with services.database.reading() as session:
            return OwnHolder(own_handle(session, services.macs, person).handle)
    except HolderNotFoundError:
        _record(services, "holder:unknown", {})
        raise


def _record(services: Services, actor: str, details: dict[str, str]) -> None:
    with services.database.writing() as session:
        act = Act(actor, _TURNED_AWAY, NO_SEAL, details, services.clock())
        AuditWriter(session).append(act)
