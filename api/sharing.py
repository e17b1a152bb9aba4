"""Routes of sharing: the catalogue, the use list, the maps and the coverage. Public, signed.

Documents are answered byte for byte as their region signed them: whoever fetches one can check it
without trusting this node.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field

from api.dependencies import ServicesDep
from api.documentation import JSON_TYPE, Responses, problems, tagged_answers
from api.headers import tagged
from license_vault.sharing.coverage import coverage
from license_vault.sharing.documents import SharingDocuments
from signing.sealed_json.sharing_document import SharingKind

router = APIRouter(prefix="/v1/sharing", tags=["sharing"])

COVERAGE_SCHEMA = "license-vault/sharing-coverage/1"
_ANSWERS: Responses = (
    problems("sharing-document-not-found", "invalid-request", "temporarily-unavailable")
    | tagged_answers()
)

RegionQuery = Annotated[
    str | None,
    Query(pattern=r"^[0-9]{6}$", description="whose; unset: this region's own"),
]
VersionQuery = Annotated[int | None, Query(ge=1, le=999_999_999, description="unset: the newest")]
TagHeader = Annotated[str | None, Header()]


class CoverageRegionOut(BaseModel):
    """One region: which of the fields that the item needs it does not share."""

    region: str
    missing: list[str]


class CoverageCellOut(BaseModel):
    """One type of an item."""

    type: str
    state: str = Field(description="covered, partly, not-shared or not-listed")
    regions: list[CoverageRegionOut]


class CoverageRowOut(BaseModel):
    """One item."""

    item_code: str
    types: list[CoverageCellOut]


class CoverageOut(BaseModel):
    """Items × types, license-vault/sharing-coverage/1."""

    schema_: str = Field(alias="schema", examples=[COVERAGE_SCHEMA])
    region: str
    items: list[CoverageRowOut]


@router.get(
    "/catalogue",
    summary="What a region shares · 共享目录",
    response_class=Response,
    responses=_ANSWERS,
)
def sharing_catalogue(
    services: ServicesDep,
    region: RegionQuery = None,
    version: VersionQuery = None,
    if_none_match: TagHeader = None,
) -> Response:
    """Return the signed catalogue: which types and fields are shared for which uses."""
    return _document(services, SharingKind.CATALOGUE, (region, version), if_none_match)


@router.get(
    "/use-list",
    summary="What is accepted instead of paper · 用证清单",
    response_class=Response,
    responses=_ANSWERS,
)
def sharing_use_list(
    services: ServicesDep,
    region: RegionQuery = None,
    version: VersionQuery = None,
    if_none_match: TagHeader = None,
) -> Response:
    """Return the signed use list: for which item which types, regions and fields count."""
    return _document(services, SharingKind.USE_LIST, (region, version), if_none_match)


@router.get(
    "/maps",
    summary="How codes of partner regions correspond · 对照表",
    response_class=Response,
    responses=_ANSWERS,
)
def sharing_maps(
    services: ServicesDep,
    region: RegionQuery = None,
    version: VersionQuery = None,
    if_none_match: TagHeader = None,
) -> Response:
    """Return the signed maps: a partner's type codes and fields, and the region's own."""
    return _document(services, SharingKind.MAPS, (region, version), if_none_match)


@router.get(
    "/coverage",
    summary="Items × types: where a license stands in for paper · 覆盖情况",
    response_model=CoverageOut,
    responses=problems("temporarily-unavailable"),
)
def sharing_coverage(services: ServicesDep) -> dict[str, Any]:
    """Return for every item and type whether it is listed, and which regions share it."""
    with services.database.reading() as session:
        rows = coverage(session, services.region_code)
    return {
        "schema": COVERAGE_SCHEMA,
        "region": services.region_code,
        "items": [
            {"item_code": row.item_code, "types": [cell.to_json() for cell in row.cells]}
            for row in rows
        ],
    }


def _document(
    services: ServicesDep,
    kind: SharingKind,
    which: tuple[str | None, int | None],
    if_none_match: str | None,
) -> Response:
    region, version = which
    with services.database.reading() as session:
        documents = SharingDocuments(session)
        kept = documents.find(region or services.region_code, kind, version)
    tag = kept.sm3.hex()[:32]
    return tagged(kept.file, JSON_TYPE, tag, if_none_match, "public, max-age=60")
