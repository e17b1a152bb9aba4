"""From what a license says to its unsealed PDF and OFD: layout, face, metadata, attachments.

Joins the catalogue's layout, the typesetting and the presses. ``place`` does all that can fail
because of a value, and is called before anything is recorded; ``draw`` and ``draw_ofd`` come
after, and both draw what was placed.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from license_vault.check_code import grouped
from license_vault.face.fonts import Fonts
from license_vault.face.layout import FaceLayout, read_layout
from license_vault.face.license_face import CHECK_CODE, data_index, set_face
from license_vault.face.marking import watermarked
from license_vault.face.pdf import FaceDocument
from license_vault.face.placed_face import Box, PlacedFace
from license_vault.face.qr_content import QrText
from license_vault.license import CopyKind, LicenseContent
from license_vault.license_metadata import (
    canonical,
    claims_of,
    content_id,
    printed_values,
    xmp_elements,
)
from license_vault.license_types.license_type import LicenseType
from signing.seal import SealPlacement


@dataclass(frozen=True, slots=True)
class PlacedLicense:
    """A license whose every value has its place; ``claims`` are the canonical bytes."""

    content: LicenseContent
    claims: bytes
    content_id: str
    face: PlacedFace

    @property
    def seal_placements(self) -> tuple[SealPlacement, ...]:
        """Return where its seals stand, in the order they are set."""
        return tuple(map(_seal_placement, self.face.seal_boxes))


DrawFace = Callable[[FaceDocument], bytes]


class LicenseDrawing:
    """Places and draws licenses. Made once, used by all threads."""

    def __init__(
        self, fonts: Fonts, pdf_press: DrawFace, ofd_press: DrawFace, qr_text: QrText
    ) -> None:
        """Take what drawing needs.

        Args:
            pdf_press: ``PdfPress.draw``.
            ofd_press: ``OfdPress.draw``.
            qr_text: writes what the QR code says; ``SignedQrText`` where there is a key.
        """
        self._fonts = fonts
        self._pdf_press = pdf_press
        self._ofd_press = ofd_press
        self._qr_text = qr_text

    def place(
        self, license_type: LicenseType, content: LicenseContent, check_code: str
    ) -> PlacedLicense:
        """Give every value its place on the face.

        Raises:
            FaceOverflowError: a value does not fit; names the field.
            GlyphMissingError: a character is in no font; names the package that has it.
            ClaimsInvalidError: the content breaks a rule of the claims.
            KeyCustodyError: the library's key, which signs the QR code, cannot be used.
        """
        claims = claims_of(content)
        encoded = canonical(claims)
        face = set_face(
            _layout(license_type.face_of(content.copy.kind)),
            {**printed_values(content), CHECK_CODE: grouped(check_code)},
            self._fonts,
            self._qr_text(content, check_code),
        )
        return PlacedLicense(content, encoded, content_id(encoded), face)

    def draft(
        self, license_type: LicenseType, kind: str, values: Mapping[str, str], qr: str
    ) -> PlacedFace:
        """Give values their places on a face, whatever there is of them; it is no license's.

        Args:
            kind: 正本 or 副本.
            values: as ``printed_values``; what is missing leaves its place empty.
            qr: what the code says; of no license.

        Raises:
            FaceOverflowError, GlyphMissingError: as ``place``.
        """
        return set_face(_layout(license_type.face_of(CopyKind(kind))), values, self._fonts, qr)

    def marked(self, face: PlacedFace, lines: Sequence[str], at: datetime.datetime) -> bytes:
        """Draw a face into a PDF that says on its whole page what it is: no license.

        Args:
            lines: what the page is marked with, such as 预览.

        Raises:
            PressBrokenError: the drawing tool refused.
        """
        title = " ".join(lines)
        drawn = self._pdf_press(FaceDocument(face, b"", b"", {}, title, "", at))
        return watermarked(drawn, lines, self._fonts)

    def draw(self, placed: PlacedLicense, at: datetime.datetime) -> bytes:
        """Draw a placed license into an unsealed PDF.

        Raises:
            PressBrokenError: the drawing tool refused.
        """
        return self._pdf_press(_document(placed, at))

    def draw_ofd(self, placed: PlacedLicense, at: datetime.datetime) -> bytes:
        """Draw a placed license into an unsealed OFD: the same texts at the same places.

        Raises:
            PressBrokenError: a text that the form cannot hold.
        """
        return self._ofd_press(_document(placed, at))


def _document(placed: PlacedLicense, at: datetime.datetime) -> FaceDocument:
    return FaceDocument(
        face=placed.face,
        claims=placed.claims,
        data_index=data_index(placed.face),
        xmp=xmp_elements(placed.content, placed.content_id),
        title=placed.content.type_name,
        author=placed.content.authority.name,
        created_at=at,
    )


def _layout(path: Path) -> FaceLayout:
    status = path.stat()
    return _read_layout(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _read_layout(path: Path, _modified_ns: int, _size: int) -> FaceLayout:
    """Read a layout once for each state of its file."""
    return read_layout(path)


def _seal_placement(box: Box) -> SealPlacement:
    return SealPlacement(1, box.x, box.y, box.width, box.height)
