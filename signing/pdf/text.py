"""The text that stands in boxes of a page, as PDFium, the reader in most browsers, finds it.

So the verifier can hold what a person reads against the sealed claims (ADR 0001). Line ends
are joined away and white space is left as found; the caller compares without it. Positions come
from the document; what is drawn white or behind a picture is not told apart here.

PDFium is given a copy without what cannot show text: it would spend five milliseconds on a colour
profile and two on drawn ornaments. No text operator, font or position is touched. The copy is
written by qpdf, so both parsers see one document.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

import pikepdf
import pypdfium2

from signing.errors import UnreadableDocumentError
from signing.millimetres import PageBox, to_points
from signing.pdf.pdfium import opened
from signing.pdf.structure import FLATE, inflate, inherited, only_filter, stream_bytes

_LINE_ENDS = str.maketrans("", "", "\r\n\ufffe\u0000")
MAX_BOXES = 2000
_MAX_CONTENT_BYTES = 64 * 1024 * 1024
_MAX_KEPT_BYTES = 128 * 1024


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
    try:
        with pikepdf.open(BytesIO(data), suppress_warnings=True) as pdf:
            return take_text(pdf, boxes)
    except UnreadableDocumentError:
        raise
    except Exception as error:
        raise UnreadableDocumentError("text-unreadable", type(error).__name__) from error


def take_text(pdf: pikepdf.Pdf, boxes: Sequence[TextBox]) -> tuple[str, ...]:
    """Return the text in each box of an open document; see ``read_text``.

    What shows no text is taken out of it: it is good for nothing else afterwards.
    """
    if len(boxes) > MAX_BOXES:
        raise UnreadableDocumentError("too-many-boxes")
    try:
        with opened(_light_copy(pdf, {box.page for box in boxes})) as document:
            return _read(document, boxes)
    except Exception as error:
        # Two foreign parsers on hostile bytes: whatever they raise is named here.
        raise UnreadableDocumentError("text-unreadable", type(error).__name__) from error


def _light_copy(pdf: pikepdf.Pdf, pages: Collection[int]) -> bytes:
    """Return a copy of the document with what can show text on these pages."""
    for number, page in enumerate(pdf.pages, 1):
        if number in pages:
            _lighten(page.obj)
    for key in set(pdf.Root.keys()) - {"/Type", "/Pages"}:
        del pdf.Root[key]
    copy = BytesIO()
    pdf.save(
        copy,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        fix_metadata_version=False,
        preserve_pdfa=False,
    )
    return copy.getvalue()


def _lighten(page: pikepdf.Object) -> None:
    """Take from a page its annotations, colour profiles, and contents that only draw."""
    if "/Annots" in page:
        del page["/Annots"]
    resources = inherited(page, "/Resources")
    spaces = resources.get("/ColorSpace") if isinstance(resources, pikepdf.Dictionary) else None
    if isinstance(spaces, pikepdf.Dictionary):
        for name in list(spaces.keys()):
            spaces[name] = pikepdf.Name.DeviceRGB
    contents = page.get("/Contents")
    if isinstance(contents, pikepdf.Array):
        kept = [stream for stream in contents if not _only_draws(stream)]
        page["/Contents"] = pikepdf.Array(kept)


def _only_draws(stream: pikepdf.Object) -> bool:
    """Return whether a content stream shows no text and leaves the graphics state as it was."""
    if not isinstance(stream, pikepdf.Stream):
        return False
    raw = stream.read_raw_bytes()
    if len(raw) > _MAX_KEPT_BYTES or only_filter(stream) != FLATE:
        content = stream_bytes(stream, _MAX_CONTENT_BYTES)
        return content is not None and _is_drawing(content)
    return _deflated_is_drawing(raw)


# All licenses of a type have the same ornaments, byte for byte: a quarter of a megabyte to
# inflate. What is kept is small, and is true of the bytes whoever sends them.
@lru_cache(maxsize=32)
def _deflated_is_drawing(raw: bytes) -> bool:
    return _is_drawing(inflate(raw, _MAX_CONTENT_BYTES))


def _is_drawing(content: bytes) -> bool:
    """Return whether operators save the state, draw, and restore it: no text objects, no forms."""
    framed = content.startswith(b"q") and content.rstrip().endswith(b"Q")
    return framed and b"BT" not in content and b"Do" not in content


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
