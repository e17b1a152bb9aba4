"""Hand out a sealed file: decrypted, checked, and only then sent.

SM4-GCM tells only at the end whether a file is whole, so it is held in memory
(a license is some hundred kB) and no byte leaves before its digests agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from api.headers import attachment, matches
from api.license_models import file_name, type_names
from license_vault.license_record import LicenseOpener
from license_vault.registry import LicenseRecord, Registry
from license_vault.vault import PDF

if TYPE_CHECKING:
    from api.services import Services


def download(services: Services, record: LicenseRecord, if_none_match: str | None) -> Response:
    """Return the sealed file of a license, or 304 if the caller has it.

    Raises:
        LicenseNotFoundError: it has none: it is being made, or was never made.
    """
    form = record.form(PDF)
    tag = form.sm3.hex()
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-store"}
    if matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    with services.database.reading() as session:
        kept = Registry(session).kept(record.identifier)
    data = LicenseOpener(services.vault).file(kept, form)
    name, _ = type_names(services.catalogue, record)
    headers["Content-Disposition"] = attachment(file_name(record, name))
    return Response(data, media_type=form.media_type, headers=headers)
