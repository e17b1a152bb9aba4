"""Builds certificates, revocation lists and requests, signed by whatever signer it is given.

For the development and test hierarchy, and for the request that goes to a licensed CA. It keeps
no records: serial numbers, periods and who may have a certificate are the caller's. What it
builds it reads and verifies before handing it out.

Source: GM/T 0015-2023 and GB/T 20518-2018 (profile); RFC 5280; RFC 2986 and GM/T 0092-2020
(requests).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from keys import certificate_extensions as extensions
from keys import der, oids, sm2
from keys.certificate import (
    REASONS,
    Certificate,
    RevokedEntry,
    read_certificate,
    read_public_point,
    read_revocation_list,
    split_signed,
    verify_issued_by,
    verify_revocation_list,
)
from keys.distinguished_name import (
    COMMON_NAME,
    COUNTRY,
    ORGANIZATION,
    read_name,
    write_name,
)
from keys.errors import CertificateUnreadableError, InvalidKeyError
from keys.sm3 import sm3

Signer = Callable[[bytes], bytes]
"""Signs a message with SM2 and returns DER; usually ``partial(keys.sign, label)``."""

TIME_STAMPING_EKU = "1.3.6.1.5.5.7.3.8"

STATUS_SIGNING_EKU = "2.25.245535831752781934944869463156656212854"
"""Our own purpose, in the arc of UUIDs (ITU-T X.667): may sign lists of license states."""

SEAL_MAKING_EKU = "2.25.254633289841353294013462517044527502508"
"""Our own purpose: may sign the data of electronic seals (制章者)."""

SYSTEM_SIGNING_EKU = "2.25.153644620834346369227701649754703405811"
"""Our own purpose: may sign what a license library says of itself, as manifests."""

_ALGORITHM = der.tlv(der.SEQUENCE, der.write_object_identifier(oids.SM2_WITH_SM3))
_KEY_ID_BYTES = 20


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate is for; empty parts are left out of the name.

    Raises CertificateUnreadableError for a country that is not two letters, control characters,
    or no common name, since such a certificate would read as somebody else's.
    """

    common_name: str
    organization: str = ""
    country: str = "CN"

    def __post_init__(self) -> None:
        if not self.common_name:
            raise CertificateUnreadableError("the subject has no common name")
        if self.country and not (len(self.country) == 2 and self.country.isascii()):
            raise CertificateUnreadableError("the country is not two letters")
        if not (self.common_name + self.organization + self.country).isprintable():
            raise CertificateUnreadableError("control characters in the subject's name")


@dataclass(frozen=True, slots=True)
class CertificateProfile:
    """What a kind of certificate may do. ``path_length`` counts only for a CA."""

    key_usages: tuple[str, ...]
    extended_key_usage: str = ""
    is_ca: bool = False
    path_length: int | None = None


_CA_USAGES = ("keyCertSign", "cRLSign")
_SIGNER_USAGES = ("digitalSignature", "nonRepudiation")

ROOT = CertificateProfile(_CA_USAGES, is_ca=True)
SEAL_CA = CertificateProfile(_CA_USAGES, is_ca=True, path_length=0)
TSA_CA = CertificateProfile(_CA_USAGES, is_ca=True, path_length=0)
# GM/T 0015: the signing half of a double certificate; never encryption with it.
SEAL = CertificateProfile(_SIGNER_USAGES)
# RFC 3161, 2.3: the one purpose, and critical.
TSA = CertificateProfile(_SIGNER_USAGES, TIME_STAMPING_EKU)
STATUS = CertificateProfile(_SIGNER_USAGES, STATUS_SIGNING_EKU)
# GB/T 38540-2020: the maker of seals, whose signature makes the data of a seal a seal.
SEAL_MAKER = CertificateProfile(_SIGNER_USAGES, SEAL_MAKING_EKU)
SYSTEM = CertificateProfile(_SIGNER_USAGES, SYSTEM_SIGNING_EKU)


@dataclass(frozen=True, slots=True)
class CertificateOrder:
    """What one certificate shall say. Instants aware, whole seconds; serial 1 to 20 octets."""

    profile: CertificateProfile
    subject: Subject
    public_point: bytes
    serial: int
    not_before: datetime
    not_after: datetime
    crl_url: str = ""


