"""Seals and signatures of GB/T 38540 and its relatives, put together from single fields.

Every field may be replaced by other DER; the rest stays good, and maker and signer sign what comes
out, so that only the one thing that is wrong can be the reason::

    forge = SesForge(pki, certificate, "seal/11010100000001")
    forge.seal()                                   # good, version 4
    forge.seal(es_id=der.integer(5))               # one field of another type
    forge.signature(version=der.integer(1))
    SesForge(pki, certificate, label, version=1).signature()

A part that is a whole of fields may end in more of them: ``info_more``, ``seal_more``, ….
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pki import NOW, OWNER_NAME, SEAL_CODE, VALID_FROM, VALID_UNTIL, Pki, red_square_png

from keys.certificate import read_certificate
from keys.sm3 import sm3
from signing import der, identifiers

SIGNATURE_PATH = "/Doc_0/Signs/Sign_0/Signature.xml"
DATA_HASH = sm3(b"Signature.xml")
ALGORITHM = identifiers.SM2_WITH_SM3


def ia5(text: str) -> bytes:
    return der.tlv(der.IA5_STRING, text.encode())


def octets(value: bytes) -> bytes:
    return der.tlv(der.OCTET_STRING, value)


def bits(value: bytes, unused: int = 0) -> bytes:
    return der.tlv(der.BIT_STRING, bytes((unused,)), value)


def generalized(moment: datetime) -> bytes:
    return der.tlv(der.GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode())


def utc(moment: datetime) -> bytes:
    return der.tlv(der.UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())


def tagged(value: bytes) -> bytes:
    """The value in [0] EXPLICIT."""
    return der.tlv(der.context(0), value)


def extension(oid: str = "1.2.3", critical: bytes = b"", value: bytes = b"x") -> bytes:
    return der.sequence(der.object_identifier(oid), critical, octets(value))


@dataclass(frozen=True)
class SesForge:
    """Makes one version's structures; ``certificate`` is the signer's, ``label`` its key."""

    pki: Pki
    certificate: bytes
    label: str
    version: int = 4

    @classmethod
    def of(cls, pki: Pki, version: int = 4) -> "SesForge":
        """A forge with a seal certificate of its own."""
        code = f"{SEAL_CODE[:-1]}{version}"
        return cls(pki, pki.seal_certificate(code), f"seal/{code}", version)

    @property
    def code(self) -> str:
        """The code of the seal: the common name of its certificate."""
        return read_certificate(self.certificate).common_name

    def sign_as_maker(self, message: bytes) -> bytes:
        return self.pki.keys.sign("seal-maker", message)

    def sign(self, message: bytes) -> bytes:
        return self.pki.keys.sign(self.label, message)

    def information(self, **parts: bytes) -> bytes:
        """SES_SealInfo."""
        get = parts.get
        time = utc if self.version == 1 else generalized
        header = der.sequence(
            get("header_id", ia5("ES")),
            get("header_version", der.integer(self.version)),
            get("vendor", ia5("TESTVAULT")),
            get("header_more", b""),
        )
        property_ = der.sequence(
            get("kind", der.integer(1)),
            get("name", der.tlv(der.UTF8_STRING, OWNER_NAME.encode())),
            b"" if self.version == 1 else get("list_type", der.integer(1)),
            get("certificates", der.sequence(octets(self.certificate))),
            get("created", time(VALID_FROM)),
            get("valid_from", time(VALID_FROM)),
            get("valid_until", time(VALID_UNTIL)),
            get("property_more", b""),
        )
        picture = der.sequence(
            get("picture_kind", ia5("PNG")),
            get("picture_data", octets(red_square_png(8))),
            get("width", der.integer(42)),
            get("height", der.integer(42)),
            get("picture_more", b""),
        )
        return der.sequence(
            get("header", header),
            get("es_id", ia5(self.code)),
            get("property", property_),
            get("picture", picture),
            get("extensions", b""),
            get("info_more", b""),
        )

    def seal(self, **parts: bytes) -> bytes:
        """SESeal."""
        get = parts.get
        information = get("info", self.information(**parts))
        certificate = get("maker_certificate", octets(self.pki.maker))
        algorithm = get("seal_algorithm", ALGORITHM)
        signed = information
        if self.version == 1:
            signed = der.sequence(information, certificate, algorithm)
        signature = get("seal_signature") or bits(self.sign_as_maker(signed))
        if self.version == 1:
            sign_info = der.sequence(certificate, algorithm, signature, get("sign_more", b""))
            return der.sequence(information, sign_info, get("seal_more", b""))
        return der.sequence(
            information,
            certificate,
            algorithm,
            signature,
            get("seal_timestamp", b""),
            get("seal_more", b""),
        )

    def to_sign(self, **parts: bytes) -> bytes:
        """TBS_Sign."""
        get = parts.get
        time = generalized(NOW)
        late = [get("extensions_signed", b"")]
        if self.version == 1:
            time = bits(b"20260601040000Z")
            late = [
                get("signer_certificate", octets(self.certificate)),
                get("algorithm", ALGORITHM),
            ]
        return der.sequence(
            get("version", der.integer(self.version)),
            get("seal") or self.seal(),
            get("time", time),
            get("data_hash", bits(DATA_HASH)),
            get("property_info", ia5(SIGNATURE_PATH)),
            *late,
            get("to_sign_more", b""),
        )

    def signature(self, **parts: bytes) -> bytes:
        """SES_Signature; with a time-stamp unless ``timestamp`` says otherwise."""
        get = parts.get
        to_sign = get("to_sign") or self.to_sign(**parts)
        value = self.sign(to_sign)
        signature = get("signature", bits(value))
        if self.version == 1:
            return der.sequence(to_sign, signature, get("value_more", b""))
        token = parts["timestamp"] if "timestamp" in parts else self.timestamp(value)
        return der.sequence(
            to_sign,
            get("signer_certificate", octets(self.certificate)),
            get("algorithm", ALGORITHM),
            signature,
            token,
            get("value_more", b""),
        )

    def timestamp(self, value: bytes) -> bytes:
        """The field with a time-stamp over a signature value."""
        return tagged(bits(self.pki.timestamper().timestamp(sm3(value))))

    def signer(self) -> "partial[bytes]":
        """The signer's key as a function."""
        return partial(self.pki.keys.sign, self.label)
