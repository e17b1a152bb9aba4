"""Signatures of GB/T 35275 (the Chinese CMS) as other makers write them; read, never written.

What we write ourselves is read by ``cms``, in one shape. Here is what stands in OFD signatures of
type Sign and in the PDFs of others: with and without attributes, content inside or outside, two
families of object identifiers. Each departure that does no harm is named in ``deviations``; what
would leave open who signed what is an error. Does not know the document: whether its digest is
the signed one, and whether the signature holds, is for ``verification``.

Source: GB/T 35275-2017, 7 and 8; RFC 5652, 5; GM/T 0099-2020, 7.2.2.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from keys.certificate import read_certificate
from keys.errors import KeyCustodyError
from keys.sm3 import sm3
from signing import der, identifiers
from signing.cms.signed_data import SignedData, SignerInfo, read_signed_data
from signing.cms.sm2_value import signature_der
from signing.der import DerReader
from signing.errors import MalformedCmsError, MalformedDerError

_NULL = b"\x05\x00"
_PARAMETERS_NULL = "cms-parameters-null"
_DIGEST_BYTES = 32
_MAX_BYTES = 8 << 20
_TIMES = (der.UTC_TIME, der.GENERALIZED_TIME)
_SIGNATURE_IDENTIFIERS = (identifiers.SM2_SIGNATURE, identifiers.SM2_WITH_SM3)
_SM3_ALGORITHMS = (identifiers.SM3_ALGORITHM, identifiers.SM3_ALGORITHM_NULL)
_INNER_TYPES = {
    identifiers.GM_SIGNED_DATA: identifiers.GM_DATA,
    identifiers.SIGNED_DATA: identifiers.DATA,
}


@dataclass(frozen=True, slots=True)
class GmSignature:
    """A signature as found. Types and algorithms are dotted identifiers, certificates DER.

    ``content`` is what is enclosed, None if nothing is. ``message`` is what the SM2 signature
    covers: the attributes as a SET OF as received, or None: the content itself, wherever it
    is. ``message_digest`` and ``signed_at`` stand in the attributes. ``signature`` is DER,
    ``signature_value`` the same as found: the message of the time-stamp.
    """

    der: bytes = field(repr=False)
    outer_type: str
    inner_type: str
    content: bytes | None = field(repr=False)
    message: bytes | None = field(repr=False)
    message_digest: bytes | None
    signed_at: datetime | None
    signer_certificate: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    signature: bytes = field(repr=False)
    signature_value: bytes = field(repr=False)
    digest_algorithm: str
    signature_algorithm: str
    timestamp: bytes | None = field(repr=False)
    deviations: tuple[str, ...]


def read_gm_signature(data: bytes) -> GmSignature:
    """Return what a GB/T 35275 signature says.

    Raises:
        MalformedCmsError: not a SignedData with one signer in DER, other algorithms than SM3
            and SM2, no certificate of the signer, or it contradicts itself; ``code`` says which.
    """
    if len(data) > _MAX_BYTES:
        raise MalformedCmsError("cms-too-large", f"{len(data)} bytes")
    try:
        return _read(data)
    except MalformedDerError as error:
        raise MalformedCmsError(error.code, error.where) from error


def _read(data: bytes) -> GmSignature:
    deviations: list[str] = []
    parts = read_signed_data(_with_content_info(data, deviations))
    signer = parts.signer
    certificate = _signer_certificate(parts, deviations)
    _note_envelope(parts, deviations)
    digest_algorithm = _digest_algorithm(parts, deviations)
    algorithm = _signature_algorithm(signer.signature_algorithm, deviations)
    signature, deviation = signature_der(signer.signature)
    if deviation:
        deviations.append(deviation)
    signed = _read_attributes(parts, certificate, deviations)
    return GmSignature(
        der=data,
        outer_type=_dotted(parts.outer_type),
        inner_type=_dotted(parts.content_type),
        content=parts.content,
        message=signed.message,
        message_digest=signed.message_digest,
        signed_at=signed.signed_at,
        signer_certificate=certificate,
        certificates=parts.certificates,
        signature=signature,
        signature_value=signer.signature,
        digest_algorithm=digest_algorithm,
        signature_algorithm=algorithm,
        timestamp=_timestamp(signer, deviations),
        deviations=tuple(dict.fromkeys(deviations)),
    )


def _dotted(identifier: bytes) -> str:
    return der.dotted(DerReader(identifier).contents(der.OBJECT_IDENTIFIER, "identifier"))


def _with_content_info(data: bytes, deviations: list[str]) -> bytes:
    """Put a SignedData that stands alone into the ContentInfo that it should have."""
    outer = DerReader(data)
    inner = outer.enter(der.SEQUENCE, "content info")
    if inner.next_tag() != der.INTEGER:
        return data
    outer.finish("content info")
    deviations.append("cms-without-content-info")
    return der.sequence(identifiers.GM_SIGNED_DATA, der.tlv(der.context(0), data))


def _note_envelope(parts: SignedData, deviations: list[str]) -> None:
    signer = parts.signer
    departures = {
        "cms-rfc5652-types": parts.outer_type == identifiers.SIGNED_DATA,
        "cms-inner-type-differs": parts.content_type != _INNER_TYPES[parts.outer_type],
        "cms-version": parts.version != 1 or signer.version != 1,
        "cms-signed-attributes-missing": signer.signed_attributes is None,
        "cms-signed-attributes-not-sorted": not signer.signed_attributes_sorted,
    }
    deviations.extend(code for code, is_so in departures.items() if is_so)


def _digest_algorithm(parts: SignedData, deviations: list[str]) -> str:
    """Return the signer's digest algorithm, which must be SM3."""
    found = parts.signer.digest_algorithm
    if found not in _SM3_ALGORITHMS:
        raise MalformedCmsError("cms-digest-not-accepted")
    if any(each not in _SM3_ALGORITHMS for each in parts.digest_algorithms):
        raise MalformedCmsError("cms-digest-algorithms-differ")
    if parts.digest_algorithms != (found,):
        deviations.append("cms-digest-algorithms")
    if found == identifiers.SM3_ALGORITHM_NULL:
        deviations.append(_PARAMETERS_NULL)
    return _dotted(identifiers.SM3)


