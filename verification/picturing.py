"""A file as people look at it, drawn in a parser process: as it came, as sealed, and its seals.

What comes back are pictures, and the digests of the seals' values, by which the caller can tell
whether another file carries the same seals. Whether a seal holds is for ``verifier``: "as sealed"
is what the last seal reaches, and only worth showing where that seal is not broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO

import pikepdf
from PIL import Image

from keys.sm3 import sm3
from signing.errors import PageNotDrawableError, UnreadableDocumentError
from signing.ofd.document import open_document
from signing.ofd.seal_drawing import picture_of_value, seal_picture_png
from signing.ofd.seals import read_signatures
from signing.pdf.reader import read_pdf
from signing.pdf.seal_appearances import seal_appearances
from verification.document_form import document_form
from verification.evidence import DocumentForm, ReadFailure
from verification.parser_process import ParserLimits
from verification.rendering import installed_glyphs, page_count, page_png

READER = "verification.picturing:picture_file"
LIMITS = ParserLimits(
    wall_seconds=20.0, cpu_seconds=15, memory_bytes=1024 * 1024 * 1024, wait_seconds=10.0
)
MOST_PAGES = 3
_MOST_SEALS = 4
_DOTS_PER_MM = 4.0
_SEAL_DOTS_PER_MM = 6.0
_JPEG_QUALITY = 80
_LARGEST_TOGETHER = 11 * 1024 * 1024  # so that the answer, in base64, is below the pool's limit


@dataclass(frozen=True, slots=True)
class SealImage:
    """The picture of one seal: from its SES data ("ses") or its PDF appearance ("appearance")."""

    seal: str
    source: str
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PicturedFile:
    """Pictures of a file: pages are JPEG, seals PNG.

    ``pages`` is how many it has, ``shown`` are the first of them as the file came; ``sealed`` the
    same as the last seal left them, empty where nothing was added since. ``seal_values`` are SM3
    (hex) of the values of the seals. ``parts_missed`` says that something is not drawn on a page.
    """

    pages: int
    shown: tuple[bytes, ...] = field(repr=False)
    sealed: tuple[bytes, ...] = field(repr=False)
    seals: tuple[SealImage, ...]
    seal_values: tuple[str, ...]
    parts_missed: bool


def picture_file(data: bytes) -> PicturedFile | ReadFailure:
    """Return pictures of a file, or why there are none; runs in the child."""
    try:
        found = _picture(data)
    except UnreadableDocumentError as error:
        return ReadFailure("document-unreadable", error.code)
    except PageNotDrawableError as error:
        return ReadFailure(error.code, error.detail)
    except (MemoryError, RecursionError) as error:
        return ReadFailure("reader-limit", type(error).__name__)
    pictures = (*found.shown, *found.sealed, *(seal.png for seal in found.seals))
    if sum(map(len, pictures)) > _LARGEST_TOGETHER:
        return ReadFailure("page-too-large", "")
    return found


def _picture(data: bytes) -> PicturedFile:
    form = document_form(data)
    if form is DocumentForm.PDF:
        return _pdf(data)
    if form is DocumentForm.OFD:
        return _ofd(data)
    if form is DocumentForm.ESL:
        return PicturedFile(0, (), (), tuple(_from_values([("", data, None)])), (), False)
    raise PageNotDrawableError("no-pages")


def _pdf(data: bytes) -> PicturedFile:
    seals = read_pdf(data).seals
    end = seals[-1].end if seals else len(data)
    shown, missed = _pages(data)
    sealed = _pages(data[:end])[0] if 0 < end < len(data) else ()
    return PicturedFile(
        pages=page_count(data),
        shown=shown,
        sealed=sealed,
        seals=tuple(_appearances(data)),
        seal_values=tuple(sm3(seal.value).hex() for seal in seals),
        parts_missed=missed,
    )


def _appearances(data: bytes) -> Iterator[SealImage]:
    try:
        for found in seal_appearances(data, _SEAL_DOTS_PER_MM):
            yield SealImage(found.field_name, "appearance", found.png)
    except (pikepdf.PdfError, ValueError, TypeError):
        return  # a form that other readers walk in another way: the page shows what it shows


def _ofd(data: bytes) -> PicturedFile:
    seals = read_signatures(open_document(data)).seals
    shown, missed = _pages(data)
    values = [(seal.signature_id, seal.value, seal.seal_file) for seal in seals]
    return PicturedFile(
        pages=page_count(data),
        shown=shown,
        sealed=(),
        seals=tuple(_from_values(values[:_MOST_SEALS])),
        seal_values=tuple(sm3(seal.value).hex() for seal in seals),
        parts_missed=missed,
    )


def _from_values(values: Sequence[tuple[str, bytes, bytes | None]]) -> Iterator[SealImage]:
    for name, value, beside in values:
        picture = picture_of_value(value, beside)
        if picture is None:
            continue
        try:
            png = seal_picture_png(picture, _SEAL_DOTS_PER_MM, installed_glyphs())
        except PageNotDrawableError:
            continue
        if png is not None:
            yield SealImage(name, "ses", png)


def _pages(data: bytes) -> tuple[tuple[bytes, ...], bool]:
    """Return the first pages as PNG, and whether something on them is not drawn."""
    drawn = [
        page_png(data, page, _DOTS_PER_MM)
        for page in range(1, min(page_count(data), MOST_PAGES) + 1)
    ]
    return tuple(_jpeg(page.png) for page in drawn), any(page.not_drawn for page in drawn)


def _jpeg(png: bytes) -> bytes:
    """Return our own drawing in a third of the size; lines and letters stay sharp."""
    out = BytesIO()
    with Image.open(BytesIO(png), formats=("PNG",)) as image:
        image.convert("RGB").save(out, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return out.getvalue()
