"""What a scan finds: a holder's code is resolved, anything else is verified for the item.

All of it is done by the API, for the five elements and the purpose that the form names. What is
scanned before they are named is verified without an item, where that needs none, and waits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from fastapi import Depends, File, Form, UploadFile

from api.pages.inner_api import InnerApi, ProblemShownError
from api.pages.visitor import Visitor
from api.pages.window.desk import Desk, Verified, Work, WorkDep
from api.pages.window.scanned import LicenseNumber, PresentedCode, read_scanned
from api.pages.window.showing import case_of
from license_vault.access.use import Use

_LONGEST_CODE = 3000
_LONGEST_WAITING = 200
_OF_A_PARTNER = "number-of-partner-region"  # who asks it must say what for

_UNREADABLE = {
    "zh": (
        "没有读到可用的码",
        "请扫持证人手机上的亮证码或证照上的二维码，或选择证照文件。",
    ),
    "en": (
        "Nothing that can be read",
        "Scan the code on the holder's phone or the QR code of a license, or choose a file.",
    ),
}
_NO_CHECK_CODE = {
    "zh": ("还需要查验码", "证照标识须与照面上的查验码一起填写。"),
    "en": ("The check code is needed too", "It stands on the face, beside the identifier."),
}


@dataclass(frozen=True, slots=True)
class Scan:
    """What a form holds: the work, and a text that was scanned or typed, or a file."""

    work: Work
    text: str = field(repr=False)
    check_code: str = field(repr=False)
    file: UploadFile | None


def scan_of(
    work: WorkDep,
    code: Annotated[str, Form(max_length=_LONGEST_CODE)] = "",
    check_code: Annotated[str, Form(max_length=32)] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Scan:
    """Return what a form holds; a field for a file that was left empty is no file."""
    return Scan(work, code, check_code, file if file is not None and file.filename else None)


ScanDep = Annotated[Scan, Depends(scan_of)]


@dataclass(frozen=True, slots=True)
class Found:
    """The desk with what was found, and what of it was refused, if anything was."""

    desk: Desk
    problem: ProblemShownError | None = None


async def found(visitor: Visitor, desk: Desk, scan: Scan, key: str) -> Found:
    """Return the desk with what a scan has found, and with what had waited for item and case.

    Args:
        key: of the form: a code that is sent twice is resolved once.
    """
    work, whole = scan.work, scan.work.is_whole
    case = await case_of(visitor.api, work.item_code, work.case_number) if whole else ""
    desk = desk.of_work(work, case)
    api = visitor.api.using(await _use(visitor, work)) if whole else visitor.api
    waiting = desk.waiting if whole else ()
    desk = desk.without_waiting() if whole else desk
    for place, text in enumerate(waiting):
        try:
            desk = await _with_text(api, desk, replace(scan, text=text), f"{key}-{place}")
        except ProblemShownError as problem:
            return Found(desk, problem)
    if scan.file is None and not scan.text and (waiting or desk.waiting):
        return Found(desk)
    try:
        return Found(await _with_scan(api, desk, scan, key))
    except ProblemShownError as problem:
        return Found(desk, problem)


async def _with_scan(api: InnerApi, desk: Desk, scan: Scan, key: str) -> Desk:
    if scan.file is None:
        return await _with_text(api, desk, scan, key)
    sent = (scan.file.filename, await scan.file.read())
    return desk.with_verified(await _verified(api, scan.work, {"files": {"file": sent}}))


async def _with_text(api: InnerApi, desk: Desk, scan: Scan, key: str) -> Desk:
    """Return the desk with what a text names; without item and case a holder's code waits."""
    work, read = scan.work, read_scanned(scan.text, scan.check_code)
    if isinstance(read, PresentedCode):
        if not work.is_whole:
            return desk.with_waiting(_short(scan.text.strip()))
        answer = await api.post("/v1/presentations/resolution", {"code": read.code}, key=key)
        return desk.with_shown(answer["presentation_id"])
    number = license_number(scan.text, scan.check_code)
    waits = _as_scanned(number)
    try:
        verified = await _verified(api, work, {"data": number})
    except ProblemShownError as problem:
        if work.is_whole or problem.code != _OF_A_PARTNER:
            raise
        return desk.with_waiting(waits)
    return (desk if work.item_code else desk.with_waiting(waits)).with_verified(verified)


def _as_scanned(number: Mapping[str, str]) -> str:
    """Return a license's number as its QR code would have it, to be read again."""
    code = number["check_code"].replace("-", "").upper()
    return _short(f"#{number['identifier']}.{code}")


def _short(text: str) -> str:
    """Return a text that may wait with the browser.

    Raises:
        ProblemShownError: it is longer than any code.
    """
    if len(text) > _LONGEST_WAITING:
        raise _refused(_UNREADABLE)
    return text


def license_number(text: str, check_code: str) -> dict[str, str]:
    """Return what a scanned or typed text asks about a license, for a verification.

    Raises:
        ProblemShownError: it is no number of a license, or lacks its check code.
    """
    match read_scanned(text, check_code):
        case LicenseNumber(identifier, code) if code:
            return {"identifier": identifier, "check_code": code}
        case LicenseNumber():
            raise _refused(_NO_CHECK_CODE)
    raise _refused(_UNREADABLE)


async def _use(visitor: Visitor, work: Work) -> Use:
    """Return what the clerk reads for; the API says what of it is wrong."""
    items = (await visitor.api.get("/v1/items"))["items"]
    names = {item["code"]: item["name"]["zh"] for item in items}
    return Use(
        organisation=visitor.officer.organisation_code,
        operator=visitor.operator,
        item_name=names.get(work.item_code, work.item_code),
        item_code=work.item_code,
        case_number=work.case_number,
        purpose=work.purpose,
    )


async def _verified(api: InnerApi, work: Work, sent: Mapping[str, Any]) -> Verified:
    """Verify for the item, with a receipt; the report says what the person is compared by."""
    of_work = {"item_code": work.item_code, "purpose": work.purpose} if work.item_code else {}
    asked = {**of_work, **sent.get("data", {})}
    files = {name: value for name, value in sent.items() if name == "files"}
    told = await api.send("POST", "/v1/verifications", data=asked, **files)
    signed = {**asked, "receipt": "json"}
    receipt = await api.send("POST", "/v1/verifications", data=signed, **files)
    number = receipt.headers["location"].rpartition("/")[2]
    report = json.loads(told.content)
    return Verified.of(number, report, on_record=not files, undecided=not work.item_code)


def _refused(words: Mapping[str, tuple[str, str]]) -> ProblemShownError:
    messages = {
        language: {"title": title, "detail": detail} for language, (title, detail) in words.items()
    }
    return ProblemShownError({"status": 422, "code": "invalid-request", "messages": messages})
