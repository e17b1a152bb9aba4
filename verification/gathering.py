"""Gather: the document, what is trusted, the state of the license → Evidence. All I/O is here.

Steps as in docs/verification-process.md, 1 to 3. What cannot be had is a fact in the evidence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from verification.coverage import range_facts
from verification.errors import DocumentTooLargeError, EmptyDocumentError, NotALicenseFileError
from verification.evidence import (
    DocumentEvidence,
    DocumentForm,
    Evidence,
    ParsedDocument,
    ParsedSeal,
    ReadFailure,
)
from verification.judging import DocumentClaims, read_document_claims
from verification.policy import Policy, StatusDemand
from verification.seal_value import read_value
from verification.sources import Sources, Unreachable
from verification.trust import readable_certificate

Parse = Callable[[bytes], ParsedDocument | ReadFailure]
SecondOpinion = Callable[[bytes, bytes, bytes], bool]

MAX_DOCUMENT_BYTES = 32 * 1024 * 1024
_HEADER = b"%PDF-"


def refuse_what_is_no_document(data: bytes, limit: int = MAX_DOCUMENT_BYTES) -> None:
    """Check that there is something to read.

    Raises:
        EmptyDocumentError, DocumentTooLargeError, NotALicenseFileError: each as named.
    """
    if not data:
        raise EmptyDocumentError
    if len(data) > limit:
        raise DocumentTooLargeError(len(data), limit)
    if not data.startswith(_HEADER):
        raise NotALicenseFileError


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
    refuse_what_is_no_document(data)
    as_of, now = moment
    parsed = parse(data)
    document = _document(data, parsed, second_opinion)
    read = read_document_claims(document.parsed.claims if document.parsed else None)
    claims = read.claims
    trust = sources.trust.trust_for(None if claims is None else claims.authority.code)
    status = None
    if claims is not None and policy.status is not StatusDemand.SKIPPED:
        status = sources.status.status_of(claims.status_uri, claims.status_index, as_of)
    if isinstance(trust, Unreachable):
        return Evidence(document, None, trust.detail, status, now), read
    return Evidence(document, trust, "", status, now), read


def _document(
    data: bytes, parsed: ParsedDocument | ReadFailure, second_opinion: SecondOpinion | None
) -> DocumentEvidence:
    read = None if isinstance(parsed, ReadFailure) else parsed
    seals = () if read is None else read.seals
    stamps = () if read is None else read.document_timestamps
    digest, facts = range_facts(data, (*seals, *stamps))
    return DocumentEvidence(
        form=DocumentForm.PDF,
        sm3=digest,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        parsed=read,
        failure=parsed if isinstance(parsed, ReadFailure) else None,
        facts=facts[: len(seals)],
        timestamp_facts=facts[len(seals) :],
        second_opinions=tuple(_opinion(seal, second_opinion) for seal in seals),
        maker_opinions=(None,) * len(seals),
    )


def _opinion(seal: ParsedSeal, second_opinion: SecondOpinion | None) -> bool | None:
    if second_opinion is None:
        return None
    value, _ = read_value(seal)
    certificate = readable_certificate(value.signer_certificate) if value is not None else None
    if value is None or certificate is None:
        return None
    return second_opinion(certificate.public_point, value.message, value.signature)
