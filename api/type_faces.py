"""The route that draws the specimen of a license type: what its face looks like. Public."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response

from api.catalogue import VersionQuery, type_of
from api.dependencies import ServicesDep
from api.documentation import problems
from api.headers import tagged_by_content
from license_vault.face.license_drawing import LicenseDrawing
from license_vault.issuing.specimen import specimen_pdf
from license_vault.license import CopyKind
from license_vault.license_types.catalogue import Catalogue
from signing.pdf.rendering import pdf_page_png

router = APIRouter(prefix="/v1/license-types", tags=["license types"])

_DOTS_PER_MM = 3.0
_CACHE = "public, max-age=300"
_COPIES = {"original": CopyKind.ORIGINAL, "duplicate": CopyKind.DUPLICATE}
_DRAWN: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in ("image/png", "application/pdf")
        }
    },
    304: {"description": "the caller has it"},
}


@router.get(
    "/{code}/face",
    summary="Draw the specimen of a license type · 证照样张",
    response_class=Response,
    responses=problems("license-type-not-found", "invalid-request") | _DRAWN,
)
def type_face(
    services: ServicesDep,
    code: str,
    version: VersionQuery = None,
    copy: Annotated[Literal["original", "duplicate"], Query()] = "original",
    form: Annotated[Literal["png", "pdf"], Query()] = "png",
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Draw a type's face, the name of each element at its place, marked 样张 all over."""
    found = type_of(services, code, version)
    kind = _COPIES[copy]
    files = (found.folder / "type.yaml", found.face_of(kind))
    stamp = tuple(status.st_mtime_ns for status in (path.stat() for path in files))
    drawing = services.issuance.services.drawing
    drawn = _drawn(services.catalogue, drawing, (found.code, found.version), kind, stamp)
    media_type = "application/pdf" if form == "pdf" else "image/png"
    return tagged_by_content(drawn[form == "png"], media_type, if_none_match, _CACHE)


@lru_cache(maxsize=64)
def _drawn(
    catalogue: Catalogue,
    drawing: LicenseDrawing,
    which: tuple[str, str],
    kind: CopyKind,
    _stamp: tuple[int, ...],
) -> tuple[bytes, bytes]:
    """Return PDF and PNG of a specimen, drawn once for each state of the type's files."""
    found = catalogue.get(*which)
    # The day on which the version came to its state: the same version is the same file.
    at = datetime.combine(found.history[-1].at, time(), UTC)
    pdf = specimen_pdf(found, kind, drawing, at)
    return pdf, pdf_page_png(pdf, 1, _DOTS_PER_MM)
