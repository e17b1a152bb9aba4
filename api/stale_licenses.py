"""The list of licenses whose copied values their sources say otherwise (一数一源)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.authentication import READ, require_scope
from api.dependencies import CallerDep, LimitQuery, ServicesDep
from api.documentation import problems
from api.use_header import UseDep
from license_vault.api_clients import Caller
from license_vault.cases.copied_fields import StaleLicense
from license_vault.errors import ScopeMissingError

router = APIRouter(prefix="/v1/stale-licenses", tags=["cases"])


class StaleFieldOut(BaseModel):
    """A value, and what its source says by now."""

    path: str = Field(examples=["/holders/0/name"])
    value: Any
    source: str = Field(description="identifier of the newest version of the source")
    source_path: str
    source_value: Any
    stale_since: datetime


class ProposalOut(BaseModel):
    """The 变更 that would put it right; case number, officer and approvals are the asker's."""

    href: str
    body: dict[str, Any]


class StaleLicenseOut(BaseModel):
    """A license in force with values that are stale."""

    identifier: str
    type_code: str
    fields: list[StaleFieldOut]
    proposal: ProposalOut


class StaleLicenseList(BaseModel):
    """Licenses with stale values, the longest stale first."""

    items: list[StaleLicenseOut]


@router.get(
    "",
    summary="List licenses with stale copied values · 待变更证照",
    response_model=StaleLicenseList,
    responses=problems(
        "unauthenticated", "forbidden", "use-required", "use-invalid", "invalid-request"
    ),
)
def list_stale(
    services: ServicesDep, caller: CallerDep, use: UseDep, limit: LimitQuery = 20
) -> dict[str, Any]:
    """Return what changed in sources of the own organisation's licenses, with a proposed 变更."""
    del use
    require_scope(caller, READ)
    found = services.cases.stale.stale(caller.organisation_code, limit)
    return {"items": [_values(stale) for stale in found if _may_read(caller, stale)]}


def _may_read(caller: Caller, stale: StaleLicense) -> bool:
    try:
        caller.require(READ, stale.license.type_code)
    except ScopeMissingError:
        return False
    return True


def _values(stale: StaleLicense) -> dict[str, Any]:
    return {
        "identifier": stale.license.identifier,
        "type_code": stale.license.type_code,
        "fields": [
            {
                "path": each.path,
                "value": each.value,
                "source": each.source,
                "source_path": each.source_path,
                "source_value": each.source_value,
                "stale_since": each.stale_since,
            }
            for each in stale.fields
        ],
        "proposal": {
            "href": f"/v1/licenses/{stale.license.identifier}/change",
            "body": stale.proposed_change(),
        },
    }
