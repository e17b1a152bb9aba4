"""License types at the console: what each looks like, what it asks, and which items need it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from starlette.responses import HTMLResponse, Response

from api.pages.inner_api import within
from api.pages.rendering import show
from api.pages.visitor import OfficerDep, VisitorDep
from license_vault.license import DOCUMENT_NAMES, HOLDER_KIND_NAMES, HolderKind

router = APIRouter(prefix="/console/types", include_in_schema=False)

_KEPT = ("Content-Type", "ETag", "Cache-Control")


@router.get("")
async def list_types(
    visitor: OfficerDep, after: Annotated[str | None, Query(max_length=256)] = None
) -> HTMLResponse:
    """Show types with their faces."""
    found = await visitor.api.get(within("license-types"), after=after, limit=24)
    return show(visitor, "console/types.html", types=found["items"], next=found["next"])


@router.get("/{code}")
async def show_type(
    visitor: OfficerDep, code: str, version: Annotated[str | None, Query(max_length=8)] = None
) -> HTMLResponse:
    """Show one version of a type, the newest if none is named."""
    found = await visitor.api.get(within("license-types", code), version=version)
    items = (await visitor.api.get(within("items")))["items"]
    return show(
        visitor,
        "console/type.html",
        type=found,
        needed_by=[item for item in items if _needs(item, code)],
        made_by=[item for item in items if code in item.get("results", ())],
        holder_kinds=[HOLDER_KIND_NAMES[HolderKind(kind)] for kind in found["holder_kinds"]],
        documents=[DOCUMENT_NAMES[one] for one in found["holder_document_types"]],
    )


@router.get("/{code}/face")
async def type_face(
    visitor: VisitorDep,
    code: str,
    version: Annotated[str | None, Query(max_length=8)] = None,
    copy: Annotated[str, Query(max_length=16)] = "original",
    form: Annotated[str, Query(max_length=8)] = "png",
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Give the specimen of a type."""
    asked = {"version": version, "copy": copy, "form": form}
    told = await visitor.api.send(
        "GET",
        within("license-types", code, "face"),
        params={name: value for name, value in asked.items() if value},
        headers={"If-None-Match": if_none_match} if if_none_match else {},
    )
    headers = {name: told.headers[name] for name in _KEPT if name in told.headers}
    return Response(told.content, told.status, headers=headers)


def _needs(item: dict[str, Any], code: str) -> bool:
    return any(code in need["types"] for need in item.get("needs", ()))
