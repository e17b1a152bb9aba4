"""The development hierarchy: root, seal CA, seal maker, TSA, status and library keys, all SM2.

Nobody outside this machine trusts it, and its subjects say so. Production gets
its certificates from a licensed CA; there this module is never used. It keeps
the keys apart (the TSA never signs with a seal's key) as the real ones do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from api.certificate_folder import CertificateFolder
from api.errors import CommandRefusedError
from keys.certificate import Certificate, RevokedEntry, read_certificate, read_revocation_list
from keys.certificate_authority import (
    ROOT,
    SEAL,
    SEAL_CA,
    SEAL_MAKER,
    STATUS,
    SYSTEM,
    TSA,
    TSA_CA,
    CertificateOrder,
    CertificateProfile,
    Subject,
    build_certificate,
    build_revocation_list,
    read_request,
)
from keys.errors import CertificateUnreadableError
from keys.provider import KeyProvider

ORGANISATION = "License Vault 开发环境 (development, no legal effect)"
SECRET_LABELS = ("vault-kek", "lookup-mac", "token-mac")
_YEAR = timedelta(days=365)
_REVOKED = "revoked.json"


class KeyMaker(KeyProvider, Protocol):
    """Keys that can also be made here; software keys can."""

    def create_signing_key(self, label: str) -> bytes:
        """Make a signing key and return its public point."""
        ...

    def create_secret_key(self, label: str) -> None:
        """Make a secret key."""
        ...

    def labels(self) -> tuple[str, ...]:
        """Return all labels."""
        ...


@dataclass(frozen=True, slots=True)
class _Member:
    """One certificate of the hierarchy: its file, its key, who issues it and for how long."""

    name: str
    label: str
    common_name: str
    profile: CertificateProfile
    issuer: str
    years: int


_MEMBERS = (
    _Member("root", "ca/root", "开发根 CA (development root)", ROOT, "root", 20),
    _Member("seal-ca", "ca/seal", "开发印章 CA (development seal CA)", SEAL_CA, "root", 10),
    _Member(
        "seal-maker", "seal-maker", "开发制章者 (development seal maker)", SEAL_MAKER, "seal-ca", 5
    ),
    _Member("service-ca", "ca/tsa", "开发服务 CA (development TSA CA)", TSA_CA, "root", 10),
    _Member("tsa", "tsa", "开发时间戳 (development TSA)", TSA, "service-ca", 3),
    _Member("status", "status", "开发状态签发 (development status)", STATUS, "service-ca", 3),
    _Member("system", "system", "开发证照库 (development library)", SYSTEM, "service-ca", 3),
)
_BY_NAME = {member.name: member for member in _MEMBERS}
AUTHORITIES = ("root", "seal-ca", "service-ca")
INTERMEDIATES = ("seal-ca", "service-ca")
SIGNERS = ("seal-maker", "system")


class DevelopmentAuthority:
    """Makes the hierarchy once, then issues and withdraws under it."""

    def __init__(
        self,
        keys: KeyMaker,
        folder: CertificateFolder,
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        list_lifetime: timedelta,
    ) -> None:
        self._keys = keys
        self._folder = folder
        self._clock = clock
        self._random = random_bytes
        self._list_lifetime = list_lifetime

    def create(self) -> tuple[Certificate, ...]:
        """Make every key and certificate of the hierarchy that is not there yet.

        Running it again, also after it was cut short, finishes it and changes nothing else.
        """
        present = set(self._keys.labels())
        for label in SECRET_LABELS:
            if label not in present:
                self._keys.create_secret_key(label)
        for member in _MEMBERS:
            if member.label not in present:
                self._keys.create_signing_key(member.label)
            if not self._folder.has(member.name):
                self._put(member)
        self.sign_revocation_lists()
        return self.certificates()

    def certificates(self) -> tuple[Certificate, ...]:
        """Return every certificate of the hierarchy, the root first."""
        return tuple(self.certificate(member.name) for member in _MEMBERS)

    def revocation_lists(self) -> tuple[bytes, ...]:
        """Return the newest revocation list of each CA, DER."""
        return tuple(self._folder.revocation_list(name) for name in AUTHORITIES)

    def certificate(self, name: str) -> Certificate:
        """Return a certificate of the hierarchy by its file's name."""
        return read_certificate(self._folder.chain(name)[0])

    def issue_seal(self, request: bytes) -> tuple[bytes, ...]:
        """Return a seal certificate for a PKCS#10 request, with its issuing CA, DER.

        Raises:
            CertificateUnreadableError, InvalidSignatureError: the request is none.
        """
        subject, point = read_request(request)
        return self._issue("seal-ca", SEAL, subject, point, 3)

    def revoke(self, serial: int, reason: str) -> None:
        """Withdraw a seal certificate; takes effect with the next list, which is signed at once.

        Raises:
            CommandRefusedError: it was withdrawn before, or no list can say it like that.
        """
        entries = self._revoked()
        if serial in {entry.serial for entry in entries}:
            raise CommandRefusedError("该证书已吊销。", "The certificate is revoked already.")
        entries = (*entries, RevokedEntry(serial, self._clock(), reason))
        try:
            # Tried before it is noted: what no list can hold would stop every later one.
            lists = self._lists(entries)
        except CertificateUnreadableError as error:
            raise CommandRefusedError(
                "没有这样的吊销原因，或者序列号小于 1；未吊销。",
                "No such reason of RFC 5280, or a serial below 1; nothing is revoked.",
            ) from error
        rows = [
            {"serial": f"{e.serial:x}", "at": int(e.revoked_at.timestamp()), "reason": e.reason}
            for e in entries
        ]
        self._folder.put_text(_REVOKED, json.dumps(rows, indent=1))
        self._keep(lists)

    def sign_revocation_lists(self) -> tuple[bytes, ...]:
        """Sign and keep a new revocation list of each CA; return their DER."""
        lists = self._lists(self._revoked())
        self._keep(lists)
        return tuple(lists.values())

    def lists_are_ageing(self) -> bool:
        """Tell whether a revocation list has passed half of its time."""
        half = self._list_lifetime / 2
        lists = (read_revocation_list(self._folder.revocation_list(n)) for n in AUTHORITIES)
        return any(self._clock() > crl.this_update + half for crl in lists)

    def _lists(self, entries: tuple[RevokedEntry, ...]) -> dict[str, bytes]:
        return {n: self._sign(n, entries if n == "seal-ca" else ()) for n in AUTHORITIES}

    def _keep(self, lists: dict[str, bytes]) -> None:
        for name, der in lists.items():
            self._folder.put_revocation_list(name, der)

    def _sign(self, name: str, entries: tuple[RevokedEntry, ...]) -> bytes:
        now = self._clock()
        return build_revocation_list(
            self.certificate(name),
            partial(self._keys.sign, _BY_NAME[name].label),
            # Seconds since 1970 only ever grow.
            int(now.timestamp()),
            now,
            now + self._list_lifetime,
            entries,
        )

    def _revoked(self) -> tuple[RevokedEntry, ...]:
        rows = json.loads(self._folder.text(_REVOKED) or "[]")
        zone = self._clock().tzinfo
        return tuple(
            RevokedEntry(
                int(row["serial"], 16), datetime.fromtimestamp(row["at"], zone), row["reason"]
            )
            for row in rows
        )

    def _put(self, member: _Member) -> None:
        subject = Subject(member.common_name, ORGANISATION)
        point = self._keys.public_point(member.label)
        issuer = None if member.issuer == member.name else member.issuer
        chain = self._issue(issuer, member.profile, subject, point, member.years)
        self._folder.put_chain(member.name, chain)

    def _issue(
        self,
        issuer_name: str | None,
        profile: CertificateProfile,
        subject: Subject,
        point: bytes,
        years: int,
    ) -> tuple[bytes, ...]:
        now = self._clock()
        order = CertificateOrder(
            profile=profile,
            subject=subject,
            public_point=point,
            # The first bit cleared, so that the number is positive; never 0.
            serial=(int.from_bytes(self._random(16), "big") >> 1) | 1,
            not_before=now,
            not_after=now + years * _YEAR,
        )
        if issuer_name is None:
            return (build_certificate(order, None, partial(self._keys.sign, "ca/root")),)
        sign = partial(self._keys.sign, _BY_NAME[issuer_name].label)
        issuer = self.certificate(issuer_name)
        certificate = build_certificate(order, issuer, sign)
        return (certificate,) if issuer_name == "root" else (certificate, issuer.der)
