"""Officers sign what they decide with their own SM2 keys: 独任 one, 一审一核 one after the other.

The page shows the very bytes to be signed. The signature is brought, or made in the browser with
a key file that never leaves it. After the first of two signatures the second officer gets a file,
sees in it what the first one signed, signs and sends it. Nothing is kept here in between.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, UploadFile
from pydantic import BaseModel
from starlette.responses import HTMLResponse, Response

from api.errors import FormRefusedError
from api.headers import attachment
from api.pages.console.asking import approvals_in, carried, items_by_code
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import go, show
from api.pages.visitor import FormDep, OfficerDep, Visitor
from license_vault.approvals.items import STEPS, ApprovalMode
from license_vault.lifecycle.verbs import VERBS, Makes

router = APIRouter(prefix="/console/sign", include_in_schema=False)

DECISION, LICENSE = "decision", "license"
STEP_NAMES = {
    "decide": ("独任审批", "decision of one officer"),
    "review": ("审查（一审）", "review, the first of two"),
    "check": ("核准（一核）", "check, the second of two"),
}
# A license is issued out of its case, so that verb alone is no act of its own.
_ACTS = {DECISION, LICENSE, *VERBS} - {"issue"}
_LARGEST = 512 * 1024
_DER = 0x30


@dataclass(frozen=True, slots=True)
class Draft:
    """An act that waits for signatures.

    ``act`` is decision, license or a verb; ``subject`` the case's handle or the license's
    identifier, of 转入 that of the license before; ``approvals`` those that are there already;
    ``holders_typed`` whether its form had the holders typed, not known.
    """

    act: str
    subject: str
    body: Mapping[str, Any]
    approvals: tuple[Mapping[str, str], ...] = ()
    case_number: str = ""
    item_code: str = ""
    holders_typed: bool = False

    @property
    def request(self) -> Mapping[str, Any]:
        """Return what is signed: the body; of an order to a license also whose it is."""
        if self.act in VERBS:
            return {self.act: self.subject, "order": self.body}
        return self.body

    @property
    def sent(self) -> dict[str, Any]:
        """Return the body that is sent, with the signatures that are there."""
        body = {**self.body}
        if self._takes_over:
            body["previous_identifier"] = self.subject
        if self.approvals:
            body["approvals"] = list(self.approvals)
        return body

    @property
    def _takes_over(self) -> bool:
        """Tell whether it is 转入: of no case and no license that is here already."""
        return self.act in VERBS and VERBS[self.act].makes is Makes.LICENSE

    @property
    def target(self) -> str:
        """Return where it is sent."""
        if self._takes_over:
            return within("licenses", self.act)
        if self.act in VERBS:
            return within("licenses", self.subject, self.act)
        return within("cases", self.subject, self.act)

    @property
    def back(self) -> str:
        """Return the page of what it is about."""
        if self._takes_over:
            return f"/console/licenses/{self.act}"
        area = "licenses" if self.act in VERBS else "cases"
        return f"/console/{area}/{self.subject}"

    @property
    def form(self) -> str:
        """Return the form that takes it back to be typed over; "" once somebody signed it."""
        if self.approvals:
            return ""
        if self._takes_over or self.act == LICENSE:
            return f"{self.back}/license"
        if self.act == DECISION:
            return f"{self.back}/{self.act}#decide"
        return f"{self.back}/orders/{self.act}"

    @property
    def name(self) -> tuple[str, str]:
        """Return what it is called."""
        if self.act in VERBS:
            return VERBS[self.act].zh, VERBS[self.act].en
        return {DECISION: ("审批决定", "decision"), LICENSE: ("制证", "issue")}[self.act]

    def text(self) -> str:
        """Return it as a form or a file carries it."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def draft_in(text: str) -> Draft:
    """Return the act that a form or a file carries.

    Raises:
        FormRefusedError: it is none.
    """
    told = carried(text)
    texts = [told.get(name) for name in ("act", "subject", "case_number", "item_code")]
    body = told.get("body")
    known = texts[0] in _ACTS
    if not known or not all(isinstance(each, str) for each in texts):
        raise FormRefusedError
    if not isinstance(body, dict):
        raise FormRefusedError
    approvals = approvals_in(told.get("approvals"))
    act, subject, case_number, item_code = map(str, texts)
    typed = told.get("holders_typed") is True
    return Draft(act, subject, body, approvals, case_number, item_code, typed)


