"""Routes of kiosks: which items there are, and the form of one, filled for who is there."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.case_models import FormFieldOut, NeedOut, form_values
from api.catalogue import NameOut
from api.dependencies import ServicesDep
from api.device_access import DeviceDep, DeviceUseDep
from api.documentation import problems
from api.limits import StrictJsonRoute

router = APIRouter(prefix="/v1/devices", tags=["devices"], route_class=StrictJsonRoute)


class KioskItemOut(BaseModel):
    """An item that people may choose, and what it needs."""

    code: str = Field(examples=["演示事项-公共场所卫生许可"])
    name: NameOut
    needs: list[NameOut] = Field(description="names of the licenses that are needed")


class KioskItemList(BaseModel):
    """All items that need licenses, in the order of their codes."""

    items: list[KioskItemOut]


class KioskFormOut(BaseModel):
    """The form of an item as far as the licenses of who is there fill it."""

    item_code: str
    have: int
    of: int
    needs: list[NeedOut]
    fields: list[FormFieldOut]
    missing: list[str] = Field(description="keys of required fields without a value")


@router.get(
    "/items",
    summary="List items that people may choose · 终端事项目录",
    response_model=KioskItemList,
    responses=problems("unauthenticated"),
)
def kiosk_items(services: ServicesDep, device: DeviceDep) -> dict[str, Any]:
    """Return the items; nothing of anybody."""
    del device  # whoever is a device may ask
    named = (kept.item.to_json() for kept in services.cases.items.everything())
    return {
        "items": [
            {
                "code": item["code"],
                "name": item["name"],
                "needs": [need["name"] for need in item["needs"]],
            }
            for item in named
            if item["needs"]
        ]
    }


@router.get(
    "/holders/{handle}/form",
    summary="Fill an item's form for who is there · 终端表单预填",
    response_model=KioskFormOut,
    responses=problems(
        "unauthenticated",
        "use-required",
        "use-invalid",
        "item-not-found",
        "holder-handle-unusable",
        "temporarily-unavailable",
    ),
)
def kiosk_form(
    services: ServicesDep, device: DeviceDep, use: DeviceUseDep, handle: str, response: Response
) -> dict[str, Any]:
    """Return the form of the item that License-Use names; each value says where it came from.

    Every license that is used is in its holder's journal.
    """
    response.headers["Cache-Control"] = "no-store"
    found = services.cases.kiosk.form(device, use, handle)
    values = form_values("", found.filled)
    del values["case"]
    return {"item_code": found.item.code, **values}
