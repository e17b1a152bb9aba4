"""What a verification is asked, besides the document: when, by which policy, for which item.

The same members in every form that asks: one file, several, a batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Form, Request

from api.authentication import HolderPerson
from api.dependencies import ServicesDep, principal_of
from api.device_access import device_in
from api.errors import RequestInvalidError
from api.use_header import UseHeader, use_in
from license_vault.access.use import LONGEST, Use
from license_vault.api_clients import Caller
from license_vault.issuing.request_reading import text_fault
from license_vault.sharing.reading import ITEM_CODE
from signing.sealed_json.verification_receipt import ANONYMOUS
from verification.errors import AsOfInvalidError
from verification.moments import read_as_of
from verification.policy import AsOfDemand, Policy, load_policy

RECEIPT_TYPE = "application/vnd.license-vault.receipt+json"
A_HOLDER = "holder"
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: ``name`` as in receipts, an organisation, a holder unnamed, or nobody.

    ``caller`` is nothing of a holder and of nobody; ``use`` is nothing where none was said.
    """

    name: str
    caller: Caller | None = None
    use: Use | None = field(default=None, repr=False)
    is_device: bool = False


NOBODY = Asker(ANONYMOUS)


@dataclass(frozen=True, slots=True)
class VerificationQuestion:
    """What is asked; ``at`` None: now; item and purpose "" where none is named.

    ``proofs`` are proofs of existence that came with the files. ``tells_receipt``: the answer is
    the report, with the number of a receipt that is kept; ``wants_pictures``: of uploaded files.
    """

    at: datetime | None
    policy: Policy
    item_code: str
    purpose: str = field(repr=False)
    wants_receipt: bool
    asker: Asker
    proofs: tuple[bytes, ...] = field(default=(), repr=False)
    tells_receipt: bool = False
    wants_pictures: bool = False


def plain_question(as_of: str | None = None) -> VerificationQuestion:
    """Return what anybody asks: by the default policy, for no item.

    Raises:
        RequestInvalidError: the time cannot be read.
    """
    return VerificationQuestion(_as_of(as_of), load_policy(DEFAULT), "", "", False, NOBODY)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a verification is for: an item by its code and a purpose, "" where unsaid."""

    item_code: str
    purpose: str = field(repr=False)


def purpose_of(
    item_code: Annotated[
        str | None,
        Form(max_length=64, description="事项编码: the answer then ends in a decision"),
    ] = None,
    purpose: Annotated[
        str | None, Form(max_length=LONGEST, description="用途, as it shall stand in a receipt")
    ] = None,
) -> Purpose:
    """Return what a form says it is for.

    Raises:
        RequestInvalidError: it cannot be a code, or holds characters that are none.
    """
    if item_code and not ITEM_CODE.fullmatch(item_code):
        raise RequestInvalidError(
            "/item_code", "wrong-format", "格式不正确。", "This has the wrong form."
        )
    fault = text_fault(purpose, LONGEST) if purpose else None
    if fault is not None:
        raise RequestInvalidError("/purpose", *fault)
    return Purpose(item_code or "", purpose or "")


def asker_of(services: ServicesDep, request: Request, license_use: UseHeader = None) -> Asker:
    """Return who asks, and what for.

    Raises:
        UnauthenticatedError: a credential was sent, and does not count.
        UseInvalidError: an organisation's header cannot be read.
    """
    credential = request.headers.get("authorization")
    if credential is None:
        return NOBODY
    device = device_in(services, credential)
    caller = principal_of(services, credential) if device is None else device.as_caller
    if isinstance(caller, HolderPerson):
        return Asker(A_HOLDER)
    code = caller.organisation_code
    use = None if license_use is None else use_in(license_use, code)
    return Asker(code, caller, use, is_device=device is not None)


@dataclass(frozen=True, slots=True)
class Besides:
    """What is wanted besides the report: a receipt, or its number, and pictures."""

    receipt: Literal["json", "number"] | None
    pictures: bool


_NOTHING_BESIDES = Besides(None, pictures=False)


def besides_of(
    receipt: Annotated[
        Literal["json", "number"] | None,
        Form(
            description="json: answer with a signed verification receipt, which is kept. number: "
            "answer with the report, and in its member receipt with the number of the receipt "
            "that is kept (about one license only)"
        ),
    ] = None,
    pictures: Annotated[
        Literal["first-pages"] | None,
        Form(
            description="first-pages: the report has a member pictures: the first pages as "
            "uploaded and as sealed, and the pictures of the seals. Nothing of it is kept"
        ),
    ] = None,
) -> Besides:
    """Return what a form wants besides the report."""
    return Besides(receipt, pictures is not None)


def question_of(
    request: Request,
    asker: Annotated[Asker, Depends(asker_of)],
    purpose: Annotated[Purpose, Depends(purpose_of)],
    as_of: Annotated[
        str | None,
        Form(
            max_length=40,
            description="the time asked about: RFC 3339 with an offset, or a date, which means "
            "its end at +08:00; unset: now",
            examples=["2026-06-30"],
        ),
    ] = None,
    policy: Annotated[
        Literal["default", "strict", "historical"],
        Form(description="核验策略; historical asks as_of"),
    ] = "default",
    besides: Annotated[Besides, Depends(besides_of)] = _NOTHING_BESIDES,
) -> VerificationQuestion:
    """Return what a form asks.

    Raises:
        RequestInvalidError: the time or the purpose is not as it must be, or a time is missing.
    """
    at, asked = _as_of(as_of), load_policy(policy)
    if asked.as_of is AsOfDemand.REQUIRED and at is None:
        raise RequestInvalidError(
            "/as_of",
            "missing",
            "按历史策略核验，须说明所问时间。",
            "The historical policy needs the time asked about.",
        )
    accepted = request.headers.get("accept", "")
    return VerificationQuestion(
        at=at,
        policy=asked,
        item_code=purpose.item_code,
        purpose=purpose.purpose,
        wants_receipt=besides.receipt == "json" or RECEIPT_TYPE in accepted,
        tells_receipt=besides.receipt == "number",
        wants_pictures=besides.pictures,
        asker=asker,
    )


QuestionDep = Annotated[VerificationQuestion, Depends(question_of)]


def _as_of(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return read_as_of(text)
    except AsOfInvalidError as error:
        raise RequestInvalidError(
            "/as_of",
            "not-a-time",
            "应为带时区的时刻或日期，如 2026-06-30。",
            "This must be an instant with an offset, or a date such as 2026-06-30.",
        ) from error
