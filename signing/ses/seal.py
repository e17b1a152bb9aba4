"""The data of an electronic seal (SESeal): what the seal is, signed by the maker of the seal.

Reads the seals of GB/T 38540-2020 (version 4), GM/T 0031-2025 (5) and GM/T 0031-2014 (1), writes
version 4. Reads bytes only: whether the maker's signature holds, who the maker is and whether the
seal is in its period is judged in ``verification``; pictures are not decoded here.

Source: GB/T 38540-2020, SESeal; GM/T 0031-2014; GM/T 0031-2025.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from keys import sm2
from keys.certificate import read_certificate
from keys.errors import KeyCustodyError
from keys.sm3 import sm3
from signing import der, identifiers
from signing.der import DerReader
from signing.ses.extension import UNTAGGED, SesExtension, read_extensions, write_extensions
from signing.ses.reader import MAX_VALUE_BYTES, SesReader, fault
from signing.ses.v1 import V1, MakerSignature, read_v1_signature
from signing.ses.writer import write_bits, write_ia5, write_time

V4, V5 = 4, 5
MAX_PICTURE_BYTES = 2 << 20
MAX_PICTURE_MM = 500

_HEADER_ID = "ES"
_BY_VALUE, _BY_DIGEST = 1, 2
_MAX_NUMBER = (1 << 31) - 1
_MAX_LISTED = 64
_DIGEST_BYTES = 32
_SM3_NAMES = frozenset({"sm3", "1.2.156.10197.1.401"})
_SHA256_NAMES = frozenset({"sha256", "sha-256", "2.16.840.1.101.3.4.2.1"})


@dataclass(frozen=True, slots=True)
class SesPicture:
    """The picture of a seal: its kind as written ("PNG", "ofd", …) and its true size in mm."""

    kind: str
    data: bytes = field(repr=False)
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class SESeal:
    """A seal as found. Certificates are DER, digests (type as written, 32 bytes), instants UTC.

    ``signed_bytes`` is what the maker signed, as received: the information of the seal, in
    version 1 with certificate and algorithm. ``signature`` is DER, ``signature_value`` the same
    signature as its BIT STRING holds it, which is the message of a time-stamp.
    """

    der: bytes = field(repr=False)
    version: int
    vendor: str
    es_id: str
    kind: int
    name: str
    certificates: tuple[bytes, ...] = field(repr=False)
    certificate_digests: tuple[tuple[str, bytes], ...]
    created_at: datetime
    valid_from: datetime
    valid_until: datetime
    picture: SesPicture
    extensions: tuple[SesExtension, ...]
    signed_bytes: bytes = field(repr=False)
    maker_certificate: bytes = field(repr=False)
    signature_algorithm: str
    signature: bytes = field(repr=False)
    signature_value: bytes = field(repr=False)
    timestamp: bytes | None = field(repr=False)
    deviations: tuple[str, ...]

    def lists(self, certificate: bytes) -> bool:
        """Return whether the seal names a signer's certificate (DER), by value or by digest.

        A digest whose type is none we know is compared as SM3 and as SHA-256: the type is the
        vendor's own word, and a hash that agrees says enough.
        """
        if certificate in self.certificates:
            return True
        return any(_agrees(kind, value, certificate) for kind, value in self.certificate_digests)


def _agrees(kind: str, value: bytes, certificate: bytes) -> bool:
    name = kind.lower()
    is_sm3 = name not in _SHA256_NAMES and value == sm3(certificate)
    return is_sm3 or (name not in _SM3_NAMES and value == hashlib.sha256(certificate).digest())


class _Information(NamedTuple):
    version: int
    vendor: str
    es_id: str
    kind: int
    name: str
    certificates: tuple[bytes, ...]
    certificate_digests: tuple[tuple[str, bytes], ...]
    created_at: datetime
    valid_from: datetime
    valid_until: datetime
    picture: SesPicture
    extensions: tuple[SesExtension, ...]


def read_ses_seal(data: bytes) -> SESeal:
    """Return what the data of a seal (.esl) says.

    Raises:
        MalformedSealError: it is no SESeal in strict DER; the code names field and rule.
    """
    if len(data) > MAX_VALUE_BYTES:
        raise fault("seal", "too-large", f"{len(data)} bytes")
    outer = SesReader(DerReader(data), [])
    reader = outer.enter("seal")
    outer.finish("seal")
    received = reader.whole("info")
    information = _read_information(SesReader(DerReader(received), reader.deviations))
    is_v1 = information.version == V1
    if (reader.next_tag() == der.SEQUENCE) != is_v1:
        raise fault("seal", "version-shape", f"version {information.version}")
    signature = read_v1_signature(reader, received) if is_v1 else _read_signature(reader, received)
    if information.version == V4 and signature.timestamp is not None:
        raise fault("seal", "timestamp-in-version-4")
    reader.finish("seal")
    return SESeal(
        der=data,
        **information._asdict(),
        **signature._asdict(),
        deviations=tuple(reader.deviations),
    )


def _read_information(outer: SesReader) -> _Information:
    """Walk SES_SealInfo, which is alike in all versions but for the property."""
    reader = outer.enter("info")
    header = reader.enter("header")
    if header.ia5("header-id") != _HEADER_ID:
        raise fault("header-id", "not-es")
    version = header.integer("header-version", _MAX_NUMBER)
    if version not in (V1, V4, V5):
        raise fault("header-version", "unknown", str(version))
    vendor = header.ia5("vendor")
    header.finish("header")
    es_id = reader.ia5("es-id", 1)
    property_ = _read_property(reader.enter("property"), version)
    picture = _read_picture(reader.enter("picture"))
    extensions = read_extensions(reader, UNTAGGED)
    reader.finish("info")
    return _Information(version, vendor, es_id, *property_, picture, extensions)


class _Property(NamedTuple):
    kind: int
    name: str
    certificates: tuple[bytes, ...]
    certificate_digests: tuple[tuple[str, bytes], ...]
    created_at: datetime
    valid_from: datetime
    valid_until: datetime


def _read_property(reader: SesReader, version: int) -> _Property:
    """Walk SES_ESPropertyInfo. Its ``type`` is never a reason to refuse a seal."""
    kind = reader.integer("kind", _MAX_NUMBER)
    name = reader.utf8("name")
    list_type = _BY_VALUE
    if version != V1:
        list_type = reader.integer("certificate-list-type", _MAX_NUMBER)
    certificates, digests = _read_signers(reader, list_type)
    usual = der.UTC_TIME if version == V1 else der.GENERALIZED_TIME
    created, begins, ends = (
        reader.time(each, usual) for each in ("created", "valid-from", "valid-until")
    )
    reader.finish("property")
    if ends < begins:
        raise fault("period", "reversed")
    return _Property(kind, name, certificates, digests, created, begins, ends)


def _read_signers(
    reader: SesReader, list_type: int
) -> tuple[tuple[bytes, ...], tuple[tuple[str, bytes], ...]]:
    """Return who may sign with the seal: certificates, or their digests."""
    if list_type not in (_BY_VALUE, _BY_DIGEST):
        raise fault("certificate-list-type", "unknown", str(list_type))
    inner = reader.enter("certificate-list")
    if inner.at_end:
        raise fault("certificate-list", "empty")
    wanted = der.OCTET_STRING if list_type == _BY_VALUE else der.SEQUENCE
    certificates: list[bytes] = []
    digests: list[tuple[str, bytes]] = []
    while not inner.at_end:
        if inner.next_tag() != wanted:
            raise fault("certificate-list", "not-of-its-type", f"type {list_type}")
        if list_type == _BY_VALUE:
            certificates.append(inner.certificate("listed-certificate"))
        else:
            digests.append(_read_digest(inner.enter("listed-digest")))
        if len(certificates) + len(digests) > _MAX_LISTED:
            raise fault("certificate-list", "too-long")
    if len({*certificates, *digests}) != len(certificates) + len(digests):
        raise fault("certificate-list", "entry-twice")
    return tuple(certificates), tuple(digests)


def _read_digest(reader: SesReader) -> tuple[str, bytes]:
    """Walk CertDigestObj; its type is the vendor's own word for the algorithm."""
    kind = reader.ia5("digest-type", 0, der.PRINTABLE_STRING)
    if kind.lower() not in _SM3_NAMES | _SHA256_NAMES:
        reader.note("ses-digest-type")
    value = reader.contents("digest-value", der.OCTET_STRING, 64)
    if len(value) != _DIGEST_BYTES:
        raise fault("digest-value", "length", f"{len(value)} bytes")
    reader.finish("listed-digest")
    return kind, value


