"""The PDF press: draws placed faces into an unsealed PDF, with claims and data index attached.

Typst draws the text runs, each at its absolute baseline, and makes the file PDF/A-3b by
construction (fonts embedded as subsets, output intent, attachments with a relationship); no
validator has said so (docs/adr/0013). Outlines go into the page as path operators beneath the
text, and the metadata of GB/T 36903 into the XMP packet, by pikepdf.

Values reach typst as JSON through ``sys_inputs`` and are used as text only: no value is ever
part of the source that is compiled. The press lays nothing out and seals nothing.
"""

import datetime
import functools
import io
import json
import re
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from operator import add
from pathlib import Path
from xml.sax.saxutils import escape

import pikepdf
import typst

from license_vault.face.errors import FontUnusableError, PressBrokenError
from license_vault.face.fonts import Fonts
from license_vault.face.ornaments import rectangle_path
from license_vault.face.placed_face import PlacedFace, PlacedPath, PlacedRun

XMP_NAMESPACE = "urn:license-vault:metadata:1"
CLAIMS_NAME, INDEX_NAME = "claims.json", "index.json"
_FILES = {CLAIMS_NAME: "证照声明（claims）", INDEX_NAME: "数据标引"}
_POINTS = 72 / 25.4
_PAPER = "#ffffff"

# region "tw" keeps typst from squeezing neighbouring marks (its rule for the mainland), the
# empty box keeps it from cutting the white half of an opening mark at the start of a line:
# both are typesetting, and typesetting is ours. Features are off so that a character keeps the
# glyph its font's cmap gives it, which is the one we measured.
_SOURCE = b"""
#let face = json(bytes(sys.inputs.face))
#set document(title: face.title, author: face.author, date: auto)
#set page(width: face.width * 1mm, height: face.height * 1mm, margin: 0mm)
#set text(
  lang: "zh", region: "tw", fallback: false, kerning: false, ligatures: false,
  cjk-latin-spacing: none, overhang: false, hyphenate: false,
  top-edge: "baseline", bottom-edge: "baseline",
  features: ("locl": 0, "ccmp": 0, "calt": 0, "clig": 0, "rlig": 0, "rclt": 0),
)
#set par(leading: 0pt, spacing: 0pt, justify: false, linebreaks: "simple")
#for (at, file) in face.files.enumerate() {
  pdf.attach(
    file.name, bytes(sys.inputs.at("file" + str(at))), relationship: "data",
    mime-type: "application/json", description: file.description,
  )
}
#let styles = face.styles.map(s => (
  font: s.font, weight: s.weight, size: s.size * 1mm, fill: rgb(s.colour),
  stroke: if s.line > 0 { s.line * 1mm + rgb(s.colour) } else { none },
))
#for (at, runs) in face.pages.enumerate() {
  if at > 0 { pagebreak() }
  for run in runs {
    place(
      top + left, dx: run.at(0) * 1mm, dy: run.at(1) * 1mm,
      text(..styles.at(run.at(2)), tracking: run.at(3) * 1mm)[#box(width: 0mm)#run.at(4)],
    )
  }
}
"""


@dataclass(frozen=True, slots=True)
class FaceDocument:
    """What goes into one unsealed PDF or OFD.

    ``claims`` and ``data_index`` are attached byte for byte and must be UTF-8; ``xmp`` holds
    the short names of GB/T 36903 and ``contentId``; ``created_at`` is an instant, and the only
    one in the file. What is no license has no claims (empty), so that nothing is attached, and
    may have ``more_pages`` of the first one's size.
    """

    face: PlacedFace
    claims: bytes
    data_index: bytes
    xmp: Mapping[str, str]
    title: str
    author: str
    created_at: datetime.datetime
    more_pages: tuple[PlacedFace, ...] = ()

    @property
    def pages(self) -> tuple[PlacedFace, ...]:
        """Return all pages."""
        return (self.face, *self.more_pages)

    @property
    def files(self) -> Mapping[str, bytes]:
        """Return what is attached, by its name."""
        if not self.claims:
            return {}
        return {CLAIMS_NAME: self.claims, INDEX_NAME: self.data_index}


class PdfPress:
    """Draws faces. Made once, used by all threads; typst works on one face at a time."""

    def __init__(self, fonts: Fonts) -> None:
        paths = sorted({str(file.path.parent) for file in fonts.files})
        known = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=paths,
        )
        self._families = _families(fonts, known)
        self._compiler = typst.Compiler(_SOURCE, font_paths=known, ignore_system_fonts=True)
        self._lock = threading.Lock()

    def draw(self, document: FaceDocument) -> bytes:
        """Return the PDF of a face, the same bytes for the same document.

        Raises:
            PressBrokenError: typst or pikepdf refused; nothing the requester can change.
        """
        try:
            return _finish(self._typeset(document), document)
        except (typst.TypstError, pikepdf.PdfError) as error:
            raise PressBrokenError(str(error)[:200]) from error

    def _typeset(self, document: FaceDocument) -> bytes:
        files = {f"file{at}": data.decode() for at, data in enumerate(document.files.values())}
        inputs = {"face": self._face_json(document), **files}
        with self._lock:
            pdf = self._compiler.compile(
                _SOURCE,
                format="pdf",
                pdf_standards="a-3b",
                pdf_tags=False,
                timestamp=document.created_at,
                sys_inputs=inputs,
            )
        if not isinstance(pdf, bytes):
            raise PressBrokenError("typst gave no single file")
        return pdf

    def _face_json(self, document: FaceDocument) -> str:
        styles: dict[tuple[str, float, str, float], int] = {}
        pages = [
            [
                (
                    round(run.x_mm, 4),
                    round(run.baseline_mm, 4),
                    styles.setdefault(_style_of(run), len(styles)),
                    round(run.spacing_mm, 4),
                    run.text,
                )
                for run in page.runs
            ]
            for page in document.pages
        ]
        face = {
            "title": document.title,
            "author": document.author,
            "width": document.face.width_mm,
            "height": document.face.height_mm,
            "files": [{"name": name, "description": _FILES[name]} for name in document.files],
            "styles": [
                {
                    "font": self._families[font][0],
                    "weight": self._families[font][1],
                    "size": size,
                    "colour": colour,
                    "line": line,
                }
                for font, size, colour, line in styles
            ],
            "pages": pages,
        }
        return json.dumps(face, ensure_ascii=False, separators=(",", ":"))


