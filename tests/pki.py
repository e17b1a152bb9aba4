"""A small SM2 hierarchy for tests: root, seal CA, time-stamp CA, their ends; real certificates.

Every certificate a test needs is the good one with one deviation a call::

    pki = Pki()
    seal = pki.seal()                                     # good
    expired = pki.seal(not_after=NOW - timedelta(days=1))
    wrong_use = pki.seal(profile=certificate_authority.TSA)
    foreign = Pki().seal()                                # another root
    pki.revoke(seal)                                      # from the next revocation_lists() on

``clock`` may be moved: ``pki.now = …``; certificates are valid from VALID_FROM to VALID_UNTIL.
"""

import secrets
import struct
import zlib
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from memory_keys import MemoryKeys

from keys import certificate_authority as authority
from keys.certificate import Certificate, RevokedEntry, read_certificate
from keys.certificate_authority import (
    CertificateOrder,
    CertificateProfile,
    Subject,
    build_certificate,
    build_revocation_list,
)
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.ses.seal import SealMaking, SesPicture, make_ses_seal
from signing.status_list import StatusListContent, build_status_list
from signing.status_reasons import build_status_reasons
from signing.timestamps.local import LocalTimestamper
from signing.trust_bundle import TrustAnchor, TrustBundle, TrustedAuthority, TrustedSigner

if TYPE_CHECKING:
    from signing.seal import Seal
    from signing.sealing import Sealer

NOW = datetime(2026, 6, 1, 4, 0, 0, tzinfo=UTC)
VALID_FROM = datetime(2025, 1, 1, tzinfo=UTC)
VALID_UNTIL = datetime(2035, 1, 1, tzinfo=UTC)
SEAL_CODE = "11010100000001"
OWNER_CODE = "11110101MB0000001J"
OWNER_NAME = "清河市卫生健康委员会"
STATUS_URI = "https://licenses.qinghe.example/v1/status-lists/1"


@dataclass(frozen=True)
class BoxShape:
    """A square, whatever the character."""

    advance: float = 1.0
    commands: tuple[tuple[str, tuple[float, ...]], ...] = (
        ("M", (0.1, 0.0)),
        ("L", (0.9, 0.0)),
        ("L", (0.9, 0.8)),
        ("L", (0.1, 0.8)),
        ("Z", ()),
    )


class BoxGlyphs:
    """Glyphs for seals in tests that do not look at them."""

    def outline(self, character: str) -> BoxShape:
        return BoxShape()


@dataclass(frozen=True)
class Period:
    """From when to when a certificate is valid."""

    begins: datetime = VALID_FROM
    ends: datetime = VALID_UNTIL


