"""Writes the CMS signature of a sealed PDF: the one profile that ``cms`` reads.

The parts that do not change from seal to seal are encoded once; asn1crypto, which pyHanko would
use here, needs 9 ms for what takes 30 microseconds so. Knows no key: signing is a function.

Source: RFC 5652, RFC 5035, ETSI EN 319 122-1 (PAdES B-T); identifiers of GB/T 33560.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from keys.certificate import read_certificate
from keys.sm3 import sm3
from signing import der, identifiers
from signing.cms.signed_data import (
    Attribute,
    SignedData,
    SignerInfo,
    attributes_to_sign,
    encode_signed_data,
)

LARGEST_SIGNATURE = 72  # bytes: SEQUENCE of two INTEGERs of at most 33 bytes
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """Who signs: the certificate and the issuing CAs to enclose (DER, without the root)."""

    certificate: bytes
    chain: tuple[bytes, ...] = ()


@lru_cache(maxsize=256)
def signing_certificate_attribute(certificate: bytes) -> Attribute:
    """Return signing-certificate-v2 with the certificate's SM3 hash. Source: RFC 5035, 3."""
    hashed = der.sequence(identifiers.SM3_ALGORITHM, der.tlv(der.OCTET_STRING, sm3(certificate)))
    return Attribute(identifiers.SIGNING_CERTIFICATE_V2, (der.sequence(der.sequence(hashed)),))


def signed_attributes(content_type: bytes, digest: bytes, certificate: bytes) -> bytes:
    """Return the SET OF of our three signed attributes, as it is hashed and signed."""
    return attributes_to_sign(
        (
            Attribute(identifiers.CONTENT_TYPE, (content_type,)),
            Attribute(identifiers.MESSAGE_DIGEST, (der.tlv(der.OCTET_STRING, digest),)),
            signing_certificate_attribute(certificate),
        )
    )


def signer_info(
    identity: SigningIdentity,
    to_be_signed: bytes,
    signature: bytes,
    unsigned: tuple[Attribute, ...] | None,
) -> SignerInfo:
    """Return the signer of our profile around a finished signature."""
    certificate = read_certificate(identity.certificate)
    return SignerInfo(
        version=1,
        issuer=certificate.issuer_der,
        serial=certificate.serial,
        digest_algorithm=identifiers.SM3_ALGORITHM,
        signed_attributes=(),
        signed_attributes_sorted=True,
        to_be_signed=to_be_signed,
        signature_algorithm=identifiers.SM2_WITH_SM3_ALGORITHM,
        signature=signature,
        unsigned_attributes=unsigned,
    )


def sign_detached(
    identity: SigningIdentity,
    document_digest: bytes,
    sign: Callable[[bytes], bytes],
    timestamp: Callable[[bytes], bytes],
) -> bytes:
    """Return the DER of a CMS signature over a document's SM3 digest (32 bytes).

    Args:
        sign: makes an SM2 signature (DER) over a message.
        timestamp: makes a time-stamp token over an SM3 imprint: here that of the signature value.
    """
    message = signed_attributes(identifiers.DATA, document_digest, identity.certificate)
    signature = sign(message)
    token = timestamp(sm3(signature))
    unsigned = (Attribute(identifiers.SIGNATURE_TIMESTAMP, (token,)),)
    return encode_signed_data(
        SignedData(
            outer_type=identifiers.SIGNED_DATA,
            version=1,
            digest_algorithms=(identifiers.SM3_ALGORITHM,),
            content_type=identifiers.DATA,
            content=None,
            certificates=(identity.certificate, *identity.chain),
            signer=signer_info(identity, message, signature, unsigned),
        )
    )


def largest_size(identity: SigningIdentity, largest_token: int) -> int:
    """Return how many bytes the largest CMS signature of an identity takes."""
    return len(
        sign_detached(
            identity,
            bytes(_DIGEST_BYTES),
            sign=lambda _: bytes(LARGEST_SIGNATURE),
            timestamp=lambda _: der.tlv(der.SEQUENCE, bytes(largest_token)),
        )
    )
