"""Install a seal: its certificate chain, issued elsewhere, is checked before anything trusts it.

Key, names, every link, the period, and a second opinion by another SM2
implementation on every certificate; two that disagree are an alarm, not a seal.

Source: ADR 0008; GB/T 38540-2020 (seal code, owner); GB/T 20518-2018.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from api.errors import CommandRefusedError
from keys.certificate import Certificate, read_certificate, verify_issued_by
from keys.provider import KeyProvider
from keys.second_opinion import agrees_valid
from license_vault.authorities import Authorities
from license_vault.database import Database
from license_vault.seal_registry import SealOrder, SealRegistrar
from license_vault.trust_intake import TrustIntake, TrustItem
from signing.seal import Seal
from signing.seal_picture import SealPicture

_log = logging.getLogger("license_vault.seals")


@dataclass(frozen=True, slots=True)
class SealOrderIn:
    """What is installed: the code, the chain (certificate first, root last) and the picture.

    ``by`` is who installs it, for the audit chain.
    """

    code: str
    owner_code: str
    chain: tuple[bytes, ...]
    picture: SealPicture
    by: str = "operator"


def key_label(code: str) -> str:
    """Return under which label the key of a seal is."""
    return f"seal/{code}"


def organization_name(owner_code: str, owner_name: str) -> str:
    """Return the O of a seal certificate: the owner's USCC and its name, nothing between."""
    return f"{owner_code}{owner_name}"


def checked_chain(
    encoded: tuple[bytes, ...], anchor: bytes, at: datetime
) -> tuple[Certificate, ...]:
    """Return a chain whose every link holds, up to the anchor, the certificate first.

    Raises:
        CertificateUnreadableError, InvalidSignatureError: a certificate or a link is wrong.
        CommandRefusedError: out of its period, or the second opinion disagrees.
    """
    chain = tuple(map(read_certificate, encoded))
    root = read_certificate(anchor)
    if chain[-1].der != root.der:
        chain = (*chain, root)
    for certificate, issuer in zip(chain, (*chain[1:], root), strict=True):
        verify_issued_by(certificate, issuer)
        if not agrees_valid(issuer.public_point, certificate.tbs, certificate.signature):
            _log.critical("the two SM2 implementations disagree about a certificate")
            raise CommandRefusedError(
                "两个 SM2 实现对该证书的结论不一致，不予安装；请报告安全管理员。",
                "Two SM2 implementations disagree about this certificate; tell the security "
                "administrator.",
            )
        if not certificate.not_before <= at <= certificate.not_after:
            raise CommandRefusedError(
                f"证书 {certificate.subject} 不在有效期内。",
                f"The certificate {certificate.subject} is out of its period.",
            )
    return chain


def install(
    database: Database, keys: KeyProvider, order: SealOrderIn, anchor: bytes, at: datetime
) -> None:
    """Register a seal, and tell verifiers of the CAs of its chain, in one transaction.

    Its root is trusted for seals, and for what it was trusted for before.

    Raises:
        LicenseVaultError: code, certificate, owner or key do not fit together.
    """
    certificate, *issuers = checked_chain(order.chain, anchor, at)
    with database.writing() as session:
        owner = Authorities(session).get(order.owner_code)
        seal = Seal(
            code=order.code,
            owner_code=owner.code,
            owner_name=owner.name,
            key_label=key_label(order.code),
            certificate=certificate.der,
            chain=tuple(issuer.der for issuer in issuers[:-1]),
            picture=order.picture,
        )
        SealRegistrar(session, keys).install(SealOrder(seal, at))
        items = tuple(TrustItem(issuer.subject, issuer.der) for issuer in issuers)
        TrustIntake(session, order.by, at).take(items, ("seal",))
