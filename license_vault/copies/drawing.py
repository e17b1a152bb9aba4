"""From a license's sealed PDF to the unsigned PDF of a copy: pictures of its pages under a notice.

The pages become pictures with the watermark in them: it cannot be taken off, and nothing of the
license's own signature, claims or text is left that could be taken for the license. Above each
page stands, as text with embedded fonts, what the copy is for. The record is attached.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

import pikepdf

from license_vault.clock import civil_date
from license_vault.copies.errors import CopyRefusedError
from license_vault.copies.watermark import watermark_lines, watermark_operators
from license_vault.face.fonts import Fonts
from license_vault.face.ornaments import rectangle_path
from license_vault.face.pdf import FaceDocument
from license_vault.face.placed_face import Box, PlacedFace, PlacedPath, PlacedRun
from license_vault.face.typesetting import TextFrame, TextStyle, Words, set_text
from signing.millimetres import POINTS_PER_MM
from signing.pdf.rendering import pdf_page_jpeg
from signing.sealed_json.copy_record import ATTACHED_AS, CopyRecord, copy_record_bytes

MOST_PAGES = 8
_DOTS_PER_MM, _MOST_DOTS = 6.5, 2600
_INSTANT = "%Y%m%d%H%M%S"
_INK, _ALARM, _PALE = "#1f2d3d", "#a4161a", "#fdf0d5"
# The notice is drawn for a page 210 mm wide and grows with the page: y, height, size, smallest.
_NOTICE_MM = 50.0
_MARGIN_MM = 8.0
_ROWS = ((4.0, 11.0, 8.0, 4.0, 1), (16.0, 18.0, 6.4, 2.6, 5), (34.5, 12.5, 3.3, 2.2, 3))


@dataclass(frozen=True, slots=True)
class CopyDrawing:
    """Draws copies. Made once, used by all threads."""

    fonts: Fonts
    press: Callable[[FaceDocument], bytes]

    def draw(self, parent_pdf: bytes, record: CopyRecord) -> bytes:
        """Return the unsigned copy of a license's PDF.

        Raises:
            CopyRefusedError: "too-many-pages".
            FaceOverflowError, GlyphMissingError, CharacterNotSettableError: of what the notice
                says.
            PageNotDrawableError, PressBrokenError: the drawing tools refused.
        """
        marked, sizes = self._watermarked(parent_pdf, record)
        width, height = sizes[0]
        scale = width / 210.0
        notice = tuple(self._notice(record, scale))
        face = _face(notice, (width, height + _NOTICE_MM * scale), scale)
        drawn = self.press(
            FaceDocument(
                face=face,
                claims=b"",
                data_index=b"",
                xmp=_xmp(record),
                title=f"加注件：{record.parent.type_name}",
                author=record.creator,
                created_at=record.created_at,
                more_pages=(face,) * (len(sizes) - 1),
            )
        )
        return _with_pictures(drawn, tuple(_pictures(marked, sizes)), (width, height), record)

    def _watermarked(
        self, pdf: bytes, record: CopyRecord
    ) -> tuple[bytes, tuple[tuple[float, float], ...]]:
        """Return the license's pages with the watermark on them, and their sizes in mm."""
        lines = watermark_lines(record, _last_day(record))
        sizes = []
        with pikepdf.open(BytesIO(pdf)) as document:
            if len(document.pages) > MOST_PAGES:
                raise CopyRefusedError("too-many-pages")
            for page in document.pages:
                x0, y0, x1, y1 = (float(side) for side in page.mediabox)
                ink = watermark_operators(lines, (x1 - x0, y1 - y0), self.fonts)
                state = pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, BM=pikepdf.Name.Multiply)
                page.add_resource(state, pikepdf.Name.ExtGState, pikepdf.Name.Watermark)
                page.contents_add(b"q\n", prepend=True)
                page.contents_add(b"\nQ\n" + ink)
                sizes.append(((x1 - x0) / POINTS_PER_MM, (y1 - y0) / POINTS_PER_MM))
            out = BytesIO()
            document.save(out)
        return out.getvalue(), tuple(sizes)

    def _notice(self, record: CopyRecord, scale: float) -> Iterator[PlacedRun]:
        styles = (("serif", _ALARM, 0.2), ("serif", _INK, 0.1), ("sans", _INK, 0.0))
        texts = ("加注件 · 不是证照原件", *_sentences(record))
        for text, row, (family, colour, weight) in zip(texts, _ROWS, styles, strict=True):
            y, height, size, smallest, lines = row
            box = Box(
                _MARGIN_MM * scale,
                y * scale,
                (210.0 - 2 * _MARGIN_MM) * scale,
                height * scale,
            )
            style = TextStyle(
                family,
                size * scale,
                smallest * scale,
                align="centre",
                leading=1.25,
                colour=colour,
                weight_mm=weight * scale,
            )
            yield from set_text(Words(text, "purpose"), TextFrame(box, style, lines), self.fonts)