def _style_of(run: PlacedRun) -> tuple[str, float, str, float]:
    return run.font, run.size_mm, run.colour, run.weight_mm


def _families(fonts: Fonts, known: typst.Fonts) -> dict[str, tuple[str, int]]:
    """Return typst's name and weight of each of our fonts."""
    by_path = {Path(each.path).resolve(): each for each in known.fonts() if each.path}
    families = {}
    for file in fonts.files:
        found = by_path.get(file.path.resolve())
        if found is None:
            raise FontUnusableError(str(file.path), "typst does not read it")
        families[file.key] = (found.family, found.weight)
    return families


def _finish(typeset: bytes, document: FaceDocument) -> bytes:
    """Put the outlines under the text and the metadata into the packet."""
    with pikepdf.open(io.BytesIO(typeset)) as pdf:
        for page, face in zip(pdf.pages, document.pages, strict=True):
            if face.has_qr:
                page.contents_add(_stream(pdf, _variable_outlines(face)), prepend=True)
            static = _static_outlines(face.paths, face.height_mm)
            page.contents_add(_stream(pdf, static), prepend=True)
        packet = pdf.Root.Metadata.read_bytes()
        pdf.Root.Metadata.write(_with_metadata(packet, document.xmp))
        # The region told to typst is about its squeezing; the text is the mainland's.
        pdf.Root.Lang = pikepdf.String("zh-CN")
        out = io.BytesIO()
        # Streams stay as typst compressed them and the packet as we wrote it: reading them again
        # would cost as much as all the rest here.
        pdf.save(
            out,
            deterministic_id=True,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            fix_metadata_version=False,
        )
        return out.getvalue()


def _stream(pdf: pikepdf.Pdf, deflated: bytes) -> pikepdf.Stream:
    return pikepdf.Stream(pdf, deflated, Filter=pikepdf.Name.FlateDecode)


@functools.lru_cache(maxsize=64)
def _static_outlines(paths: tuple[PlacedPath, ...], height_mm: float) -> bytes:
    return zlib.compress(page_operators(paths, height_mm).encode(), 9)


def _variable_outlines(face: PlacedFace) -> bytes:
    paper = PlacedPath(rectangle_path(face.qr_box), fill=_PAPER)
    return zlib.compress(page_operators((paper, face.qr), face.height_mm).encode(), 1)


def page_operators(paths: tuple[PlacedPath, ...], height_mm: float) -> str:
    """Return PDF operators that draw outlines, millimetres from the top left corner."""
    scale = f"{_POINTS:.6f}"
    parts = [f"q {scale} 0 0 -{scale} 0 {height_mm * _POINTS:.4f} cm 1 j"]
    for path in paths:
        unit, (x, y) = path.unit_mm, path.origin_mm
        moved = unit != 1.0 or x or y
        parts.append(f"q {unit:.6g} 0 0 {unit:.6g} {x:.4f} {y:.4f} cm" if moved else "q")
        if path.fill:
            parts.append(f"{_colour(path.fill)} rg")
        if path.stroke:
            parts.append(f"{_colour(path.stroke)} RG {path.stroke_mm / unit:.4g} w")
        parts.append(path_operators(path.data))
        parts.append("B Q" if path.fill and path.stroke else "f Q" if path.fill else "S Q")
    return "\n".join((*parts, "Q\n"))


_LETTER = re.compile("([MLCZ])")


def path_operators(data: str) -> str:
    """Return an outline's data as PDF operators: operands first, "h" for "Z"."""
    _, *parts = _LETTER.split(data + " ")
    segments = map(add, parts[1::2], parts[::2])
    return "".join(segments).strip().lower().replace("z", "h")


def _colour(colour: str) -> str:
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.4g}" for at in (1, 3, 5))


def _with_metadata(packet: bytes, xmp: Mapping[str, str]) -> bytes:
    """Return an XMP packet with our properties and the schema that PDF/A wants of them.

    Source: ISO 19005-3, 6.6.2.3 (extension schemas); GB/T 36903-2018 (short names).
    """
    head, mark, tail = packet.decode().rpartition("</rdf:RDF>")
    values = "".join(f"<lv:{name}>{escape(value)}</lv:{name}>" for name, value in xmp.items())
    own = (
        f'<rdf:Description rdf:about="" xmlns:lv="{XMP_NAMESPACE}">{values}</rdf:Description>'
        + _extension_schema(tuple(xmp))
    )
    return (head + own + mark + tail).encode()


@functools.lru_cache(maxsize=64)
def _extension_schema(names: tuple[str, ...]) -> str:
    properties = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{name} (GB/T 36903-2018)</pdfaProperty:description>"
        "</rdf:li>"
        for name in names
    )
    return (
        '<rdf:Description rdf:about=""'
        ' xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
        ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
        ' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
        '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
        "<pdfaSchema:schema>License Vault metadata</pdfaSchema:schema>"
        f"<pdfaSchema:namespaceURI>{XMP_NAMESPACE}</pdfaSchema:namespaceURI>"
        "<pdfaSchema:prefix>lv</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property>"
        "</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
    )
