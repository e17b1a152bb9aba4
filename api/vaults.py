"""Routes of one holder's vault: the licenses, and their files.

A holder is named by a random handle; the number of an identity document stands
in no address. What belongs to somebody else is not there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import BaseModel, Field

from api.contents import ContentOut, content_told
from api.dependencies import AfterQuery, HolderDep, LimitQuery, ServicesDep
from api.documentation import problems
from api.downloads import (
    FILE_ANSWERS,
    MANIFEST_ANSWERS,
    PICTURE_ANSWERS,
    WantedDep,
    download,
    manifest,
    picture,
)
from api.errors import RequestInvalidError
from api.history_answers import AsOfDep, as_of_values
from api.holding.acting import ViewerDep, seen_license, seen_vault
from api.holding.journaling import record_shown
from api.issue_log import PROOF_ANSWERS, PROOF_PROBLEMS, proof_file
from api.license_models import LicenseOut, LicensePage, license_values
from api.licenses import LIST, add_as_of, page_of
from api.member_reports import members_of
from api.seeing import own_handle
from license_vault.holding.mandates import DOWNLOAD, VIEW
from license_vault.license import LicenseStatus
from license_vault.lifecycle.history import History
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry

router = APIRouter(prefix="/v1/holders", tags=["vaults"])

_USE = ("use-required", "use-invalid")
_DENIED = ("unauthenticated", "forbidden", *_USE, "holder-not-found", "invalid-request")


class HolderOut(BaseModel):
    """The holder that calls."""

    handle: str = Field(examples=["x3v0q9m2k7c8w5r1t6y4n0b2dz"])
    kind: str = Field(examples=["natural_person"])


class VaultLicenseOut(LicenseOut):
    """A license in a vault, with what it says where that was asked for."""

    content: ContentOut | None = Field(default=None, description="null: content=true was not asked")


class VaultLicensePage(BaseModel):
    """One page of licenses, the newest first."""

    items: list[VaultLicenseOut]
    next: str | None = Field(description="pass as after for the next page; null: there is none")


ContentQuery = Annotated[
    bool, Query(description="also what each license says: number, names and printed texts")
]


@dataclass(frozen=True, slots=True)
class VaultQuery:
    """Which licenses of a vault are wanted; what is None does not matter."""

    type_code: str | None
    status: LicenseStatus | None
    region: str | None
    as_of: datetime | None = None
    content: bool = False


def vault_query(
    as_of: AsOfDep,
    type_code: Annotated[str | None, Query(pattern=r"^[0-9A-Z]{18}[0-9]{3}$")] = None,
    status: LicenseStatus | None = None,
    region: Annotated[str | None, Query(pattern=r"^[0-9]{6}$")] = None,
    content: ContentQuery = False,
) -> VaultQuery:
    """Return which licenses a request wants.

    Raises:
        RequestInvalidError: by a status of now, as of then.
    """
    if as_of is not None and status is not None:
        raise RequestInvalidError(
            "/query/status",
            "not-with-as-of",
            "与 as_of 不能同时使用：状态按现在筛选。",
            "This selects by what is so now, and as_of asks about then.",
        )
    return VaultQuery(type_code, status, region, as_of, content)


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
    response_model=VaultLicensePage,
    responses=problems(*_DENIED, "scope-missing"),
)
def list_vault(
    services: ServicesDep,
    viewer: ViewerDep,
    handle: str,
    wish: Annotated[VaultQuery, Depends(vault_query)],
    limit: LimitQuery = 20,
    after: AfterQuery = None,
) -> dict[str, Any]:
    """Return the licenses of a holder, the newest first; all versions, unless a status is asked.

    A holder sees the own ones, and with Acting-For those of whom they act for. A
    program or an officer sees those that the own organisation and the ones below
    issued; of a holder without any, none. With as_of those that were recorded by then, each with
    what was true and known of it then.
    """
    behind = services.cursors.item(LIST, after) if after else None
    with services.database.reading() as session:
        wanted, reader = seen_vault(session, services, viewer, handle, VIEW)
        if wish.type_code is not None and wanted.type_code not in {None, wish.type_code}:
            return {"items": [], "next": None}
        wanted = replace(
            wanted,
            type_code=wish.type_code or wanted.type_code,
            status=wish.status,
            region=wish.region,
            recorded_by=wish.as_of,
        )
        found = Registry(session).page(wanted, limit + 1, behind)
    record_shown(services, reader, found[:limit])
    page = page_of(services, found, limit, f"/v1/holders/{handle}/licenses")
    if wish.as_of is not None:
        add_as_of(services, found, page, wish.as_of)
    if wish.content:
        _add_content(services, found, page)
    return page


def _add_content(
    services: ServicesDep, found: tuple[LicenseRecord, ...], page: dict[str, Any]
) -> None:
    with services.database.reading() as session:
        for record, item in zip(found, page["items"], strict=False):
            item["content"] = content_told(services, session, record)


@dataclass(frozen=True, slots=True)
class OneQuery:
    """How one license is to be told."""

    as_of: datetime | None
    content: bool


def one_query(as_of: AsOfDep = None, content: ContentQuery = False) -> OneQuery:
    """Return how a request wants one license to be told."""
    return OneQuery(as_of, content)


@router.get(
    "/{handle}/licenses/{identifier}",
    summary="Show a license in a vault · 证照详情",
    response_model=VaultLicenseOut,
    responses=problems(*_DENIED, "license-not-found"),
)
def show_in_vault(
    services: ServicesDep,
    viewer: ViewerDep,
    handle: str,
    identifier: str,
    response: Response,
    wish: Annotated[OneQuery, Depends(one_query)],
) -> dict[str, Any]:
    """Return one license of a vault as it is now; with as_of also what was so and known then."""
    as_of = wish.as_of
    with services.database.reading() as session:
        record, reader = seen_license(session, services, viewer, (handle, identifier), VIEW)
        past = None if as_of is None else History(session).as_of(record, as_of)
        members = members_of(session, identifier, min(as_of or viewer.at, viewer.at))
        says = {"content": content_told(services, session, record)} if wish.content else {}
    record_shown(services, reader, (record,))
    response.headers["Cache-Control"] = "private, no-cache"
    base = f"/v1/holders/{handle}/licenses"
    told = {} if past is None else {"as_of": as_of_values(past)}
    return {**license_values(services.catalogue, record, base), **members, **told, **says}


@router.get(
    "/{handle}/licenses/{identifier}/versions",
    summary="All versions of a license · 历次版本",
    response_model=LicensePage,
    responses=problems(*_DENIED, "license-not-found"),
)
def versions_in_vault(
    services: ServicesDep, viewer: ViewerDep, handle: str, identifier: str
) -> dict[str, Any]:
    """Return the versions that a license is one of, the newest first, all on one page."""
    with services.database.reading() as session:
        record, reader = seen_license(session, services, viewer, (handle, identifier), VIEW)
        found = _versions(Registry(session), record)
    record_shown(services, reader, (record,))
    base = f"/v1/holders/{handle}/licenses"
    return {
        "items": [license_values(services.catalogue, one, base) for one in found],
        "next": None,
    }


def _versions(registry: Registry, record: LicenseRecord) -> tuple[LicenseRecord, ...]:
    """Return a license with all before and after it, the newest first."""
    found = deque([record])
    while found[0].successor is not None:
        found.appendleft(registry.get(found[0].successor))
    while found[-1].predecessor is not None:
        found.append(registry.get(found[-1].predecessor))
    return tuple(found)


@router.get(
    "/{handle}/licenses/{identifier}/file",
    summary="Download the sealed file · 下载证照文件",
    response_class=Response,
    responses=problems(
        *_DENIED,
        "license-not-found",
        "form-not-available",
        "not-acceptable",
        "temporarily-unavailable",
    )
    | FILE_ANSWERS,
)
def vault_file(
    services: ServicesDep,
    viewer: ViewerDep,
    handle: str,
    identifier: str,
    wish: WantedDep,
) -> Response:
    """Return a sealed file of a license in a vault, in the form that is asked for.

    The first download by the holder, or by whom the holder lets act, is the
    receipt of the license (送达).
    """
    with services.database.reading() as session:
        record, reader = seen_license(session, services, viewer, (handle, identifier), DOWNLOAD)
    return download(services, record, wish, reader)


@router.get(
    "/{handle}/licenses/{identifier}/picture",
    summary="Look at a license's face · 查看照面",
    response_class=Response,
    responses=problems(
        *_DENIED, "license-not-found", "form-not-available", "temporarily-unavailable"
    )
    | PICTURE_ANSWERS,
)
def vault_picture(
    services: ServicesDep, viewer: ViewerDep, handle: str, identifier: str
) -> Response:
    """Return the first page of a license in a vault as a picture; it proves nothing.

    It shows what the file shows and asks for the same right, but is no receipt of the license.
    """
    with services.database.reading() as session:
        record, reader = seen_license(session, services, viewer, (handle, identifier), DOWNLOAD)
    record_shown(services, reader, (record,))
    return picture(services, record)


@router.get(
    "/{handle}/licenses/{identifier}/manifest",
    summary="Get the signed list of a license's files · 下载签名清单",
    response_class=Response,
    responses=problems(*_DENIED, "license-not-found", "temporarily-unavailable") | MANIFEST_ANSWERS,
)
def vault_manifest(
    services: ServicesDep,
    viewer: ViewerDep,
    handle: str,
    identifier: str,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return which files of a license in a vault were issued, signed by this library."""
    with services.database.reading() as session:
        record, reader = seen_license(session, services, viewer, (handle, identifier), DOWNLOAD)
    record_shown(services, reader, (record,))
    return manifest(services, record, if_none_match)


@router.get(
    "/{handle}/licenses/{identifier}/proof",
    summary="Get the proof that it is in the issue log · 下载存在证明",
    response_class=Response,
    responses=problems(*_DENIED, "license-not-found", *PROOF_PROBLEMS, "temporarily-unavailable")
    | PROOF_ANSWERS,
)
def vault_proof(services: ServicesDep, viewer: ViewerDep, handle: str, identifier: str) -> Response:
    """Return the proof of existence of a license in a vault, to be kept beside its file."""
    with services.database.reading() as session:
        record, reader = seen_license(session, services, viewer, (handle, identifier), DOWNLOAD)
    record_shown(services, reader, (record,))
    return proof_file(services, record)
