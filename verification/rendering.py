"""Pages of hostile files as pictures, drawn in a parser process; and what is not drawn on them.

The child reads PDF and OFD with the modules that the verifier reads with, one page a request. The
answer is a picture and words: nothing of the document's structure comes back. Pictures prove
nothing; what a file is worth is for ``verifier``.

A request is a line of JSON (page, dots_per_mm) and then the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from signing.errors import PageNotDrawableError, UnreadableDocumentError
from signing.ofd.drawing import NotDrawn
from signing.ofd.fallback_fonts import FallbackFonts, installed_fonts
from signing.ofd.rendering import ofd_page_count, render_ofd
from signing.pdf.rendering import pdf_page_count, pdf_page_png
from verification.evidence import ReadFailure
from verification.parser_process import ParserLimits, ParserPool

READER = "verification.rendering:render_request"
LIMITS = ParserLimits(wall_seconds=60.0, cpu_seconds=45, memory_bytes=1024 * 1024 * 1024)
MOST_PAGES = 200
_LARGEST_PNG = 11 * 1024 * 1024  # so that the answer, in base64, is below the pool's limit
_PDF, _ZIP = b"%PDF-", b"PK\x03\x04"
_PDF_WITHIN = 1024
_COUNT = 0


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page as PNG, and what is not drawn on it or not as the document has it.

    ``pages`` is its number; where only the count was asked for it is that, and ``png`` empty.
    """

    png: bytes
    pages: int
    not_drawn: tuple[NotDrawn, ...]


def render_pages(
    pool: ParserPool, data: bytes, dots_per_mm: float
) -> Iterator[DrawnPage | ReadFailure]:
    """Yield the pages of a file, in order; of one that cannot be drawn, why.

    Args:
        pool: made with ``READER`` and ``LIMITS``.
        data: PDF or OFD.
        dots_per_mm: of the pictures.

    Raises:
        VerifierBusyError, ParserUnavailableError: as ``ParserPool.ask``.
    """
    counted = pool.ask(rendering_request(data, _COUNT, dots_per_mm), DrawnPage)
    if isinstance(counted, ReadFailure):
        yield counted
        return
    for page in range(1, counted.pages + 1):
        if page > MOST_PAGES:
            yield ReadFailure("too-many-pages", f"{counted.pages}")
            return
        yield pool.ask(rendering_request(data, page, dots_per_mm), DrawnPage)


def rendering_request(data: bytes, page: int, dots_per_mm: float) -> bytes:
    """Return what is sent to the child; page 0 asks only how many there are."""
    asked = json.dumps({"page": page, "dots_per_mm": dots_per_mm})
    return asked.encode("ascii") + b"\n" + data


def render_request(request: bytes) -> DrawnPage | ReadFailure:
    """Return the page that is asked for, or why there is none; runs in the child."""
    line, _, data = request.partition(b"\n")
    asked = json.loads(line)
    try:
        drawn = _draw(data, int(asked["page"]), float(asked["dots_per_mm"]))
    except UnreadableDocumentError as error:
        limited = "too-" in error.code
        return ReadFailure("reader-limit" if limited else "document-unreadable", error.code)
    except PageNotDrawableError as error:
        return ReadFailure(error.code, error.detail)
    except (MemoryError, RecursionError) as error:
        return ReadFailure("reader-limit", type(error).__name__)
    if len(drawn.png) > _LARGEST_PNG:
        return ReadFailure("page-too-large", f"{len(drawn.png)} bytes")
    return drawn


def _draw(data: bytes, page: int, dots_per_mm: float) -> DrawnPage:
    if page == _COUNT:
        return DrawnPage(b"", page_count(data), ())
    return page_png(data, page, dots_per_mm)


def page_count(data: bytes) -> int:
    """Return how many pages a PDF or OFD has; for the child.

    Raises:
        UnreadableDocumentError, PageNotDrawableError: it cannot be read.
    """
    return ofd_page_count(data) if _is_ofd(data) else pdf_page_count(data)


def page_png(data: bytes, page: int, dots_per_mm: float) -> DrawnPage:
    """Return a page of a PDF or OFD, from 1; for the child. Raises as ``page_count``."""
    if not _is_ofd(data):
        return DrawnPage(pdf_page_png(data, page, dots_per_mm), page, ())
    drawn = render_ofd(data, page, dots_per_mm, installed_glyphs())
    return DrawnPage(drawn.png, page, drawn.not_drawn)


def _is_ofd(data: bytes) -> bool:
    if data.startswith(_ZIP):
        return True
    if _PDF not in data[:_PDF_WITHIN]:
        raise UnreadableDocumentError("form-unknown")
    return False


@lru_cache(maxsize=1)
def installed_glyphs() -> FallbackFonts:
    """Return the glyphs of fonts that are not embedded, found once a process."""
    return installed_fonts()
