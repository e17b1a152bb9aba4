"""Pages of a PDF as pixels, asked of PDFium: as pictures, and whether two revisions look alike.

A diff of objects trusts one reader's view of the file; the incremental-saving attacks show that
readers disagree (docs/attacks.md F5). So the pixels are compared too, as the reader most people use
draws them: only for files with changes after a seal, which our own output never has.
"""

from collections.abc import Sequence
from io import BytesIO

import pypdfium2
from PIL import Image

from signing.errors import PageNotDrawableError
from signing.millimetres import POINTS_PER_MM
from signing.pdf.pdfium import image_of, opened

MOST_PIXELS = 40_000_000

_LONGEST_SIDE = 900  # pixels; a changed character is some ten pixels high
_MAX_PAGES = 20


def same_appearance(before: bytes, after: bytes, *, annotations: bool) -> bool:
    """Return whether every page looks the same in both documents.

    Args:
        annotations: compare with stamps and annotations drawn; without them a seal added later
            makes no difference.
    """
    return _pictures(before, annotations) == _pictures(after, annotations)


def _pictures(data: bytes, annotations: bool) -> Sequence[bytes] | None:
    with opened(data) as document:
        if annotations:
            document.init_forms()
        if len(document) > _MAX_PAGES:
            return [data]  # too long to look at: differs from any other revision
        return [_picture(document[index], annotations) for index in range(len(document))]


def _picture(page: pypdfium2.PdfPage, annotations: bool) -> bytes:
    scale = _LONGEST_SIDE / max(page.get_width(), page.get_height(), 1.0)
    bitmap = page.render(scale=scale, may_draw_forms=annotations, draw_annots=annotations)
    try:
        return b"%d %d " % (bitmap.width, bitmap.height) + bytes(bitmap.buffer)
    finally:
        bitmap.close()


def pdf_page_count(pdf: bytes) -> int:
    """Return how many pages a PDF has; raises PageNotDrawableError if PDFium cannot open it."""
    try:
        with opened(pdf) as document:
            return len(document)
    except pypdfium2.PdfiumError as error:
        raise PageNotDrawableError("page-unreadable", str(error)) from error


def pdf_page_png(pdf: bytes, page: int, dots_per_mm: float, colours: int | None = None) -> bytes:
    """Return a page of a PDF as PNG on white, stamps and annotations included; page from 1.

    Args:
        colours: so many at most, chosen from those that are there: smaller by far, and soon made.

    Raises:
        PageNotDrawableError: there is no such page, PDFium cannot draw it, or it is too large.
    """
    out = BytesIO()
    dots_per_inch = dots_per_mm * 25.4
    image = _page_image(pdf, page, dots_per_mm)
    if colours is not None:
        chosen, plain = Image.Quantize.FASTOCTREE, Image.Dither.NONE
        image = image.quantize(colours, method=chosen, dither=plain)
    image.save(out, "PNG", dpi=(dots_per_inch, dots_per_inch))
    return out.getvalue()


def pdf_page_jpeg(pdf: bytes, page: int, dots_per_mm: float) -> tuple[bytes, tuple[int, int]]:
    """Return a page as JPEG on white, as ``pdf_page_png`` does, and its size in pixels."""
    out = BytesIO()
    image = _page_image(pdf, page, dots_per_mm)
    image.save(out, "JPEG", quality=_JPEG_QUALITY, subsampling=0, optimize=True)
    return out.getvalue(), image.size


_JPEG_QUALITY = 85


def _page_image(pdf: bytes, page: int, dots_per_mm: float) -> Image.Image:
    scale = dots_per_mm / POINTS_PER_MM
    try:
        with opened(pdf) as document:
            document.init_forms()
            sheet = document[page - 1]
            if sheet.get_width() * sheet.get_height() * scale**2 > MOST_PIXELS:
                raise PageNotDrawableError("page-too-large", f"{dots_per_mm:g} dots per mm")
            return image_of(sheet, scale)
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise PageNotDrawableError("page-unreadable", str(error)) from error
