"""The receipt of a verification (核验回执): what a region found about a file, and decided.

It goes into the archive in place of paper: digests of the file, the verdict with its reasons, the
decision for an item, and what all of it rests on (policy, trust list, status list, issue log, the
time asked about). The library signs it with its own key. It holds no claims of the license beyond
its names: whoever wants to know more needs the file itself, and the receipt says whether it is it.

One form only: RFC 8785 of texts, lists and objects. Numbers are decimal texts; what there is none
of is an empty text. Instants are UTC, whole seconds.

Source: docs/schemas/verification-receipt-1.json; ADR 0053.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from signing.cms.pdf_signature_writer import SigningIdentity
from signing.errors import MalformedJsonError, MalformedReceiptError
from signing.sealed_json.statement import (
    SignedStatement,
    StatementForm,
    read_statement,
    sign_statement,
)
from signing.sealed_json.strict_json import digest_of, free_text_of, members_of, text_of

SCHEMA = "license-vault/verification-receipt/1"
# "conclusion" sorts before "schema", and tells these from presenting receipts by their beginning.
VERIFICATION_RECEIPT = StatementForm("conclusion", SCHEMA, 1024 * 1024)
ANONYMOUS = "anonymous"

_LONGEST_TEXT = 4096
_MOST_FILES = 16
_MOST_REASONS = 512
_TEXTS: Mapping[str, frozenset[str]] = {
    "asked": frozenset(("as_of", "item_code", "policy", "purpose", "requester", "verified_at")),
    "license": frozenset(("authority_code", "content_id", "identifier", "type_code", "type_name")),
    "sentence": frozenset(("en", "zh")),
    "trust": frozenset(("issued_at", "region", "sequence")),
    "status": frozenset(("issued_at", "sequence", "source", "uri")),
    "log": frozenset(("region", "root", "size")),
}
_MEMBERS = frozenset(
    ("decision", "files", "marks", "reasons", "receipt_id", "state", "verdict", "verifier", *_TEXTS)
)
_DECISION = frozenset(("outcome", "reasons", "use_list_region", "use_list_version"))
_FILE = frozenset(("bytes", "form", "sha256", "sm3"))
_REASON = frozenset(("check", "code", "outcome"))


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """A file that was verified: its form, digests (hex) and size (decimal)."""

    form: str
    sm3: str
    sha256: str
    size: str


@dataclass(frozen=True, slots=True)
class VerificationReceipt:
    """What is said; ``value`` is all of it, as JSON values of the published schema."""

    receipt_id: str
    verdict: str
    decision: str
    files: tuple[VerifiedFile, ...]
    value: Mapping[str, Any]

    def names(self, sm3: str) -> bool:
        """Say whether a file with this SM3 (hex) is one of those the receipt is about."""
        return any(file.sm3 == sm3 for file in self.files)


@dataclass(frozen=True, slots=True)
class SignedVerificationReceipt:
    """A receipt as found, with what its detached CMS is over."""

    receipt: VerificationReceipt
    statement: SignedStatement


def sign_verification_receipt(
    value: Mapping[str, Any],
    identity: SigningIdentity,
    sign: Callable[[bytes], bytes],
    timestamp: Callable[[bytes], bytes],
) -> bytes:
    """Return the signed receipt; arguments as ``statement.sign_statement``.

    Raises:
        MalformedReceiptError: the value is not of the published schema.
    """
    try:
        _receipt(value)
    except MalformedJsonError as error:
        raise MalformedReceiptError(f"receipt-{error.code}", error.where) from error
    return sign_statement(VERIFICATION_RECEIPT, value, identity, sign, timestamp)


def read_verification_receipt(data: bytes) -> SignedVerificationReceipt:
    """Return what a signed receipt says.

    Raises:
        MalformedReceiptError: and no other error; it is not the one form a receipt has.
    """
    try:
        statement = read_statement(VERIFICATION_RECEIPT, data)
        return SignedVerificationReceipt(_receipt(statement.value), statement)
    except MalformedJsonError as error:
        raise MalformedReceiptError(f"receipt-{error.code}", error.where) from error


def is_verification_receipt(data: bytes) -> bool:
    """Say whether bytes begin as a verification receipt, which has one form only, does."""
    return data.startswith(VERIFICATION_RECEIPT.beginning)


def _receipt(value: object) -> VerificationReceipt:
    found = members_of(value, _MEMBERS, "/conclusion")
    for member, names in _TEXTS.items():
        _texts(found[member], names, f"/conclusion/{member}")
    for name in ("state", "verifier"):
        free_text_of(found[name], _LONGEST_TEXT, f"/conclusion/{name}")
    for mark in _list(found["marks"], "/conclusion/marks"):
        free_text_of(mark, _LONGEST_TEXT, "/conclusion/marks")
    for reason in _list(found["reasons"], "/conclusion/reasons"):
        _texts(reason, _REASON, "/conclusion/reasons")
    return VerificationReceipt(
        receipt_id=text_of(found["receipt_id"], 64, "/conclusion/receipt_id"),
        verdict=text_of(found["verdict"], 64, "/conclusion/verdict"),
        decision=_decision(found["decision"]),
        files=tuple(map(_file, _list(found["files"], "/conclusion/files", _MOST_FILES))),
        value=found,
    )


def _decision(value: object) -> str:
    where = "/conclusion/decision"
    found = members_of(value, _DECISION, where)
    for reason in _list(found["reasons"], where):
        free_text_of(reason, _LONGEST_TEXT, where)
    for name in _DECISION - {"reasons"}:
        free_text_of(found[name], _LONGEST_TEXT, f"{where}/{name}")
    return str(found["outcome"])


def _file(value: object) -> VerifiedFile:
    where = "/conclusion/files"
    found = members_of(value, _FILE, where)
    return VerifiedFile(
        form=text_of(found["form"], 16, where),
        sm3=digest_of(found["sm3"], where),
        sha256=digest_of(found["sha256"], where),
        size=text_of(found["bytes"], 16, where),
    )


def _list(value: object, where: str, most: int = _MOST_REASONS) -> Sequence[object]:
    if not isinstance(value, list):
        raise MalformedJsonError("not-a-list", where)
    if len(value) > most:
        raise MalformedJsonError("wrong-count", where)
    return value


def _texts(value: object, names: frozenset[str], where: str) -> None:
    for name, text in members_of(value, names, where).items():
        free_text_of(text, _LONGEST_TEXT, f"{where}/{name}")
