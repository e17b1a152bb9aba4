"""A PDF opened strictly by qpdf, and everything about it that a sealed license must not be.

qpdf repairs broken files without a word; here a repair is a problem that is reported, since two
readers that repair differently show two documents (docs/attacks.md P2, P7). Limits come first:
size, objects, pages, decoded bytes. Nothing is fetched, run or rendered.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import pikepdf
from pikepdf import Dictionary, Object, Pdf, Stream

from signing.errors import UnreadableDocumentError
from signing.millimetres import PageBox

FLATE = "/FlateDecode"
_MAX_TREE_DEPTH = 16


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much of a document is read before it is refused; sizes in bytes."""

    max_bytes: int = 32 * 1024 * 1024
    max_stream_bytes: int = 64 * 1024 * 1024
    max_objects: int = 50_000
    max_pages: int = 200
    max_seals: int = 32
    max_revisions: int = 40
    max_attachment_bytes: int = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document, its problems so far, and its objects as text (streams: their dictionary)."""

    data: bytes
    pdf: Pdf
    problems: tuple[str, ...]
    objects: tuple[bytes, ...]
    limits: ReadLimits


# What a name in any dictionary gives away. Actions and forms change what a reader sees.
_ACTIVE = {
    b"/JavaScript": "javascript",
    b"/JS": "javascript",
    b"/AA": "automatic-action",
    b"/Launch": "launch-action",
    b"/SubmitForm": "submit-action",
    b"/ImportData": "import-action",
    b"/GoToR": "remote-action",
    b"/GoToE": "remote-action",
    b"/XFA": "xfa",
    b"/Collection": "portfolio",
    b"/OCProperties": "optional-content",
    b"/RichMedia": "rich-media",
    b"/Rendition": "rich-media",
    b"/Movie": "rich-media",
    b"/Sound": "rich-media",
    b"/3D": "rich-media",
}
_ACTIVE_NAMES = re.compile(b"(?:" + b"|".join(_ACTIVE) + rb")(?![A-Za-z0-9_.#-])")
_END_OF_FILE = re.compile(rb"%%EOF(?:\r\n|\r|\n)?")


@cache
def _limit_qpdf(max_stream_bytes: int) -> None:
    """Set qpdf's own limits, which hold for the whole process."""
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=max_stream_bytes,
        png_max_memory=max_stream_bytes,
        tiff_max_memory=max_stream_bytes,
        run_length_max_memory=max_stream_bytes,
        dct_max_memory=max_stream_bytes,
        parser_max_nesting=100,
        doc_max_warnings=50,
    )


def open_document(data: bytes, limits: ReadLimits) -> OpenedDocument:
    """Open a PDF.

    Raises:
        UnreadableDocumentError: no PDF, over a limit, or locked by a password.
    """
    if len(data) > limits.max_bytes:
        raise UnreadableDocumentError("too-large", f"{len(data)} bytes")
    if b"%PDF-" not in data[:1024]:
        raise UnreadableDocumentError("not-a-pdf")
    _limit_qpdf(limits.max_stream_bytes)
    pdf, repaired = _open(data)
    problems = ["structure-repaired"] if repaired else []
    if pdf.is_encrypted:
        problems.append("encrypted")
    problems.extend(_outer_problems(data))
    objects = tuple(_objects_as_text(pdf, limits.max_objects))
    found = {name for text in objects for name in _ACTIVE_NAMES.findall(text)}
    problems.extend(sorted({_ACTIVE[name] for name in found}))
    if pdf.get_warnings() and not repaired:
        problems.append("structure-repaired")
    return OpenedDocument(data, pdf, tuple(problems), objects, limits)


