"""CMS SignedData with one signer, as bytes: the shape that signatures and time-stamps share.

The reader walks RFC 5652, 5.1 (and GB/T 35275-2017, whose shape it is) and takes the parts out;
it does not know which digest, which attributes or which certificates are right: ``cms`` and
``timestamp`` say that of their own profile. The writer joins the same parts again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from signing import der, identifiers
from signing.der import DerReader
from signing.errors import MalformedCmsError, MalformedDerError

_CERTIFICATES, _CRLS = der.context(0), der.context(1)
_SIGNED_ATTRIBUTES, _UNSIGNED_ATTRIBUTES = der.context(0), der.context(1)
_KEY_IDENTIFIER = der.context_primitive(0)
MAX_CERTIFICATES = 8


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its type (DER of the identifier) and its values (DER each)."""

    type: bytes
    values: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Return the DER of the attribute."""
        return der.sequence(self.type, der.set_of(self.values))


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """The one signer. Algorithms are whole AlgorithmIdentifiers; issuer is the DER of the Name."""

    version: int
    issuer: bytes
    serial: int
    digest_algorithm: bytes
    signed_attributes: tuple[Attribute, ...] | None
    signed_attributes_sorted: bool
    to_be_signed: bytes  # the attributes as a SET OF, tag 31, as received
    signature_algorithm: bytes
    signature: bytes
    unsigned_attributes: tuple[Attribute, ...] | None


@dataclass(frozen=True, slots=True)
class SignedData:
    """The parts of a SignedData, in the order of the standard; identifiers as DER."""

    outer_type: bytes
    version: int
    digest_algorithms: tuple[bytes, ...]
    content_type: bytes
    content: bytes | None  # contents of the OCTET STRING, None when detached
    certificates: tuple[bytes, ...]
    signer: SignerInfo


def read_signed_data(data: bytes) -> SignedData:
    """Return the parts of a ContentInfo that holds a SignedData with exactly one signer.

    Raises:
        MalformedCmsError: with the code of the first thing that is not so.

    Source: RFC 5652, 3 and 5.1.
    """
    try:
        return _read(data)
    except MalformedDerError as error:
        raise MalformedCmsError(error.code, error.where) from error


def _read(data: bytes) -> SignedData:
    outer = DerReader(data)
    info = outer.enter(der.SEQUENCE, "content info")
    outer.finish("content info")
    outer_type = info.element(der.OBJECT_IDENTIFIER, "content type")
    if outer_type not in (identifiers.SIGNED_DATA, identifiers.GM_SIGNED_DATA):
        raise MalformedCmsError("cms-not-signed-data")
    wrapper = info.enter(der.context(0), "content")
    info.finish("content info")
    body = wrapper.enter(der.SEQUENCE, "signed data")
    wrapper.finish("content")

    version = body.integer("version")
    digest_algorithms = der.read_set_of(body, der.SET, "digest algorithms")
    content_type, content = _read_content(body.enter(der.SEQUENCE, "encapsulated content"))
    certificates = _read_certificates(body)
    if body.next_tag() == _CRLS:
        raise MalformedCmsError("cms-revocation-lists-enclosed")
    signer = _read_only_signer(body.enter(der.SET, "signer infos"))
    body.finish("signed data")
    return SignedData(
        outer_type, version, digest_algorithms, content_type, content, certificates, signer
    )


def _read_content(reader: DerReader) -> tuple[bytes, bytes | None]:
    content_type = reader.element(der.OBJECT_IDENTIFIER, "encapsulated content type")
    if reader.at_end:
        return content_type, None
    wrapper = reader.enter(der.context(0), "encapsulated content")
    content = wrapper.contents(der.OCTET_STRING, "encapsulated content")
    wrapper.finish("encapsulated content")
    reader.finish("encapsulated content")
    return content_type, content


def _read_certificates(body: DerReader) -> tuple[bytes, ...]:
    if body.next_tag() != _CERTIFICATES:
        raise MalformedCmsError("cms-certificates-missing")
    inner = body.enter(_CERTIFICATES, "certificates")
    found = []
    while not inner.at_end:
        found.append(inner.element(der.SEQUENCE, "certificate"))
    if not found:
        raise MalformedCmsError("cms-certificates-missing")
    if len(found) > MAX_CERTIFICATES:
        raise MalformedCmsError("cms-too-many-certificates")
    if len(set(found)) != len(found):
        raise MalformedCmsError("cms-certificate-twice")
    return tuple(found)


def _read_only_signer(signers: DerReader) -> SignerInfo:
    if signers.at_end:
        raise MalformedCmsError("cms-no-signer")
    signer = _read_signer(signers.enter(der.SEQUENCE, "signer info"))
    if not signers.at_end:
        raise MalformedCmsError("cms-several-signers")
    return signer


def _read_signer(reader: DerReader) -> SignerInfo:
    version = reader.integer("signer version")
    if reader.next_tag() == _KEY_IDENTIFIER:
        raise MalformedCmsError("cms-signer-by-key-identifier")
    sid = reader.enter(der.SEQUENCE, "issuer and serial number")
    issuer = sid.element(der.SEQUENCE, "issuer")
    serial = sid.integer("serial number")
    sid.finish("issuer and serial number")
    digest_algorithm = reader.element(der.SEQUENCE, "signer digest algorithm")
    to_be_signed, signed, is_sorted = b"", None, True
    if reader.next_tag() == _SIGNED_ATTRIBUTES:
        received = reader.element(_SIGNED_ATTRIBUTES, "signed attributes")
        to_be_signed = bytes((der.SET,)) + received[1:]
        signed, is_sorted = _read_attributes(DerReader(to_be_signed), der.SET)
    algorithm = reader.element(der.SEQUENCE, "signature algorithm")
    signature = reader.contents(der.OCTET_STRING, "signature")
    unsigned = None
    if not reader.at_end:
        unsigned, unsigned_sorted = _read_attributes(reader, _UNSIGNED_ATTRIBUTES)
        if not unsigned_sorted:
            raise MalformedCmsError("cms-unsigned-attributes-not-sorted")
    reader.finish("signer info")
    return SignerInfo(
        version, issuer, serial, digest_algorithm, signed, is_sorted, to_be_signed,
        algorithm, signature, unsigned,
    )  # fmt: skip


def _read_attributes(reader: DerReader, tag: int) -> tuple[tuple[Attribute, ...], bool]:
    """Return the attributes of a set, and whether they stand in DER's order."""
    inner = reader.enter(tag, "attributes")
    encoded = []
    while not inner.at_end:
        encoded.append(inner.element(der.SEQUENCE, "attribute"))
    return tuple(map(_read_attribute, encoded)), encoded == sorted(encoded)