def build_certificate(order: CertificateOrder, issuer: Certificate | None, sign: Signer) -> bytes:
    """Build a certificate; return DER.

    Args:
        issuer: None for a root, which is issued under itself.
        sign: signs with the issuer's key.

    Raises:
        CertificateUnreadableError: the order makes no certificate that we would read.
        InvalidSignatureError: ``sign`` is not the issuer's key, or the issuer is no CA.
        InvalidKeyError: the point is no public key.
    """
    sm2.check_public_point(order.public_point)
    if order.serial < 1 or order.not_after < order.not_before:
        raise CertificateUnreadableError("serial number below 1, or the period ends first")
    subject = _write_subject(order.subject)
    tbs = der.tlv(
        der.SEQUENCE,
        der.tlv(0xA0, der.write_integer(2)),
        der.write_integer(order.serial),
        _ALGORITHM,
        subject if issuer is None else issuer.subject_der,
        der.tlv(
            der.SEQUENCE,
            der.write_instant(order.not_before),
            der.write_instant(order.not_after),
        ),
        subject,
        sm2.write_spki(order.public_point),
        der.tlv(0xA3, _certificate_extensions(order, issuer)),
    )
    built = read_certificate(_signed(tbs, sign))
    verify_issued_by(built, built if issuer is None else issuer)
    return built.der


def build_revocation_list(
    issuer: Certificate,
    sign: Signer,
    number: int,
    this_update: datetime,
    next_update: datetime,
    revoked: Iterable[RevokedEntry],
) -> bytes:
    """Build a complete revocation list; return DER.

    Args:
        sign: signs with the issuer's key.
        number: larger than that of every list of this issuer before.

    Raises:
        InvalidSignatureError: ``sign`` is not the issuer's key, or the issuer may not.
        CertificateUnreadableError: an entry is not one that we would read.
    """
    entries = [_entry(each) for each in sorted(revoked, key=lambda each: each.serial)]
    tbs = der.tlv(
        der.SEQUENCE,
        der.write_integer(1),
        _ALGORITHM,
        issuer.subject_der,
        der.write_instant(this_update),
        der.write_instant(next_update),
        der.tlv(der.SEQUENCE, *entries) if entries else b"",
        der.tlv(
            0xA0,
            der.tlv(
                der.SEQUENCE,
                _authority_key_id(issuer.subject_key_id or _key_id(issuer.public_point)),
                _extension(extensions.CRL_NUMBER, der.write_integer(number)),
            ),
        ),
    )
    built = read_revocation_list(_signed(tbs, sign))
    verify_revocation_list(built, issuer)
    return built.der


def build_request(subject: Subject, public_point: bytes, sign: Signer) -> bytes:
    """Build a PKCS#10 request for a certificate; return DER.

    Raises:
        InvalidSignatureError: ``sign`` is not the key of the point.
        InvalidKeyError: the point is no public key.
    """
    sm2.check_public_point(public_point)
    information = der.tlv(
        der.SEQUENCE,
        der.write_integer(0),
        _write_subject(subject),
        sm2.write_spki(public_point),
        der.tlv(0xA0),
    )
    request = _signed(information, sign)
    read_request(request)
    return request


def read_request(encoded: bytes) -> tuple[Subject, bytes]:
    """Return subject and public point of a PKCS#10 request, its own signature checked.

    Raises:
        CertificateUnreadableError: not strict DER, another key or algorithm, or no common name.
        InvalidSignatureError: it was not signed by the key it is about.
    """
    try:
        information, signature, _ = split_signed(encoded)
        subject, point = _read_information(information)
    except (der.DerError, InvalidKeyError) as error:
        raise CertificateUnreadableError(str(error)) from error
    sm2.verify(point, information.encoded, signature)
    return subject, point


def _read_information(information: der.Element) -> tuple[Subject, bytes]:
    reader = der.Reader(information.content)
    if der.integer(reader.next(der.INTEGER)) != 0:
        raise der.DerError("not a version 1 request")
    name = read_name(reader.next(der.SEQUENCE))
    point = read_public_point(reader.next(der.SEQUENCE).encoded)
    reader.optional(0xA0)
    reader.finish()
    subject = Subject(name.last(COMMON_NAME), name.last(ORGANIZATION), name.last(COUNTRY))
    return subject, point