def _signature_algorithm(algorithm: bytes, deviations: list[str]) -> str:
    """Return the signature algorithm: SM2 (.301.1), or SM2 with SM3 (.501), which is common."""
    inner = DerReader(algorithm).enter(der.SEQUENCE, "signature algorithm")
    identifier = inner.element(der.OBJECT_IDENTIFIER, "signature algorithm")
    if identifier not in _SIGNATURE_IDENTIFIERS:
        raise MalformedCmsError("cms-signature-algorithm-not-accepted")
    if algorithm == der.sequence(identifier, _NULL):
        deviations.append(_PARAMETERS_NULL)
    elif algorithm != der.sequence(identifier):
        raise MalformedCmsError("cms-signature-algorithm-parameters")
    if identifier == identifiers.SM2_WITH_SM3:
        deviations.append("cms-algorithm-sm2-with-sm3")
    return _dotted(identifier)


def _signer_certificate(parts: SignedData, deviations: list[str]) -> bytes:
    """Return the one enclosed certificate with the signer's issuer and serial number."""
    wanted = (parts.signer.issuer, parts.signer.serial)
    found = []
    for encoded in parts.certificates:
        try:
            certificate = read_certificate(encoded)
        except KeyCustodyError:
            deviations.append("cms-certificate-unreadable")
            continue
        if (certificate.issuer_der, certificate.serial) == wanted:
            found.append(encoded)
    if not found:
        raise MalformedCmsError("cms-signer-certificate-missing")
    if len(found) > 1:
        raise MalformedCmsError("cms-signer-certificate-ambiguous")
    return found[0]


@dataclass(frozen=True, slots=True)
class _Signed:
    message: bytes | None = None
    message_digest: bytes | None = None
    signed_at: datetime | None = None


def _read_attributes(parts: SignedData, certificate: bytes, deviations: list[str]) -> _Signed:
    attributes = parts.signer.signed_attributes
    if attributes is None:
        _refuse_attributes_as_content(parts.content)
        return _Signed()
    values = {each.type: each.values for each in attributes}
    if len(values) != len(attributes):
        raise MalformedCmsError("cms-signed-attribute-twice")
    if values.get(identifiers.CONTENT_TYPE) != (parts.content_type,):
        deviations.append("cms-content-type-differs")
    digest = _message_digest(values)
    _check_enclosed(parts.content, digest, deviations)
    _check_certificate_named(values, certificate, deviations)
    return _Signed(parts.signer.to_be_signed, digest, _signing_time(values, deviations))


