"""The receipt of a presentation (亮证回执): what a holder showed to whom, for what, and when.

It goes into the case file in place of paper, so it holds the values that were consented to and
the five elements and purpose of who resolved the code. The library signs it with its own key; it
is no license and proves none: it says what the library answered at that instant.

Numbers do not occur; instants are texts, UTC, whole seconds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from signing.cms.pdf_signature_writer import SigningIdentity
from signing.errors import MalformedJsonError, MalformedReceiptError
from signing.sealed_json.statement import (
    SignedStatement,
    StatementForm,
    read_statement,
    sign_statement,
)
from signing.sealed_json.strict_json import (
    digest_of,
    free_text_of,
    instant_of,
    instant_text,
    list_of,
    members_of,
    text_of,
)

RECEIPT = StatementForm("receipt", "license-vault/presenting-receipt/1", 1024 * 1024)
MOST_LICENSES = 16
_MOST_FIELDS = 512
_LONGEST_TEXT = 4096
_USE = ("organisation", "operator", "item_name", "item_code", "case_number", "purpose")
_RECEIPT = frozenset(("licenses", "presented_at", "receipt_id", "resolved_at", "use"))
_LICENSE = frozenset(
    ("authority", "content_id", "fields", "files", "identifier", "marks", "state", "type")
)
_CODED = frozenset(("code", "name"))


@dataclass(frozen=True, slots=True)
class PresentedLicense:
    """One license as it was shown.

    ``fields`` are the printed texts by their claim paths, only those consented to; ``files``
    the SM3 (hex) of each form, where the whole license was consented to; ``state`` and ``marks``
    what counted at that instant.
    """

    identifier: str
    type_code: str
    type_name: str
    authority_code: str
    authority_name: str
    content_id: str
    state: str
    marks: str
    fields: Mapping[str, str] = field(repr=False)
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PresentingReceipt:
    """What is said. ``use`` has the five elements and the purpose, by their English names."""

    receipt_id: str
    presented_at: datetime
    resolved_at: datetime
    use: Mapping[str, str] = field(repr=False)
    licenses: tuple[PresentedLicense, ...]


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt as found, with what its detached CMS is over."""

    receipt: PresentingReceipt
    statement: SignedStatement


def sign_receipt(
    receipt: PresentingReceipt,
    identity: SigningIdentity,
    sign: Callable[[bytes], bytes],
    timestamp: Callable[[bytes], bytes],
) -> bytes:
    """Return the signed receipt; arguments as ``statement.sign_statement``."""
    return sign_statement(RECEIPT, _values(receipt), identity, sign, timestamp)


def read_receipt(data: bytes) -> SignedReceipt:
    """Return what a signed receipt says.

    Raises:
        MalformedReceiptError: and no other error; it is not the one form a receipt has.
    """
    try:
        statement = read_statement(RECEIPT, data)
        return SignedReceipt(_receipt(statement.value), statement)
    except MalformedJsonError as error:
        raise MalformedReceiptError(f"receipt-{error.code}", error.where) from error


def is_receipt(data: bytes) -> bool:
    """Say whether bytes begin as a receipt, which has one form only, does."""
    return data.startswith(RECEIPT.beginning)


def _values(receipt: PresentingReceipt) -> dict[str, Any]:
    return {
        "receipt_id": receipt.receipt_id,
        "presented_at": instant_text(receipt.presented_at),
        "resolved_at": instant_text(receipt.resolved_at),
        "use": dict(receipt.use),
        "licenses": [
            {
                "identifier": shown.identifier,
                "type": {"code": shown.type_code, "name": shown.type_name},
                "authority": {"code": shown.authority_code, "name": shown.authority_name},
                "content_id": shown.content_id,
                "state": shown.state,
                "marks": shown.marks,
                "fields": dict(shown.fields),
                "files": dict(shown.files),
            }
            for shown in receipt.licenses
        ],
    }


def _receipt(value: object) -> PresentingReceipt:
    found = members_of(value, _RECEIPT, "/receipt")
    use = members_of(found["use"], frozenset(_USE), "/receipt/use")
    licenses = list_of(found["licenses"], MOST_LICENSES, "/receipt/licenses")
    return PresentingReceipt(
        receipt_id=text_of(found["receipt_id"], 64, "/receipt/receipt_id"),
        presented_at=instant_of(found["presented_at"], "/receipt/presented_at"),
        resolved_at=instant_of(found["resolved_at"], "/receipt/resolved_at"),
        use={name: text_of(use[name], 256, f"/receipt/use/{name}") for name in _USE},
        licenses=tuple(
            _license(item, f"/receipt/licenses/{number}") for number, item in enumerate(licenses)
        ),
    )


def _license(value: object, where: str) -> PresentedLicense:
    found = members_of(value, _LICENSE, where)
    kind = members_of(found["type"], _CODED, f"{where}/type")
    authority = members_of(found["authority"], _CODED, f"{where}/authority")
    files = _texts(found["files"], f"{where}/files")
    return PresentedLicense(
        identifier=text_of(found["identifier"], 128, f"{where}/identifier"),
        type_code=text_of(kind["code"], 64, f"{where}/type/code"),
        type_name=text_of(kind["name"], 256, f"{where}/type/name"),
        authority_code=text_of(authority["code"], 64, f"{where}/authority/code"),
        authority_name=text_of(authority["name"], 256, f"{where}/authority/name"),
        content_id=digest_of(found["content_id"], f"{where}/content_id"),
        state=text_of(found["state"], 64, f"{where}/state"),
        marks=free_text_of(found["marks"], _LONGEST_TEXT, f"{where}/marks"),
        fields=_texts(found["fields"], f"{where}/fields"),
        files={form: digest_of(digest, f"{where}/files") for form, digest in files.items()},
    )


def _texts(value: object, where: str) -> Mapping[str, str]:
    if not isinstance(value, dict) or len(value) > _MOST_FIELDS:
        raise MalformedJsonError("not-an-object", where)
    return {name: free_text_of(text, _LONGEST_TEXT, where) for name, text in value.items()}
