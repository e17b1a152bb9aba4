"""Routes of kiosks: a token of their own, and the licenses that an item needs of who is there.

A device names the holder by the handle that its organisation was given for the holder's presence
(decision 26), and the item by the header License-Use. It sees what the item needs, as far as its
organisation was granted the use or the license is of its own authorities; every look is in the
holder's journal.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.case_models import DecidedLicenseOut, decided_values
from api.catalogue import NameOut
from api.dependencies import ServicesDep
from api.device_access import DeviceDep, DeviceUseDep
from api.documentation import problems
from api.downloads import FILE_ANSWERS, WantedDep, download
from api.errors import ClientRefusedError
from api.holding.handles import HandleIn, HandleOut, trade_for_handle
from api.holding.journaling import Reader, record_shown
from api.license_models import LicenseOut, license_values
from api.limits import StrictJsonRoute
from api.member_reports import members_of
from api.services import Services
from license_vault.cases.foreign import Decided
from license_vault.errors import (
    CredentialsRefusedError,
    LicenseTypeBrokenError,
    LicenseTypeUnknownError,
)
from license_vault.license import LONG_TERM, LicenseStatus
from license_vault.license_metadata import printed_values
from license_vault.presenting.devices import DeviceWriter
from license_vault.presenting.kiosk import Kiosk
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.registry import Registry

router = APIRouter(prefix="/v1/devices", tags=["devices"], route_class=StrictJsonRoute)

_DENIED = ("unauthenticated", "use-required", "use-invalid", "holder-handle-unusable")


class DeviceCredentialsIn(BaseModel):
    """A device's credentials, as ``license-vault device add`` told them."""

    model_config = ConfigDict(extra="forbid")

    device_id: str = Field(min_length=1, max_length=64)
    device_secret: str = Field(min_length=1, max_length=128)


class DeviceTokenOut(BaseModel):
    """A device's token; told once."""

    access_token: str
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="seconds", examples=[43200])


class KioskPartnerLicense(DecidedLicenseOut):
    """A license of a partner region that the holder took in, decided for the item."""

    type_name: NameOut
    authority: str
    valid_until: str = Field(description="a date, or 长期", examples=["2030-03-18"])


class KioskList(BaseModel):
    """What an item needs of a holder's licenses, as far as it is there and granted."""

    items: list[LicenseOut]
    partner_licenses: list[KioskPartnerLicense] = Field(
        description="of types that none of the items meets; they count when decided 可免交"
    )
    missing: list[str] = Field(description="needed types of which the holder has none to be seen")


class KioskLicense(LicenseOut):
    """A license with the texts on its face."""

    fields: dict[str, str]


@router.post(
    "/token",
    summary="Trade a device's credentials for a token · 设备换取令牌",
    response_model=DeviceTokenOut,
    responses=problems(
        "client-refused",
        "invalid-request",
        "unreadable-request",
        "media-type-not-supported",
        "temporarily-unavailable",
    ),
)
def give_device_token(
    services: ServicesDep, body: DeviceCredentialsIn, response: Response
) -> dict[str, Any]:
    """Return a token; it counts until it expires or the device is revoked."""
    response.headers["Cache-Control"] = "no-store"
    with services.database.writing() as session:
        writer = DeviceWriter(session, services.keys, services.random_bytes)
        try:
            token = writer.give_token(
                body.device_id, body.device_secret, services.device_token_lifetime, services.clock()
            )
        except CredentialsRefusedError as error:
            raise ClientRefusedError from error
    return {
        "access_token": token.token,
        "token_type": "Bearer",
        "expires_in": int(services.device_token_lifetime.total_seconds()),
    }


@router.post(
    "/holder-handles",
    status_code=201,
    summary="Trade name and number for a handle, at a device · 终端换取持证主体句柄",
    response_model=HandleOut,
    responses=problems(
        "unauthenticated",
        "use-required",
        "use-invalid",
        "holder-not-found",
        "invalid-request",
        "unreadable-request",
        "media-type-not-supported",
        "temporarily-unavailable",
    ),
)
def device_handle(
    services: ServicesDep, device: DeviceDep, use: DeviceUseDep, body: HandleIn, response: Response
) -> dict[str, Any]:
    """Give a handle for the holder whose document the device has read; it lives 15 minutes."""
    return trade_for_handle(services, device.as_caller, use, body, response)