def _read_attribute(encoded: bytes) -> Attribute:
    body = DerReader(encoded).enter(der.SEQUENCE, "attribute")
    kind = body.element(der.OBJECT_IDENTIFIER, "attribute type")
    values = der.read_set_of(body, der.SET, "attribute values")
    body.finish("attribute")
    return Attribute(kind, values)


def encode_signed_data(parts: SignedData) -> bytes:
    """Return the DER of a ContentInfo with these parts; sets are put into DER's order.

    ``to_be_signed`` is written as it stands, for it is what was signed.
    """
    content = (
        b""
        if parts.content is None
        else der.tlv(der.context(0), der.tlv(der.OCTET_STRING, parts.content))
    )
    body = der.sequence(
        der.integer(parts.version),
        der.set_of(parts.digest_algorithms),
        der.sequence(parts.content_type, content),
        der.set_of(parts.certificates, _CERTIFICATES),
        der.tlv(der.SET, _encode_signer(parts.signer)),
    )
    return der.sequence(parts.outer_type, der.tlv(der.context(0), body))


def _encode_signer(signer: SignerInfo) -> bytes:
    signed = bytes((_SIGNED_ATTRIBUTES,)) + signer.to_be_signed[1:] if signer.to_be_signed else b""
    unsigned = b""
    if signer.unsigned_attributes is not None:
        encoded = [attribute.encode() for attribute in signer.unsigned_attributes]
        unsigned = der.set_of(encoded, _UNSIGNED_ATTRIBUTES)
    return der.sequence(
        der.integer(signer.version),
        der.sequence(signer.issuer, der.integer(signer.serial)),
        signer.digest_algorithm,
        signed,
        signer.signature_algorithm,
        der.tlv(der.OCTET_STRING, signer.signature),
        unsigned,
    )


def attributes_to_sign(attributes: Sequence[Attribute]) -> bytes:
    """Return the DER SET OF that is hashed and signed. Source: RFC 5652, 5.4."""
    return der.set_of(attribute.encode() for attribute in attributes)
