"""What a route may ask for: the services, who calls, and checked parts of the request."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Header, Query, Request

from api.authentication import (
    HolderPerson,
    Principal,
    bearer_of,
    is_jwt,
    person_of,
)
from api.errors import ForbiddenError, IdempotencyKeyMissingError, UnauthenticatedError
from api.services import Services
from license_vault.api_clients import ApiClients, Caller
from license_vault.errors import LicenseVaultError

_ABOUT_LICENSES = ("/v1/", "/compat/")
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


def services_of(request: Request) -> Services:
    """Return what the application stands on."""
    services: Services = request.app.state.services
    if request.url.path.startswith(_ABOUT_LICENSES):
        _settle(services)
    return services


def _settle(services: Services) -> None:
    """Move the states that are due, so that what is read next is right at this moment.

    A database that does not answer says so when it is read.
    """
    with suppress(LicenseVaultError):
        services.settling.settle(services.clock())


ServicesDep = Annotated[Services, Depends(services_of)]


def principal_of(
    services: ServicesDep, authorization: Annotated[str | None, Header()] = None
) -> Principal:
    """Return who calls.

    Raises:
        UnauthenticatedError: no credential that counts.
    """
    token = bearer_of(authorization)
    if not is_jwt(token):
        with services.database.reading() as session:
            return ApiClients(session, services.keys).caller_of(token, services.clock())
    if services.people is None:
        raise UnauthenticatedError
    return person_of(services.people.claims(token), services.claim_names)


def caller_of(principal: Annotated[Principal, Depends(principal_of)]) -> Caller:
    """Return the program or officer that calls.

    Raises:
        ForbiddenError: it is a holder.
    """
    if isinstance(principal, HolderPerson):
        raise ForbiddenError("licenses:read")
    return principal


def holder_of(principal: Annotated[Principal, Depends(principal_of)]) -> HolderPerson:
    """Return the holder that calls.

    Raises:
        ForbiddenError: it is a program or an officer.
    """
    if not isinstance(principal, HolderPerson):
        raise ForbiddenError("license-holder")
    return principal


def idempotency_key_of(
    idempotency_key: Annotated[
        str | None,
        Header(
            description="1 to 255 visible ASCII characters, one for each thing you want done; "
            "kept for ever. The same key and body give the same answer.",
        ),
    ] = None,
) -> str:
    """Return the Idempotency-Key.

    Raises:
        IdempotencyKeyMissingError: there is none, or it has other characters.
    """
    if idempotency_key is None or not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
        raise IdempotencyKeyMissingError
    return idempotency_key


PrincipalDep = Annotated[Principal, Depends(principal_of)]
CallerDep = Annotated[Caller, Depends(caller_of)]
HolderDep = Annotated[HolderPerson, Depends(holder_of)]
IdempotencyKeyDep = Annotated[str, Depends(idempotency_key_of)]
LimitQuery = Annotated[int, Query(ge=1, le=100, description="items on a page, at most 100")]
AfterQuery = Annotated[str | None, Query(max_length=512, description="the next of the page before")]
