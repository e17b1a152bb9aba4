"""Hand out a sealed file or a signed manifest: a file decrypted, checked, and only then sent.

SM4-GCM tells only at the end whether a file is whole, so it is held in memory
(a license is some hundred kB) and no byte leaves before its digests agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Header, Query
from starlette.responses import Response

from api.form_negotiation import wanted_form
from api.headers import attachment, matches
from api.holding.journaling import Reader, record_download
from api.license_models import file_name, type_names
from keys.sm3 import sm3
from license_vault.errors import LicenseNotFoundError
from license_vault.issuing.manifests import manifest_tag
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.registry import LicenseRecord, Registry
from license_vault.vault import MEDIA_TYPES
from signing.pdf.rendering import pdf_page_jpeg

if TYPE_CHECKING:
    from api.services import Services


# A face of 297 mm is some 1500 pixels wide: its small print can be read when it is enlarged.
_PICTURE_DOTS_PER_MM = 5.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller wants of a license's files: a form by name, or by Accept; what it has."""

    form: str | None
    accept: str | None
    if_none_match: str | None


def wanted(
    form: Annotated[
        str | None,
        Query(description="pdf, ofd or json; unset: as Accept says, else pdf", max_length=16),
    ] = None,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Wanted:
    """Return what the request says about it."""
    return Wanted(form, accept, if_none_match)


WantedDep = Annotated[Wanted, Depends(wanted)]

FILE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in MEDIA_TYPES.values()
        }
    },
    304: {"description": "unchanged"},
}
PICTURE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}
MANIFEST_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}},
    304: {"description": "unchanged"},
}


def download(services: Services, record: LicenseRecord, wish: Wanted, reader: Reader) -> Response:
    """Return a sealed file of a license, or 304 if the caller has it.

    What is handed out is in the holders' journals before the first byte leaves.

    Raises:
        LicenseNotFoundError: it has none: it is being made, or was never made.
        FormNotAvailableError, NotAcceptableError: it has not the one that is wanted.
    """
    there = [found.form for found in record.forms]
    if not there:
        raise LicenseNotFoundError(record.identifier)
    form = record.form(wanted_form(wish.form, wish.accept, there))
    tag = form.sm3.hex()
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-store", "Vary": "Accept"}
    if matches(wish.if_none_match, tag):
        return Response(status_code=304, headers=headers)
    with services.database.reading() as session:
        kept = Registry(session).kept(record.identifier)
    data = LicenseOpener(services.vault).file(kept, form)
    record_download(services, reader, record, form.form)
    name, _ = type_names(services.catalogue, record)
    headers["Content-Disposition"] = attachment(file_name(record, name, form.form))
    return Response(data, media_type=form.media_type, headers=headers)


def picture(services: Services, record: LicenseRecord) -> Response:
    """Return the first page of a license's PDF as JPEG.

    Raises:
        LicenseNotFoundError: it has no files: it is being made, or was never made.
        FormNotAvailableError: it has no PDF.
    """
    there = [found.form for found in record.forms]
    if not there:
        raise LicenseNotFoundError(record.identifier)
    form = record.form(wanted_form("pdf", None, there))
    with services.database.reading() as session:
        kept = Registry(session).kept(record.identifier)
    data = LicenseOpener(services.vault).file(kept, form)
    jpeg, _ = pdf_page_jpeg(data, 1, _PICTURE_DOTS_PER_MM)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def manifest(services: Services, record: LicenseRecord, if_none_match: str | None) -> Response:
    """Return the signed manifest of a license's files, or 304 if it still says the same.

    Raises:
        LicenseNotFoundError: it has no files: it is being made, or was never made.
        TimestampUnavailableError: there is no time-stamp now.
    """
    tag = sm3(manifest_tag(record)).hex()
    # Weak: what it says is the same, the signature is made anew.
    headers = {"ETag": f'W/"{tag}"', "Cache-Control": "no-store"}
    if matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    data = services.manifests.issue(record)
    name, _ = type_names(services.catalogue, record)
    headers["Content-Disposition"] = attachment(file_name(record, name, "manifest.json"))
    return Response(data, media_type="application/json", headers=headers)
