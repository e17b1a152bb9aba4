"""What a license in a vault is made of: its conditions, its parts, and what it was issued upon.

Seen by the holder and whoever acts for them, and with a use by programs that may see the license.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.dependencies import ServicesDep
from api.documentation import problems
from api.evidence import EVIDENCE_ANSWERS, EvidenceList, evidence_download, evidence_told
from api.history_answers import AsOfDep
from api.holding.acting import PlaceDep, ViewerDep, seen_license
from api.holding.journaling import record_shown
from api.members import ConditionList, PartList, conditions_told, parts_told
from license_vault.clock import civil_date
from license_vault.holding.mandates import DOWNLOAD, VIEW
from license_vault.packages.part_registry import Parts

router = APIRouter(prefix="/v1/holders/{handle}/licenses/{identifier}", tags=["vaults"])

_DENIED = (
    "unauthenticated",
    "forbidden",
    "use-required",
    "use-invalid",
    "holder-not-found",
    "license-not-found",
    "invalid-request",
)


@router.get(
    "/conditions",
    summary="Conditions of an own license · 附条件",
    response_model=ConditionList,
    responses=problems(*_DENIED),
)
def conditions_in_vault(
    services: ServicesDep, viewer: ViewerDep, place: PlaceDep, as_of: AsOfDep = None
) -> dict[str, Any]:
    """Return the conditions, fulfilled ones too, with the last day for each; now or as of then."""
    with services.database.reading() as session:
        there = (place.handle, place.identifier)
        record, reader = seen_license(session, services, viewer, there, VIEW)
    record_shown(services, reader, (record,), ("conditions",))
    return conditions_told(services, record, as_of or viewer.at)


@router.get(
    "/parts",
    summary="Parts of an own composite license · 综合证照分项",
    response_model=PartList,
    responses=problems(*_DENIED),
)
def parts_in_vault(
    services: ServicesDep, viewer: ViewerDep, place: PlaceDep, as_of: AsOfDep = None
) -> dict[str, Any]:
    """Return the parts with their states now, or as of then."""
    at = as_of or viewer.at
    with services.database.reading() as session:
        there = (place.handle, place.identifier)
        record, reader = seen_license(session, services, viewer, there, VIEW)
        parts = Parts(session).as_of(record.identifier, at)
    record_shown(services, reader, (record,), ("parts",))
    return parts_told(services, record.identifier, parts, civil_date(at))


@router.get(
    "/evidence",
    summary="What an own license was issued upon · 佐证材料",
    response_model=EvidenceList,
    responses=problems(*_DENIED),
)
def evidence_in_vault(services: ServicesDep, viewer: ViewerDep, place: PlaceDep) -> dict[str, Any]:
    """Return the files of evidence, in the order of the request."""
    with services.database.reading() as session:
        there = (place.handle, place.identifier)
        record, reader = seen_license(session, services, viewer, there, VIEW)
    return evidence_told(services, record, reader)


@router.get(
    "/evidence/{evidence_id}",
    summary="Download a file of evidence · 下载佐证材料",
    response_class=Response,
    responses=problems(*_DENIED, "evidence-not-found", "temporarily-unavailable")
    | EVIDENCE_ANSWERS,
)
def evidence_file_in_vault(
    services: ServicesDep, viewer: ViewerDep, place: PlaceDep, evidence_id: str
) -> Response:
    """Return a file as it was brought, checked against its digests."""
    with services.database.reading() as session:
        there = (place.handle, place.identifier)
        record, reader = seen_license(session, services, viewer, there, DOWNLOAD)
    return evidence_download(services, record, evidence_id, reader)