@router.get(
    "/holders/{handle}/licenses",
    summary="List what the item needs of a holder · 终端查询证照",
    response_model=KioskList,
    responses=problems(*_DENIED, "temporarily-unavailable"),
)
def kiosk_licenses(
    services: ServicesDep, device: DeviceDep, use: DeviceUseDep, handle: str, response: Response
) -> dict[str, Any]:
    """Return the newest licenses of the types that the item needs, and which types are missing."""
    response.headers["Cache-Control"] = "no-store"
    with services.database.reading() as session:
        found = Kiosk(session, services.macs, services.clock()).licenses(device, use, handle)
    record_shown(services, Reader(device.as_caller.name, use), found.licenses)
    in_force = {one.type_code for one in found.licenses if one.status is LicenseStatus.VALID}
    partners = services.cases.kiosk.listed(device, use, handle, in_force)
    counting = {one.shown.type_code for one in partners if one.shown.counts}
    base = f"/v1/devices/holders/{handle}/licenses"
    return {
        "items": [license_values(services.catalogue, each, base) for each in found.licenses],
        "partner_licenses": [_partner_values(services, one) for one in partners],
        "missing": [code for code in found.missing if code not in counting],
    }


def _partner_values(services: Services, one: Decided) -> dict[str, Any]:
    until = one.read.valid_until
    return {
        **decided_values(one.shown),
        "type_name": _type_name(services, one.shown.type_code),
        "authority": one.read.authority.name,
        "valid_until": LONG_TERM if until is None else until.isoformat(),
    }


def _type_name(services: Services, type_code: str) -> dict[str, str]:
    try:
        found = services.catalogue.get(type_code)
    except (LicenseTypeUnknownError, LicenseTypeBrokenError):
        return {"zh": type_code, "en": type_code}
    return {"zh": found.name_zh, "en": found.name_en}


@router.get(
    "/holders/{handle}/licenses/{identifier}",
    summary="Show a license that the item needs · 终端查看证照",
    response_model=KioskLicense,
    responses=problems(*_DENIED, "license-not-found", "type-not-needed", "access-not-granted"),
)
def kiosk_license(
    services: ServicesDep,
    device: DeviceDep,
    use: DeviceUseDep,
    handle: str,
    identifier: str,
    response: Response,
) -> dict[str, Any]:
    """Return a license with the texts on its face."""
    response.headers["Cache-Control"] = "no-store"
    with services.database.reading() as session:
        kiosk = Kiosk(session, services.macs, services.clock())
        record = kiosk.license(device, use, handle, identifier)
        kept = Registry(session).kept(identifier)
        members = members_of(session, identifier, services.clock())
    content = LicenseOpener(services.vault).secrets(kept).content
    record_shown(services, Reader(device.as_caller.name, use), (record,))
    base = f"/v1/devices/holders/{handle}/licenses"
    shown = license_values(services.catalogue, record, base)
    return {**shown, **members, "fields": printed_values(content)}


@router.get(
    "/holders/{handle}/licenses/{identifier}/file",
    summary="Download a license that the item needs · 终端下载证照",
    response_class=Response,
    responses=problems(
        *_DENIED,
        "license-not-found",
        "type-not-needed",
        "access-not-granted",
        "form-not-available",
        "not-acceptable",
        "temporarily-unavailable",
    )
    | FILE_ANSWERS,
)
def kiosk_file(
    services: ServicesDep,
    device: DeviceDep,
    use: DeviceUseDep,
    handle: str,
    identifier: str,
    wish: WantedDep,
) -> Response:
    """Return a sealed file of a license that the item needs."""
    with services.database.reading() as session:
        kiosk = Kiosk(session, services.macs, services.clock())
        record = kiosk.license(device, use, handle, identifier)
    return download(services, record, wish, Reader(device.as_caller.name, use))