async def sign_page(
    visitor: Visitor, draft: Draft, problem: Mapping[str, Any] | None = None
) -> HTMLResponse:
    """Show what is to be signed next, and take the signature."""
    steps = await _steps(visitor, draft)
    done = len(draft.approvals)
    told = None
    if done < len(steps):
        asked = {
            "case_number": draft.case_number,
            "item_code": draft.item_code,
            "request": draft.request,
            "step": steps[done],
        }
        told = await visitor.api.post("/v1/approval-messages", asked)
    return show(
        visitor,
        "console/cases_sign.html",
        status=problem["status"] if problem else 200,
        draft=draft,
        steps=steps,
        step_names=STEP_NAMES,
        told_message=told,
        problem=problem,
        body_text=json.dumps(draft.request, ensure_ascii=False, indent=2),
    )


async def _steps(visitor: Visitor, draft: Draft) -> tuple[str, ...]:
    """Return the steps that the item demands; none where it is not registered."""
    item = (await items_by_code(visitor)).get(draft.item_code)
    return () if item is None else tuple(map(str, STEPS[ApprovalMode(item["mode"])]))


class SignedForm(BaseModel):
    """What the page sends: the act, and how the step was signed; the signature may be a file."""

    draft: str
    step: str = ""
    signed_at: str = ""
    officer_id: str = ""
    signature: str = ""


async def _signed(
    form: Annotated[SignedForm, Form()],
    signature_file: Annotated[UploadFile | None, File()] = None,
) -> Draft:
    """Return the act with the signature that was brought."""
    draft = draft_in(form.draft)
    if not form.step:
        return draft
    data = await signature_file.read(_LARGEST) if signature_file else b""
    approval = {
        "officer_id": form.officer_id,
        "step": form.step,
        "signed_at": form.signed_at,
        "signature": signature_text(data) if data else "".join(form.signature.split()),
    }
    return replace(draft, approvals=(*draft.approvals, approval))


def signature_text(data: bytes) -> str:
    """Return a signature file as Base64: it is DER, or Base64 already."""
    if data[:1] == bytes([_DER]):
        return base64.b64encode(data).decode()
    return "".join(data.decode("ascii", "replace").split())


@router.post("")
async def sign(
    visitor: OfficerDep, key: FormDep, signed: Annotated[Draft, Depends(_signed)]
) -> Response:
    """Take a signature: with the last one the act is done, before it the next officer signs."""
    steps = await _steps(visitor, signed)
    if len(signed.approvals) < len(steps):
        return show(
            visitor, "console/cases_handover.html", draft=signed, step=steps[len(signed.approvals)],
            step_names=STEP_NAMES,
        )  # fmt: skip
    try:
        return go(await _done(visitor, signed, key))
    except ProblemShownError as error:
        if error.status >= 500 or error.code == "unauthenticated":
            raise
        before = replace(signed, approvals=signed.approvals[:-1])
        return await sign_page(visitor, before, error.document)


async def _done(visitor: Visitor, draft: Draft, key: str) -> str:
    """Do what was signed; return the page that shows it."""
    answer = await visitor.api.post(draft.target, draft.sent, key=key)
    if draft.act == DECISION:
        return draft.back
    if draft.act in VERBS and VERBS[draft.act].makes is Makes.NOTHING:
        return f"{draft.back}?done={draft.act}"
    return f"/console/licenses/{answer['identifier']}?made=1"


@router.post("/file")
async def handed_over(visitor: OfficerDep, key: FormDep, draft: Annotated[str, Form()]) -> Response:
    """Return the act with the signatures that are there, as a file for the next officer."""
    del key, visitor
    return _download(draft_in(draft).text().encode(), "待核准.json", "application/json")


@router.post("/message")
async def message(
    visitor: OfficerDep, key: FormDep, text: Annotated[str, Form(max_length=4096)]
) -> Response:
    """Return the bytes to be signed as a file, for a signing tool."""
    del key, visitor
    return _download(text.encode(), "待签内容.bin", "application/octet-stream")


def _download(data: bytes, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": attachment(name), "Cache-Control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)
