"""The CMS signature of a sealed PDF (PAdES B-T with SM2 and SM3), read strictly.

One shape only (ADR 0011 and 0012): version 1, SM3, detached data, one signer named by issuer and
serial, signed attributes exactly content-type, message-digest and signing-certificate-v2 with an
SM3 hash, unsigned attributes exactly one signature-time-stamp. What is read is put together again
from its parts and must give the same bytes, so no bit is free to change, signed or not.
Not here: whether the signature holds, whom the certificate belongs to (``verification``).

Source: RFC 5652, RFC 5035, ETSI EN 319 122-1, ETSI EN 319 142-1; identifiers of GB/T 33560.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.certificate import read_certificate
from keys.errors import KeyCustodyError
from keys.sm3 import sm3
from signing import der, identifiers
from signing.cms.signed_data import (
    Attribute,
    SignedData,
    SignerInfo,
    encode_signed_data,
    read_signed_data,
)
from signing.der import DerReader
from signing.errors import MalformedCmsError, MalformedDerError

_SIGNED_TYPES = (
    identifiers.CONTENT_TYPE,
    identifiers.MESSAGE_DIGEST,
    identifiers.SIGNING_CERTIFICATE_V2,
)
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class CmsSignature:
    """A CMS signature as found. ``problems`` names every departure from the profile.

    ``signed_attributes`` is the DER SET OF as received: the message of the SM2 signature.
    ``signer_certificate`` is empty when no enclosed certificate has the signer's issuer and serial.
    """

    der: bytes
    content_type: str
    message_digest: bytes
    signing_certificate_digest: bytes | None
    signed_attributes: bytes
    signer_certificate: bytes
    certificates: tuple[bytes, ...]
    signature: bytes
    timestamp: bytes | None
    digest_algorithm: str
    signature_algorithm: str
    problems: tuple[str, ...]


def read_cms_signature(data: bytes) -> CmsSignature:
    """Return what a CMS signature says, with a stable code for each departure from our profile.

    Raises:
        MalformedCmsError: it is not even a SignedData with one signer in DER.
    """
    parts = read_signed_data(data)
    problems: list[str] = []
    _check_envelope(parts, problems)
    found = _check_signed_attributes(parts.signer, problems)
    certificate = _signer_certificate(parts, found.certificate_digest, problems)
    _check_signature_value(parts.signer.signature, problems)
    token = _check_unsigned_attributes(parts.signer.unsigned_attributes, problems)
    if not problems and encode_signed_data(parts) != data:
        problems.append("cms-not-canonical")
    return CmsSignature(
        der=data,
        content_type=found.content_type,
        message_digest=found.message_digest,
        signing_certificate_digest=found.certificate_digest,
        signed_attributes=parts.signer.to_be_signed,
        signer_certificate=certificate,
        certificates=parts.certificates,
        signature=parts.signer.signature,
        timestamp=token,
        digest_algorithm=_algorithm_name(parts.signer.digest_algorithm),
        signature_algorithm=_algorithm_name(parts.signer.signature_algorithm),
        problems=tuple(problems),
    )


def _algorithm_name(algorithm: bytes) -> str:
    try:
        inner = DerReader(algorithm).enter(der.SEQUENCE, "algorithm")
        return identifiers.name_of(inner.element(der.OBJECT_IDENTIFIER, "algorithm"))
    except MalformedDerError as error:
        raise MalformedCmsError("cms-algorithm-malformed", error.code) from error


def _algorithm_problem(algorithm: bytes, wanted: bytes, prefix: str) -> str | None:
    """Return a code that tells a foreign algorithm from ours with other parameters."""
    if algorithm == wanted:
        return None
    ours = _algorithm_name(algorithm) == _algorithm_name(wanted)
    return f"{prefix}-parameters" if ours else f"{prefix}-not-accepted"


def _check_envelope(parts: SignedData, problems: list[str]) -> None:
    """Note what is wrong around the signer. Source: RFC 5652, 5.1 and 5.3."""
    signer = parts.signer
    wrong = {
        "cms-outer-type-not-rfc5652": parts.outer_type != identifiers.SIGNED_DATA,
        "cms-version": parts.version != 1,
        "cms-signer-version": signer.version != 1,
        "cms-digest-algorithms-count": len(parts.digest_algorithms) != 1,
        "cms-encapsulated-type-not-data": parts.content_type != identifiers.DATA,
        "cms-content-enclosed": parts.content is not None,
        "cms-certificates-not-sorted": list(parts.certificates) != sorted(parts.certificates),
    }
    problems.extend(code for code, is_so in wrong.items() if is_so)
    sm3_, sm2_ = identifiers.SM3_ALGORITHM, identifiers.SM2_WITH_SM3_ALGORITHM
    compared = [
        *((found, sm3_, "cms-digest") for found in parts.digest_algorithms),
        (signer.digest_algorithm, sm3_, "cms-signer-digest"),
        (signer.signature_algorithm, sm2_, "cms-signature-algorithm"),
    ]
    problems.extend(filter(None, (_algorithm_problem(*three) for three in compared)))


@dataclass(frozen=True, slots=True)
class _SignedFacts:
    content_type: str = ""
    message_digest: bytes = b""
    certificate_digest: bytes | None = None


def _check_signed_attributes(signer: SignerInfo, problems: list[str]) -> _SignedFacts:
    attributes = signer.signed_attributes
    if attributes is None:
        problems.append("cms-signed-attributes-missing")
        return _SignedFacts()
    if not signer.signed_attributes_sorted:
        problems.append("cms-signed-attributes-not-sorted")
    types = [attribute.type for attribute in attributes]
    if len(set(types)) != len(types):
        problems.append("cms-signed-attribute-twice")
    if set(types) - set(_SIGNED_TYPES):
        problems.append(
            "cms-signing-certificate-v1"
            if identifiers.SIGNING_CERTIFICATE in types
            else "cms-signed-attribute-unexpected"
        )
    values = {attribute.type: attribute.values for attribute in attributes}
    return _SignedFacts(
        _content_type(values.get(identifiers.CONTENT_TYPE), problems),
        _message_digest(values.get(identifiers.MESSAGE_DIGEST), problems),
        _certificate_digest(values.get(identifiers.SIGNING_CERTIFICATE_V2), problems),
    )


def _only(values: tuple[bytes, ...] | None, name: str, problems: list[str]) -> bytes | None:
    """Return an attribute's one value; note that it is missing or that there are several."""
    if values is None:
        problems.append(f"cms-{name}-missing")
        return None
    if len(values) != 1:
        problems.append(f"cms-{name}-values")
        return None
    return values[0]


