"""What a region publishes about sharing, signed: its catalogue, its use list (用证清单), its maps.

The whole is a statement of the library: who publishes, which version, since when, and the content
of one kind. What the content means is known to ``license_vault.sharing``; whether the signature
holds is for ``verification``.

Source: ADR 0053; DB31/T 310018-2024 (共享目录与应用场景清单发布).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from signing.cms.pdf_signature_writer import SigningIdentity
from signing.errors import MalformedJsonError, MalformedSharingDocumentError
from signing.sealed_json.statement import (
    SignedStatement,
    StatementForm,
    read_statement,
    sign_statement,
)
from signing.sealed_json.strict_json import instant_of, instant_text, members_of, text_of

SHARING = StatementForm("published", "license-vault/sharing/1", 4 * 1024 * 1024)
_MEMBERS = frozenset(("content", "kind", "published_at", "region", "version"))
_REGION = re.compile(r"[0-9]{6}", re.ASCII)
_VERSION = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


class SharingKind(StrEnum):
    """What a document says: what is shared, what is accepted, how codes correspond."""

    CATALOGUE = "catalogue"
    USE_LIST = "use-list"
    MAPS = "maps"


@dataclass(frozen=True, slots=True)
class SharingDocument:
    """One version of one kind; ``content`` is made of texts, lists and objects."""

    kind: SharingKind
    region: str
    version: int
    published_at: datetime
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignedSharingDocument:
    """A document as found, with what its detached CMS is over."""

    document: SharingDocument
    statement: SignedStatement


def sign_sharing_document(
    document: SharingDocument,
    identity: SigningIdentity,
    sign: Callable[[bytes], bytes],
    timestamp: Callable[[bytes], bytes],
) -> bytes:
    """Return the signed document; arguments as ``statement.sign_statement``."""
    value = {
        "kind": document.kind.value,
        "region": document.region,
        "version": str(document.version),
        "published_at": instant_text(document.published_at),
        "content": document.content,
    }
    return sign_statement(SHARING, value, identity, sign, timestamp)


def read_sharing_document(data: bytes) -> SignedSharingDocument:
    """Return what a signed document says; its content is not looked into.

    Raises:
        MalformedSharingDocumentError: and no other error; it has not the one form there is.
    """
    try:
        statement = read_statement(SHARING, data)
        return SignedSharingDocument(_document(statement.value), statement)
    except MalformedJsonError as error:
        raise MalformedSharingDocumentError(error.code, error.where) from error


def _document(value: object) -> SharingDocument:
    found = members_of(value, _MEMBERS, "/published")
    kind = text_of(found["kind"], 16, "/published/kind")
    if kind not in list(SharingKind):
        raise MalformedJsonError("kind-unknown", "/published/kind")
    if not isinstance(found["content"], dict):
        raise MalformedJsonError("not-an-object", "/published/content")
    return SharingDocument(
        kind=SharingKind(kind),
        region=_matching(found["region"], _REGION, "/published/region"),
        version=int(_matching(found["version"], _VERSION, "/published/version")),
        published_at=instant_of(found["published_at"], "/published/published_at"),
        content=found["content"],
    )


def _matching(value: object, form: re.Pattern[str], where: str) -> str:
    text = text_of(value, 9, where)
    if not form.fullmatch(text):
        raise MalformedJsonError("wrong-form", where)
    return text
