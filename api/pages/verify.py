"""The page /verify: drop, scan or type, and read the answer; with or without scripts, no login.

It asks ``POST /v1/verifications`` as whoever looks, and shows what that says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, UploadFile
from starlette.responses import HTMLResponse

from api.dependencies import ServicesDep
from api.headers import SECURITY_HEADERS
from api.pages.inner_api import ProblemShownError
from api.pages.rendering import instant, show
from api.pages.verdict import parts_of, technical_text
from api.pages.verify_regions import province_names
from api.pages.visitor import Visitor, VisitorDep
from api.qr_keys import page_keys

router = APIRouter(include_in_schema=False)

# The answer carries its pictures itself, and this page alone may ask for the camera.
_POLICY = SECURITY_HEADERS["Content-Security-Policy"].replace(
    "img-src 'self'", "img-src 'self' data:"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed and chose, besides files."""

    identifier: str = field(repr=False)
    check_code: str = field(repr=False)
    item_code: str
    wants_receipt: bool

    def asked(self) -> dict[str, str]:
        """Return it as the API takes it, nothing for what is empty."""
        members = {
            "identifier": self.identifier,
            "check_code": self.check_code,
            "item_code": self.item_code,
            "receipt": "number" if self.wants_receipt else "",
        }
        return {name: value for name, value in members.items() if value}


def typed_of(
    identifier: Annotated[str, Form(max_length=128)] = "",
    check_code: Annotated[str, Form(max_length=32)] = "",
    item_code: Annotated[str, Form(max_length=64)] = "",
    receipt: Annotated[str, Form(max_length=8)] = "",
) -> Typed:
    """Return what a person typed."""
    return Typed(identifier.strip(), check_code.strip(), item_code.strip(), bool(receipt))


TypedDep = Annotated[Typed, Depends(typed_of)]
_NOTHING = Typed("", "", "", wants_receipt=False)


@router.get("/verify")
def show_form(services: ServicesDep, visitor: VisitorDep) -> HTMLResponse:
    """Show the form. The part after # in a QR code's address stays in the browser."""
    keys = page_keys(services)
    told = {"taken_at": instant(keys["taken_at"]), "regions": province_names(visitor.language)}
    return _page(visitor, _NOTHING, codes={**keys, **told})


@router.post("/verify")
async def verify_form(
    visitor: VisitorDep, typed: TypedDep, file: Annotated[list[UploadFile] | None, File()] = None
) -> HTMLResponse:
    """Show the report, verdict first; a refusal is shown on the same page."""
    files = [("file", (each.filename or "file", each.file)) for each in file or ()]
    try:
        told = await visitor.api.send(
            "POST",
            "/v1/verifications",
            data={**typed.asked(), "pictures": "first-pages"},
            files=files or None,
        )
    except ProblemShownError as error:
        return _page(visitor, typed, problem=error.document, status=error.status)
    return _page(visitor, typed, answer=json.loads(told.content))


def _kept_receipt(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the receipt that was made now; of an uploaded one the report tells what it says."""
    told: Mapping[str, Any] | None = answer.get("receipt")
    return told if told and "href" in told else None


def _page(
    visitor: Visitor,
    typed: Typed,
    *,
    answer: Mapping[str, Any] | None = None,
    problem: Mapping[str, Any] | None = None,
    codes: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HTMLResponse:
    several = answer is not None and len(answer.get("reports", ())) > 1
    response = show(
        visitor,
        "verify.html",
        status=status,
        found=parts_of(answer, visitor.language) if answer else (),
        together=answer["sentence"] if answer and several else None,
        receipt=_kept_receipt(answer) if answer else None,
        problem=problem,
        codes=codes,
        typed=typed,
        report_text=technical_text(answer) if answer else "",
    )
    response.headers.update(_HEADERS)
    return response
