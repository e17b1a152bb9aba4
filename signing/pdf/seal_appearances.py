"""The pictures of a PDF's seals: the appearance of each signature field, drawn by itself.

Taken from the signed structure and not from the page: what stands over or under the seal is not
in it. PDFium draws, as it draws pages. A picture proves nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

from signing.errors import PageNotDrawableError
from signing.millimetres import POINTS_PER_MM
from signing.pdf.rendering import pdf_page_png
from signing.pdf.seals import terminal_fields

_LARGEST_POINTS = 600.0


@dataclass(frozen=True, slots=True)
class SealAppearance:
    """The picture of a field, PNG on white, and its size as it stands on the page."""

    field_name: str
    png: bytes = field(repr=False)
    width_mm: float
    height_mm: float


def seal_appearances(pdf: bytes, dots_per_mm: float) -> Iterator[SealAppearance]:
    """Yield the pictures of the signature fields that show one, in the form's order.

    Raises:
        UnreadableDocumentError: the form's fields cannot be walked.
        pikepdf.PdfError: the file cannot be read.
    """
    with pikepdf.open(BytesIO(pdf)) as document:
        for name, entry in terminal_fields(document.Root):
            widget = _widget(entry)
            shown = _appearance(widget)
            if entry.get("/FT") != "/Sig" or shown is None:
                continue
            drawn = _alone(shown, _rectangle(widget.get("/Rect")), dots_per_mm)
            if drawn is not None:
                yield SealAppearance(name, *drawn)


def _widget(entry: Object) -> Object:
    kids = entry.get("/Kids")
    return kids[0] if isinstance(kids, Array) and len(kids) == 1 else entry


def _appearance(widget: Object) -> Stream | None:
    looks = widget.get("/AP")
    normal = looks.get("/N") if isinstance(looks, Dictionary) else None
    return normal if isinstance(normal, Stream) else None


def _rectangle(found: Object | None) -> tuple[float, float, float, float] | None:
    if not isinstance(found, Array) or len(found) != 4:
        return None
    x0, y0, x1, y1 = (float(side) for side in found)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _alone(
    shown: Stream, place: tuple[float, float, float, float] | None, dots_per_mm: float
) -> tuple[bytes, float, float] | None:
    """Draw an appearance on a sheet of its own, as large as it stands on the page.

    The box of the appearance is stretched to the place. Source: ISO 32000-1, 12.5.5.
    """
    box = _rectangle(shown.get("/BBox"))
    if place is None or box is None:
        return None
    width, height = place[2] - place[0], place[3] - place[1]
    if not (0 < width <= _LARGEST_POINTS and 0 < height <= _LARGEST_POINTS):
        return None
    if box[2] <= box[0] or box[3] <= box[1]:
        return None
    x, y = width / (box[2] - box[0]), height / (box[3] - box[1])
    moved = f"q {x:.6f} 0 0 {y:.6f} {-box[0] * x:.4f} {-box[1] * y:.4f} cm /Seal Do Q"
    with pikepdf.new() as sheet:
        page = sheet.add_blank_page(page_size=(width, height))
        page.add_resource(sheet.copy_foreign(shown), pikepdf.Name.XObject, pikepdf.Name.Seal)
        page.contents_add(moved.encode("ascii"))
        out = BytesIO()
        sheet.save(out)
    try:
        png = pdf_page_png(out.getvalue(), 1, dots_per_mm)
    except PageNotDrawableError:
        return None
    return png, width / POINTS_PER_MM, height / POINTS_PER_MM
