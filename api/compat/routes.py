"""POST /compat/gbt36906/{operation}: for systems that speak the GB/T 36906 family.

The credential is the API's own (Authorization), and so is the use (License-Use): five elements
and purpose. Answers are 200 with the family's envelope, refusals too, as its clients expect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Request
from starlette.responses import JSONResponse

from api.compat.envelope import failed, succeeded
from api.compat.operations import FOR_ANYBODY, OPERATIONS, Call
from api.dependencies import ServicesDep, caller_of, principal_of
from api.errors import PageNotFoundError, RequestInvalidError
from api.limits import StrictJsonRoute
from api.observability import request_id_of
from api.problems.answers import log_fault, problem_of
from api.problems.table import TABLE
from api.services import Services
from api.use_header import use_in

router = APIRouter(prefix="/compat/gbt36906", include_in_schema=False, route_class=StrictJsonRoute)

_NOT_STORED = {"Cache-Control": "no-store"}


@router.post("/{operation}")
def answer(
    request: Request,
    services: ServicesDep,
    operation: str,
    body: Annotated[Any, Body()],
    authorization: Annotated[str | None, Header()] = None,
    license_use: Annotated[str | None, Header()] = None,
) -> JSONResponse:
    """Do one operation; a refusal is told in the envelope."""
    try:
        known = OPERATIONS.get(operation)
        if known is None:
            raise PageNotFoundError
        call = Call(services, _data(body))
        if operation not in FOR_ANYBODY:
            call = _by(services, call, authorization, license_use)
        return JSONResponse(succeeded(known(call)), headers=_NOT_STORED)
    except tuple(TABLE) as error:
        problem = problem_of(error)
        log_fault(problem, error, request_id_of(request.scope))
        return JSONResponse(failed(problem), headers=_NOT_STORED)


def _by(services: Services, call: Call, authorization: str | None, license_use: str | None) -> Call:
    caller = caller_of(principal_of(services, authorization))
    return Call(services, call.data, caller, use_in(license_use, caller.organisation_code))


def _data(body: object) -> Mapping[str, Any]:
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise RequestInvalidError(
            "/data", "required", "应有 data 对象。", "There must be an object named data."
        )
    return data
