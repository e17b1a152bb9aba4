"""What stands on the pages of a PDF, as PDFium sees it; nothing of PDFium is left behind.

A document that PDFium still holds when its thread ends crashes the process of the test.
"""

from PIL import Image

from signing.pdf.pdfium import image_of, opened


def picture_of(pdf: bytes, scale: float) -> Image.Image:
    """The first page with its seals; pixels a point."""
    with opened(pdf) as document:
        document.init_forms()
        return image_of(document[0], scale)


def words_of(pdf: bytes) -> str:
    """The text of all pages."""
    with opened(pdf) as document:
        return "".join(page.get_textpage().get_text_bounded() for page in document)
