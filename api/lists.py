"""What others verify with: the trust bundle and the signed status lists. Public."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Header, Response

from api.dependencies import ServicesDep
from api.documentation import problems
from api.errors import PageNotFoundError
from api.headers import tagged
from api.publishing import current_bundle
from keys.sm3 import sm3
from signing.trust_bundle import write_trust_bundle

router = APIRouter(prefix="/v1", tags=["trust"])

STATUS_LIST_TYPE = "application/octet-stream"
_SHARD = re.compile(r"[0-9a-z]{1,64}", re.ASCII)
_DER = {"content": {STATUS_LIST_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
_BUNDLE = {"content": {"application/json": {"schema": {"type": "object"}}}}


@router.get(
    "/trust-bundle",
    summary="Everything to verify with, offline too · 信任包",
    response_class=Response,
    responses=problems("temporarily-unavailable")
    | {200: _BUNDLE, 304: {"description": "unchanged"}},
)
def trust_bundle(
    services: ServicesDep, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Return anchors, CAs, revocation lists, authorities with their seals, and status lists.

    Keep it as trust-bundle.json; `license-vault verify --trust trust-bundle.json
    FILE` needs nothing else. The tag changes when what it says changes, not with
    the time it was asked for.
    """
    bundle = current_bundle(
        services.database, services.status, services.region_code, services.clock()
    )
    parts = (
        *(anchor.certificate for anchor in bundle.anchors),
        *bundle.intermediates,
        *bundle.crls,
        *bundle.status_lists,
        repr(bundle.authorities).encode(),
    )
    tag = sm3(*(sm3(part) for part in parts)).hex()[:32]
    return tagged(
        write_trust_bundle(bundle), "application/json", tag, if_none_match, "public, max-age=60"
    )


@router.get(
    "/status-lists/{shard}",
    summary="A signed status list · 状态列表",
    response_class=Response,
    responses=problems("page-not-found", "temporarily-unavailable")
    | {200: _DER, 304: {"description": "unchanged"}},
)
def status_list(
    services: ServicesDep, shard: str, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Return the signed list of one shard, DER, saying what the rows say now."""
    published = services.status.current_of(shard) if _SHARD.fullmatch(shard) else None
    if published is None:
        raise PageNotFoundError
    tag = sm3(published.der).hex()[:32]
    return tagged(published.der, STATUS_LIST_TYPE, tag, if_none_match, "public, max-age=60")
