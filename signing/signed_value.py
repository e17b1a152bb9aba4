"""A DER value that the library signs, with its certificate enclosed: issue logs, status lists.

    Signed ::= SEQUENCE {
        tbs          ANY,
        certificate  OCTET STRING,         -- DER of the signer's certificate
        algorithm    AlgorithmIdentifier,  -- SM2 with SM3, no parameters
        signature    OCTET STRING }        -- DER of (r, s), over the DER of tbs

What tbs says, and whether the signer may say it, is for others.

Source: our own form, in DER (X.690) as the rest is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from keys.certificate import read_certificate
from keys.errors import KeyCustodyError
from keys.sm2 import verify
from signing import der, identifiers
from signing.der import DerReader
from signing.errors import MalformedDerError


@dataclass(frozen=True, slots=True)
class SignedValue:
    """A signed value as read: the SM2 ``signature`` (DER) is over ``tbs``, bytes as received."""

    der: bytes
    tbs: bytes
    signer_certificate: bytes
    signature: bytes

    @property
    def signature_holds(self) -> bool:
        """Whether the signature is the enclosed certificate's; who that is, is not asked."""
        try:
            point = read_certificate(self.signer_certificate).public_point
            verify(point, self.tbs, self.signature)
        except KeyCustodyError:
            return False
        return True


def build_signed(tbs: bytes, certificate: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """Return the DER of a signed value.

    Args:
        certificate: DER of the signer's certificate.
        sign: makes an SM2 signature (DER) over a message.
    """
    return der.sequence(
        tbs,
        der.tlv(der.OCTET_STRING, certificate),
        identifiers.SM2_WITH_SM3_ALGORITHM,
        der.tlv(der.OCTET_STRING, sign(tbs)),
    )


def read_signed_value(data: bytes, what: str) -> SignedValue:
    """Return a signed value as it stands; whether the signature holds is another question.

    Raises:
        MalformedDerError: it is not strict DER of this form; "algorithm": of another algorithm.
    """
    outer = DerReader(data)
    body = outer.enter(der.SEQUENCE, what)
    outer.finish(what)
    tbs = body.element(der.SEQUENCE, "tbs")
    certificate = body.contents(der.OCTET_STRING, "certificate")
    if body.element(der.SEQUENCE, "algorithm") != identifiers.SM2_WITH_SM3_ALGORITHM:
        raise MalformedDerError("algorithm", what)
    signature = body.contents(der.OCTET_STRING, "signature")
    body.finish(what)
    return SignedValue(data, tbs, certificate, signature)
