"""Routes of reporting to the upper directory (归集): figures, the work list, sending again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.authentication import READ, require_scope
from api.dependencies import CallerDep, IdempotencyKeyDep, LimitQuery, ServicesDep
from api.documentation import problems
from api.request_marks import done_once, marked
from license_vault.api_clients import EVERY_TYPE, Caller
from license_vault.database.sessions import Writing
from license_vault.directory.reports import Figures, Report, Reports, ReportWriter

router = APIRouter(prefix="/v1/directory", tags=["directory"])

_DENIED = ("unauthenticated", "forbidden", "scope-missing")
_SUBJECT = "license:"


class FiguresOut(BaseModel):
    """Counts of licenses, and rates from 0 to 1."""

    to_report: int = Field(description="licenses that the directory is to know")
    accepted: int
    refused: int = Field(description="on the work list")
    due: int
    late: int = Field(description="due, and not from today")
    collection_rate: float = Field(description="归集率: accepted of all to report")
    qualified_rate: float = Field(description="合格率: accepted of all that were judged")
    first_pass_rate: float = Field(description="accepted at once, of all accepted")
    signing_rate: float = Field(description="签发率: with sealed files, of all to report")


class ReportErrorOut(BaseModel):
    """Why the directory refused a license: its own code, the member of the record."""

    code: str
    member: str


class RefusedOut(BaseModel):
    """A license on the work list."""

    identifier: str
    type_code: str
    errors: list[ReportErrorOut]
    refusals: int = Field(description="how often it was refused so far")
    answered_at: datetime | None


class RefusedList(BaseModel):
    """The work list: correct the license, then send it again."""

    items: list[RefusedOut]


class ResentOut(BaseModel):
    """How many licenses will be reported again."""

    resent: int


@router.get(
    "/figures",
    summary="How much the upper directory knows · 归集率、合格率、签发率",
    response_model=FiguresOut,
    responses=problems(*_DENIED),
)
def directory_figures(services: ServicesDep, caller: CallerDep) -> dict[str, Any]:
    """Return the figures of the own organisation and those below."""
    _require_everything(caller)
    with services.database.reading() as session:
        found = Reports(session).figures(caller.organisation_code, services.clock())
    return figure_values(found)


@router.get(
    "/errors",
    summary="What the upper directory refused · 归集问题清单",
    response_model=RefusedList,
    responses=problems(*_DENIED, "invalid-request"),
)
def list_refused(
    services: ServicesDep, caller: CallerDep, limit: LimitQuery = 100
) -> dict[str, Any]:
    """Return refused licenses of the own organisation and those below, the oldest first."""
    _require_everything(caller)
    with services.database.reading() as session:
        found = Reports(session).refused(caller.organisation_code, limit)
    return {"items": [_refused(report) for report in found]}


@router.post(
    "/errors/{identifier}/resending",
    summary="Report a corrected license again · 更正后重新归集",
    response_model=ResentOut,
    responses=problems(
        *_DENIED,
        "idempotency-key-required",
        "idempotency-key-reused",
        "request-in-progress",
        "report-not-found",
        "temporarily-unavailable",
    ),
)
def resend_report(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    identifier: str,
    response: Response,
) -> dict[str, Any]:
    """Take a license off the work list and report it as it is now."""
    _require_everything(caller)

    def do(session: Writing, at: datetime) -> tuple[str, Mapping[str, str]]:
        ReportWriter(session).resend(identifier, caller.organisation_code, at)
        return f"{_SUBJECT}{identifier}", {}

    request = marked(services, caller, key, "directory.resent", {"identifier": identifier})
    done_once(services, request, response, do)
    return {"resent": 1}


def figure_values(found: Figures) -> dict[str, Any]:
    """Return figures as an answer has them."""
    return {name: getattr(found, name) for name in FiguresOut.model_fields}


def _require_everything(caller: Caller) -> None:
    require_scope(caller, READ)
    caller.require(READ, EVERY_TYPE)


def _refused(report: Report) -> dict[str, Any]:
    return {
        "identifier": report.identifier,
        "type_code": report.type_code,
        "errors": [{"code": error.code, "member": error.member} for error in report.errors],
        "refusals": report.refusals,
        "answered_at": report.answered_at,
    }
