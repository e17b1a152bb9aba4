"""Taking in what others sent us to trust: each certificate and list is checked before it counts.

A self-issued CA becomes an anchor for the purposes the operator names; any other CA must be issued
by one we know, and so must the CA of a revocation list. A second SM2 implementation is asked about
every signature; where two disagree nothing is taken in. All of a call is taken in, or nothing, and
each with an audit entry.

It does not judge periods: an old CA is still needed for what was sealed in its time.

Source: RFC 5280, 6.1.3 a and 6.3.3; ADR 0008.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keys.certificate import (
    Certificate,
    RevocationList,
    read_certificate,
    read_revocation_list,
    verify_issued_by,
    verify_revocation_list,
)
from keys.errors import CertificateUnreadableError, InvalidSignatureError
from keys.second_opinion import agrees_valid
from keys.sm3 import sm3
from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Writing
from license_vault.trust.errors import TrustMaterialRefusedError
from license_vault.trust.live_entries import UNSPECIFIED
from license_vault.trust.publication import TrustMaterialWriter
from license_vault.trust.review import ANCHOR, INTERMEDIATE, REVOCATION_LIST, SIGNER

ADDED, WITHDRAWN = "trust.added", "trust.withdrawn"
_NO_REGION = ""

_log = logging.getLogger("license_vault.trust")


@dataclass(frozen=True, slots=True)
class TrustItem:
    """A certificate or revocation list (DER) and the name it is told of by, as its file's."""

    name: str
    der: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an item; ``new`` is False if it was held already, as it is."""

    name: str
    kind: str
    subject: str
    new: bool


@dataclass(frozen=True, slots=True)
class _ReadCertificate:
    name: str
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class _ReadList:
    name: str
    crl: RevocationList


class TrustIntake:
    """Takes in trust material within one writing session; an error leaves nothing behind."""

    def __init__(self, session: Writing, actor: str, at: datetime) -> None:
        """Take the session, who does it ("operator:…") and when."""
        self._writer = TrustMaterialWriter(session)
        self._audit = AuditWriter(session)
        self._actor = actor
        self._at = at
        held = self._writer.bundle(_NO_REGION, (), at)
        self._anchors = {anchor.certificate: anchor.purposes for anchor in held.anchors}
        self._signers = dict.fromkeys(signer.certificate for signer in held.signers)
        self._known = [read_certificate(der) for der in (*self._anchors, *held.intermediates)]
        lists = map(read_revocation_list, held.crls)
        self._lists = {crl.issuer_der: crl for crl in lists}

    def take(self, items: Sequence[TrustItem], purposes: Sequence[str]) -> tuple[Taken, ...]:
        """Check and take in items, in whatever order they come.

        Args:
            purposes: what anchors among them are trusted for, besides what they are already.

        Raises:
            TrustMaterialRefusedError: one cannot be taken in; it is named, with the reason.
        """
        read = [_read(item) for item in items]
        certificates = [each for each in read if isinstance(each, _ReadCertificate)]
        own = [each for each in certificates if _is_self_issued(each.certificate)]
        others = [each for each in certificates if not _is_self_issued(each.certificate)]
        taken = [self._take_anchor(each, purposes) for each in own]
        taken += self._take_intermediates(others)
        lists = (each for each in read if isinstance(each, _ReadList))
        # Of two lists of one CA the older goes first, so that neither stands against the other.
        taken += [self._take_list(each) for each in sorted(lists, key=_issued_at)]
        return tuple(taken)

    def take_signer(self, item: TrustItem, role: str) -> Taken:
        """Check an end certificate, and stand for it as a seal maker or as the library.

        Raises:
            TrustMaterialRefusedError: it is a CA's, unreadable, or of no CA that we know.
        """
        try:
            certificate = read_certificate(item.der)
        except CertificateUnreadableError as error:
            raise TrustMaterialRefusedError(item.name, "unreadable", error.reason) from error
        if certificate.is_ca:
            raise TrustMaterialRefusedError(item.name, "a-ca")
        if not self._issuers(certificate.issuer_der):
            raise TrustMaterialRefusedError(item.name, "issuer-unknown")
        self._check_by_one(_ReadCertificate(item.name, certificate))
        new = self._writer.add_signer(certificate.der, role, self._at)
        taken = Taken(item.name, f"{SIGNER} {role}", certificate.subject, new)
        return self._recorded(ADDED, taken, certificate.der) if new else taken

    def withdraw(self, serial: int, why: str = UNSPECIFIED, since: datetime | None = None) -> Taken:
        """Leave an anchor out of the bundle from now on, or stand for a signer no more.

        Args:
            why: of ``signing.trust_list.REASONS``.
            since: when that began to be so, if not now: the day a key was stolen.

        Raises:
            TrustMaterialRefusedError: none, or more than one, has this serial number.
        """
        held = map(read_certificate, (*self._anchors, *self._signers))
        found = [certificate for certificate in held if certificate.serial == serial]
        name = f"{serial:x}"
        if len(found) != 1:
            raise TrustMaterialRefusedError(name, "serial-shared" if found else "not-an-anchor")
        (certificate,) = found
        kind = ANCHOR if self._anchors.pop(certificate.der, None) else SIGNER
        drop = self._writer.withdraw if kind is ANCHOR else self._writer.withdraw_signer
        new = drop(certificate.der, min(since or self._at, self._at), why)
        taken = Taken(name, kind, certificate.subject, new)
        return self._recorded(WITHDRAWN, taken, certificate.der)

    def _take_anchor(self, item: _ReadCertificate, purposes: Sequence[str]) -> Taken:
        certificate = item.certificate
        held = self._anchors.get(certificate.der, ())
        if not (wanted := {*held, *purposes}):
            raise TrustMaterialRefusedError(item.name, "purpose-missing")
        _check_certificate(item, certificate)
        new = self._writer.add_anchor(certificate.der, wanted, self._at)
        return self._took(item, ANCHOR, new)

    def _take_intermediates(self, items: Sequence[_ReadCertificate]) -> list[Taken]:
        taken: list[Taken] = []
        left = list(items)
        while left:
            ready = [item for item in left if self._issuers(item.certificate.issuer_der)]
            if not ready:
                raise TrustMaterialRefusedError(left[0].name, "issuer-unknown")
            for item in ready:
                self._check_by_one(item)
                new = self._writer.add_intermediate(item.certificate.der, self._at)
                taken.append(self._took(item, INTERMEDIATE, new))
            left = [item for item in left if item not in ready]
        return taken

    def _take_list(self, item: _ReadList) -> Taken:
        crl = item.crl
        issuer = self._issuer_of_list(item)
        if crl.this_update > self._at:
            raise TrustMaterialRefusedError(item.name, "from-the-future")
        if _is_older(crl, self._lists.get(crl.issuer_der)):
            raise TrustMaterialRefusedError(item.name, "older-than-held")
        new = self._writer.add_crl(crl.der, self._at)
        self._lists[crl.issuer_der] = crl
        taken = Taken(item.name, REVOCATION_LIST, issuer.subject, new)
        return self._recorded(ADDED, taken, crl.der) if new else taken

    def _took(self, item: _ReadCertificate, kind: str, new: bool) -> Taken:
        self._known.append(item.certificate)
        taken = Taken(item.name, kind, item.certificate.subject, new)
        return self._recorded(ADDED, taken, item.certificate.der) if new else taken

    def _recorded(self, action: str, taken: Taken, der: bytes) -> Taken:
        details = {"kind": taken.kind, "subject": taken.subject}
        self._audit.append(Act(self._actor, action, sm3(der).hex(), details, self._at))
        return taken

    def _issuers(self, name: bytes) -> list[Certificate]:
        return [certificate for certificate in self._known if certificate.subject_der == name]

    def _check_by_one(self, item: _ReadCertificate) -> None:
        """Check a certificate under the CAs of its issuer's name: with a new key there are two."""
        *others, last = self._issuers(item.certificate.issuer_der)
        for issuer in others:
            try:
                verify_issued_by(item.certificate, issuer)
            except InvalidSignatureError:
                continue
            return _check_certificate(item, issuer)
        return _check_certificate(item, last)

    def _issuer_of_list(self, item: _ReadList) -> Certificate:
        """Return the CA that signed a list, whose signature then holds."""
        reason = "issuer-unknown"
        for issuer in self._issuers(item.crl.issuer_der):
            try:
                verify_revocation_list(item.crl, issuer)
            except InvalidSignatureError as error:
                reason = error.reason
                continue
            _require_agreement(item.name, issuer, item.crl.tbs, item.crl.signature)
            return issuer
        raise TrustMaterialRefusedError(item.name, reason)


