"""Routes of one holder's vault: the own licenses, and their files.

A holder is named by a random handle; the number of an identity document stands
in no address. What belongs to somebody else is not there.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BaseModel, Field

from api.dependencies import AfterQuery, HolderDep, LimitQuery, PrincipalDep, ServicesDep
from api.documentation import problems
from api.downloads import FILE_ANSWERS, MANIFEST_ANSWERS, WantedDep, download, manifest
from api.license_models import LicensePage
from api.licenses import LIST, page_of
from api.seeing import filter_for_vault, license_in_vault, own_handle
from api.use_header import use_of_viewer
from license_vault.registry.registry import Registry

router = APIRouter(prefix="/v1/holders", tags=["vaults"])

_USE = ("use-required", "use-invalid")
_FOR_A_USE = [Depends(use_of_viewer)]


class HolderOut(BaseModel):
    """The holder that calls."""

    handle: str = Field(examples=["x3v0q9m2k7c8w5r1t6y4n0b2dz"])
    kind: str = Field(examples=["natural_person"])


@router.get(
    "/me",
    summary="The own handle · 本人句柄",
    responses=problems("unauthenticated", "forbidden", "holder-not-found"),
)
def me(services: ServicesDep, person: HolderDep) -> HolderOut:
    """Return the handle of the person or organisation that the token speaks of."""
    with services.database.reading() as session:
        found = own_handle(session, services.macs, person)
    return HolderOut(handle=found.handle, kind=found.kind)


@router.get(
    "/{handle}/licenses",
    summary="Licenses in a vault · 证照夹",
    response_model=LicensePage,
    dependencies=_FOR_A_USE,
    responses=problems(
        "unauthenticated",
        "forbidden",
        *_USE,
        "scope-missing",
        "holder-not-found",
        "invalid-request",
    ),
)
def list_vault(
    services: ServicesDep,
    principal: PrincipalDep,
    handle: str,
    limit: LimitQuery = 20,
    after: AfterQuery = None,
) -> dict[str, Any]:
    """Return the licenses of a holder, the newest first.

    A holder sees the own ones. A program or an officer sees those that the own
    organisation and the ones below issued; of a holder without any, none.
    """
    behind = services.cursors.item(LIST, after) if after else None
    with services.database.reading() as session:
        wanted = filter_for_vault(session, services.macs, principal, handle)
        found = Registry(session).page(wanted, limit + 1, behind)
    return page_of(services, found, limit, f"/v1/holders/{handle}/licenses")


@router.get(
    "/{handle}/licenses/{identifier}/file",
    summary="Download the sealed file · 下载证照文件",
    response_class=Response,
    dependencies=_FOR_A_USE,
    responses=problems(
        "unauthenticated",
        "forbidden",
        *_USE,
        "holder-not-found",
        "license-not-found",
        "form-not-available",
        "not-acceptable",
        "temporarily-unavailable",
    )
    | FILE_ANSWERS,
)
def vault_file(
    services: ServicesDep,
    principal: PrincipalDep,
    handle: str,
    identifier: str,
    wish: WantedDep,
) -> Response:
    """Return a sealed file of a license in a vault, in the form that is asked for."""
    with services.database.reading() as session:
        record = license_in_vault(session, services.macs, principal, handle, identifier)
    return download(services, record, wish)


@router.get(
    "/{handle}/licenses/{identifier}/manifest",
    summary="Get the signed list of a license's files · 下载签名清单",
    response_class=Response,
    dependencies=_FOR_A_USE,
    responses=problems(
        "unauthenticated",
        "forbidden",
        *_USE,
        "holder-not-found",
        "license-not-found",
        "temporarily-unavailable",
    )
    | MANIFEST_ANSWERS,
)
def vault_manifest(
    services: ServicesDep,
    principal: PrincipalDep,
    handle: str,
    identifier: str,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return which files of a license in a vault were issued, signed by this library."""
    with services.database.reading() as session:
        record = license_in_vault(session, services.macs, principal, handle, identifier)
    return manifest(services, record, if_none_match)
