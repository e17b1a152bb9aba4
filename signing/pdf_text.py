"""The text that stands in boxes of a page, as PDFium, the reader in most browsers, finds it.

So the verifier can hold what a person reads against the sealed claims (decision 2). Line ends
are joined away and white space is left as found; the caller compares without it. Positions come
from the document; what is drawn white or behind a picture is not told apart here.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2

from signing.errors import UnreadableDocumentError
from signing.millimetres import PageBox, to_points

_LINE_ENDS = str.maketrans("", "", "\r\n\ufffe\u0000")
MAX_BOXES = 2000


@dataclass(frozen=True, slots=True)
class TextBox:
    """A box on a page: page from 1; x, y, width, height in millimetres from the top left."""

    page: int
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float


def read_text(data: bytes, boxes: Sequence[TextBox]) -> tuple[str, ...]:
    """Return the text in each box, in the order of the boxes; lines joined without a break.

    A character counts if its outline touches the box. A box on a page that is not there gives
    an empty text.

    Raises:
        UnreadableDocumentError: PDFium cannot open the document, or too many boxes.
    """
    if len(boxes) > MAX_BOXES:
        raise UnreadableDocumentError("too-many-boxes")
    try:
        document = pypdfium2.PdfDocument(data)
    except (pypdfium2.PdfiumError, ValueError, TypeError) as error:
        raise UnreadableDocumentError("text-unreadable", type(error).__name__) from error
    try:
        return _read(document, boxes)
    except (pypdfium2.PdfiumError, ValueError, OverflowError) as error:
        raise UnreadableDocumentError("text-unreadable", type(error).__name__) from error
    finally:
        document.close()


def _read(document: pypdfium2.PdfDocument, boxes: Sequence[TextBox]) -> tuple[str, ...]:
    wanted: defaultdict[int, list[int]] = defaultdict(list)
    for index, box in enumerate(boxes):
        wanted[box.page].append(index)
    found = [""] * len(boxes)
    for number, indices in wanted.items():
        if not 1 <= number <= len(document):
            continue
        page = document[number - 1]
        left, bottom, right, top = page.get_bbox()
        visible = PageBox(left, bottom, right - left, top - bottom)
        text_page = page.get_textpage()
        for index in indices:
            found[index] = _text_in(text_page, boxes[index], visible)
    return tuple(found)


def _text_in(text_page: pypdfium2.PdfTextPage, box: TextBox, page: PageBox) -> str:
    corners = to_points((box.x_mm, box.y_mm, box.width_mm, box.height_mm), page)
    return str(text_page.get_text_bounded(*corners)).translate(_LINE_ENDS)
