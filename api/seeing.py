"""Which licenses somebody may see; what may not be seen is not there.

A program or an officer sees licenses of authorities in the own organisation's
subtree, of the types in its scopes; what another authority issued is read as far as the use was
granted, and refused without looking whether it exists. A holder sees the own ones, and those of
whom the holder acts for (``api.holding.acting``). Whatever else is asked for is
answered exactly as what does not exist.
"""

from __future__ import annotations

import re

from api.authentication import READ, HolderPerson, require_scope
from api.errors import RequestInvalidError
from license_vault.access.grants import AccessGuard
from license_vault.access.use import Use
from license_vault.api_clients import EVERY_TYPE, Caller
from license_vault.database.sessions import Reading
from license_vault.errors import (
    AuthorityNotPermittedError,
    HolderNotFoundError,
    LicenseNotFoundError,
    OrganisationUnknownError,
    ScopeMissingError,
)
from license_vault.license import LicenseStatus
from license_vault.registry.authorities import Authorities
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.registry import LicenseFilter, LicenseRecord, Registry

_IDENTIFIER = re.compile(r"[0-9A-Z.]{1,128}", re.ASCII)
# Type code and authority, as GB/T 36904 writes them; check characters are not looked at.
_TYPE_AND_AUTHORITY = re.compile(r"1\.2\.156\.3005\.2\.([0-9A-Z]{21})\.([0-9A-Z]+)\..+", re.ASCII)
_NEVER_MADE = (LicenseStatus.ISSUING, LicenseStatus.VOID)


def well_formed(identifier: str) -> str:
    """Return an identifier, which may come from anybody.

    Raises:
        LicenseNotFoundError: no license can be called that.
    """
    if not _IDENTIFIER.fullmatch(identifier):
        raise LicenseNotFoundError(identifier)
    return identifier


def require_identifier(identifier: str) -> None:
    """Check that a text can name a license at all.

    Raises:
        LicenseNotFoundError: it cannot, so there is none.
    """
    if not _IDENTIFIER.fullmatch(identifier):
        raise LicenseNotFoundError(identifier)


def visible_license(
    session: Reading, identifier: str, caller: Caller, action: str = READ
) -> LicenseRecord:
    """Return a license that a caller may do something with.

    Raises:
        ForbiddenError: the caller was given no scope of this action at all.
        LicenseNotFoundError: there is none, or none that the caller may see.
    """
    require_scope(caller, action)
    record = Registry(session).get(well_formed(identifier))
    try:
        caller.require(action, record.type_code)
        Authorities(session).within(record.authority_code, caller.organisation_code)
    except (ScopeMissingError, AuthorityNotPermittedError, OrganisationUnknownError) as error:
        raise LicenseNotFoundError(identifier) from error
    return record


def readable_license(
    session: Reading, guard: AccessGuard, identifier: str, caller: Caller, use: Use
) -> LicenseRecord:
    """Return a license that a caller may read: of its own authorities, or by a grant.

    Raises:
        ForbiddenError, LicenseNotFoundError: as ``visible_license``.
        AccessNotGrantedError: another authority's, if there is one of this name, and the use of
            its type was not granted.
    """
    try:
        return visible_license(session, identifier, caller)
    except LicenseNotFoundError:
        type_code = _type_of_others(session, identifier, caller)
    guard.require(caller, use, type_code)
    found = Registry(session).get(identifier)
    if found.type_code != type_code or found.status in _NEVER_MADE:
        raise LicenseNotFoundError(identifier)
    return found


def _type_of_others(session: Reading, identifier: str, caller: Caller) -> str:
    """Return the type of which a license would be that is none of the caller's, by its name only.

    Raises:
        LicenseNotFoundError: it would be the caller's own, or of a type it reads nothing of.
    """
    named = _TYPE_AND_AUTHORITY.fullmatch(identifier)
    if named is None:
        raise LicenseNotFoundError(identifier)
    type_code, authority_code = named.groups()
    try:
        caller.require(READ, type_code)
    except ScopeMissingError as error:
        raise LicenseNotFoundError(identifier) from error
    try:
        Authorities(session).within(authority_code, caller.organisation_code)
    except (AuthorityNotPermittedError, OrganisationUnknownError):
        return type_code
    raise LicenseNotFoundError(identifier)


def filter_for(caller: Caller, type_code: str | None, holder: str | None = None) -> LicenseFilter:
    """Return the filter of a list for a caller.

    Raises:
        ForbiddenError: the caller was given no scope to read.
        RequestInvalidError: the caller reads several types, so one must be named.
        ScopeMissingError: not the one that was named.
    """
    require_scope(caller, READ)
    readable = {scope.type_code for scope in caller.scopes if scope.action == READ}
    if type_code is not None:
        caller.require(READ, type_code)
    elif EVERY_TYPE not in readable:
        if len(readable) > 1:
            raise RequestInvalidError(
                "/query/type_code",
                "required",
                "本客户端可查看多种证照，请指明证照类型。",
                "This client reads several types; name one.",
            )
        type_code = readable.pop()
    return LicenseFilter(within=caller.organisation_code, type_code=type_code, holder=holder)


def own_handle(session: Reading, macs: LookupMacs, person: HolderPerson) -> HolderRecord:
    """Return the holder that a person is.

    Raises:
        HolderNotFoundError: nothing was ever issued to this person.
    """
    mac = macs.holder(person.document_type, person.document_number)
    found = Holders(session).by_macs((mac,)).get(mac)
    if found is None:
        raise HolderNotFoundError("")
    return found
