"""The page behind the number of a verification receipt, and the receipt to take away."""

from __future__ import annotations

import json

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api.pages.inner_api import within
from api.pages.rendering import show
from api.pages.verdict import is_proven_verdict, tone_of
from api.pages.verify_regions import region_name
from api.pages.visitor import Visitor, VisitorDep
from keys.sm3 import sm3

router = APIRouter(prefix="/verify/receipts", include_in_schema=False)


@router.get("/{receipt_id}")
async def show_receipt(visitor: VisitorDep, receipt_id: str) -> HTMLResponse:
    """Show what a receipt says to whoever has its random number."""
    told = await visitor.api.send("GET", within("verifications", "receipts", receipt_id))
    value = json.loads(told.content)["conclusion"]
    tone, mark = tone_of(value["verdict"])
    return show(
        visitor,
        "verify_receipt.html",
        receipt=value,
        verifier=region_name(value["verifier"], visitor.language),
        proven=is_proven_verdict(value["verdict"]),
        tone=tone,
        mark=mark,
        sm3=sm3(told.content).hex(),
    )


@router.get("/{receipt_id}/json")
async def receipt_json(visitor: VisitorDep, receipt_id: str) -> Response:
    """Hand out the signed receipt."""
    return await _file(visitor, receipt_id)


@router.get("/{receipt_id}/pdf")
async def receipt_pdf(visitor: VisitorDep, receipt_id: str) -> Response:
    """Hand out the receipt as a page."""
    return await _file(visitor, receipt_id, "sheet")


async def _file(visitor: Visitor, receipt_id: str, *form: str) -> Response:
    path = within("verifications", "receipts", receipt_id, *form)
    told = await visitor.api.send("GET", path)
    kept = ("content-type", "content-disposition", "cache-control")
    return Response(told.content, headers={name: told.headers[name] for name in kept})
