"""The signature of a document with an electronic seal in it (SES_Signature).

Reads versions 4 (GB/T 38540-2020), 5 (GM/T 0031-2025) and 1 (GM/T 0031-2014), writes version 4.
Reads bytes only: whether digest, signature, seal and certificates hold is for ``verification``.

Source: GB/T 38540-2020, SES_Signature and TBS_Sign; GM/T 0031-2014; GM/T 0031-2025.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from keys.sm3 import sm3
from signing import der, identifiers
from signing.der import DerReader
from signing.errors import SealPeriodError, SignerNotInSealError
from signing.ses.extension import TAGGED, SesExtension, read_extensions
from signing.ses.reader import MAX_VALUE_BYTES, SesReader, fault
from signing.ses.seal import V4, V5, SESeal, read_ses_seal
from signing.ses.v1 import V1, read_v1_time
from signing.ses.writer import write_bits, write_ia5, write_time

NOT_A_PATH = "ses-property-info-not-a-path"

_DIGEST_BYTES = 32
_MAX_VERSION = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class SESSignature:
    """A signature as found. ``signed_bytes`` is TBS_Sign as received: what the signer signed.

    ``signature`` is DER, ``signature_value`` the same as its BIT STRING holds it, whose SM3 the
    token in ``timestamp`` names. ``signed_at`` is claimed, None where version 1 has a token
    instead. The seal inside has deviations of its own.
    """

    der: bytes = field(repr=False)
    version: int
    seal: SESeal
    signed_at: datetime | None
    data_hash: bytes
    property_info: str
    extensions: tuple[SesExtension, ...]
    signer_certificate: bytes = field(repr=False)
    signature_algorithm: str
    signature: bytes = field(repr=False)
    signature_value: bytes = field(repr=False)
    signed_bytes: bytes = field(repr=False)
    timestamp: bytes | None = field(repr=False)
    deviations: tuple[str, ...]


class _Statement(NamedTuple):
    signed_at: datetime | None
    data_hash: bytes
    property_info: str
    extensions: tuple[SesExtension, ...]
    signer_certificate: bytes
    signature_algorithm: str
    signature: bytes
    signature_value: bytes
    timestamp: bytes | None


def read_ses_signature(data: bytes) -> SESSignature:
    """Return what a signature with a seal (SignedValue.dat, /Contents) says.

    Raises:
        MalformedSealError: it is no SES_Signature in strict DER, or the seal inside is none; the
            code names field and rule.
    """
    if len(data) > MAX_VALUE_BYTES:
        raise fault("value", "too-large", f"{len(data)} bytes")
    outer = SesReader(DerReader(data), [])
    reader = outer.enter("value")
    outer.finish("value")
    received = reader.whole("to-sign")
    tbs = SesReader(DerReader(received), reader.deviations).enter("to-sign")
    version, seal = _read_version(tbs)
    statement = _read_v1(tbs, reader) if version == V1 else _read(tbs, reader)
    reader.finish("value")
    return SESSignature(
        der=data,
        version=version,
        seal=seal,
        signed_bytes=received,
        deviations=tuple(reader.deviations),
        **statement._asdict(),
    )


def _read_version(tbs: SesReader) -> tuple[int, SESeal]:
    """Read version and seal; make sure that the rest has the shape of that version."""
    version = tbs.integer("version", _MAX_VERSION)
    if version not in (V1, V4, V5):
        raise fault("version", "unknown", str(version))
    seal = read_ses_seal(tbs.whole("eseal"))
    if seal.version != version:
        raise fault("version", "differs", f"{version}, of the seal {seal.version}")
    shaped_as_v1 = tbs.next_tag() in (der.BIT_STRING, der.OCTET_STRING)
    if shaped_as_v1 != (version == V1):
        raise fault("version", "shape", f"version {version}")
    return version, seal


def _read(tbs: SesReader, reader: SesReader) -> _Statement:
    """Walk what follows the seal in versions 4 and 5."""
    signed_at = tbs.time("time", der.GENERALIZED_TIME)
    data_hash, property_info = _read_hash(tbs), _read_property_info(tbs)
    extensions = read_extensions(tbs, TAGGED)
    tbs.finish("to-sign")
    certificate = reader.certificate("signer-certificate")
    algorithm = reader.algorithm("signature-algorithm")
    signature, value = reader.signature("signature")
    token = reader.timestamp("timestamp")
    return _Statement(
        signed_at, data_hash, property_info, extensions, certificate, algorithm,
        signature, value, token,
    )  # fmt: skip


def _read_v1(tbs: SesReader, reader: SesReader) -> _Statement:
    """Walk what follows the seal in version 1: certificate and algorithm are signed too."""
    signed_at, token = read_v1_time(tbs)
    data_hash, property_info = _read_hash(tbs), _read_property_info(tbs)
    certificate = tbs.certificate("signer-certificate")
    algorithm = tbs.algorithm("signature-algorithm")
    tbs.finish("to-sign")
    signature, value = reader.signature("signature")
    return _Statement(
        signed_at, data_hash, property_info, (), certificate, algorithm, signature, value, token
    )


def _read_hash(tbs: SesReader) -> bytes:
    found = tbs.bits("data-hash", 64)
    if len(found) != _DIGEST_BYTES:
        raise fault("data-hash", "length", f"{len(found)} bytes")
    return found


def _read_property_info(tbs: SesReader) -> str:
    """Read what is protected: in OFD the path of Signature.xml; in other forms what they like."""
    found = tbs.ia5("property-info")
    if not found.startswith("/"):
        tbs.note(NOT_A_PATH)
    return found


@dataclass(frozen=True, slots=True)
class SealUse:
    """One use of a seal: the seal (SESeal, DER), who signs, and what.

    ``data_hash`` is plain SM3 (32 bytes), in OFD of Signature.xml; ``property_info`` its absolute
    path in the package.
    """

    seal: bytes = field(repr=False)
    signer_certificate: bytes = field(repr=False)
    data_hash: bytes
    property_info: str
    signed_at: datetime


def check_seal_use(use: SealUse) -> None:
    """Make sure that a seal may be used so; whether the seal itself holds is not asked.

    Raises:
        MalformedSealError: no seal of version 4, or the digest is not 32 bytes.
        SignerNotInSealError: the seal does not list the signer's certificate.
        SealPeriodError: it is used before its period or after it.

    Source: GB/T 38540-2020, the making of a signature.
    """
    seal = _own_seal(use.seal)
    if seal.version != V4:
        raise fault("version", "differs", f"{V4}, of the seal {seal.version}")
    if len(use.data_hash) != _DIGEST_BYTES:
        raise fault("data-hash", "length", f"{len(use.data_hash)} bytes")
    if not seal.lists(use.signer_certificate):
        raise SignerNotInSealError(seal.es_id)
    if not seal.valid_from <= use.signed_at <= seal.valid_until:
        raise SealPeriodError(seal.es_id, use.signed_at)


# The seals of a library are few, and each is used a thousand times.
_own_seal = lru_cache(maxsize=64)(read_ses_seal)


def make_ses_signature(
    use: SealUse,
    sign: Callable[[bytes], bytes],
    timestamp: Callable[[bytes], bytes] | None,
) -> bytes:
    """Sign with a seal; return the DER of SES_Signature, version 4.

    What it is given it writes; ``check_seal_use`` says before whether it may be.

    Args:
        sign: makes an SM2 signature (DER) over a message with the signer's key.
        timestamp: makes a time-stamp token over an SM3 imprint: here that of the signature value.

    Raises:
        MalformedSealError: ``property_info`` is not ASCII.
    """
    to_sign = der.sequence(
        der.integer(V4),
        use.seal,
        write_time(use.signed_at),
        write_bits(use.data_hash),
        write_ia5("property-info", use.property_info),
    )
    signature = sign(to_sign)
    token = b""
    if timestamp is not None:
        token = der.tlv(der.context(0), write_bits(timestamp(sm3(signature))))
    return der.sequence(
        to_sign,
        der.tlv(der.OCTET_STRING, use.signer_certificate),
        identifiers.SM2_WITH_SM3,
        write_bits(signature),
        token,
    )