def _open(data: bytes) -> tuple[Pdf, bool]:
    """Return the document and whether it had to be repaired."""
    try:
        return pikepdf.open(BytesIO(data), attempt_recovery=False, suppress_warnings=True), False
    except pikepdf.PasswordError as error:
        raise UnreadableDocumentError("password-protected") from error
    except pikepdf.PdfError:
        pass
    try:
        return pikepdf.open(BytesIO(data), suppress_warnings=True), True
    except pikepdf.PasswordError as error:
        raise UnreadableDocumentError("password-protected") from error
    except pikepdf.PdfError as error:
        raise UnreadableDocumentError("broken-structure", str(error)[:200]) from error


def _outer_problems(data: bytes) -> Iterator[str]:
    """Tell what stands before the header and after the last end-of-file mark."""
    if not data.startswith(b"%PDF-"):
        yield "junk-before-header"
    ends = ends_of_revisions(data)
    if not ends or ends[-1] != len(data):
        yield "junk-after-eof"


def ends_of_revisions(data: bytes) -> list[int]:
    """Return the offset after each ``%%EOF`` and its end of line."""
    return [match.end() for match in _END_OF_FILE.finditer(data)]


def _objects_as_text(pdf: Pdf, max_objects: int) -> Iterator[bytes]:
    size = pdf.trailer.get("/Size", 0)
    if not isinstance(size, int) or size > max_objects or len(pdf.objects) > max_objects:
        raise UnreadableDocumentError("too-many-objects")
    for item in pdf.objects:
        if isinstance(item, Stream):
            yield item.stream_dict.unparse()
        elif isinstance(item, Dictionary | pikepdf.Array):  # the others come as Python values
            yield item.unparse(resolved=True)


def page_boxes(opened: OpenedDocument) -> tuple[PageBox, ...]:
    """Return the visible box of every page, in order."""
    pages = opened.pdf.pages
    if len(pages) > opened.limits.max_pages:
        raise UnreadableDocumentError("too-many-pages", str(len(pages)))
    return tuple(_page_box(page.obj) for page in pages)


def _page_box(page: Object) -> PageBox:
    box = inherited(page, "/CropBox") or inherited(page, "/MediaBox")
    try:
        x0, y0, x1, y1 = map(float, box)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise UnreadableDocumentError("page-without-size") from error
    return PageBox(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))


def inherited(node: Object, key: str, depth: int = _MAX_TREE_DEPTH) -> Object | None:
    """Return an attribute of a node or of the nearest one above it."""
    for _ in range(depth):
        if not isinstance(node, Dictionary):
            return None
        value = node.get(key)
        if value is not None:
            return value
        node = node.get("/Parent")
    return None


def stream_bytes(stream: Object, max_bytes: int) -> bytes | None:
    """Return the decoded bytes of a stream that is plain or deflated, None if it is another kind.

    Raises:
        UnreadableDocumentError: it is larger than the limit, or not what its filter says.
    """
    if not isinstance(stream, Stream):
        return None
    raw = stream.read_raw_bytes()
    name = only_filter(stream)
    if name is None:
        return None
    if name == FLATE:
        return inflate(raw, max_bytes)
    if len(raw) > max_bytes:
        raise UnreadableDocumentError("stream-too-large")
    return raw


def inflate(raw: bytes, max_bytes: int) -> bytes:
    """Return deflated bytes as they were.

    Raises:
        UnreadableDocumentError: they are more than the limit, or not deflated.
    """
    try:
        content = zlib.decompressobj().decompress(raw, max_bytes + 1)
    except zlib.error as error:
        raise UnreadableDocumentError("broken-stream") from error
    if len(content) > max_bytes:
        raise UnreadableDocumentError("stream-too-large")
    return content


def only_filter(stream: Stream) -> str | None:
    """Return '' for no filter, '/FlateDecode' for that one alone, None for anything else."""
    if stream.get("/DecodeParms") is not None or stream.get("/F") is not None:
        return None
    found = stream.get("/Filter")
    if found is None:
        return ""
    if isinstance(found, pikepdf.Array):
        found = found[0] if len(found) == 1 else None
    return FLATE if found == FLATE else None
