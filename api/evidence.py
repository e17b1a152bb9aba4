"""Routes of evidence: photos and papers that licenses are issued upon.

Brought before the license is asked for, and named in the request to issue; from then on whoever
sees the license sees its evidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Response, UploadFile
from pydantic import BaseModel, Field

from api.authentication import ISSUE, require_scope
from api.dependencies import CallerDep, IdempotencyKeyDep, ServicesDep
from api.documentation import problems
from api.headers import attachment
from api.holding.journaling import Reader, record_shown
from api.seeing import visible_license
from api.services import Services
from api.use_header import UseDep
from keys.sm3 import sm3
from license_vault.issuing.license_request import request_digest
from license_vault.packages.errors import EvidenceNotFoundError
from license_vault.packages.evidence import evidence_for
from license_vault.packages.evidence_files import ENDINGS
from license_vault.packages.evidence_registry import Evidence, EvidenceRegistry
from license_vault.registry.authorities import Authorities
from license_vault.registry.records import LicenseRecord
from license_vault.registry.writing import RequestMark

router = APIRouter(tags=["evidence"])

_DENIED = ("unauthenticated", "forbidden")
_USE = ("use-required", "use-invalid")
_EVIDENCE_ID = re.compile(r"[0-9a-z]{26}", re.ASCII)
EVIDENCE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in ENDINGS
        }
    }
}


@dataclass(frozen=True, slots=True)
class EvidencePlace:
    """Which file of which license."""

    identifier: str
    evidence_id: str


def evidence_place(identifier: str, evidence_id: str) -> EvidencePlace:
    """Return what the address names."""
    return EvidencePlace(identifier, evidence_id)


EvidencePlaceDep = Annotated[EvidencePlace, Depends(evidence_place)]


class EvidenceOut(BaseModel):
    """A file of evidence; digests in hex. Name it by its id in a request to issue."""

    id: str = Field(examples=["x3v0q9m2k7c8w5r1t6y4n0b2dz"])
    media_type: str = Field(examples=["image/jpeg"])
    bytes: int
    sm3: str
    sha256: str
    uploaded_at: datetime


class EvidenceList(BaseModel):
    """What a license was issued upon."""

    items: list[EvidenceOut]


def evidence_values(evidence: Evidence) -> dict[str, Any]:
    """Return what evidence looks like in an answer."""
    return {
        "id": evidence.evidence_id,
        "media_type": evidence.media_type,
        "bytes": evidence.size_bytes,
        "sm3": evidence.sm3.hex(),
        "sha256": evidence.sha256.hex(),
        "uploaded_at": evidence.uploaded_at,
    }


@router.post(
    "/v1/evidence",
    status_code=201,
    summary="Bring a photo or paper as evidence · 上传佐证材料",
    response_model=EvidenceOut,
    responses=problems(
        *_DENIED,
        "idempotency-key-required",
        "idempotency-key-reused",
        "request-in-progress",
        "evidence-refused",
        "evidence-too-large",
        "invalid-request",
        "unreadable-request",
        "temporarily-unavailable",
    )
    | {200: {"description": "the same request was answered before", "model": EvidenceOut}},
)
def bring_evidence(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    response: Response,
    file: Annotated[UploadFile, File(description="one JPEG, PNG or PDF")],
) -> dict[str, Any]:
    """Keep a file, encrypted and unchanged; its name and what it shows are not looked at."""
    require_scope(caller, ISSUE)
    data = file.file.read(services.limits.max_document_bytes + 1)
    digest = request_digest({"evidence": sm3(data).hex()})
    key_mac = services.macs.idempotency_key(caller.name, key)
    mark = RequestMark(caller.name, key_mac, bytes.fromhex(digest))
    kept = services.packages.evidence.keep(data, caller, mark)
    if kept.replayed:
        response.status_code = 200
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["Location"] = f"/v1/evidence/{kept.evidence.evidence_id}"
    return evidence_values(kept.evidence)


@router.get(
    "/v1/evidence/{evidence_id}",
    summary="Show evidence that the own organisation brought · 查看佐证材料",
    response_model=EvidenceOut,
    responses=problems(*_DENIED, "evidence-not-found"),
)
def show_evidence(services: ServicesDep, caller: CallerDep, evidence_id: str) -> dict[str, Any]:
    """Return what is known of a file of evidence; the file itself is with its license."""
    require_scope(caller, ISSUE)
    if not _EVIDENCE_ID.fullmatch(evidence_id):
        raise EvidenceNotFoundError(evidence_id)
    with services.database.reading() as session:
        found = evidence_for(EvidenceRegistry(session), Authorities(session), evidence_id, caller)
    return evidence_values(found)


@router.get(
    "/v1/licenses/{identifier}/evidence",
    summary="List what a license was issued upon · 证照的佐证材料",
    response_model=EvidenceList,
    responses=problems(*_DENIED, *_USE, "license-not-found"),
)
def license_evidence(
    services: ServicesDep, caller: CallerDep, use: UseDep, identifier: str
) -> dict[str, Any]:
    """Return the evidence of a license, in the order of its request."""
    with services.database.reading() as session:
        record = visible_license(session, identifier, caller)
    return evidence_told(services, record, Reader(caller.name, use))


def evidence_told(services: Services, record: LicenseRecord, reader: Reader) -> dict[str, Any]:
    """Return what an answer says of a license's evidence, once it is in the holders' journals."""
    with services.database.reading() as session:
        found = EvidenceRegistry(session).of_license(record.identifier)
    record_shown(services, reader, (record,), ("evidence",))
    return {"items": list(map(evidence_values, found))}


@router.get(
    "/v1/licenses/{identifier}/evidence/{evidence_id}",
    summary="Download a file of evidence · 下载佐证材料",
    response_class=Response,
    responses=problems(
        *_DENIED, *_USE, "license-not-found", "evidence-not-found", "temporarily-unavailable"
    )
    | EVIDENCE_ANSWERS,
)
def evidence_file(
    services: ServicesDep, caller: CallerDep, use: UseDep, place: EvidencePlaceDep
) -> Response:
    """Return a file as it was brought, checked against its digests."""
    with services.database.reading() as session:
        record = visible_license(session, place.identifier, caller)
    reader = Reader(caller.name, use)
    return evidence_download(services, record, place.evidence_id, reader)


def evidence_download(
    services: Services, record: LicenseRecord, evidence_id: str, reader: Reader
) -> Response:
    """Return a file of a license's evidence, once it is in the holders' journals.

    Raises:
        EvidenceNotFoundError: the license was issued upon no such file.
    """
    found = _of_license(services, record, evidence_id)
    data = services.packages.evidence.content(found)
    record_shown(services, reader, (record,), (f"evidence.{evidence_id}",))
    name = f"{found.evidence_id}.{ENDINGS[found.media_type]}"
    headers = {"Content-Disposition": attachment(name), "Cache-Control": "no-store"}
    return Response(data, media_type=found.media_type, headers=headers)


def _of_license(services: Services, record: LicenseRecord, evidence_id: str) -> Evidence:
    with services.database.reading() as session:
        for found in EvidenceRegistry(session).of_license(record.identifier):
            if found.evidence_id == evidence_id:
                return found
    raise EvidenceNotFoundError(evidence_id)
