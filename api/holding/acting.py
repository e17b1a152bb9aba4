"""Who looks into a vault: the holder, somebody who acts for the holder, or a program for a use.

A person acts for another holder with the header ``Acting-For``: the holder's handle. What a
mandate does not allow is answered as a holder that is not there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Header

from api.authentication import HolderPerson, Principal
from api.dependencies import HolderDep, PrincipalDep, ServicesDep
from api.holding.journaling import Reader
from api.seeing import filter_for, visible_license, well_formed
from api.use_header import ViewerUseDep
from license_vault.access.use import Use
from license_vault.database.sessions import Reading
from license_vault.errors import HolderNotFoundError, LicenseNotFoundError
from license_vault.holding.mandates import EVERY_TYPE, Mandates
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.registry.records import LicenseFilter, LicenseRecord
from license_vault.registry.registry import Registry

if TYPE_CHECKING:
    from api.services import Services

_HANDLE = re.compile(r"[0-9a-z]{26}", re.ASCII)

ActingFor = Annotated[
    str | None,
    Header(
        alias="Acting-For",
        pattern=r"^[0-9a-z]{26}$",
        description="handle of the holder that this person acts for, by mandate or as the "
        "recorded representative",
    ),
]


@dataclass(frozen=True, slots=True)
class Acting:
    """A person with a holder's token, and whom they say they act for."""

    person: HolderPerson
    acting_for: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks into a vault; programs and officers say what for."""

    principal: Principal
    use: Use | None
    acting_for: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Access:
    """A vault that a person may do something in; ``type_codes`` None: with every license."""

    holder: HolderRecord
    actor: str
    type_codes: frozenset[str] | None

    @property
    def is_own(self) -> bool:
        """Say whether it is the holder, nobody acting for them."""
        return self.actor == own_actor(self.holder.handle)

    @property
    def filter(self) -> LicenseFilter:
        """Return the filter of the licenses that the person may see."""
        return LicenseFilter(holder=self.holder.handle, type_codes=self.type_codes)


@dataclass(frozen=True, slots=True)
class Place:
    """A license of a vault, as an address names it."""

    handle: str
    identifier: str


def place_of(handle: str, identifier: str) -> Place:
    """Return which license of which vault an address names."""
    return Place(handle, identifier)


PlaceDep = Annotated[Place, Depends(place_of)]


def acting_of(services: ServicesDep, person: HolderDep, acting_for: ActingFor = None) -> Acting:
    """Return the person that calls, with whom they say they act for."""
    return Acting(person, acting_for, services.clock())


def viewer_of(
    services: ServicesDep,
    principal: PrincipalDep,
    use: ViewerUseDep,
    acting_for: ActingFor = None,
) -> Viewer:
    """Return who looks into a vault."""
    return Viewer(principal, use, acting_for, services.clock())


ActingDep = Annotated[Acting, Depends(acting_of)]
ViewerDep = Annotated[Viewer, Depends(viewer_of)]


def own_actor(handle: str) -> str:
    """Return a holder as audit and journal name them."""
    return f"holder:{handle}"


def vault_of(
    session: Reading, services: Services, acting: Acting, handle: str, action: str
) -> Access:
    """Return a vault in which a person may do something.

    Args:
        action: of ``holding.mandates.EVERYTHING``.

    Raises:
        HolderNotFoundError: there is no such vault, or the person may not do this in it.
    """
    person = acting.person
    mac = services.macs.holder(person.document_type, person.document_number)
    if acting.acting_for is None:
        own = Holders(session).by_macs((mac,)).get(mac)
        if own is None or own.handle != handle:
            raise HolderNotFoundError(handle)
        return Access(own, own_actor(handle), None)
    if acting.acting_for != handle:
        raise HolderNotFoundError(handle)
    allowed = Mandates(session).acting(mac, handle, action, acting.at)
    if not allowed:
        raise HolderNotFoundError(handle)
    types = frozenset[str]().union(*(mandate.type_codes for mandate in allowed))
    actor = f"agent:{allowed[0].mandate_id}"
    holder = Holders(session).by_handle(handle)
    return Access(holder, actor, None if EVERY_TYPE in types else types)


def license_of(session: Reading, access: Access, identifier: str) -> LicenseRecord:
    """Return a license of a vault that a person may do something in.

    Raises:
        LicenseNotFoundError: it is not in this vault, or of a type the mandate is not about.
    """
    record = Registry(session).get(well_formed(identifier))
    other_type = access.type_codes is not None and record.type_code not in access.type_codes
    if other_type or access.holder.handle not in record.holders:
        raise LicenseNotFoundError(identifier)
    return record


def seen_vault(
    session: Reading, services: Services, viewer: Viewer, handle: str, action: str
) -> tuple[LicenseFilter, Reader]:
    """Return which licenses of a vault somebody may see, and who sees them.

    Raises:
        HolderNotFoundError: there is no such holder, or it is not this person's to look at.
        ForbiddenError, RequestInvalidError, ScopeMissingError: as ``filter_for``.
    """
    if isinstance(viewer.principal, HolderPerson):
        access = vault_of(session, services, _acting(viewer, viewer.principal), handle, action)
        return access.filter, Reader(access.actor, None)
    reader = Reader(viewer.principal.name, viewer.use)
    return filter_for(viewer.principal, None, _checked_handle(handle)), reader


def seen_license(
    session: Reading, services: Services, viewer: Viewer, place: tuple[str, str], action: str
) -> tuple[LicenseRecord, Reader]:
    """Return one license of a vault that somebody may see, and who sees it.

    Args:
        place: handle and identifier.

    Raises:
        HolderNotFoundError: the vault is not this person's to look at.
        LicenseNotFoundError: it is not in this vault, or not to be seen.
    """
    handle, identifier = place
    if isinstance(viewer.principal, HolderPerson):
        access = vault_of(session, services, _acting(viewer, viewer.principal), handle, action)
        return license_of(session, access, identifier), Reader(access.actor, None)
    record = visible_license(session, identifier, viewer.principal)
    if handle not in record.holders:
        raise LicenseNotFoundError(identifier)
    return record, Reader(viewer.principal.name, viewer.use)


def _acting(viewer: Viewer, person: HolderPerson) -> Acting:
    return Acting(person, viewer.acting_for, viewer.at)


def _checked_handle(handle: str) -> str:
    if not _HANDLE.fullmatch(handle):
        raise HolderNotFoundError(handle)
    return handle