def _read(item: TrustItem) -> _ReadCertificate | _ReadList:
    try:
        certificate = read_certificate(item.der)
    except CertificateUnreadableError as why:
        try:
            return _ReadList(item.name, read_revocation_list(item.der))
        except CertificateUnreadableError as error:
            detail = f"certificate: {why.reason}; crl: {error.reason}"
            raise TrustMaterialRefusedError(item.name, "unreadable", detail) from error
    if not certificate.is_ca:
        raise TrustMaterialRefusedError(item.name, "not-a-ca")
    return _ReadCertificate(item.name, certificate)


def _is_self_issued(certificate: Certificate) -> bool:
    return certificate.subject_der == certificate.issuer_der


def _issued_at(item: _ReadList) -> datetime:
    return item.crl.this_update


def _is_older(crl: RevocationList, held: RevocationList | None) -> bool:
    if held is None or crl.der == held.der:
        return False
    if None not in (crl.number, held.number) and (crl.number or 0) < (held.number or 0):
        return True
    return crl.this_update < held.this_update


def _check_certificate(item: _ReadCertificate, issuer: Certificate) -> None:
    certificate = item.certificate
    try:
        verify_issued_by(certificate, issuer)
    except InvalidSignatureError as error:
        raise TrustMaterialRefusedError(item.name, error.reason) from error
    _require_agreement(item.name, issuer, certificate.tbs, certificate.signature)


def _require_agreement(name: str, issuer: Certificate, tbs: bytes, signature: bytes) -> None:
    if not agrees_valid(issuer.public_point, tbs, signature):
        _log.critical("the two SM2 implementations disagree about trust material")
        raise TrustMaterialRefusedError(name, "opinions-differ")
