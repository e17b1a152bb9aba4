"""National roots: under which entries of a trust list may chain, and must where they say so.

A mark on an entry is a claim, checked when the list is taken: the national root must be one that
this node's operator put in, and the chain must hold link by link. Revocation is not asked here;
it is when a file is judged.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from keys.certificate import Certificate, read_certificate, verify_issued_by
from keys.errors import CertificateUnreadableError, InvalidSignatureError
from keys.sm3 import sm3
from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.database.trust_list_tables import NationalRootRow
from license_vault.trust.errors import TrustMaterialInvalidError
from signing.trust_list import ANCHOR, INTERMEDIATE, TrustedEntry, TrustList

NATIONAL_ROOT_UNKNOWN, NATIONAL_CHAIN_BROKEN = "national-root-unknown", "national-chain-broken"
_DEEPEST = 6
_ROOT = table_of(NationalRootRow)


class NationalRoots:
    """Looks national roots up and follows chains to them."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def all(self) -> tuple[Certificate, ...]:
        """Return the national roots that the operator put in."""
        rows = self._session.execute(select(_ROOT.c.certificate).order_by(_ROOT.c.id))
        return tuple(read_certificate(row.certificate) for row in rows)

    def problem_of(self, found: TrustList) -> str | None:
        """Return why an entry's mark does not hold; nothing if all do."""
        marked = [entry for entry in found.content.entries if entry.national_root]
        if not marked:
            return None
        roots = {sm3(root.der): root for root in self.all()}
        between = _certificates(found)
        for entry in marked:
            root = roots.get(entry.national_root)
            if root is None:
                return NATIONAL_ROOT_UNKNOWN
            if not _leads_to(entry.certificate, root, between):
                return NATIONAL_CHAIN_BROKEN
        return None

    def root_above(self, certificate: bytes, between: Sequence[bytes]) -> bytes:
        """Return SM3 of the national root a certificate (DER) leads to, empty if to none."""
        known = [each for each in map(_readable, between) if each is not None]
        for root in self.all():
            if _leads_to(certificate, root, known):
                return sm3(root.der)
        return b""


class NationalRootWriter(NationalRoots):
    """Takes national roots in."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, der: bytes, at: datetime) -> bool:
        """Take in a national root (DER); False if it is there already.

        Raises:
            TrustMaterialInvalidError: "unreadable", "not-a-ca", "not-self-issued" or
                "signature".
        """
        root = _readable(der)
        if root is None:
            raise TrustMaterialInvalidError("unreadable")
        if not root.is_ca:
            raise TrustMaterialInvalidError("not-a-ca")
        if root.subject_der != root.issuer_der:
            raise TrustMaterialInvalidError("not-self-issued")
        if not _is_issued(root, root):
            raise TrustMaterialInvalidError("signature")
        known = select(_ROOT.c.id).where(_ROOT.c.sm3 == sm3(der))
        if self._session.execute(known).first() is not None:
            return False
        self._writing.add_row(_ROOT, sm3=sm3(der), certificate=der, added_at=at)
        return True


def _certificates(found: TrustList) -> list[Certificate]:
    entries: tuple[TrustedEntry, ...] = (
        *found.entries_of(ANCHOR),
        *found.entries_of(INTERMEDIATE),
    )
    read = (_readable(entry.certificate) for entry in entries)
    return [certificate for certificate in read if certificate is not None]


def _leads_to(der: bytes, root: Certificate, between: Sequence[Certificate]) -> bool:
    """Follow issuers upwards; each certificate at most once, and not deep."""
    certificate = _readable(der)
    waiting = [] if certificate is None else [certificate]
    seen = {each.der for each in waiting}
    for _ in range(_DEEPEST):
        if any(each.der == root.der or _is_issued(each, root) for each in waiting):
            return True
        above = [
            issuer
            for issuer in between
            if issuer.der not in seen and any(_is_issued(each, issuer) for each in waiting)
        ]
        seen.update(issuer.der for issuer in above)
        waiting = above
    return False


def _is_issued(certificate: Certificate, issuer: Certificate) -> bool:
    if certificate.issuer_der != issuer.subject_der:
        return False
    try:
        verify_issued_by(certificate, issuer)
    except InvalidSignatureError:
        return False
    return True


def _readable(der: bytes) -> Certificate | None:
    try:
        return read_certificate(der)
    except CertificateUnreadableError:
        return None