def _read_picture(reader: SesReader) -> SesPicture:
    kind = reader.ia5("picture-kind", 1)
    data = reader.contents("picture-data", der.OCTET_STRING, MAX_PICTURE_BYTES, 1)
    width, height = (
        reader.integer(each, MAX_PICTURE_MM) for each in ("picture-width", "picture-height")
    )
    reader.finish("picture")
    if not width or not height:
        raise fault("picture", "size-zero")
    return SesPicture(kind, data, width, height)


def _read_signature(reader: SesReader, received: bytes) -> MakerSignature:
    """Walk what follows the information in versions 4 and 5."""
    certificate = reader.certificate("maker-certificate")
    algorithm = reader.algorithm("seal-algorithm")
    signature, value = reader.signature("seal-signature")
    timestamp = reader.timestamp("seal-timestamp")
    return MakerSignature(received, certificate, algorithm, signature, value, timestamp)


@dataclass(frozen=True, slots=True)
class SealMaking:
    """What a seal to be made shall say. Instants aware, whole seconds; certificates DER.

    ``es_id`` is the 14-digit code of the seal, ``kind`` the property's type, ``vendor`` who runs
    the service that makes seals, ``certificates`` those whose keys may seal with it.
    """

    es_id: str
    kind: int
    name: str
    certificates: tuple[bytes, ...]
    created_at: datetime
    valid_from: datetime
    valid_until: datetime
    picture: SesPicture
    vendor: str
    maker_certificate: bytes
    extensions: tuple[SesExtension, ...] = ()


