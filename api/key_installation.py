"""Certificates for the node's own keys, issued elsewhere: checked before the node signs with them.

What is checked is what verifiers will ask: the key, every link up to an anchor that is trusted for
the purpose, the period, and what the certificate is for. Its CAs go to the verifiers.

Source: RFC 3161, 2.3 (a time-stamp certificate has one purpose); ADR 0008.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.certificate_chains import checked_chain
from api.certificate_folder import CertificateFolder
from api.errors import CommandRefusedError
from keys.certificate import Certificate, read_certificate, verify_issued_by
from keys.certificate_authority import (
    STATUS_SIGNING_EKU,
    SYSTEM_SIGNING_EKU,
    TIME_STAMPING_EKU,
)
from keys.errors import InvalidSignatureError
from keys.provider import KeyProvider
from keys.sm3 import sm3
from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Database
from license_vault.trust.intake import TrustIntake, TrustItem
from license_vault.trust.publication import TrustMaterial
from signing.trust_bundle import SEAL_MAKER, SYSTEM, TrustAnchor

INSTALLED = "key.certificate-installed"


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What a key of the node is for: an anchor's purpose and the OID in the certificate.

    A seal maker's certificate is not asked for an OID: those of real CAs carry odd ones. ``role``
    is what verifiers are told of the certificate by name, if they are.
    """

    anchor_purpose: str
    extended_key_usage: str | None
    role: str | None = None


KEY_USES = {
    "status": KeyUse("status", STATUS_SIGNING_EKU),
    "tsa": KeyUse("timestamp", TIME_STAMPING_EKU),
    "seal-maker": KeyUse("seal", None, SEAL_MAKER),
    "system": KeyUse("status", SYSTEM_SIGNING_EKU, SYSTEM),
}


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """What is installed: for which key, the chain (DER, certificate first), and by whom."""

    label: str
    chain: tuple[bytes, ...]
    by: str


def install(
    database: Database,
    keys: KeyProvider,
    folder: CertificateFolder,
    order: KeyOrder,
    at: datetime,
) -> Certificate:
    """Put a chain where the node finds it, and tell verifiers of its CAs; return the certificate.

    Raises:
        CommandRefusedError: key, purpose, period or anchor do not fit.
        CertificateUnreadableError, InvalidSignatureError: a certificate or a link is wrong.
        KeyNotFoundError: the key is not here.
    """
    use = KEY_USES[order.label]
    with database.reading() as session:
        anchors = TrustMaterial(session).bundle("", (), at).anchors
    root = _anchor_of(anchors, order.chain, use.anchor_purpose)
    certificate, *issuers = checked_chain(order.chain, root, at)
    _check_use(certificate, use)
    if keys.public_point(order.label) != certificate.public_point:
        raise CommandRefusedError(
            f"该证书不属于密钥 {order.label}。", f"The certificate is not of the key {order.label}."
        )
    between = tuple(issuer for issuer in issuers if issuer.der != root)
    with database.writing() as session:
        items = tuple(TrustItem(issuer.subject, issuer.der) for issuer in between)
        intake = TrustIntake(session, order.by, at)
        intake.take(items, ())
        if use.role is not None:
            intake.take_signer(TrustItem(certificate.subject, certificate.der), use.role)
        details = {"label": order.label, "subject": certificate.subject}
        digest = sm3(certificate.der).hex()
        AuditWriter(session).append(Act(order.by, INSTALLED, digest, details, at))
        # Last: if it cannot be written, nothing was told to anybody.
        folder.put_chain(order.label, (certificate.der, *(issuer.der for issuer in between)))
    return certificate


def _anchor_of(anchors: tuple[TrustAnchor, ...], chain: tuple[bytes, ...], purpose: str) -> bytes:
    """Return the anchor (DER) trusted for a purpose that issued the end of a chain."""
    last = read_certificate(chain[-1])
    for anchor in anchors:
        if purpose in anchor.purposes and _issued(read_certificate(anchor.certificate), last):
            return anchor.certificate
    raise CommandRefusedError(
        f"证书链未通向受信任的根（用途 {purpose}）；请先运行 "
        f"license-vault trust add ROOT --purpose {purpose}。",
        f"The chain does not lead to an anchor trusted for {purpose}; first run license-vault "
        f"trust add ROOT --purpose {purpose}.",
    )


def _issued(issuer: Certificate, certificate: Certificate) -> bool:
    try:
        verify_issued_by(certificate, issuer)
    except InvalidSignatureError:
        return False
    return True


def _check_use(certificate: Certificate, use: KeyUse) -> None:
    wanted = use.extended_key_usage
    if wanted is not None and certificate.extended_key_usages != {wanted}:
        raise CommandRefusedError(
            f"证书的扩展密钥用法应仅为 {wanted}。",
            f"The extended key usage must be {wanted} and nothing else.",
        )
    if certificate.is_ca or "digitalSignature" not in certificate.key_usages:
        raise CommandRefusedError(
            "证书的密钥用法应为数字签名，且不是 CA 证书。",
            "The certificate must be for digital signatures and not a CA's.",
        )
