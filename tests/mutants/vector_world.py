"""The world of the published set: a hierarchy valid until 2035, an attacker's, one small license.

Everything is made new from random keys each time. The attacker has a hierarchy of the same names
under another root; and some certificates of the genuine hierarchy are not fit for what they are
used for. The trust bundle is good until 2035, so that ``VERIFY_AT`` may stay what it is.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any

from mutants.small_license import STATUS_INDEX, STATUS_URI, license_content, ofd_files, plain_files
from pki import (
    NOW,
    OWNER_CODE,
    OWNER_NAME,
    SEAL_CODE,
    VALID_FROM,
    VALID_UNTIL,
    BoxGlyphs,
    Period,
    Pki,
    red_square_png,
)

from keys import certificate_authority as authority
from keys import sm2
from keys.certificate import read_certificate
from keys.certificate_authority import (
    CertificateOrder,
    CertificateProfile,
    Subject,
    build_certificate,
)
from license_vault.license import STATUS_CODES, LicenseStatus
from signing import der, identifiers
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.ofd.zip_writer import pack, write_entries
from signing.seal import Seal, SealOrder, SealPlacement
from signing.sealing import Sealer
from signing.ses.seal import SealMaking, SesPicture, make_ses_seal
from signing.status_list import StatusListContent, build_status_list
from signing.status_reasons import build_status_reasons
from signing.timestamps.local import LocalTimestamper
from signing.trust_bundle import (
    TrustAnchor,
    TrustBundle,
    TrustedAuthority,
    TrustedSigner,
    write_trust_bundle,
)

VERIFY_AT = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
UNTIL = datetime(2034, 12, 31, tzinfo=UTC)
REVOKED_AT = NOW - timedelta(days=30)
PLACES = tuple(SealPlacement(1, 20 + 60 * number, 95, 42, 42) for number in range(3))
OTHER_CODE, OTHER_OWNER = "11110102MB0000002E", "清河市文化和旅游局"
Signer = tuple[bytes, str]  # a certificate and the label of its key
UNFIT = CertificateProfile(("keyEncipherment",))


def packed(files: dict[str, bytes]) -> bytes:
    """The package of entries by absolute name."""
    return write_entries(tuple(pack(name[1:], data, 9) for name, data in files.items()))


class VectorWorld:
    """One hierarchy with its odd members, the license and what was sealed with it."""

    def __init__(self) -> None:
        self.pki = Pki()
        self.seal = self.made_seal(SEAL_CODE)
        self.second = self.made_seal(f"{SEAL_CODE[:-1]}2")
        self.attacker = Pki()
        self.foreign_seal = self.made_seal(SEAL_CODE, self.attacker)
        self.makers = {
            "revoked": self._maker("revoked-maker"),
            "unfit": self._maker("unfit-maker", UNFIT),
            "late": self._maker("late-maker", period=Period(NOW - timedelta(days=1), VALID_UNTIL)),
        }
        self.signers = {
            "revoked": self._signer("31"),
            "stolen": self._signer("32"),
            "expired": self._signer("33", Period(VALID_FROM, NOW - timedelta(days=60))),
            "early": self._signer("34", Period(NOW + timedelta(days=60), VALID_UNTIL)),
            "unfit": self._signer("35", profile=UNFIT),
            "other-owner": self._signer("36", owner=f"{OTHER_CODE}{OTHER_OWNER}"),
            "nobody": self._signer("37", owner="清河印务（演示）"),
        }
        self.pki.revoke(self.makers["revoked"][0], REVOKED_AT, "cessationOfOperation")
        self.pki.revoke(self.signers["revoked"][0], REVOKED_AT, "cessationOfOperation")
        self.pki.revoke(self.signers["stolen"][0], VERIFY_AT, "keyCompromise")

    def _maker(
        self,
        label: str,
        profile: CertificateProfile = authority.SEAL_MAKER,
        period: Period | None = None,
    ) -> Signer:
        """A seal maker's certificate and the label of its key."""
        subject = Subject(f"Test {label}")
        return self.pki.certify(label, profile, subject, "ca/seal", period or Period()), label

    def _signer(
        self,
        ending: str,
        period: Period | None = None,
        profile: CertificateProfile = authority.SEAL,
        owner: str = f"{OWNER_CODE}{OWNER_NAME}",
    ) -> Signer:
        """A seal's certificate and the label of its key."""
        code = f"{SEAL_CODE[:-2]}{ending}"
        label = f"seal/{code}"
        subject = Subject(code, owner)
        return self.pki.certify(label, profile, subject, "ca/seal", period or Period()), label

    def same_key_other_name(self) -> bytes:
        """A certificate of the seal's own key for another office, by the same CA."""
        own = read_certificate(self.seal.certificate)
        return self._certificate(f"{OTHER_CODE}{OTHER_OWNER}", own.public_point, own.serial + 1)

    def twin(self) -> bytes:
        """A certificate with the serial number of the seal's own, of another key."""
        own, other = map(read_certificate, (self.seal.certificate, self.second.certificate))
        return self._certificate(f"{OWNER_CODE}{OWNER_NAME}", other.public_point, own.serial)

    def resigned(self, certificate: bytes, key: bytes) -> bytes:
        """A certificate with another public key in it, of whatever form, signed by its CA."""
        read = read_certificate(certificate)
        label = "ca/tsa" if read.issuer_der == self.pki.ca("ca/tsa").subject_der else "ca/seal"
        body = der.DerReader(read.tbs).enter(der.SEQUENCE, "tbs")
        parts = []
        while not body.at_end:
            parts.append(body.element(None, "part"))
        old = sm2.write_spki(read.public_point)
        algorithm = der.DerReader(old).enter(der.SEQUENCE, "key").element(der.SEQUENCE, "algorithm")
        new = der.sequence(algorithm, der.tlv(der.BIT_STRING, b"\0", key))
        tbs = der.sequence(*(new if part == old else part for part in parts))
        signature = self.pki.keys.sign(label, tbs)
        sm2_with_sm3 = identifiers.SM2_WITH_SM3_ALGORITHM
        return der.sequence(tbs, sm2_with_sm3, der.tlv(der.BIT_STRING, b"\0", signature))

    def _certificate(self, owner: str, point: bytes, serial: int) -> bytes:
        subject = Subject(SEAL_CODE, owner)
        order = CertificateOrder(authority.SEAL, subject, point, serial, VALID_FROM, VALID_UNTIL)
        return build_certificate(
            order, self.pki.ca("ca/seal"), partial(self.pki.keys.sign, "ca/seal")
        )

    def made_seal(self, code: str, pki: Pki | None = None) -> Seal:
        """A seal of the issuing authority, with a small picture."""
        seal = (pki or self.pki).seal(code)
        return replace(seal, ses=self.ses(seal.certificate, pki=pki))

    def ses(
        self,
        certificate: bytes,
        maker: Signer | None = None,
        pki: Pki | None = None,
        **changed: Any,
    ) -> bytes:
        """A seal that lists a certificate; ``changed`` are fields of SealMaking."""
        by = pki or self.pki
        maker_certificate, label = maker or (by.maker, "seal-maker")
        making = SealMaking(
            es_id=read_certificate(certificate).common_name,
            kind=1,
            name=OWNER_NAME,
            certificates=(certificate,),
            created_at=VALID_FROM,
            valid_from=VALID_FROM,
            valid_until=VALID_UNTIL,
            picture=SesPicture("PNG", red_square_png(16), 42, 42),
            vendor="TESTVAULT",
            maker_certificate=maker_certificate,
        )
        return make_ses_seal(replace(making, **changed), partial(by.keys.sign, label))

    def timestamper(self, pki: Pki | None = None) -> LocalTimestamper:
        """A time-stamper whose tokens leave out the CA above it: the bundle has it."""
        by = pki or self.pki
        identity = SigningIdentity(by.tsa)
        return LocalTimestamper(by.keys, "tsa", identity, by.clock, secrets.token_bytes)

    def sealer(self) -> Sealer:
        return Sealer(self.pki.keys, self.timestamper(), BoxGlyphs(), self.pki.clock)

    # --- the license ------------------------------------------------------------------------------

    @cached_property
    def unsealed(self) -> dict[str, bytes]:
        """The entries of the unsealed OFD."""
        return ofd_files(license_content())

    @cached_property
    def sealed(self) -> bytes:
        """The OFD with its one seal, as the product seals."""
        return self.sealer().seal_ofd(packed(self.unsealed), self.seal, PLACES[:1])

    @cached_property
    def unsealed_plain(self) -> dict[str, bytes]:
        """The entries of the unsealed OFD without template and resources."""
        return plain_files(license_content())

    @cached_property
    def plain(self) -> bytes:
        """The sealed OFD without template and resources."""
        return self.sealer().seal_ofd(packed(self.unsealed_plain), self.seal, PLACES[:1])

    @cached_property
    def twice_sealed(self) -> bytes:
        """The OFD of a license that bears two seals."""
        files = plain_files(license_content(seals=2))
        first = self.sealer().seal_ofd(packed(files), self.seal, PLACES[:1], SealOrder.FIRST)
        return self.sealer().seal_ofd(first, self.second, PLACES[1:2], SealOrder.LAST)

    # --- what a verifier is given -----------------------------------------------------------------

    @cached_property
    def bundle(self) -> bytes:
        """The trust bundle, as a file."""
        pki = self.pki
        makers = (pki.maker, *(certificate for certificate, _ in self.makers.values()))
        return write_trust_bundle(
            TrustBundle(
                region="110101",
                issued_at=NOW,
                anchors=(TrustAnchor(("seal", "timestamp", "status"), pki.root),),
                intermediates=(pki.seal_ca, pki.tsa_ca),
                crls=pki.revocation_lists(NOW, UNTIL),
                authorities=(TrustedAuthority(OWNER_CODE, OWNER_NAME, "110101", (OWNER_CODE,)),),
                status_lists=self._status_files(),
                signers=tuple(TrustedSigner("seal-maker", maker) for maker in makers),
            )
        )

    def _status_files(self) -> tuple[bytes, bytes]:
        states = bytearray(16)
        states[STATUS_INDEX] = STATUS_CODES[LicenseStatus.VALID]
        content = StatusListContent(STATUS_URI, 1, NOW, UNTIL, bytes(states))
        signed = (self.pki.status, partial(self.pki.keys.sign, "status"))
        return build_status_list(content, *signed), build_status_reasons(content, *signed)
