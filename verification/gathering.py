"""Gather: the document, what is trusted, the state of the license → Evidence. All I/O is here.

Steps as in docs/verification-process.md, 1 to 3. What cannot be had is a fact in the evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from license_vault.license_metadata import content_id
from signing.sealed_json.copy_record import CopyParent
from verification.case import StatusSubject
from verification.copy_judgement import read_document_copy
from verification.document_facts import document_evidence
from verification.document_form import document_form
from verification.errors import DocumentTooLargeError, EmptyDocumentError, NotALicenseFileError
from verification.evidence import (
    DocumentForm,
    Evidence,
    LogEvidence,
    ParsedDocument,
    ReadFailure,
    StatusEvidence,
    StatusKind,
    TrustEvidence,
)
from verification.judging import DocumentClaims, read_document_claims
from verification.opinions import SecondOpinion
from verification.policy import ListAgeDemand, LogDemand, Policy, StatusDemand
from verification.sources import Sources, Unreachable

Parse = Callable[[bytes], ParsedDocument | ReadFailure]

MAX_DOCUMENT_BYTES = 32 * 1024 * 1024


def refuse_what_is_no_document(data: bytes, limit: int = MAX_DOCUMENT_BYTES) -> DocumentForm:
    """Check that there is something to read; return its form.

    Raises:
        EmptyDocumentError, DocumentTooLargeError, NotALicenseFileError: each as named.
    """
    if not data:
        raise EmptyDocumentError
    if len(data) > limit:
        raise DocumentTooLargeError(len(data), limit)
    form = document_form(data)
    if form is None:
        raise NotALicenseFileError
    return form


def gather(
    data: bytes,
    parse: Parse,
    sources: Sources,
    policy: Policy,
    moment: tuple[datetime, datetime],
    second_opinion: SecondOpinion | None = None,
) -> tuple[Evidence, DocumentClaims]:
    """Return the evidence about a document, and its claims as read on the way.

    Args:
        moment: the time asked about, and now.
        second_opinion: another SM2 implementation: (public point, message, signature) → valid.
    """
    form = refuse_what_is_no_document(data)
    as_of, now = moment
    document = document_evidence(form, data, parse(data), second_opinion)
    read = read_document_claims(document.parsed.claims if document.parsed else None)
    parent = _parent(document.parsed)
    trust = _trust(_authority_code(read, parent), sources, policy, as_of)
    status = None
    if policy.status is not StatusDemand.SKIPPED:
        status = _status(parent or read.claims, document.sm3, sources, as_of)
    log = None
    if policy.log is not LogDemand.SKIPPED:
        log = _log(_logged_as(document.parsed, parent), _authority_code(read, parent), sources)
    if isinstance(trust, Unreachable):
        return Evidence(document, None, trust.detail, status, now, log), read
    return Evidence(document, trust, "", status, now, log), read


def _trust(
    code: str | None, sources: Sources, policy: Policy, as_of: datetime
) -> TrustEvidence | Unreachable:
    """Ask whom to trust now; where the age of lists is not asked, at the time asked about."""
    if policy.list_age is ListAgeDemand.NOT_ASKED and sources.past is not None:
        return sources.past.trust_at(code, as_of)
    return sources.trust.trust_for(code)


def _log(logged_as: str | None, authority_code: str | None, sources: Sources) -> LogEvidence | None:
    """Ask for a license in the issue log of its region; of a document without claims nobody."""
    if sources.log is None or logged_as is None or authority_code is None:
        return None
    return sources.log.log_of(logged_as, authority_code)


def _logged_as(parsed: ParsedDocument | None, parent: CopyParent | None) -> str | None:
    """Return the content_id that the issue log would hold: of a purpose-bound copy its parent's."""
    if parent is not None:
        return parent.content_id
    return None if parsed is None or parsed.claims is None else content_id(parsed.claims)


def _authority_code(read: DocumentClaims, parent: CopyParent | None) -> str | None:
    """Return whose region is asked: the issuer's, of a purpose-bound copy its parent's."""
    if parent is not None:
        return parent.authority_code
    return None if read.claims is None else read.claims.authority.code


def _status(
    subject: StatusSubject | None, sm3: str, sources: Sources, as_of: datetime
) -> StatusEvidence | None:
    """Ask for the state: by the list that is named, else by the file itself where it is kept."""
    found = None
    if subject is not None:
        found = sources.status.status_of(subject.status_uri, subject.status_index, as_of)
        if found.kind is not StatusKind.UNAVAILABLE:
            return found
    kept = None if sources.files is None else sources.files.state_of_file(sm3, as_of)
    return kept or found


def _parent(parsed: ParsedDocument | None) -> CopyParent | None:
    """Return the license that a purpose-bound copy is of, None of everything else."""
    record, _ = read_document_copy(None if parsed is None else parsed.copy)
    return None if record is None else record.parent
