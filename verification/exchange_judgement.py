"""Judge who signed what one region says to another: its own library, by its accepted trust list.

Not a license and no receipt: a request or an answer counts now or not at all, so its signer must
be trusted now. Who the list names is trusted without a chain of its own, for the list names the
very certificate; a revocation list of its issuer can still say otherwise.

Source: ADR 0052; RFC 5652, 5.4; RFC 5280, 5.3.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from keys.certificate import Certificate, read_revocation_list
from keys.errors import KeyCustodyError
from keys.sm3 import sm3
from signing.cms.pdf_signature import read_cms_signature
from signing.errors import SigningError
from signing.sealed_json.statement import SignedStatement
from verification.seal_signature import signature_holds
from verification.trust import readable_certificate

# How far the clock of a CA may be ahead of ours.
_AHEAD = timedelta(minutes=5)
_SIGNING_USAGES = frozenset({"digitalSignature", "nonRepudiation"})


def signer_refusal(
    statement: SignedStatement,
    trusted: Collection[bytes],
    revocation_lists: Collection[bytes],
    at: datetime,
) -> str | None:
    """Return in a word why a statement is not the region's, None if it is.

    Args:
        trusted: the certificates (DER) of the library that the region stands for at ``at``.
        revocation_lists: of the region's CAs (DER), judged when they were taken in.
    """
    try:
        cms = read_cms_signature(statement.signature)
    except SigningError:
        return "signature-unreadable"
    if cms.problems:
        return "signature-malformed"
    signer = readable_certificate(cms.signer_certificate)
    if signer is None:
        return "certificate-unreadable"
    reason = _certificate_refusal(signer, trusted, at)
    if reason is not None:
        return reason
    if _is_revoked(signer, revocation_lists, at):
        return "revoked"
    names_content = cms.message_digest == sm3(statement.signed_bytes)
    if not names_content or not signature_holds(signer, cms.signed_attributes, cms.signature):
        return "signature-invalid"
    return None


def _certificate_refusal(
    signer: Certificate, trusted: Collection[bytes], at: datetime
) -> str | None:
    if signer.der not in trusted:
        return "not-named"
    if not signer.key_usages & _SIGNING_USAGES:
        return "key-usage"
    return None if signer.not_before <= at <= signer.not_after else "outside-period"


def _is_revoked(signer: Certificate, lists: Collection[bytes], at: datetime) -> bool:
    for encoded in lists:
        try:
            found = read_revocation_list(encoded)
        except KeyCustodyError:
            continue
        if found.issuer_der != signer.issuer_der:
            continue
        if signer.serial in found.revoked and found.this_update <= at + _AHEAD:
            return True
    return False
