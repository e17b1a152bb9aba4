"""GET /v1/verifications/receipts/{number}/sheet: a verification receipt as a page to read and file.

The page is drawn anew each time from what was signed, always the same; the signed receipt itself is
attached to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pikepdf
from fastapi import APIRouter, Response

from api.dependencies import ServicesDep
from api.documentation import problems
from api.headers import attachment
from keys.sm3 import sm3
from license_vault.face.fonts import Fonts
from license_vault.face.pdf import FaceDocument
from license_vault.face.receipt_sheet import ReceiptSheet, set_receipt_sheet
from license_vault.sharing.receipts import VerificationReceipts
from signing.sealed_json.verification_receipt import read_verification_receipt

if TYPE_CHECKING:
    from api.services import Services

PDF_TYPE = "application/pdf"
_HERE = timezone(timedelta(hours=8))
_ATTACHED_AS = "verification-receipt.json"
_DECISIONS = {
    "waived": "可免交 No paper needed",
    "to_submit": "需补交 To be submitted",
    "manual": "人工核验 To be checked by a person",
}
_REQUESTERS = {"anonymous": "未登录 not logged in"}
_SOURCES = {
    "none": "未取得 not at hand",
    "register": "登记簿 register",
    "list": "状态列表 status list",
}
# Of other verdicts the file may be anybody's: what it says is its own claim.
_PROVEN = frozenset({"valid", "valid_copy", "not_in_force"})
_SAID = "\n文件自称 not proven"
_NOTE = (
    "本页供阅读和归档，不是证照。签名的回执原件（JSON）附在本文件中，也可凭编号或扫描右上方二维码取得，"
    "可在任何地区的核验页连同证照文件一并核验。\n"
    "This page is for reading and filing and is no license. The signed receipt (JSON) is attached "
    "to this file and can be had by its number or the code above; any region's verification page "
    "verifies it, together with the file it is about."
)

router = APIRouter(prefix="/v1/verifications", tags=["verification"])
DrawSheet = Callable[[bytes, str], bytes]


def sheet_drawing(fonts: Fonts, press: Callable[[FaceDocument], bytes]) -> DrawSheet:
    """Return what draws a signed receipt: (the signed bytes, address of its page) → PDF."""

    def draw(signed: bytes, address: str) -> bytes:
        value = read_verification_receipt(signed).receipt.value
        made_at = datetime.fromisoformat(value["asked"]["verified_at"]).astimezone(UTC)
        sheet = ReceiptSheet(
            title="核验回执 Verification receipt",
            sentence=f"{value['sentence']['zh']}\n{value['sentence']['en']}",
            rows=tuple(row for row in _rows(value, sm3(signed).hex()) if row[1]),
            note=_NOTE,
            address=address,
            author=value["verifier"],
        )
        return _with_original(press(set_receipt_sheet(sheet, fonts, made_at)), signed)

    return draw


@router.get(
    "/receipts/{receipt_id}/sheet",
    summary="Get a verification receipt as a page (PDF) · 核验回执（PDF）",
    response_class=Response,
    responses=problems("verification-receipt-not-found", "glyph-missing", "temporarily-unavailable")
    | {200: {"content": {PDF_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
def receipt_sheet(services: ServicesDep, receipt_id: str) -> Response:
    """Return a receipt as PDF, the signed original attached, to whoever has its random number."""
    with services.database.reading() as session:
        kept = VerificationReceipts(session, services.keys).get(receipt_id)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": attachment(f"verification-receipt-{receipt_id}.pdf"),
    }
    drawn = services.draw_receipt(kept.file, receipt_address(services, receipt_id))
    return Response(drawn, media_type=PDF_TYPE, headers=headers)


def receipt_address(services: Services, receipt_id: str) -> str:
    """Return the address of the page that shows a receipt."""
    return f"{services.public_url}/verify/receipts/{receipt_id}"


def _rows(value: Mapping[str, Any], digest: str) -> Iterator[tuple[str, str]]:
    asked, license_, decision = value["asked"], value["license"], value["decision"]
    yield "回执编号 Number", value["receipt_id"]
    yield "回执 SM3", digest
    yield "核验时间 Verified at", _here(asked["verified_at"])
    yield "所问时间 As of", _here(asked["as_of"])
    yield "核验地区 Verifier", value["verifier"]
    yield "核验请求方 Asked by", _REQUESTERS.get(asked["requester"], asked["requester"])
    yield "事项 Item", asked["item_code"]
    yield "用途 Purpose", asked["purpose"]
    said = "" if value["verdict"] in _PROVEN else _SAID
    yield f"证照类型 Type{said}", f"{license_['type_name']} {license_['type_code']}".strip()
    yield f"证照标识 Identifier{said}", license_["identifier"]
    yield f"发证机关 Authority{said}", license_["authority_code"]
    yield "办事结论 Decision", _DECISIONS.get(decision["outcome"], "")
    for file in value["files"]:
        yield "文件 File", f"{file['form'].upper()}, {file['bytes']} bytes"
        yield "文件 SM3", file["sm3"]
        yield "文件 SHA-256", file["sha256"]
    yield "信任清单 Trust list", _joined(value["trust"], "region", "sequence")
    yield "状态来源 Status", _joined(value["status"], "source", "sequence")
    yield "签发日志 Issue log", _joined(value["log"], "region", "size")
    yield "核验策略 Policy", asked["policy"]


def _here(text: str) -> str:
    """Return an instant as people here read it, at +08:00."""
    return datetime.fromisoformat(text).astimezone(_HERE).strftime("%Y-%m-%d %H:%M:%S +08:00")


def _joined(members: Mapping[str, str], *names: str) -> str:
    """Return members, and since when they stand, if they say so."""
    told = [_SOURCES.get(members[name], members[name]) for name in names if members[name]]
    issued_at = members.get("issued_at")
    return " · ".join([*told, _here(issued_at)] if issued_at else told)


def _with_original(pdf: bytes, signed: bytes) -> bytes:
    """Attach the signed receipt, associated with the document. Source: ISO 19005-3, 6.8."""
    with pikepdf.open(BytesIO(pdf)) as document:
        document.attachments[_ATTACHED_AS] = pikepdf.AttachedFileSpec(
            document,
            signed,
            filename=_ATTACHED_AS,
            mime_type="application/json",
            description="核验回执",
            relationship=pikepdf.Name.Data,
        )
        document.Root.AF = pikepdf.Array([document.attachments[_ATTACHED_AS].obj])
        out = BytesIO()
        document.save(out, deterministic_id=True, fix_metadata_version=False)
        return out.getvalue()
