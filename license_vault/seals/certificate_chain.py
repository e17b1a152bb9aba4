"""A certificate chain from outside, checked as verifiers will before anything relies on it.

Every link up to an anchor, every period, and a second SM2 implementation's opinion on each
signature; two that disagree are an alarm. What the certificate is for is its user's question.

Source: RFC 5280, 6.1.3 a; ADR 0008.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from keys.certificate import Certificate, read_certificate, verify_issued_by
from keys.errors import CertificateUnreadableError, InvalidSignatureError
from keys.second_opinion import agrees_valid
from license_vault.trust.errors import ChainRefusedError
from signing.trust_bundle import TrustAnchor

_log = logging.getLogger("license_vault.trust")


def checked_chain(encoded: Sequence[bytes], anchor: bytes, at: datetime) -> tuple[Certificate, ...]:
    """Return a chain whose every link holds, the certificate first, the anchor last.

    Args:
        encoded: DER, the certificate first; with or without the anchor.

    Raises:
        ChainRefusedError: "unreadable", "link", "period" or "opinions-differ".
    """
    chain, root = _read(encoded), _read((anchor,))[0]
    if chain[-1].der != root.der:
        chain = (*chain, root)
    for certificate, issuer in zip(chain, (*chain[1:], root), strict=True):
        try:
            verify_issued_by(certificate, issuer)
        except InvalidSignatureError as error:
            raise ChainRefusedError("link", certificate.subject) from error
        if not agrees_valid(issuer.public_point, certificate.tbs, certificate.signature):
            _log.critical("the two SM2 implementations disagree about a certificate")
            raise ChainRefusedError("opinions-differ", certificate.subject)
        if not certificate.not_before <= at <= certificate.not_after:
            raise ChainRefusedError("period", certificate.subject)
    return chain


def anchor_of(
    anchors: Iterable[TrustAnchor], encoded: Sequence[bytes], purpose: str
) -> bytes | None:
    """Return the anchor (DER) trusted for a purpose that issued the end of a chain, or None.

    Raises:
        ChainRefusedError: "unreadable".
    """
    last = _read(encoded)[-1]
    for anchor in anchors:
        if purpose in anchor.purposes and _issued(read_certificate(anchor.certificate), last):
            return anchor.certificate
    return None


def _read(encoded: Sequence[bytes]) -> tuple[Certificate, ...]:
    if not encoded:
        raise ChainRefusedError("unreadable", "")
    try:
        return tuple(map(read_certificate, encoded))
    except CertificateUnreadableError as error:
        raise ChainRefusedError("unreadable", "") from error


def _issued(issuer: Certificate, certificate: Certificate) -> bool:
    try:
        verify_issued_by(certificate, issuer)
    except InvalidSignatureError:
        return False
    return True
