"""A license's condition (告知承诺, 容缺) is recorded as fulfilled, with what shows it."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, UploadFile
from starlette.responses import Response

from api.pages.console.asking import MANAGING, for_managing
from api.pages.console.licenses import FULFILLED, Beside, license_page
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import go
from api.pages.visitor import FormDep, OfficerDep, Visitor

router = APIRouter(prefix="/console/licenses", include_in_schema=False)


@router.post("/{identifier}/conditions/{position}")
async def fulfilled(
    visitor: OfficerDep,
    key: FormDep,
    identifier: str,
    position: Annotated[int, Path(ge=1, le=999)],
    basis: Annotated[str, Form(max_length=500)] = "",
    evidence: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Record it; what is refused is shown on the license's page, with what was typed."""
    path = within("licenses", identifier, "conditions", str(position), "fulfilment")
    try:
        body = {"basis": basis.strip(), "evidence": await _kept(visitor, evidence, key)}
        await visitor.api.post(path, body, key=key)
    except ProblemShownError as error:
        if error.status not in {409, 413, 415, 422}:
            raise
        found = await for_managing(visitor, MANAGING).get(within("licenses", identifier))
        told = Beside(problem=error.document, typed=basis, position=position)
        return await license_page(visitor, found, told)
    return go(f"/console/licenses/{identifier}?done={FULFILLED}")


async def _kept(visitor: Visitor, file: UploadFile | None, key: str) -> list[str]:
    """Keep the file that was brought; return its id, nothing where none was."""
    data = await file.read() if file else b""
    if not data:
        return []
    sent = {"file": ("evidence", data)}
    # The form's key is that of what it does; bringing the file is another request.
    headers = {"Idempotency-Key": f"{key}-file"}
    told = await visitor.api.send("POST", "/v1/evidence", files=sent, headers=headers)
    return [str(json.loads(told.content)["id"])]
