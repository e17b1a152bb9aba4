"""License types at the console: what each looks like, what it asks, and which items need it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from starlette.responses import HTMLResponse, Response

from api.pages.inner_api import within
from api.pages.rendering import show, told
from api.pages.visitor import Language, OfficerDep, Visitor, VisitorDep
from license_vault.license import (
    CITIZEN_DOCUMENT,
    DOCUMENT_NAMES,
    HOLDER_KIND_NAMES,
    LONG_TERM,
    USCC_DOCUMENT,
    CopyKind,
    HolderKind,
)

router = APIRouter(prefix="/console/types", include_in_schema=False)

_UNITS = {"年": "year", "月": "month", "日": "day"}
_COPIES = {
    CopyKind.ORIGINAL: {"zh": "正本", "en": "original"},
    CopyKind.DUPLICATE: {"zh": "副本", "en": "duplicate"},
}
_IN_ENGLISH = {USCC_DOCUMENT: "unified social credit code", CITIZEN_DOCUMENT: "citizen number"}
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
        documents=[_document(visitor, one) for one in found["holder_document_types"]],
        terms=[term_in(visitor.language, term) for term in found["validity_range"]],
        copies=[told(_COPIES[kind], visitor.language) for kind in found["copies"]],
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
    sent = await visitor.api.send(
        "GET",
        within("license-types", code, "face"),
        params={name: value for name, value in asked.items() if value},
        headers={"If-None-Match": if_none_match} if if_none_match else {},
    )
    headers = {name: sent.headers[name] for name in _KEPT if name in sent.headers}
    return Response(sent.content, sent.status, headers=headers)


def term_in(language: Language, term: str) -> str:
    """Return a term of the catalogue, such as 4年, 6月 or 长期, in a language."""
    number, unit = term[:-1], term[-1:]
    if language == "zh" or not (term == LONG_TERM or (number.isdecimal() and unit in _UNITS)):
        return term
    if term == LONG_TERM:
        return "no end"
    return f"{number} {_UNITS[unit]}" + ("" if number == "1" else "s")


def _document(visitor: Visitor, code: str) -> str:
    name = DOCUMENT_NAMES[code]
    return name if visitor.language == "zh" else _IN_ENGLISH.get(code, f"{code} ({name})")


def _needs(item: dict[str, Any], code: str) -> bool:
    return any(code in need["types"] for need in item.get("needs", ()))