def _signed(tbs: bytes, sign: Signer) -> bytes:
    return der.tlv(der.SEQUENCE, tbs, _ALGORITHM, der.tlv(der.BIT_STRING, b"\0", sign(tbs)))


def _write_subject(subject: Subject) -> bytes:
    return write_name(subject.common_name, subject.organization, subject.country)


def _certificate_extensions(order: CertificateOrder, issuer: Certificate | None) -> bytes:
    key_id = _key_id(order.public_point)
    authority = key_id
    if issuer is not None:
        authority = issuer.subject_key_id or _key_id(issuer.public_point)
    written = [
        _authority_key_id(authority),
        _extension(extensions.SUBJECT_KEY_ID, der.tlv(der.OCTET_STRING, key_id)),
        _critical_extension(extensions.KEY_USAGE, _key_usage(order.profile.key_usages)),
        _critical_extension(extensions.BASIC_CONSTRAINTS, _basic_constraints(order.profile)),
    ]
    if order.profile.extended_key_usage:
        purpose = der.write_object_identifier(order.profile.extended_key_usage)
        written.append(
            _critical_extension(extensions.EXTENDED_KEY_USAGE, der.tlv(der.SEQUENCE, purpose))
        )
    if order.crl_url:
        written.append(_extension(extensions.CRL_POINTS, _crl_point(order.crl_url)))
    return der.tlv(der.SEQUENCE, *written)


def _extension(kind: str, value: bytes) -> bytes:
    octets = der.tlv(der.OCTET_STRING, value)
    return der.tlv(der.SEQUENCE, der.write_object_identifier(kind), octets)


def _critical_extension(kind: str, value: bytes) -> bytes:
    critical = der.tlv(der.BOOLEAN, b"\xff")
    octets = der.tlv(der.OCTET_STRING, value)
    return der.tlv(der.SEQUENCE, der.write_object_identifier(kind), critical, octets)


def _authority_key_id(key_id: bytes) -> bytes:
    return _extension(extensions.AUTHORITY_KEY_ID, der.tlv(der.SEQUENCE, der.tlv(0x80, key_id)))


def _key_id(public_point: bytes) -> bytes:
    # RFC 7093, 2, method 1, with SM3: the leftmost 160 bits of the digest of the point.
    return sm3(public_point)[:_KEY_ID_BYTES]


def _key_usage(usages: tuple[str, ...]) -> bytes:
    bits = sum(0x8000 >> extensions.KEY_USAGES.index(usage) for usage in usages)
    octets = bits.to_bytes(2, "big").rstrip(b"\0")
    unused = (octets[-1] & -octets[-1]).bit_length() - 1
    return der.tlv(der.BIT_STRING, bytes((unused,)), octets)


def _basic_constraints(profile: CertificateProfile) -> bytes:
    if not profile.is_ca:
        return der.tlv(der.SEQUENCE)
    length = b"" if profile.path_length is None else der.write_integer(profile.path_length)
    return der.tlv(der.SEQUENCE, der.tlv(der.BOOLEAN, b"\xff"), length)


def _crl_point(url: str) -> bytes:
    if not url.isascii():
        raise CertificateUnreadableError("the address of the revocation list is not ASCII")
    name = der.tlv(0xA0, der.tlv(0xA0, der.tlv(0x86, url.encode("ascii"))))
    return der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, name))


_REASON_CODES = {name: code for code, name in REASONS.items()}


def _entry(entry: RevokedEntry) -> bytes:
    code = _REASON_CODES.get(entry.reason)
    if code is None or entry.serial < 1:
        raise CertificateUnreadableError("no such revocation reason, or serial number below 1")
    written = b""
    if code:
        # RFC 5280, 5.3.1: unspecified is said by leaving the extension out.
        reason = der.tlv(der.ENUMERATED, bytes((code,)))
        written = der.tlv(der.SEQUENCE, _extension(extensions.REASON_CODE, reason))
    return der.tlv(
        der.SEQUENCE, der.write_integer(entry.serial), der.write_instant(entry.revoked_at), written
    )
