"""The maker of seals (制章者): makes the data of a seal, signed with the maker's own key.

The seal's period begins when it is made and ends with its certificate; its list names that
certificate and no other, by value. What was made is read back and verified before it is given
out (``signing.ses.seal.make_ses_seal``).

Source: GB/T 38540-2020, SESeal and the making of a seal.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from keys.certificate import Certificate, read_certificate
from keys.errors import KeyNotFoundError
from keys.provider import KeyProvider
from keys.sm3 import sm3
from license_vault.seals.errors import SealMakerError
from license_vault.seals.life import KIND_NUMBERS, SealKind
from signing.picture.seal_picture import SealPicture
from signing.ses.seal import SealMaking, SesPicture, make_ses_seal

MAKER_LABEL = "seal-maker"
VENDOR = "LICENSEVAULT"


@dataclass(frozen=True, slots=True)
class WantedSeal:
    """What is to be made: code, kind, name, the signer's certificate, the picture."""

    code: str
    kind: SealKind
    name: str
    certificate: Certificate
    picture: SealPicture


@dataclass(frozen=True, slots=True)
class MadeSeal:
    """SESeal in DER, and SM3 of the certificate of who made it."""

    ses: bytes = field(repr=False)
    maker_sm3: bytes


@dataclass(frozen=True, slots=True)
class SealMaker:
    """Makes seals; may be used from many threads.

    ``certificate`` returns the maker's certificate (DER), or raises SealMakerError; ``draw``
    returns a picture as PNG.
    """

    keys: KeyProvider
    certificate: Callable[[], bytes]
    draw: Callable[[SealPicture], bytes]

    def certificate_now(self, at: datetime) -> Certificate:
        """Return the maker's certificate, if the maker can sign with it.

        Raises:
            SealMakerError: it is missing, out of its period, for something else, or the key is
                not here or another.
        """
        maker = read_certificate(self.certificate())
        if not maker.not_before <= at <= maker.not_after:
            raise SealMakerError("certificate-period")
        if maker.is_ca or "digitalSignature" not in maker.key_usages:
            raise SealMakerError("certificate-usage")
        try:
            point = self.keys.public_point(MAKER_LABEL)
        except KeyNotFoundError as error:
            raise SealMakerError("key-missing") from error
        if point != maker.public_point:
            raise SealMakerError("key-other")
        return maker

    def make(self, wanted: WantedSeal, at: datetime) -> MadeSeal:
        """Make a seal.

        Raises:
            SealMakerError: the maker cannot sign now.
            SealPictureError, SealTextTooLongError, SealGlyphMissingError: it cannot be drawn.
            MalformedSealError: a value that no seal may have.
        """
        maker = self.certificate_now(at)
        width, height = wanted.picture.size_mm
        making = SealMaking(
            es_id=wanted.code,
            kind=KIND_NUMBERS[wanted.kind],
            name=wanted.name,
            certificates=(wanted.certificate.der,),
            created_at=at,
            valid_from=at,
            valid_until=wanted.certificate.not_after,
            picture=SesPicture("PNG", self.draw(wanted.picture), int(width), int(height)),
            vendor=VENDOR,
            maker_certificate=maker.der,
        )
        ses = make_ses_seal(making, lambda message: self.keys.sign(MAKER_LABEL, message))
        return MadeSeal(ses, sm3(maker.der))