def _sentences(record: CopyRecord) -> tuple[str, str]:
    task = record.item_name or record.purpose
    purpose = f"（用途：{record.purpose}）" if record.item_name else ""
    until, made = _last_day(record), civil_date(record.created_at).isoformat()
    return (
        f"仅供{record.user}办理{task}使用{purpose}，有效期至{until}",
        f"由证照库签名，没有发证机关印章；须核验电子文件，打印件无效。此件由{record.creator}提供，"
        f"{made} 制作。加注件编号 {record.copy_id}\n原证照 {record.parent.identifier}\n"
        "Purpose-bound copy, not the license itself. Verify the electronic file.",
    )


def _last_day(record: CopyRecord) -> str:
    day = civil_date(record.expires_at)
    return f"{day.year}年{day.month:02}月{day.day:02}日"


def _face(runs: tuple[PlacedRun, ...], size: tuple[float, float], scale: float) -> PlacedFace:
    width, height = size
    band = Box(0.0, 0.0, width, _NOTICE_MM * scale)
    frame = PlacedPath(rectangle_path(band), fill=_PALE)
    rule = PlacedPath(
        f"M 0 {band.bottom:.3f} L {width:.3f} {band.bottom:.3f}", stroke=_ALARM, stroke_mm=0.8
    )
    nowhere = Box(0.0, 0.0, 0.0, 0.0)
    return PlacedFace(width, height, runs, (frame, rule), PlacedPath(""), nowhere, (), {})


def _xmp(record: CopyRecord) -> dict[str, str]:
    """Return the elements of GB/T 36903 that a copy has."""
    return {
        "JZJZZSJ": record.created_at.strftime(_INSTANT),
        "JZJZZZ": record.creator,
        "JZJZZSY": record.purpose,
        "JZJYXQJZSJ": record.expires_at.strftime(_INSTANT),
    }


_Picture = tuple[bytes, tuple[int, int]]


def _pictures(pdf: bytes, sizes: tuple[tuple[float, float], ...]) -> Iterator[_Picture]:
    for number, (width, height) in enumerate(sizes, 1):
        dots = min(_DOTS_PER_MM, _MOST_DOTS / max(width, height))
        yield pdf_page_jpeg(pdf, number, dots)


def _with_pictures(
    drawn: bytes, pictures: tuple[_Picture, ...], size_mm: tuple[float, float], record: CopyRecord
) -> bytes:
    """Put the pictures under the notices, and attach the record."""
    width, height = (side * POINTS_PER_MM for side in size_mm)
    with pikepdf.open(BytesIO(drawn)) as pdf:
        for page, (jpeg, (columns, rows)) in zip(pdf.pages, pictures, strict=True):
            picture = pikepdf.Stream(
                pdf,
                jpeg,
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=columns,
                Height=rows,
                ColorSpace=pikepdf.Name.DeviceRGB,
                BitsPerComponent=8,
                Filter=pikepdf.Name.DCTDecode,
            )
            page.add_resource(picture, pikepdf.Name.XObject, pikepdf.Name.License)
            show = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /License Do Q\n"
            page.contents_add(show.encode("ascii"), prepend=True)
        _attach(pdf, copy_record_bytes(record))
        out = BytesIO()
        pdf.save(out, deterministic_id=True, fix_metadata_version=False)
        return out.getvalue()


def _attach(pdf: pikepdf.Pdf, data: bytes) -> None:
    """Attach the record, associated with the document. Source: ISO 19005-3, 6.8."""
    attached = pikepdf.AttachedFileSpec(
        pdf,
        data,
        filename=ATTACHED_AS,
        mime_type="application/json",
        description="加注信息",
        relationship=pikepdf.Name.Data,
    )
    pdf.attachments[ATTACHED_AS] = attached
    pdf.Root.AF = pikepdf.Array([pdf.attachments[ATTACHED_AS].obj])
