"""Routes of handing a license over (送达): recorded by the authority, seen by both sides."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import CallerDep, IdempotencyKeyDep, ServicesDep
from api.documentation import problems
from api.errors import RequestInvalidError
from api.holding.acting import ActingDep, license_of, vault_of
from api.holding.asking import BODY, MADE, mark_of, require_handler, require_plain, tell
from api.holding.journaling import Reader, record_shown
from api.instants import Instant
from api.limits import StrictJsonRoute
from api.seeing import visible_license
from api.services import Services
from api.use_header import UseDep
from license_vault.database.sessions import Reading
from license_vault.holding.acts import done_once
from license_vault.holding.deliveries import (
    CHANNEL_NAMES,
    Deliveries,
    Delivery,
    DeliveryOrder,
    DeliveryWriter,
)
from license_vault.holding.mandates import VIEW
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry

router = APIRouter(tags=["vaults"], route_class=StrictJsonRoute)

_DENIED = ("unauthenticated", "forbidden", "license-not-found")


class DeliveryIn(BaseModel):
    """How a license was handed over."""

    model_config = ConfigDict(extra="forbid")

    channel: Literal["window", "post", "courier", "delegate", "electronic", "announcement"]
    delivered_at: Instant
    recipient: str = Field(min_length=1, max_length=128, description="who took it")
    delegate: str = Field(default="", max_length=128, description="代办员 who brought it")
    reference: str = Field(default="", max_length=64, description="tracking number")


class DeliveryOut(BaseModel):
    """How a license was handed over, or that its holder downloaded it (channel download)."""

    id: str
    channel: str
    channel_zh: str
    channel_en: str
    delivered_at: datetime
    recipient: str
    delegate: str
    reference: str
    recorded_by: str
    recorded_at: datetime


class DeliveryList(BaseModel):
    """In the order they were recorded."""

    received: bool = Field(description="the holder has it: downloaded, or handed over to")
    items: list[DeliveryOut]


def _values(delivery: Delivery) -> dict[str, Any]:
    order = delivery.order
    zh, en = CHANNEL_NAMES[order.channel]
    return {
        "id": delivery.delivery_id,
        "channel": order.channel,
        "channel_zh": zh,
        "channel_en": en,
        "delivered_at": order.delivered_at,
        "recipient": order.recipient,
        "delegate": order.delegate,
        "reference": order.reference,
        "recorded_by": delivery.recorded_by,
        "recorded_at": delivery.recorded_at,
    }


@router.post(
    "/v1/licenses/{identifier}/deliveries",
    status_code=201,
    summary="Record a handing over · 送达登记",
    response_model=DeliveryOut,
    responses=problems(*_DENIED, *MADE, *BODY, "temporarily-unavailable")
    | {200: {"description": "the same request was answered before", "model": DeliveryOut}},
)
def record_delivery(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    identifier: str,
    body: DeliveryIn,
    response: Response,
) -> dict[str, Any]:
    """Record when, how and to whom a license was handed over; by officer or approval system."""
    require_handler(caller)
    require_plain(recipient=body.recipient, delegate=body.delegate, reference=body.reference)
    at = services.clock()
    order = _order(body, at)
    with services.database.writing() as session:
        record = visible_license(session, identifier, caller)
        kept = Registry(session).kept(record.identifier)
        writer = DeliveryWriter(session, services.vault, services.random_bytes)
        asked = {"delivery": identifier, **body.model_dump(mode="json")}
        made = done_once(
            session,
            mark_of(services, caller.name, key, asked),
            at,
            lambda: (writer.record(kept, order, caller.name, at), {"channel": order.channel}),
            ("license.delivered", record.identifier),
        )
        tell(response, made, f"/v1/licenses/{record.identifier}/deliveries")
        found = writer.of_license(kept)
    return next(_values(one) for one in found if one.delivery_id == made.name)


@router.get(
    "/v1/licenses/{identifier}/deliveries",
    summary="How a license was handed over · 送达记录",
    response_model=DeliveryList,
    responses=problems(*_DENIED, "use-required", "use-invalid"),
)
def list_deliveries(
    services: ServicesDep, caller: CallerDep, use: UseDep, identifier: str
) -> dict[str, Any]:
    """Return what was recorded, the holder's receipt among it."""
    with services.database.reading() as session:
        record = visible_license(session, identifier, caller)
        found = _of(services, session, record)
    record_shown(services, Reader(caller.name, use), (record,))
    return found


@router.get(
    "/v1/holders/{handle}/licenses/{identifier}/deliveries",
    summary="How a license was handed over · 送达记录",
    response_model=DeliveryList,
    responses=problems(*_DENIED, "holder-not-found", "invalid-request"),
)
def deliveries_in_vault(
    services: ServicesDep, acting: ActingDep, handle: str, identifier: str
) -> dict[str, Any]:
    """Return what was recorded of a license in a vault."""
    with services.database.reading() as session:
        access = vault_of(session, services, acting, handle, VIEW)
        return _of(services, session, license_of(session, access, identifier))


def _of(services: Services, session: Reading, record: LicenseRecord) -> dict[str, Any]:
    kept = Registry(session).kept(record.identifier)
    found = Deliveries(session, services.vault).of_license(kept)
    return {"received": bool(found), "items": [_values(one) for one in found]}


def _order(body: DeliveryIn, at: datetime) -> DeliveryOrder:
    delivered_at = body.delivered_at.replace(microsecond=0)
    if delivered_at > at:
        raise RequestInvalidError(
            "/delivered_at", "in-the-future", "不能晚于现在。", "This lies in the future."
        )
    return DeliveryOrder(body.channel, delivered_at, body.recipient, body.delegate, body.reference)
