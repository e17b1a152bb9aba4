"""Each thing a client asks, as a call: what is sent, whether it may be repeated, how it is read.

Pure: nothing is sent here, so that the sync and the async client ask the same in the same words.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from license_vault.client.errors import AnswerUnreadableError, ProblemError
from license_vault.client.reply import Reply
from license_vault.client.results import (
    Batch,
    License,
    LicensePage,
    PartnerAnswer,
    PartnerDispute,
    Receipt,
    Report,
    SharingDocument,
    batch_of,
    license_of,
    page_of,
    partner_answer_of,
    partner_dispute_of,
    report_of,
)

T = TypeVar("T")
_VERIFICATIONS = "/v1/verifications"
_KEY = re.compile(r"[!-~]{1,255}")
_Part = tuple[str, tuple[str | None, bytes]]


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call. ``repeatable``: it may be sent again when nobody knows what became of it."""

    method: str
    path: str
    read: Callable[[Reply], T]
    repeatable: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    json: object = None
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: tuple[_Part, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """What a verification is asked beside the document.

    ``policy`` is default, strict or historical; ``as_of`` a date or an instant with offset, "" for
    now; with an ``item_code`` the answer ends in a decision.
    """

    item_code: str = ""
    purpose: str = ""
    policy: str = "default"
    as_of: str = ""

    def form(self) -> dict[str, str]:
        """Return the members of the form, without empty ones."""
        told = {
            "item_code": self.item_code,
            "purpose": self.purpose,
            "policy": self.policy,
            "as_of": self.as_of,
        }
        return {name: value for name, value in told.items() if value}


def verify_file(content: bytes, question: Question, name: str) -> Call[Report]:
    """Verify one file."""
    return Call(
        "POST", _VERIFICATIONS, _report, form=question.form(), files=(("file", (name, content)),)
    )


def verify_number(identifier: str, check_code: str, question: Question) -> Call[Report]:
    """Verify the file on record of a license."""
    form = {**question.form(), "identifier": identifier, "check_code": check_code}
    return Call("POST", _VERIFICATIONS, _report, form=form)


def verify_batch(
    files: Sequence[tuple[str, bytes]], numbers: Sequence[tuple[str, str]], question: Question
) -> Call[Batch]:
    """Verify files, then numbers: at most fifty together."""
    parts: list[_Part] = [("file", file) for file in files]
    # A part without a name is a field; among the files it keeps its place in the order.
    parts += [("number", (None, f"{named} {code}".encode())) for named, code in numbers]
    return Call(
        "POST", f"{_VERIFICATIONS}/batch", lambda reply: batch_of(reply.object),
        form=question.form(), files=tuple(parts),
    )  # fmt: skip


def receipt_for(content: bytes, question: Question, name: str) -> Call[Receipt]:
    """Verify one file; the answer is the signed receipt. Each call makes one: not repeated."""
    form = {**question.form(), "receipt": "json"}
    return Call(
        "POST", _VERIFICATIONS, _receipt, repeatable=False, form=form,
        files=(("file", (name, content)),),
    )  # fmt: skip


def receipt(number: str) -> Call[Receipt]:
    """Fetch a receipt again."""
    path = f"{_VERIFICATIONS}/receipts/{_safe(number)}"
    return Call("GET", path, lambda reply: Receipt(reply.content, number))


def licenses(type_code: str, after: str, limit: int) -> Call[LicensePage]:
    """List licenses."""
    told = {"type_code": type_code, "after": after, "limit": str(limit)}
    query = {name: value for name, value in told.items() if value}
    return Call("GET", "/v1/licenses", lambda reply: page_of(reply.object), query=query)


def license_(identifier: str) -> Call[License]:
    """Show a license."""
    return Call("GET", f"/v1/licenses/{_safe(identifier)}", _license)


def download(identifier: str, form: str) -> Call[bytes]:
    """Download a sealed file."""
    path = f"/v1/licenses/{_safe(identifier)}/file"
    return Call("GET", path, lambda reply: reply.content, query={"form": form})


def issue(body: Mapping[str, object], key: str) -> Call[License]:
    """Issue a license."""
    return Call("POST", "/v1/licenses", _license, headers=_keyed(key), json=dict(body))


def act(identifier: str, verb: str, body: Mapping[str, object], key: str) -> Call[License]:
    """Do something with a license: suspension, resumption, renewal, cancellation …."""
    path = f"/v1/licenses/{_safe(identifier)}/{_safe(verb)}"
    return Call("POST", path, _license, headers=_keyed(key), json=dict(body))


def ask(
    region: str, operation: str, body: Mapping[str, str | Mapping[str, str]], key: str
) -> Call[PartnerAnswer]:
    """Ask a partner region; docs/exchange.md says which body each operation takes."""
    sent = {"operation": operation, "body": dict(body)}
    return Call(
        "POST", f"/v1/partners/{_safe(region)}/queries",
        lambda reply: partner_answer_of(reply.object), headers=_keyed(key), json=sent,
    )  # fmt: skip


def copy(region: str, named: tuple[str, str], until: date, key: str) -> Call[PartnerAnswer]:
    """Have a purpose-bound copy made; ``named`` is identifier and check code."""
    body = {"identifier": named[0], "check_code": named[1], "until": until.isoformat()}
    return ask(region, "copy", body, key)


def raise_dispute(
    region: str, license_identifier: str, told: tuple[str, str], key: str
) -> Call[PartnerDispute]:
    """Dispute a partner's license; ``told`` is the field and the grounds."""
    body = {"license": license_identifier, "field": told[0], "grounds": told[1]}
    return Call(
        "POST", f"/v1/partners/{_safe(region)}/disputes", _dispute, headers=_keyed(key), json=body
    )


def dispute(reference: str) -> Call[PartnerDispute]:
    """Show a dispute at a partner."""
    return Call("GET", f"/v1/partner-disputes/{_safe(reference)}", _dispute)


def sharing(document: str, region: str) -> Call[SharingDocument]:
    """Fetch a signed document of sharing: catalogue, use-list or maps."""
    query = {"region": region} if region else {}
    return Call(
        "GET", f"/v1/sharing/{_safe(document)}",
        lambda reply: SharingDocument(reply.content, reply.object), query=query,
    )  # fmt: skip


def fetch(path: str) -> Call[bytes]:
    """Fetch a public file: the trust bundle, a trust list, a status list."""
    return Call("GET", path, lambda reply: reply.content)


def token(client_id: str, secret: str) -> Call[tuple[str, float]]:
    """Trade credentials for a token; also how many seconds it counts."""
    form: dict[str, str] = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": secret,
    }
    return Call("POST", "/v1/oauth2/token", _token, form=form)


def _report(reply: Reply) -> Report:
    return report_of(reply.object)


def _license(reply: Reply) -> License:
    return license_of(reply.object)


def _dispute(reply: Reply) -> PartnerDispute:
    return partner_dispute_of(reply.object)


def _receipt(reply: Reply) -> Receipt:
    return Receipt(reply.content, reply.headers.get("location", "").rpartition("/")[2])


def _token(reply: Reply) -> tuple[str, float]:
    value: Mapping[str, Any] = reply.object
    found, seconds = value.get("access_token"), value.get("expires_in")
    if not isinstance(found, str) or not isinstance(seconds, int):
        raise AnswerUnreadableError("/v1/oauth2/token")
    return found, float(seconds)


def _keyed(key: str) -> dict[str, str]:
    """Return the header; a key that none can hold is refused as the node refuses it.

    Raises:
        ProblemError: idempotency-key-required.
    """
    if not _KEY.fullmatch(key):
        zh, en = (
            "幂等键应为 1 至 255 个可见 ASCII 字符。",
            "A key is 1 to 255 visible ASCII characters.",
        )
        raise ProblemError("idempotency-key-required", 400, (zh, en))
    return {"Idempotency-Key": key}


def _safe(part: str) -> str:
    return quote(part, safe="")
