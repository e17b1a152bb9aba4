"""Draws the seals of an OFD document where they are stamped: the picture comes from the seal.

The picture is taken from the signed value (SES_Signature), else from the seal file beside it; never
from the page. PNG, JPEG, GIF and BMP by their first bytes; a picture that is an OFD itself is read
through the same reader, one level deep and no deeper. What is no such picture is told.

Whether a seal holds is not looked at: a picture proves nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from signing.errors import MalformedSealError, PageNotDrawableError, UnreadableDocumentError
from signing.ofd.document import OfdDocument, open_document
from signing.ofd.drawing import FallbackGlyphs, Notes, PageDrawing
from signing.ofd.package import PackageLimits
from signing.ofd.page import read_page
from signing.ofd.page_canvas import Canvas, rectangle
from signing.ofd.raster_pictures import read_pixels
from signing.ofd.seals import OfdSeal, read_signatures
from signing.ofd.stamps import OfdStamp
from signing.ofd.values import Matrix
from signing.ses.seal import SesPicture, read_ses_seal
from signing.ses.signature import read_ses_signature

_PACKAGE = b"PK\x03\x04"
_NESTED_LIMITS = PackageLimits(
    max_entries=200,
    max_total_bytes=16 * 1024 * 1024,
    max_xml_bytes=4 * 1024 * 1024,
    max_bytes=4 * 1024 * 1024,
)


def seal_picture_png(
    picture: SesPicture, dots_per_mm: float, glyphs: FallbackGlyphs
) -> bytes | None:
    """Return the picture of a seal as PNG on white, in its true size; None if it cannot be drawn.

    Raises:
        PageNotDrawableError: the size that the seal says is absurd.
    """
    width, height = float(picture.width_mm), float(picture.height_mm)
    canvas, notes = Canvas(width, height), Notes()
    PictureDrawer(glyphs, notes).draw(canvas, picture, (width, 0.0, 0.0, height, 0.0, 0.0), "")
    missed = any(note.code.startswith("seal-picture-") for note in notes.found)
    return None if missed else canvas.png(dots_per_mm)


def picture_of_value(value: bytes, seal_file: bytes | None = None) -> SesPicture | None:
    """Return the picture in a signed value, a seal by itself, or the seal file beside them."""
    try:
        return read_ses_signature(value).seal.picture
    except MalformedSealError:
        pass
    for data in (value, seal_file):
        with suppress(MalformedSealError):
            if data is not None:
                return read_ses_seal(data).picture
    return None


@dataclass(frozen=True, slots=True)
class PictureDrawer:
    """Draws the picture of a seal, by its kind."""

    glyphs: FallbackGlyphs
    notes: Notes

    def draw(self, canvas: Canvas, picture: SesPicture, square: Matrix, source: str) -> None:
        """Draw a picture into the place of the unit square."""
        try:
            if picture.data.startswith(_PACKAGE):
                self._nested(canvas, picture.data, square, source)
            else:
                canvas.image(read_pixels(picture.data), square)
        except PageNotDrawableError as error:
            if not error.code.startswith("picture-"):
                raise
            self.notes.add(f"seal-{error.code}", f"{source} {picture.kind[:16]}")
        except UnreadableDocumentError as error:
            self.notes.add("seal-picture-unreadable", f"{source} {error.code}")

    def _nested(self, canvas: Canvas, data: bytes, square: Matrix, source: str) -> None:
        document = open_document(data, _NESTED_LIMITS)
        content = read_page(document, 1)
        if len(document.pages) > 1:
            self.notes.add("seal-picture-pages", source)
        a, b, c, d, e, f = square
        _, _, width, height = content.box
        to_square: Matrix = (a / width, b / width, c / height, d / height, e, f)
        with canvas.state(to_square), self._under(source) as notes:
            canvas.clip(rectangle(0, 0, width, height))
            entry = document.pages[0].path
            PageDrawing(document.package.read, self.glyphs, notes).draw(canvas, content, entry)

    @contextmanager
    def _under(self, source: str) -> Iterator[Notes]:
        """Collect what is not drawn of a picture, told under the seal it belongs to."""
        own = Notes()
        yield own
        for note in own.found:
            self.notes.add(note.code, f"{source} {note.place}")


@dataclass(frozen=True, slots=True)
class SealDrawer:
    """Draws the seals of one document on the sheets of its pages."""

    document: OfdDocument
    glyphs: FallbackGlyphs
    notes: Notes

    def draw(self, canvas: Canvas, page: int) -> None:
        """Draw the seals that stand on a page, in the order in which they were set."""
        for seal in read_signatures(self.document).seals:
            for stamp in seal.stamps:
                if stamp.page == page:
                    self._stamp(canvas, seal, stamp)
                elif stamp.page == 0 and page == 1:
                    self.notes.add("stamp-page-unknown", seal.path)

    def _stamp(self, canvas: Canvas, seal: OfdSeal, stamp: OfdStamp) -> None:
        picture = picture_of_value(seal.value, seal.seal_file)
        if picture is None:
            self.notes.add("seal-picture-missing", seal.path)
            return
        left, top, *_ = self.document.pages[stamp.page - 1].box
        x, y, width, height = stamp.box_mm
        x, y = x - left, y - top
        with canvas.state():
            if stamp.clip_mm is not None:
                cx, cy, clip_width, clip_height = stamp.clip_mm
                canvas.clip(rectangle(x + cx, y + cy, clip_width, clip_height))
            with canvas.stamped():
                square = (width, 0.0, 0.0, height, x, y)
                PictureDrawer(self.glyphs, self.notes).draw(canvas, picture, square, seal.path)
