"""Who stands at a kiosk: the handle that the card was traded for, for as long as they are there.

Kept with the browser, encrypted (``api.pages.remembered``), and counted only while the person goes
on: whoever walks away is forgotten. Neither name nor number is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from api.dependencies import ServicesDep
from api.pages.inner_api import InnerApi
from api.pages.remembered import Remembered
from api.pages.rendering import go
from api.pages.visitor import LANGUAGE_COOKIE, KioskDep, Visitor
from api.services import Services
from license_vault.access.use import Use
from license_vault.presenting.devices import Device

MEMORY: Final = Remembered("kiosk")
SCREEN_SECONDS: Final = 60
"""How long a screen stays that nobody touches; asking for more time begins anew."""
LONGEST_SECONDS: Final = 300
"""How long a screen stays at all, and a person is remembered who asks for nothing."""
_GONE_AFTER: Final = timedelta(seconds=LONGEST_SECONDS)
# What the card is read for, before an item is chosen. The API takes any texts.
_AT_THE_START: Final = {"code": "自助终端", "name": "自助终端读卡"}
_PURPOSE: Final = "本人自助查询证照并预填表单"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a kiosk. ``visit`` is a random number that stands for the case in journals."""

    handle: str = field(repr=False)
    visit: str
    seen_at: datetime
    item: Mapping[str, str] | None = None

    @classmethod
    def read(cls, kept: Mapping[str, Any], now: datetime) -> Person | None:
        """Return what ``written`` wrote, None if nobody is there, or has been for a while."""
        try:
            person = cls(
                kept["handle"],
                kept["visit"],
                datetime.fromisoformat(kept["seen_at"]),
                kept["item"],
            )
        except (KeyError, TypeError, ValueError):
            return None
        return person if now - person.seen_at <= _GONE_AFTER else None

    def written(self) -> dict[str, Any]:
        """Return the person as JSON values."""
        return {
            "handle": self.handle,
            "visit": self.visit,
            "seen_at": self.seen_at.isoformat(),
            "item": self.item,
        }


@dataclass(frozen=True, slots=True)
class Stand:
    """A kiosk, and who stands there; nobody, if they have not shown a card."""

    services: Services
    visitor: Visitor
    person: Person | None

    def api(self, item: Mapping[str, str] | None, visit: str) -> InnerApi:
        """Return the API as asked by this device for an item, and a visit in place of a case."""
        device = self.visitor.person
        assert isinstance(device, Device)
        chosen = item or _AT_THE_START
        use = Use(
            organisation=device.organisation_code,
            operator=device.as_caller.name,
            item_name=chosen["name"],
            item_code=chosen["code"],
            case_number=visit,
            purpose=_PURPOSE,
        )
        return self.visitor.api.using(use)

    async def remember(self, response: Response, person: Person) -> Response:
        """Remember that a person is there now."""
        seen = replace(person, seen_at=self.services.clock())
        told = response, self.services, self.visitor, seen.written()
        await run_in_threadpool(MEMORY.write, *told)
        return response

    def forget(self, response: Response) -> Response:
        """Leave nothing of whoever was there, the chosen language neither."""
        MEMORY.forget(response, self.visitor)
        response.delete_cookie(LANGUAGE_COOKIE, secure=self.visitor.secure)
        return response

    def start_over(self) -> Response:
        """Go to the first screen, with nothing of anybody."""
        return self.forget(go("/kiosk"))


def stand_of(request: Request, services: ServicesDep, visitor: KioskDep) -> Stand:
    """Return who stands there."""
    kept = MEMORY.read(request, services, visitor)
    return Stand(services, visitor, Person.read(kept, services.clock()))


StandDep = Annotated[Stand, Depends(stand_of)]