_Values = Mapping[bytes, tuple[bytes, ...]]


def _only(values: _Values, kind: bytes, name: str) -> bytes | None:
    """Return the one value of an attribute, None if there is no such attribute."""
    found = values.get(kind)
    if found is None:
        return None
    if len(found) != 1:
        raise MalformedCmsError(f"cms-{name}-values")
    return found[0]


def _message_digest(values: _Values) -> bytes:
    found = _only(values, identifiers.MESSAGE_DIGEST, "message-digest")
    if found is None:
        raise MalformedCmsError("cms-message-digest-missing")
    if found[:2] != bytes((der.OCTET_STRING, _DIGEST_BYTES)):
        raise MalformedCmsError("cms-message-digest-malformed")
    return found[2:]


def _check_enclosed(content: bytes | None, digest: bytes, deviations: list[str]) -> None:
    """Check that the content that is enclosed is the one that the attributes name."""
    if content is None or sm3(content) == digest:
        return
    if content != digest:
        raise MalformedCmsError("cms-message-digest-differs")
    # GM/T 0099 encloses a digest; some name it again instead of the digest of the digest.
    deviations.append("cms-message-digest-is-content")


def _signing_time(values: _Values, deviations: list[str]) -> datetime | None:
    found = _only(values, identifiers.SIGNING_TIME, "signing-time")
    if found is None:
        return None
    if found[0] in _TIMES:
        try:
            return der.instant(found[0], DerReader(found).contents(found[0], "signing time"))
        except MalformedDerError:
            pass
    deviations.append("cms-signing-time-unreadable")
    return None


def _check_certificate_named(values: _Values, certificate: bytes, deviations: list[str]) -> None:
    """Check signing-certificate-v2, where there is one: it must name the signer's certificate.

    Source: RFC 5035, 3: the default hash is SHA-256, and then unnamed.
    """
    found = _only(values, identifiers.SIGNING_CERTIFICATE_V2, "signing-certificate")
    if found is None:
        return
    outer = DerReader(found).enter(der.SEQUENCE, "signing certificate")
    entry = outer.enter(der.SEQUENCE, "identifiers").enter(der.SEQUENCE, "identifier")
    wanted = hashlib.sha256(certificate).digest()
    if entry.next_tag() == der.SEQUENCE:
        if entry.element(der.SEQUENCE, "hash algorithm") not in _SM3_ALGORITHMS:
            raise MalformedCmsError("cms-signing-certificate-not-sm3")
        wanted = sm3(certificate)
    else:
        deviations.append("cms-signing-certificate-sha256")
    if entry.contents(der.OCTET_STRING, "certificate hash") != wanted:
        raise MalformedCmsError("cms-signing-certificate-mismatch")


def _refuse_attributes_as_content(content: bytes | None) -> None:
    """Refuse content that is itself a set of attributes: it was signed as something else.

    Whoever takes the attributes out of a signature and encloses them as content makes a
    signature that holds, over a document that nobody signed.
    """
    try:
        reader = DerReader(content or b"")
        kinds = reader.enter(der.SET, "attributes")
        kinds.enter(der.SEQUENCE, "attribute").element(der.OBJECT_IDENTIFIER, "attribute type")
    except MalformedDerError:
        return
    raise MalformedCmsError("cms-content-is-attributes")


def _timestamp(signer: SignerInfo, deviations: list[str]) -> bytes | None:
    """Return the time-stamp token among the unsigned attributes, if there is one."""
    attributes = signer.unsigned_attributes or ()
    tokens = [each for each in attributes if each.type == identifiers.SIGNATURE_TIMESTAMP]
    if len(tokens) != len(attributes):
        deviations.append("cms-unsigned-attribute-unexpected")
    if not tokens:
        return None
    if len(tokens) > 1 or len(tokens[0].values) != 1:
        raise MalformedCmsError("cms-timestamp-twice")
    return tokens[0].values[0]
