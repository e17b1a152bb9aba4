"""An electronic seal, where it is to stand in a document, and which of its seals it is.

Values only. How a document is sealed is in ``sealing`` (PDF) and ``ofd.sealing``; who may seal
what is decided in ``license_vault``.
"""

from dataclasses import dataclass
from enum import StrEnum

from signing.picture.seal_picture import SealPicture


class SealOrder(StrEnum):
    """Which of a document's seals this is; decides what may still change (ADR 0011)."""

    SOLE = "sole"  # certifies, nothing may change: DocMDP P=1
    FIRST = "first"  # certifies, further seals may follow: DocMDP P=2
    MIDDLE = "middle"  # approval
    LAST = "last"  # approval that locks all fields and the document: FieldMDP ALL, Lock P=1


@dataclass(frozen=True, slots=True)
class SealPlacement:
    """Where the seal stands: page from 1, millimetres from the page's top left corner."""

    page: int
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class Seal:
    """An electronic seal: its 14-digit code, its owner, key, certificates (DER) and drawing.

    ``chain`` holds the issuing CAs from the certificate's own issuer upwards, without the root.
    ``ses`` is the seal as its maker made and signed it (SESeal of GB/T 38540, DER); empty: it has
    not been made, and seals no OFD.
    """

    code: str
    owner_code: str
    owner_name: str
    key_label: str
    certificate: bytes
    chain: tuple[bytes, ...]
    picture: SealPicture
    ses: bytes = b""
