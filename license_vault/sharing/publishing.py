"""Publishing what the own region shares and accepts; taking in what a partner published.

A draft is a file of one kind, checked against itself; publishing gives it the next version and the
library's signature. A partner's document is taken as it came, after somebody who may judge it has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Writing
from license_vault.errors import FieldInvalidError, FieldProblem
from license_vault.library_signature import LibrarySigner
from license_vault.sharing import catalogue, maps, use_list
from license_vault.sharing.documents import KeptDocument, SharingDocumentWriter
from license_vault.sharing.errors import SharingDocumentRefusedError
from signing.sealed_json.sharing_document import (
    SharingDocument,
    SharingKind,
    read_sharing_document,
    sign_sharing_document,
)

PUBLISHED: Final = "sharing.published"
TAKEN_IN: Final = "sharing.taken-in"
_SCHEMAS: Final = {
    catalogue.SCHEMA: SharingKind.CATALOGUE,
    use_list.SCHEMA: SharingKind.USE_LIST,
    maps.SCHEMA: SharingKind.MAPS,
}

Judge = Callable[[bytes, str], str | None]
"""Says why a document (its bytes, its region) is not to be believed; None: it is."""


def checked_content(kind: SharingKind, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a kind in its one form.

    Raises:
        FieldInvalidError: with every problem, each with its JSON pointer.
    """
    match kind:
        case SharingKind.CATALOGUE:
            return catalogue.read_catalogue(content).content()
        case SharingKind.USE_LIST:
            return use_list.read_use_list(content).content()
        case SharingKind.MAPS:
            return maps.read_maps(content).content()


def read_draft(text: str) -> tuple[SharingKind, dict[str, Any]]:
    """Return the kind of a draft (JSON with its schema) and its content.

    Raises:
        FieldInvalidError: it is no JSON, of no known schema, or wrong in itself.
    """
    try:
        draft = json.loads(text)
    except ValueError as error:
        raise _invalid("not-json", "不是 JSON。", "This is no JSON.") from error
    schema = draft.get("schema") if isinstance(draft, dict) else None
    if schema not in _SCHEMAS:
        known = ", ".join(_SCHEMAS)
        raise _invalid("schema-unknown", f"应为 {known}。", f"The schema must be one of {known}.")
    kind = _SCHEMAS[schema]
    return kind, checked_content(kind, {k: v for k, v in draft.items() if k != "schema"})


def _invalid(code: str, zh: str, en: str) -> FieldInvalidError:
    return FieldInvalidError((FieldProblem("/schema", code, zh, en),))


class SharingPublisher:
    """Publishes for the own region."""

    def __init__(self, session: Writing, region: str, signer: LibrarySigner) -> None:
        self._session = session
        self._region = region
        self._signer = signer

    def publish(
        self, kind: SharingKind, content: Mapping[str, Any], by: str, at: datetime
    ) -> KeptDocument:
        """Sign a content and publish it as the next version; the same again changes nothing.

        Raises:
            FieldInvalidError: the content is wrong.
            KeyCustodyError, TimestampUnavailableError: it cannot be signed now.
            RowConflictError: somebody published at the same moment.
        """
        writer = SharingDocumentWriter(self._session)
        newest = writer.newest(self._region, kind)
        new = SharingDocument(kind, self._region, 1, at, checked_content(kind, content))
        if newest is not None:
            if newest.document.content == new.content:
                return newest
            new = replace(new, version=newest.document.version + 1)
        signer = self._signer
        stamp = signer.timestamper.timestamp
        file = sign_sharing_document(new, signer.identity, signer.sign, stamp)
        kept = writer.add(file, by, at)
        AuditWriter(self._session).append(_act(PUBLISHED, kept, by, at))
        return kept


def take_in(session: Writing, file: bytes, judge: Judge, by: str, at: datetime) -> KeptDocument:
    """Keep what a partner region published; the same again changes nothing.

    Raises:
        MalformedSharingDocumentError: it is no such document.
        FieldInvalidError: what it says is wrong in itself.
        SharingDocumentRefusedError: not believed, older than what is kept, or another one of the
            same version.
    """
    document = read_sharing_document(file).document
    checked_content(document.kind, document.content)
    reason = judge(file, document.region)
    if reason is not None:
        raise SharingDocumentRefusedError(reason)
    kept = SharingDocumentWriter(session).add(file, by, at)
    if kept.taken_in_at == at:
        AuditWriter(session).append(_act(TAKEN_IN, kept, by, at))
    return kept


def _act(action: str, kept: KeptDocument, by: str, at: datetime) -> Act:
    document = kept.document
    subject = f"sharing:{document.region}/{document.kind.value}"
    details = {"version": str(document.version), "sm3": kept.sm3.hex()}
    return Act(by, action, subject, details, at)