def make_ses_seal(making: SealMaking, sign: Callable[[bytes], bytes]) -> bytes:
    """Make a seal of version 4; return the DER of SESeal, read back and verified.

    Args:
        sign: makes an SM2 signature (DER) over a message with the seal maker's key.

    Raises:
        MalformedSealError: a value that no seal may have (the code names it), or
            ``ses-maker-key-differs``: the key is not that of the maker's certificate.

    Source: GB/T 38540-2020, the making of a seal.
    """
    information = _write_information(making)
    made = der.sequence(
        information,
        der.tlv(der.OCTET_STRING, making.maker_certificate),
        identifiers.SM2_WITH_SM3,
        write_bits(sign(information)),
    )
    seal = read_ses_seal(made)
    try:
        point = read_certificate(making.maker_certificate).public_point
        sm2.verify(point, seal.signed_bytes, seal.signature)
    except KeyCustodyError as error:
        raise fault("maker", "key-differs") from error
    return made


def _write_information(making: SealMaking) -> bytes:
    header = der.sequence(
        write_ia5("header-id", _HEADER_ID), der.integer(V4), write_ia5("vendor", making.vendor)
    )
    listed = (der.tlv(der.OCTET_STRING, each) for each in making.certificates)
    property_ = der.sequence(
        der.integer(making.kind),
        der.tlv(der.UTF8_STRING, making.name.encode()),
        der.integer(_BY_VALUE),
        der.sequence(*listed),
        write_time(making.created_at),
        write_time(making.valid_from),
        write_time(making.valid_until),
    )
    picture = der.sequence(
        write_ia5("picture-kind", making.picture.kind),
        der.tlv(der.OCTET_STRING, making.picture.data),
        der.integer(making.picture.width_mm),
        der.integer(making.picture.height_mm),
    )
    extensions = write_extensions(making.extensions, UNTAGGED)
    return der.sequence(header, write_ia5("es-id", making.es_id), property_, picture, extensions)
