"""The issue log of this region: checkpoints, tiles, proofs, and countersignatures of partners.

Public but for the countersignatures, which only a region of an accepted list can make; nothing in
a log is personal. A countersignature is its own proof of who sends it, and sent again changes
nothing: it takes no Idempotency-Key.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response

from api.dependencies import ServicesDep
from api.documentation import BYTES_TYPE, JSON_TYPE, problems, tagged_answers
from api.errors import PageNotFoundError
from api.headers import attachment, tagged_by_content
from api.license_models import file_name, type_names
from api.log_sources import accepted_certificates
from license_vault.issue_log.countersigning import CountersignatureKeeper
from license_vault.issue_log.errors import IssueLogEmptyError
from license_vault.issue_log.tiles import FULL
from signing.issue_proof import WitnessedCheckpoint, write_proof, write_witnessed
from signing.merkle import MAX_SIZE, TILE_LEVELS

if TYPE_CHECKING:
    from api.services import Services
    from license_vault.registry.records import LicenseRecord

router = APIRouter(prefix="/v1/issue-log", tags=["trust"])

_CONTENT_ID = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MOMENT = "public, max-age=5"
_FOR_EVER = "public, max-age=31536000, immutable"
PROOF_ANSWERS = tagged_answers()
PROOF_PROBLEMS = ("not-in-issue-log", "not-in-checkpoint-yet")


@router.get(
    "/checkpoint",
    summary="The newest checkpoint, countersigned · 签发日志检查点",
    response_class=Response,
    responses=problems("page-not-found", "temporarily-unavailable") | tagged_answers(),
)
def newest_checkpoint(
    services: ServicesDep, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Return how large the log is, and its root, signed; with what partners countersigned."""
    try:
        found = services.issue_log.newest()
    except IssueLogEmptyError as error:
        raise PageNotFoundError from error
    return _witnessed(found, if_none_match, _MOMENT)


@router.get(
    "/checkpoints/{size}",
    summary="The first checkpoint of a size · 历史检查点",
    response_class=Response,
    responses=problems("page-not-found", "invalid-request", "temporarily-unavailable")
    | tagged_answers(),
)
def checkpoint_of_size(
    services: ServicesDep,
    size: Annotated[int, Path(ge=0, le=MAX_SIZE)],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return the checkpoint with which the log first had so many leaves."""
    try:
        found = services.issue_log.checkpoint_of(size)
    except IssueLogEmptyError as error:
        raise PageNotFoundError from error
    return _witnessed(found, if_none_match, _MOMENT)


@router.get(
    "/tiles/{level}/{number}",
    summary="256 hashes of the log's tree · 日志树分块",
    response_class=Response,
    responses=problems("page-not-found", "invalid-request", "temporarily-unavailable")
    | tagged_answers(BYTES_TYPE),
)
def tile(
    services: ServicesDep,
    level: Annotated[int, Path(ge=0, le=TILE_LEVELS[-1])],
    number: Annotated[int, Path(ge=0, le=MAX_SIZE)],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return up to 256 SM3 hashes, 32 bytes each; levels 0 (leaves), 8, 16, 24.

    The last tile of a level grows at its end; a full one never changes.
    """
    if level not in TILE_LEVELS:
        raise PageNotFoundError
    try:
        hashes = services.issue_log.tile(level, number)
    except IssueLogEmptyError as error:
        raise PageNotFoundError from error
    cache = _FOR_EVER if len(hashes) == FULL else _MOMENT
    return tagged_by_content(hashes, BYTES_TYPE, if_none_match, cache)


@router.get(
    "/proofs/{content_id}",
    summary="The proof that a license is in the log · 存在证明",
    response_class=Response,
    responses=problems(*PROOF_PROBLEMS, "page-not-found", "temporarily-unavailable")
    | tagged_answers(),
)
def proof(
    services: ServicesDep,
    content_id: str,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return the proof of a content_id, to be kept beside the file; it says nothing else of it."""
    if not _CONTENT_ID.fullmatch(content_id):
        raise PageNotFoundError
    data = write_proof(services.issue_log.proof_of(content_id))
    return tagged_by_content(data, JSON_TYPE, if_none_match, _MOMENT)


async def posted(request: Request) -> bytes:
    """Return the body as it came."""
    return await request.body()


@router.post(
    "/countersignatures",
    status_code=204,
    summary="Countersign a checkpoint, as a partner region · 见证签名",
    response_class=Response,
    responses=problems("countersignature-refused", "request-too-large", "temporarily-unavailable")
    | {204: {"description": "kept"}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {BYTES_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def countersign(services: ServicesDep, data: Annotated[bytes, Depends(posted)]) -> Response:
    """Keep what a partner signed of our log: DER, by the key that its accepted list names."""
    keeper = CountersignatureKeeper(
        services.database, services.region_code, accepted_certificates(services.database)
    )
    keeper.receive(data, services.clock())
    return Response(status_code=204)


def proof_file(services: Services, record: LicenseRecord) -> Response:
    """Return the proof of existence of a license as a file that is saved beside it.

    Raises:
        NotInIssueLogError: it was adopted, not issued here.
        NotInCheckpointYetError: it is in the log with the next checkpoint.
    """
    data = write_proof(services.issue_log.proof_of(record.content_id))
    name, _ = type_names(services.catalogue, record)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": attachment(file_name(record, name, "proof.json")),
    }
    return Response(data, media_type=JSON_TYPE, headers=headers)


def _witnessed(found: WitnessedCheckpoint, if_none_match: str | None, cache: str) -> Response:
    data = write_witnessed(found)
    return tagged_by_content(data, JSON_TYPE, if_none_match, cache)