class Pki:
    """One root and what stands under it. Labels are those of ``keys.provider``."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.keys = MemoryKeys()
        self._revoked: dict[str, list[RevokedEntry]] = {"ca/root": [], "ca/seal": [], "ca/tsa": []}
        self._list_number = 0
        self.root = self._ca("ca/root", authority.ROOT, "Test Root", None)
        self.seal_ca = self._ca("ca/seal", authority.SEAL_CA, "Test Seal CA", "ca/root")
        self.tsa_ca = self._ca("ca/tsa", authority.TSA_CA, "Test Time-stamp CA", "ca/root")
        self.tsa = self.certify("tsa", authority.TSA, Subject("Test TSA"), "ca/tsa")
        self.status = self.certify("status", authority.STATUS, Subject("Test status"), "ca/seal")
        maker = Subject("Test seal maker")
        self.maker = self.certify("seal-maker", authority.SEAL_MAKER, maker, "ca/seal")
        self.system = self.certify("system", authority.SYSTEM, Subject("Test library"), "ca/seal")

    def copy(self) -> "Pki":
        """The same hierarchy, whose time, revocations and counted uses go on by themselves."""
        other = copy(self)
        other.keys = self.keys.copy()
        other._revoked = {ca: list(entries) for ca, entries in self._revoked.items()}
        return other

    @classmethod
    def kept(cls) -> "Pki":
        """The hierarchy that tests of a process share, for one of them: making one takes 0.1 s."""
        return _kept().copy()

    def clock(self) -> datetime:
        """The time now, as the tests set it."""
        return self.now

    def _ca(self, label: str, profile: CertificateProfile, name: str, issuer: str | None) -> bytes:
        point = self.keys.create(label)
        order = CertificateOrder(profile, Subject(name), point, _serial(), VALID_FROM, VALID_UNTIL)
        return build_certificate(
            order, self.ca(issuer) if issuer else None, partial(self.keys.sign, issuer or label)
        )

    def ca(self, label: str) -> Certificate:
        """The certificate of a CA by its label."""
        der = {"ca/root": "root", "ca/seal": "seal_ca", "ca/tsa": "tsa_ca"}[label]
        return read_certificate(getattr(self, der))

    def certify(
        self,
        label: str,
        profile: CertificateProfile,
        subject: Subject,
        issuer: str,
        period: Period = Period(),
    ) -> bytes:
        """Make a key under a label and a certificate for it; return the DER."""
        point = self.keys.create(label)
        order = CertificateOrder(profile, subject, point, _serial(), period.begins, period.ends)
        return build_certificate(order, self.ca(issuer), partial(self.keys.sign, issuer))

    def seal_certificate(
        self,
        code: str = SEAL_CODE,
        *,
        profile: CertificateProfile = authority.SEAL,
        issuer: str = "ca/seal",
        not_before: datetime = VALID_FROM,
        not_after: datetime = VALID_UNTIL,
    ) -> bytes:
        """Certificate of the key ``seal/<code>`` (made anew): O = USCC and name, CN = seal code."""
        subject = Subject(code, f"{OWNER_CODE}{OWNER_NAME}")
        period = Period(not_before, not_after)
        return self.certify(f"seal/{code}", profile, subject, issuer, period)

    def revoke(
        self, certificate: bytes, at: datetime | None = None, reason: str = "keyCompromise"
    ) -> None:
        """Put a certificate on its issuer's next revocation list."""
        read = read_certificate(certificate)
        for label, entries in self._revoked.items():
            if self.ca(label).subject_der == read.issuer_der:
                entries.append(RevokedEntry(read.serial, at or self.now, reason))
                return
        raise LookupError("the issuer is not of this hierarchy")

    def revocation_lists(
        self, this_update: datetime | None = None, next_update: datetime | None = None
    ) -> tuple[bytes, ...]:
        """The three CAs' revocation lists (DER), fresh at ``now`` unless said otherwise."""
        self._list_number += 1
        issued = this_update or self.now - timedelta(hours=1)
        until = next_update or self.now + timedelta(days=7)
        return tuple(
            build_revocation_list(
                self.ca(label),
                partial(self.keys.sign, label),
                self._list_number,
                issued,
                until,
                revoked,
            )
            for label, revoked in self._revoked.items()
        )

    def seal(self, code: str = SEAL_CODE, **deviation: object) -> "Seal":
        """A seal with its key and certificate; deviations as ``seal_certificate`` takes them."""
        from signing.picture.seal_picture import SealPicture
        from signing.seal import Seal

        certificate = self.seal_certificate(code, **deviation)  # type: ignore[arg-type]
        picture = SealPicture(
            shape="round", ring_text=OWNER_NAME, lower_text="行政审批专用章", number=code[:13]
        )
        chain = (self.seal_ca,)
        ses = self.ses_seal(certificate)
        return Seal(code, OWNER_CODE, OWNER_NAME, f"seal/{code}", certificate, chain, picture, ses)

    def ses_seal(self, seal_certificate: bytes, **deviation: object) -> bytes:
        """A seal (SESeal, DER) made by ``maker``; deviations as fields of SealMaking."""
        making = SealMaking(
            es_id=read_certificate(seal_certificate).common_name,
            kind=1,
            name=OWNER_NAME,
            certificates=(seal_certificate,),
            created_at=VALID_FROM,
            valid_from=VALID_FROM,
            valid_until=VALID_UNTIL,
            picture=SesPicture("PNG", red_square_png(42), 42, 42),
            vendor="TESTVAULT",
            maker_certificate=self.maker,
        )
        wanted = replace(making, **deviation)  # type: ignore[arg-type]
        return make_ses_seal(wanted, partial(self.keys.sign, "seal-maker"))

    def sealer(self) -> "Sealer":
        """A sealer with this hierarchy's keys, time-stamps and clock, and boxes for glyphs."""
        from signing.sealing import Sealer

        return Sealer(self.keys, self.timestamper(), BoxGlyphs(), self.clock)

    def status_list(self, states: bytes, uri: str = STATUS_URI, sequence: int = 1) -> bytes:
        """The in-force plane (DER) of these codes, one a byte, fresh at ``now``."""
        return self.status_files(states, uri, sequence)[0]

    def status_files(
        self, states: bytes, uri: str = STATUS_URI, sequence: int = 1
    ) -> tuple[bytes, bytes]:
        """Plane and reasons (DER) of these codes, one a byte, fresh at ``now``."""
        content = StatusListContent(
            uri, sequence, self.now - timedelta(minutes=5), self.now + timedelta(days=1), states
        )
        sign = partial(self.keys.sign, "status")
        plane = build_status_list(content, self.status, sign)
        return plane, build_status_reasons(content, self.status, sign)

    def trust_bundle(self, *status_lists: bytes) -> TrustBundle:
        """Everything a verifier needs: root for all purposes, fresh lists, one authority."""
        return TrustBundle(
            region="110101",
            issued_at=self.now,
            anchors=(TrustAnchor(("seal", "timestamp", "status"), self.root),),
            intermediates=(self.seal_ca, self.tsa_ca),
            crls=self.revocation_lists(),
            authorities=(TrustedAuthority(OWNER_CODE, OWNER_NAME, "110101", (OWNER_CODE,)),),
            status_lists=status_lists,
            signers=(
                TrustedSigner("seal-maker", self.maker),
                TrustedSigner("system", self.system),
            ),
        )

    def timestamper(self) -> LocalTimestamper:
        """The local time-stamping authority at the clock of this hierarchy."""
        identity = SigningIdentity(self.tsa, (self.tsa_ca,))
        return LocalTimestamper(self.keys, "tsa", identity, self.clock, secrets.token_bytes)


def red_square_png(pixels: int) -> bytes:
    """A PNG of half transparent red, square; the smallest picture that a seal may have."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", pixels, pixels, 8, 6, 0, 0, 0)
    rows = (b"\0" + b"\xd7\x00\x0f\x80" * pixels) * pixels
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    )


def _serial() -> int:
    return secrets.randbits(120) | 1 << 120


@cache
def _kept() -> Pki:
    return Pki()
