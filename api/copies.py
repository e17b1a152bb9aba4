"""Routes of purpose-bound copies (加注件): a holder has one made, lists them, fetches one again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from api.dependencies import AfterQuery, IdempotencyKeyDep, LimitQuery, ServicesDep
from api.documentation import problems
from api.headers import attachment
from api.holding.acting import Acting, ActingDep, PlaceDep, license_of, vault_of
from api.limits import StrictJsonRoute
from api.pointing import pointing_at_the_body
from api.services import Services
from license_vault.copies.drawing import MOST_PAGES
from license_vault.copies.making import Copied, CopyOrder, CopyRequest
from license_vault.copies.rows import Copies, KeptCopy
from license_vault.database.sessions import Reading
from license_vault.face.license_text import text_problem
from license_vault.holding.mandates import COPY
from license_vault.issuing.license_request import request_digest
from license_vault.registry.holders import HolderRecord
from license_vault.registry.writing import RequestMark
from signing.pdf.rendering import pdf_page_count, pdf_page_jpeg

router = APIRouter(prefix="/v1/holders", tags=["copies"], route_class=StrictJsonRoute)

_LIST = "copies"
_PICTURE_DOTS_PER_MM = 5.0
_JPEG = "image/jpeg"
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
    type_name: str = Field(description="of the license, as the copy says it", examples=["营业执照"])
    made_at: datetime
    expires_at: datetime
    expired: bool
    bytes: int
    sm3: str
    file: str = Field(description="where the PDF is")


class CopyList(BaseModel):
    """The copies that were made of a license."""

    items: list[CopyOut]


class CopyPage(CopyList):
    """One page of the copies of a vault, the newest first."""

    next: str | None = Field(description="pass as after for the next page; null: there is none")


def copy_values(copied: Copied, at: datetime) -> dict[str, Any]:
    """Return what a copy looks like to its holder at a moment."""
    kept, record = copied.kept, copied.record
    return {
        "copy_id": kept.copy_id,
        "license": kept.license,
        "user": record.user,
        "purpose": record.purpose,
        "item": {"code": record.item_code, "name": record.item_name},
        "type_name": record.parent.type_name,
        "made_at": kept.made_at,
        "expires_at": kept.expires_at,
        "expired": kept.expires_at < at,
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
    shown = copy_values(copied, acting.at)
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
    return {"items": [copy_values(copies.opened(kept, access.holder), acting.at) for kept in found]}


@router.get(
    "/{handle}/copies",
    summary="List the copies of a vault · 全部加注件",
    response_model=CopyPage,
    responses=problems(*_DENIED, "invalid-request"),
)
def list_all_copies(
    services: ServicesDep,
    acting: ActingDep,
    handle: str,
    response: Response,
    limit: LimitQuery = 20,
    after: AfterQuery = None,
) -> dict[str, Any]:
    """Return the copies of all licenses of a vault, the newest first."""
    response.headers["Cache-Control"] = "no-store"
    behind = services.cursors.item(_LIST, after) if after else None
    with services.database.reading() as session:
        access = vault_of(session, services, acting, handle, COPY)
        found = Copies(session).of_holder(handle, limit + 1, behind, access.type_codes)
    shown, after_it = services.cursors.page(_LIST, found, limit, lambda each: each.copy_id)
    copies = services.presenting.copies
    return {
        "items": [copy_values(copies.opened(kept, access.holder), acting.at) for kept in shown],
        "next": after_it,
    }


@router.get(
    "/{handle}/copies/{copy_id}",
    summary="Show a copy · 加注件详情",
    response_model=CopyOut,
    responses=problems(*_DENIED, "license-not-found", "copy-not-found"),
)
def show_copy(
    services: ServicesDep, acting: ActingDep, handle: str, copy_id: str, response: Response
) -> dict[str, Any]:
    """Return a copy: for whom, for what, until when."""
    response.headers["Cache-Control"] = "no-store"
    with services.database.reading() as session:
        kept, holder = _copy(session, services, acting, (handle, copy_id))
    return copy_values(services.presenting.copies.opened(kept, holder), acting.at)


@router.get(
    "/{handle}/copies/{copy_id}/file",
    summary="Download a copy · 下载加注件",
    response_class=Response,
    responses=problems(*_DENIED, "license-not-found", "copy-not-found", "temporarily-unavailable")
    | {200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
def copy_file(services: ServicesDep, acting: ActingDep, handle: str, copy_id: str) -> Response:
    """Return the PDF, byte for byte as it was made."""
    headers = {
        "Content-Disposition": attachment(f"加注件_{copy_id}.pdf"),
        "Cache-Control": "no-store",
    }
    data = _file(services, acting, handle, copy_id)
    return Response(data, media_type="application/pdf", headers=headers)


@router.get(
    "/{handle}/copies/{copy_id}/picture",
    summary="Look at a page of a copy · 查看加注件",
    response_class=Response,
    responses=problems(
        *_DENIED,
        "license-not-found",
        "copy-not-found",
        "invalid-request",
        "temporarily-unavailable",
    )
    | {200: {"content": {_JPEG: {"schema": {"type": "string", "format": "binary"}}}}},
)
def copy_picture(
    services: ServicesDep,
    acting: ActingDep,
    handle: str,
    copy_id: str,
    page: Annotated[int, Query(ge=1, le=MOST_PAGES, description="behind the last: the last")] = 1,
) -> Response:
    """Return a page of a copy as a picture, to be looked at on a phone; it proves nothing."""
    data = _file(services, acting, handle, copy_id)
    shown = min(page, pdf_page_count(data))
    picture, _ = pdf_page_jpeg(data, shown, _PICTURE_DOTS_PER_MM)
    return Response(picture, media_type=_JPEG, headers={"Cache-Control": "no-store"})


def _file(services: Services, acting: Acting, handle: str, copy_id: str) -> bytes:
    with services.database.reading() as session:
        kept, holder = _copy(session, services, acting, (handle, copy_id))
    return services.presenting.copies.file(kept, holder)


def _copy(
    session: Reading, services: Services, acting: Acting, place: tuple[str, str]
) -> tuple[KeptCopy, HolderRecord]:
    """Return a copy that a person may see, and whose it is.

    Args:
        place: handle of the vault, and the copy's id.

    Raises:
        HolderNotFoundError, LicenseNotFoundError, CopyUnknownError: they may not, or none is there.
    """
    handle, copy_id = place
    access = vault_of(session, services, acting, handle, COPY)
    kept = Copies(session).get(copy_id, access.holder.handle)
    license_of(session, access, kept.license)
    return kept, access.holder