def _content_type(values: tuple[bytes, ...] | None, problems: list[str]) -> str:
    value = _only(values, "content-type", problems)
    if value is None:
        return ""
    if value != identifiers.DATA:
        problems.append("cms-content-type-not-data")
    return "data" if value == identifiers.DATA else "other"


def _message_digest(values: tuple[bytes, ...] | None, problems: list[str]) -> bytes:
    value = _only(values, "message-digest", problems)
    if value is None:
        return b""
    if value[:2] != bytes((der.OCTET_STRING, _DIGEST_BYTES)):
        problems.append("cms-message-digest-malformed")
        return b""
    return value[2:]


def _certificate_digest(values: tuple[bytes, ...] | None, problems: list[str]) -> bytes | None:
    """Return the hash in signing-certificate-v2, which must be one SM3 hash and nothing else."""
    value = _only(values, "signing-certificate", problems)
    if value is None:
        return None
    try:
        return _read_certificate_digest(value)
    except MalformedCmsError as error:
        problems.append(error.code)
    except MalformedDerError:
        problems.append("cms-signing-certificate-malformed")
    return None


def _read_certificate_digest(value: bytes) -> bytes:
    """Walk SigningCertificateV2. Source: RFC 5035, 3: SEQUENCE OF ESSCertIDv2, no policies."""
    body = DerReader(value).enter(der.SEQUENCE, "signing certificate")
    identifiers_ = body.enter(der.SEQUENCE, "certificate identifiers")
    entry = identifiers_.enter(der.SEQUENCE, "certificate identifier")
    if entry.next_tag() != der.SEQUENCE:
        raise MalformedCmsError("cms-signing-certificate-not-sm3")  # default: SHA-256
    if entry.element(der.SEQUENCE, "hash algorithm") != identifiers.SM3_ALGORITHM:
        raise MalformedCmsError("cms-signing-certificate-not-sm3")
    digest = entry.contents(der.OCTET_STRING, "certificate hash")
    if len(digest) != _DIGEST_BYTES:
        raise MalformedCmsError("cms-signing-certificate-malformed")
    entry.finish("certificate identifier")
    identifiers_.finish("certificate identifiers")
    body.finish("signing certificate")
    return digest


def _signer_certificate(parts: SignedData, digest: bytes | None, problems: list[str]) -> bytes:
    """Return the one enclosed certificate with the signer's issuer and serial, or nothing."""
    found = []
    for encoded in parts.certificates:
        try:
            certificate = read_certificate(encoded)
        except KeyCustodyError:
            problems.append("cms-certificate-unreadable")
            continue
        if (certificate.issuer_der, certificate.serial) == (
            parts.signer.issuer,
            parts.signer.serial,
        ):
            found.append(encoded)
    if len(found) != 1:
        problems.append(
            "cms-signer-certificate-ambiguous" if found else "cms-signer-certificate-missing"
        )
        return b""
    if digest is not None and sm3(found[0]) != digest:
        problems.append("cms-signing-certificate-mismatch")
    return found[0]


def _check_signature_value(signature: bytes, problems: list[str]) -> None:
    """Note a signature that is not SEQUENCE { r, s } with both in 1 … 2^256 - 1."""
    try:
        reader = DerReader(signature)
        pair = reader.enter(der.SEQUENCE, "signature")
        reader.finish("signature")
        numbers = (pair.integer("r"), pair.integer("s"))
        pair.finish("signature")
    except MalformedDerError:
        problems.append("cms-signature-not-der")
        return
    if not all(0 < number < 1 << 256 for number in numbers):
        problems.append("cms-signature-out-of-range")


def _check_unsigned_attributes(
    attributes: Sequence[Attribute] | None, problems: list[str]
) -> bytes | None:
    """Return the time-stamp token; it must be the only unsigned attribute."""
    if attributes is None:
        problems.append("cms-timestamp-missing")
        return None
    tokens = [a for a in attributes if a.type == identifiers.SIGNATURE_TIMESTAMP]
    if len(tokens) != len(attributes):
        moved = {a.type for a in attributes} & set(_SIGNED_TYPES)
        problems.append(
            "cms-signed-attribute-among-unsigned" if moved else "cms-unsigned-attribute-unexpected"
        )
    if len(tokens) > 1:
        problems.append("cms-timestamp-twice")
        return None
    return _only(tokens[0].values if tokens else None, "timestamp", problems)
