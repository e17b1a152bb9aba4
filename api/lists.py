"""What others verify with: the trust bundle and the signed status lists. Public."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field

from api.dependencies import ServicesDep
from api.documentation import BYTES_TYPE, JSON_TYPE, problems, tagged_answers
from api.errors import PageNotFoundError
from api.headers import tagged, tagged_by_content
from api.publishing import current_bundle
from api.services import Services
from keys.sm3 import sm3
from license_vault.status.errors import StatusChangesGoneError
from license_vault.status.publications import StatusFiles
from signing.trust_bundle import write_trust_bundle

router = APIRouter(prefix="/v1", tags=["trust"])

_SHARD = re.compile(r"[0-9a-z]{1,64}", re.ASCII)
# A partner asks every 20 seconds and is to know a change within 60.
_CACHED = "public, max-age=10"
_MOST = 2**53 - 1
SequenceQuery = Annotated[
    int | None, Query(ge=1, le=_MOST, description="an earlier publication, where it is kept")
]


class StatusIndexEntry(BaseModel):
    """One status list, and its newest publication."""

    name: str = Field(description="in the addresses of its files")
    uri: str = Field(description="as the claims of its licenses name it, for ever")
    sequence: int
    issued_at: datetime
    next_update: datetime
    states_sm3: str = Field(description="SM3 of all states, one octet an index; in every file")


class StatusIndex(BaseModel):
    """The status lists of a region."""

    region: str
    lists: list[StatusIndexEntry]


@router.get(
    "/trust-bundle",
    summary="Everything to verify with, offline too · 信任包",
    response_class=Response,
    responses=problems("temporarily-unavailable") | tagged_answers(),
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
        bundle.trust_list or b"",
        repr(bundle.authorities).encode(),
    )
    tag = sm3(*(sm3(part) for part in parts)).hex()[:32]
    return tagged(write_trust_bundle(bundle), JSON_TYPE, tag, if_none_match, "public, max-age=60")


@router.get(
    "/status-lists",
    summary="Which status lists there are · 状态列表目录",
    response_model=StatusIndex,
    responses=problems("temporarily-unavailable") | {304: {"description": "unchanged"}},
)
def status_index(
    services: ServicesDep, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Return every list with the sequence of its newest publication.

    Ask here first, then of each list whose sequence has grown the changes since the one you have.
    """
    lists = [
        StatusIndexEntry(
            name=one.shard.name,
            uri=one.shard.uri,
            sequence=one.publication.sequence,
            issued_at=one.publication.issued_at,
            next_update=one.publication.next_update,
            states_sm3=one.publication.states_sm3.hex(),
        )
        for one in services.status.current()
    ]
    content = StatusIndex(region=services.region_code, lists=lists).model_dump_json().encode()
    return tagged_by_content(content, JSON_TYPE, if_none_match, _CACHED)


@router.get(
    "/status-lists/{shard}",
    summary="The in-force plane of a status list · 状态列表（有效位）",
    response_class=Response,
    responses=problems("page-not-found", "temporarily-unavailable") | tagged_answers(BYTES_TYPE),
)
def status_list(
    services: ServicesDep,
    shard: str,
    sequence: SequenceQuery = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return the signed plane, DER: one bit a license. It says what the rows say now."""
    return _file(_files(services, shard, sequence).plane, if_none_match)


@router.get(
    "/status-lists/{shard}/reasons",
    summary="The reasons of a status list · 状态列表（原因）",
    response_class=Response,
    responses=problems("page-not-found", "temporarily-unavailable") | tagged_answers(BYTES_TYPE),
)
def status_reasons(
    services: ServicesDep,
    shard: str,
    sequence: SequenceQuery = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return the signed second file, DER: why licenses are not in force, and marks.

    Of use with the plane of the same sequence only: ask for that if another came meanwhile.
    """
    return _file(_files(services, shard, sequence).reasons, if_none_match)


@router.get(
    "/status-lists/{shard}/changes",
    summary="What has changed in a status list · 状态列表（变更）",
    response_class=Response,
    responses=problems("changes-gone", "temporarily-unavailable")
    | {200: tagged_answers(BYTES_TYPE)[200], 204: {"description": "nothing has changed since"}},
)
def status_changes(
    services: ServicesDep,
    shard: str,
    since: Annotated[int, Query(ge=0, le=_MOST, description="the sequence you have")],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return the signed changes from a sequence to the newest, DER, in one file."""
    if not _SHARD.fullmatch(shard):
        raise StatusChangesGoneError(since)
    changes = services.status.changes(shard, since)
    if changes is None:
        return Response(status_code=204, headers={"Cache-Control": _CACHED})
    return _file(changes, if_none_match)


def _files(services: Services, shard: str, sequence: int | None) -> StatusFiles:
    found = services.status.files(shard, sequence) if _SHARD.fullmatch(shard) else None
    if found is None:
        raise PageNotFoundError
    return found


def _file(encoded: bytes, if_none_match: str | None) -> Response:
    return tagged_by_content(encoded, BYTES_TYPE, if_none_match, _CACHED)
