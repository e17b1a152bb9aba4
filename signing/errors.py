"""The errors of this package: one root, one class a case, each holding its values.

None of them knows HTTP. What a hostile document may cause is only ``UnreadableDocumentError``
and the ``Malformed…`` family; the others belong to sealing.
"""

from datetime import datetime


class SigningError(Exception):
    """The root of all errors of this package."""


class MalformedDerError(SigningError):
    """Bytes are not the DER that was expected; ``code`` is stable, ``where`` is for people."""

    def __init__(self, code: str, where: str) -> None:
        super().__init__(f"{where}: {code}")
        self.code = code
        self.where = where


class MalformedCmsError(SigningError):
    """A CMS value cannot be read as the one shape we accept; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class MalformedSealError(SigningError):
    """An SES value cannot be read, or what is to be made would not be one; ``code`` is stable.

    The code names the field and the rule it breaks: ``ses-es-id-not-ia5``.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class MalformedTimestampError(SigningError):
    """A time-stamp token cannot be read or contradicts itself; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class MalformedStatusListError(SigningError):
    """A status list cannot be read; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class StatusFilesConflictError(SigningError):
    """Files of a status list do not belong together; ``code`` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StatusIndexError(SigningError):
    """A status list has no such index."""

    def __init__(self, index: int, length: int) -> None:
        super().__init__(f"index {index} is outside a list of {length}")
        self.index = index
        self.length = length


class MalformedTrustListError(SigningError):
    """A trust list or trust root cannot be read, or would be none; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class MalformedIssueLogError(SigningError):
    """A value of an issue log cannot be read as the one form it has; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class MerkleProofError(SigningError):
    """A Merkle proof cannot be one of its place; ``code`` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MalformedTrustBundleError(SigningError):
    """A trust bundle cannot be read; ``code`` is stable, ``pointer`` is a JSON pointer."""

    def __init__(self, code: str, pointer: str = "") -> None:
        super().__init__(f"{code} at {pointer or '/'}")
        self.code = code
        self.pointer = pointer


class MalformedJsonError(SigningError):
    """Bytes are not the one form that signed JSON has; ``where`` is a JSON pointer."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"{code} at {where or '/'}")
        self.code = code
        self.where = where


class MalformedJsonFormError(SigningError):
    """A sealed JSON file cannot be read as the one form it has; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class MalformedManifestError(SigningError):
    """A manifest cannot be read as the one form it has; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class MalformedReceiptError(SigningError):
    """A presenting receipt cannot be read as the one form it has; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class MalformedSharingDocumentError(SigningError):
    """A sharing document cannot be read as the one form it has; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class MalformedExchangeError(SigningError):
    """A request or an answer between regions has not the one form it has; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class MalformedCopyRecordError(SigningError):
    """What a purpose-bound copy says of itself cannot be read; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class MalformedQrCodeError(SigningError):
    """A text is not the QR code of a license as we sign it; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class UnreadableDocumentError(SigningError):
    """A document cannot be read at all; ``code`` is stable, ``detail`` is for the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class TimestampUnavailableError(SigningError):
    """The time-stamping authority gave no token that can be used; try again later."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DocumentNotSealableError(SigningError):
    """A document that was to be sealed is not fit for it; ``code`` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class SealPlacementError(SigningError):
    """The seal would lie outside the page, or on a page that is not there."""

    def __init__(self, page: int, reason: str) -> None:
        super().__init__(f"page {page}: {reason}")
        self.page = page
        self.reason = reason


class SealKeyMismatchError(SigningError):
    """The key behind a seal's label is not the key of its certificate."""

    def __init__(self, seal_code: str, key_label: str) -> None:
        super().__init__(f"the certificate of seal {seal_code} is not for key {key_label}")
        self.seal_code = seal_code
        self.key_label = key_label


class SignerNotInSealError(SigningError):
    """A certificate is not among those that may seal with a seal: it was renewed since, perhaps.

    The seal has to be made anew.
    """

    def __init__(self, es_id: str) -> None:
        super().__init__(f"seal {es_id} does not list the signer's certificate")
        self.es_id = es_id


class SealPeriodError(SigningError):
    """A seal was to be used outside the period that its maker gave it."""

    def __init__(self, es_id: str, moment: datetime) -> None:
        super().__init__(f"seal {es_id} is not in its period at {moment.isoformat()}")
        self.es_id = es_id
        self.moment = moment


class HoleTooSmallError(SigningError):
    """The signature does not fit into the place reserved for it; sizes in bytes."""

    def __init__(self, reserved: int, needed: int) -> None:
        super().__init__(f"{needed} bytes do not fit into {reserved}")
        self.reserved = reserved
        self.needed = needed


class SealPictureError(SigningError):
    """A seal picture asks for what is not drawn: another shape, a size out of range."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"seal picture: {reason}")
        self.reason = reason


class SealTextTooLongError(SealPictureError):
    """A text of the seal cannot be fitted; ``part`` names it, lengths in characters."""

    def __init__(self, part: str, length: int, longest: int) -> None:
        super().__init__(f"{part} has {length} characters, about {longest} fit")
        self.part = part
        self.length = length
        self.longest = longest


class SealGlyphMissingError(SealPictureError):
    """No font has a character of the seal."""

    def __init__(self, character: str) -> None:
        super().__init__(f"no glyph for {character} (U+{ord(character):04X})")
        self.character = character


class SealPictureRefusedError(SealPictureError):
    """An uploaded seal picture is not within the limits; ``code`` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PageNotDrawableError(SigningError):
    """A page cannot be made a picture: too large, too complex, or not readable by the engine."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail
