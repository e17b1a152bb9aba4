"""The only door to PDFium: one document at a time in a process.

PDFium is not safe for threads, and its Python binding lets others run while it works: two threads
that read two documents crash the process. Everything about a document happens inside ``opened``;
nothing of it (pages, text, bitmaps) may be kept beyond.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
from PIL import Image

_ONE_AT_A_TIME = threading.RLock()


@contextmanager
def opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Open a document; other threads wait until it is closed again."""
    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            yield document
        finally:
            document.close()


def image_of(page: pypdfium2.PdfPage, scale: float, mode: str = "RGB") -> Image.Image:
    """Return a page drawn on white, annotations and forms included; pixels a point."""
    bitmap = page.render(scale=scale, grayscale=mode == "L")
    try:
        return bitmap.to_pil().convert(mode)  # a copy: nothing of the bitmap is left
    finally:
        bitmap.close()
