"""A page of an OFD document as a picture, seals in place, with a list of what is not drawn.

Reads through the same package, document and page modules as the verifier (docs/attacks.md O2):
what is shown is what is judged. Nothing is said here about whether a seal holds. A hostile file
may cost memory and time: run it in a parser process (``verification.rendering``).
"""

from dataclasses import dataclass

from signing.ofd.document import open_document
from signing.ofd.drawing import FallbackGlyphs, NotDrawn, Notes, PageDrawing
from signing.ofd.package import PackageLimits
from signing.ofd.page import read_page
from signing.ofd.page_canvas import Canvas
from signing.ofd.seal_drawing import SealDrawer

_DEFAULT_LIMITS = PackageLimits()


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page as PNG, and what is not drawn on it or not as the document has it."""

    png: bytes
    not_drawn: tuple[NotDrawn, ...]


def render_ofd(
    data: bytes,
    page: int,
    dots_per_mm: float,
    glyphs: FallbackGlyphs,
    limits: PackageLimits = _DEFAULT_LIMITS,
) -> RenderedPage:
    """Return a page of an OFD document as a picture.

    Args:
        data: the package.
        page: from 1.
        dots_per_mm: of the picture; 150 dpi are 5.9.
        glyphs: for fonts that are not embedded.
        limits: of the package.

    Raises:
        UnreadableDocumentError: package, XML or page cannot be read.
        PageNotDrawableError: the page is too large or too complex for a picture.
    """
    document = open_document(data, limits)
    content = read_page(document, page)
    notes = Notes()
    for problem in document.problems if page == 1 else ():
        notes.add("document-odd", problem)
    canvas = Canvas(content.box[2], content.box[3])
    entry = document.pages[page - 1]
    PageDrawing(document.package.read, glyphs, notes).draw(canvas, content, entry.path)
    SealDrawer(document, glyphs, notes).draw(canvas, page)
    return RenderedPage(canvas.png(dots_per_mm), notes.found)


def ofd_page_count(data: bytes, limits: PackageLimits = _DEFAULT_LIMITS) -> int:
    """Return how many pages an OFD document has; raises UnreadableDocumentError."""
    return len(open_document(data, limits).pages)
