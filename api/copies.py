"""Routes of purpose-bound copies (加注件): a holder has one made, lists them, fetches one again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from api.dependencies import IdempotencyKeyDep, ServicesDep
from api.documentation import problems
from api.headers import attachment
from api.holding.acting import ActingDep, PlaceDep, license_of, vault_of
from api.limits import StrictJsonRoute
from api.pointing import pointing_at_the_body
from license_vault.copies.making import Copied, CopyOrder, CopyRequest
from license_vault.copies.rows import Copies
from license_vault.face.license_text import text_problem
from license_vault.holding.mandates import COPY
from license_vault.issuing.license_request import request_digest
from license_vault.registry.writing import RequestMark

router = APIRouter(prefix="/v1/holders", tags=["copies"], route_class=StrictJsonRoute)

_DENIED = ("unauthenticated", "forbidden", "holder-not-found")
_KEYED = ("idempotency-key-required", "idempotency-key-reused", "request-in-progress")
_BODY = ("invalid-request", "unreadable-request", "media-type-not-supported")


def _plain(text: str) -> str:
    if text_problem(text) is not None or text != text.strip():
        raise PydanticCustomError("wrong_form", "This does not have the right form.")
    return text


Plain = Annotated[str, AfterValidator(_plain)]


class CopyIn(BaseModel):
    """For whom and for what a copy is made, and until when it may be used."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "user": "上海市嘉定区市场监督管理局",
                "item_name": "公共场所卫生许可证延续",
                "item_code": "310114-0001",
                "purpose": "办理延续，免交复印件",
                "until": "2026-12-31",
            }
        },
    )

    user: Plain = Field(min_length=1, max_length=50, description="who may use it · 使用单位")
    purpose: Plain = Field(min_length=1, max_length=100, description="加注件制作事由")
    item_name: Plain = Field(default="", max_length=50)
    item_code: Plain = Field(default="", max_length=50)
    until: date = Field(description="the last civil day on which it may be used")

    def order(self) -> CopyOrder:
        """Return it as the vault takes it."""
        return CopyOrder(self.user, self.purpose, self.item_name, self.item_code, self.until)


class CopyOut(BaseModel):
    """A purpose-bound copy as its holder sees it."""

    copy_id: str = Field(examples=["x3v0q9m2k7c8w5r1t6y4n0b2dz"])
    license: str
    user: str
    purpose: str
    item: dict[str, str]
    made_at: datetime
    expires_at: datetime
    bytes: int
    sm3: str
    file: str = Field(description="where the PDF is")


class CopyList(BaseModel):
    """The copies that were made of a license."""

    items: list[CopyOut]


def copy_values(copied: Copied) -> dict[str, Any]:
    """Return what a copy looks like to its holder."""
    kept, record = copied.kept, copied.record
    return {
        "copy_id": kept.copy_id,
        "license": kept.license,
        "user": record.user,
        "purpose": record.purpose,
        "item": {"code": record.item_code, "name": record.item_name},
        "made_at": kept.made_at,
        "expires_at": kept.expires_at,
        "bytes": kept.size_bytes,
        "sm3": kept.file.sm3.hex(),
        "file": f"/v1/holders/{kept.handle}/copies/{kept.copy_id}/file",
    }


@router.post(
    "/{handle}/licenses/{identifier}/copies",
    status_code=201,
    summary="Have a purpose-bound copy made · 制作加注件",
    response_model=CopyOut,
    responses=problems(
        *_DENIED,
        *_KEYED,
        *_BODY,
        "license-not-found",
        "copy-refused",
        "temporarily-unavailable",
    )
    | {200: {"description": "the same request was answered before", "model": CopyOut}},
)
def make_copy(
    services: ServicesDep,
    acting: ActingDep,
    place: PlaceDep,
    key: IdempotencyKeyDep,
    body: CopyIn,
    response: Response,
) -> dict[str, Any]:
    """Make a copy of a license in force: watermarked, for one user and purpose, until a day.

    It bears no authority's seal; verification calls it a valid copy and never the license.
    """
    with services.database.reading() as session:
        access = vault_of(session, services, acting, place.handle, COPY)
        license_ = license_of(session, access, place.identifier)
    told = {"copy": place.identifier, "of": place.handle, **body.model_dump(mode="json")}
    key_mac = services.macs.idempotency_key(access.actor, key)
    mark = RequestMark(access.actor, key_mac, bytes.fromhex(request_digest(told)))
    request = CopyRequest(license_, access.holder, access.actor, mark)
    with pointing_at_the_body():
        copied = services.presenting.copies.make(body.order(), request)
    if copied.replayed:
        response.status_code = 200
        response.headers["Idempotent-Replayed"] = "true"
    shown = copy_values(copied)
    response.headers["Location"] = shown["file"]
    response.headers["Cache-Control"] = "no-store"
    return shown


@router.get(
    "/{handle}/licenses/{identifier}/copies",
    summary="List the copies of a license · 加注件列表",
    response_model=CopyList,
    responses=problems(*_DENIED, "license-not-found"),
)
def list_copies(
    services: ServicesDep, acting: ActingDep, place: PlaceDep, response: Response
) -> dict[str, Any]:
    """Return the copies, the newest first: for whom, for what, until when."""
    response.headers["Cache-Control"] = "no-store"
    with services.database.reading() as session:
        access = vault_of(session, services, acting, place.handle, COPY)
        license_ = license_of(session, access, place.identifier)
        found = Copies(session).of_license(license_, access.holder.handle)
    copies = services.presenting.copies
    return {"items": [copy_values(copies.opened(kept, access.holder)) for kept in found]}


@router.get(
    "/{handle}/copies/{copy_id}/file",
    summary="Download a copy · 下载加注件",
    response_class=Response,
    responses=problems(*_DENIED, "license-not-found", "copy-not-found", "temporarily-unavailable")
    | {200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
def copy_file(services: ServicesDep, acting: ActingDep, handle: str, copy_id: str) -> Response:
    """Return the PDF, byte for byte as it was made."""
    with services.database.reading() as session:
        access = vault_of(session, services, acting, handle, COPY)
        kept = Copies(session).get(copy_id, access.holder.handle)
        license_of(session, access, kept.license)
    data = services.presenting.copies.file(kept, access.holder)
    headers = {
        "Content-Disposition": attachment(f"加注件_{copy_id}.pdf"),
        "Cache-Control": "no-store",
    }
    return Response(data, media_type="application/pdf", headers=headers)
