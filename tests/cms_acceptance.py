"""The least that a verifier must ask of a detached CMS signature of our profile."""

from pki import Pki

from keys import sm2
from keys.certificate import read_certificate, verify_issued_by
from keys.errors import InvalidSignatureError, KeyCustodyError
from keys.sm3 import sm3
from signing.cms.pdf_signature import read_cms_signature
from signing.errors import SigningError
from signing.timestamps.token import read_timestamp_token


def is_signed(pki: Pki, value: bytes, content: bytes, certificate: bytes) -> bool:
    """Say whether a CMS value is a certificate's over these bytes, time-stamped, all genuine."""
    try:
        signature = read_cms_signature(value)
        if signature.problems or signature.timestamp is None:
            return False
        token = read_timestamp_token(signature.timestamp)
        if signature.signer_certificate != certificate or token.authority_certificate != pki.tsa:
            return False
        if signature.message_digest != sm3(content) or token.imprint != sm3(signature.signature):
            return False
        for der, message, signed in (
            (certificate, signature.signed_attributes, signature.signature),
            (pki.tsa, token.signed_attributes, token.signature),
        ):
            sm2.verify(read_certificate(der).public_point, message, signed)
        for der in (*signature.certificates, *token.certificates):
            _verify_link(pki, der)
    except (SigningError, KeyCustodyError):
        return False
    return True


def read_and_verify(value: bytes, content: bytes) -> bytes:
    """Check that a CMS value is over these bytes; return the certificate it names."""
    signature = read_cms_signature(value)
    assert signature.problems == ()
    assert signature.message_digest == sm3(content)
    point = read_certificate(signature.signer_certificate).public_point
    sm2.verify(point, signature.signed_attributes, signature.signature)
    return signature.signer_certificate


def _verify_link(pki: Pki, der: bytes) -> None:
    certificate = read_certificate(der)
    for label in ("ca/root", "ca/seal", "ca/tsa"):
        if pki.ca(label).subject_der == certificate.issuer_der:
            verify_issued_by(certificate, pki.ca(label))
            return
    raise InvalidSignatureError
