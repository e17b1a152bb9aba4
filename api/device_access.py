"""Who stands at a window: a program, an officer, or a device with a token of its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header

from api.authentication import READ, bearer_of, is_jwt, require_scope
from api.dependencies import ServicesDep, caller_of, principal_of
from api.errors import UnauthenticatedError
from api.services import Services
from api.use_header import UseHeader, use_in
from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.errors import CredentialsRefusedError
from license_vault.presenting.devices import Device, Devices


def device_of(
    services: ServicesDep, authorization: Annotated[str | None, Header()] = None
) -> Device:
    """Return the device that calls; asked of the rows each time, so a revocation counts at once.

    Raises:
        UnauthenticatedError: no token of a device that counts.
    """
    found = _device(services, bearer_of(authorization))
    if found is None:
        raise UnauthenticatedError
    return found


def window_of(
    services: ServicesDep, authorization: Annotated[str | None, Header()] = None
) -> Caller:
    """Return who scans: a device, or a program or officer that may read licenses.

    Raises:
        UnauthenticatedError: no credential that counts.
        ForbiddenError: it is a holder, or may not read licenses.
    """
    device = _device(services, bearer_of(authorization))
    if device is not None:
        return device.as_caller
    caller = caller_of(principal_of(services, authorization))
    require_scope(caller, READ)
    return caller


def device_in(services: Services, authorization: str) -> Device | None:
    """Return the device of a credential, None if it is no device's.

    Raises:
        UnauthenticatedError: it is no bearer token at all.
    """
    return _device(services, bearer_of(authorization))


def _device(services: Services, token: str) -> Device | None:
    if is_jwt(token):
        return None
    with services.database.reading() as session:
        try:
            return Devices(session, services.keys).device_of(token, services.clock())
        except CredentialsRefusedError:
            return None


DeviceDep = Annotated[Device, Depends(device_of)]
WindowDep = Annotated[Caller, Depends(window_of)]


def window_use_of(caller: WindowDep, license_use: UseHeader = None) -> Use:
    """Return what a window reads for.

    Raises:
        UseMissingError, UseInvalidError: as ``use_in``.
    """
    return use_in(license_use, caller.organisation_code)


def device_use_of(device: DeviceDep, license_use: UseHeader = None) -> Use:
    """Return what a device reads for.

    Raises:
        UseMissingError, UseInvalidError: as ``use_in``.
    """
    return use_in(license_use, device.organisation_code)


WindowUseDep = Annotated[Use, Depends(window_use_of)]
DeviceUseDep = Annotated[Use, Depends(device_use_of)]
