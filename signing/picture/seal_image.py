"""A seal's picture as PNG: drawn from our outlines, or taken from an upload after a check.

A drawing becomes a palette of one red in sixteen degrees of transparency, at the seal's true
size: 42 mm at 12 dots a millimetre is some ten kilobytes. An upload is read down to its pixels
and written anew, so that nothing of the file but what is seen goes into a seal.

Says nothing about who may have which seal, and draws no seal (``picture.seal_picture``).
"""

import base64
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

import pikepdf
from PIL import Image

from signing.errors import SealPictureError, SealPictureRefusedError
from signing.millimetres import POINTS_PER_MM
from signing.pdf.pdfium import image_of, opened
from signing.picture.seal_drawing import SealDrawing
from signing.picture.seal_picture import UPLOADED, Glyphs, SealPicture, draw_seal

DOTS_PER_MM = 12
PNG = "PNG"
LARGEST_BYTES = 512 * 1024
LONGEST_SIDE_PX = 2000
SMALLEST_MM, LARGEST_MM = 5.0, 60.0

_DEGREES = 16  # of transparency: four bits a pixel
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ANIMATION = frozenset((b"acTL", b"fcTL", b"fdAT"))
_WANTED = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"))
_PROPORTION = 0.03  # how far width : height may be from that of the pixels


@dataclass(frozen=True, slots=True)
class UploadedPicture:
    """A picture within the limits; ``data`` is a PNG written by us, with the same pixels."""

    kind: str
    width_px: int
    height_px: int
    data: bytes


def picture_png(picture: SealPicture, glyphs: Glyphs) -> bytes:
    """Return a seal's picture as a transparent PNG, drawn now or as it was uploaded.

    Raises:
        SealPictureError: it cannot be drawn, or there is no image.
    """
    if picture.shape == UPLOADED:
        return picture.image
    return seal_png(draw_seal(picture, glyphs), DOTS_PER_MM)


@lru_cache(maxsize=256)
def seal_png(drawing: SealDrawing, dots_per_mm: int = DOTS_PER_MM) -> bytes:
    """Return a drawing as a transparent PNG of its true size; the same bytes every time."""
    red = tuple(int(drawing.colour[at : at + 2], 16) for at in (1, 3, 5))
    ink = _ink(drawing, dots_per_mm)
    step = 255 // (_DEGREES - 1)
    image = ink.point([round(value / step) for value in range(256)])
    image = image.convert("L")
    palette = Image.frombytes("P", image.size, image.tobytes())
    palette.putpalette(red * _DEGREES)
    degrees = bytes(step * degree for degree in range(_DEGREES))
    dots_per_inch = dots_per_mm * 25.4
    out = BytesIO()
    palette.save(
        out, PNG, bits=4, transparency=degrees, optimize=True, dpi=(dots_per_inch, dots_per_inch)
    )
    return out.getvalue()


def uploaded_picture(data: bytes, width_mm: float, height_mm: float) -> SealPicture:
    """Return the picture of a seal from an uploaded PNG and the true size it is to have.

    Raises:
        SealPictureRefusedError: the file is not within the limits, or the size is not its own.
        SealPictureError: the size is out of range.
    """
    if not all(SMALLEST_MM <= side <= LARGEST_MM for side in (width_mm, height_mm)):
        raise SealPictureError(f"{width_mm:g} × {height_mm:g} mm")
    checked = check_uploaded_picture(data)
    ratio = (width_mm / height_mm) / (checked.width_px / checked.height_px)
    if abs(ratio - 1) > _PROPORTION:
        raise SealPictureRefusedError("picture-proportions-differ")
    encoded = base64.b64encode(checked.data).decode("ascii")
    return SealPicture(UPLOADED, width_mm=width_mm, height_mm=height_mm, png=encoded)


def check_uploaded_picture(data: bytes) -> UploadedPicture:
    """Return an uploaded picture, written anew, if it is within the limits.

    PNG only, at most 512 KiB and 2000 × 2000 pixels, with transparency and something to see,
    no animation, nothing behind its end. Names, profiles and comments in the file are dropped.

    Raises:
        SealPictureRefusedError: it is not; ``code`` says why.
    """
    if len(data) > LARGEST_BYTES:
        raise SealPictureRefusedError("picture-too-large")
    image = _decoded(_plain(data))
    low, high = image.getchannel("A").getextrema()
    if low == 255:
        raise SealPictureRefusedError("picture-not-transparent")
    if high == 0:
        raise SealPictureRefusedError("picture-empty")
    out = BytesIO()
    image.save(out, PNG, optimize=True)
    return UploadedPicture(PNG, image.width, image.height, out.getvalue())


def decode_png(data: bytes) -> tuple[int, int, bytes, bytes]:
    """Return width, height, RGB octets and alpha octets of a PNG that was checked.

    Raises:
        SealPictureRefusedError: it is not within the limits.
    """
    image = _decoded(_plain(data))
    return (
        image.width,
        image.height,
        image.convert("RGB").tobytes(),
        image.getchannel("A").tobytes(),
    )


def _ink(drawing: SealDrawing, dots_per_mm: int) -> Image.Image:
    """Return how much each pixel is covered, 0 to 255, drawn by PDFium."""
    size = (drawing.width_mm * POINTS_PER_MM, drawing.height_mm * POINTS_PER_MM)
    matrix = f"{POINTS_PER_MM:.8f} 0 0 {-POINTS_PER_MM:.8f} 0 {size[1]:.6f} cm\n".encode("ascii")
    black = SealDrawing(drawing.width_mm, drawing.height_mm, drawing.strokes, "#000000")
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=size)
        page.Contents = pdf.make_stream(matrix + black.to_pdf_operators())
        file = BytesIO()
        pdf.save(file)
    with opened(file.getvalue()) as document:
        paper = image_of(document[0], dots_per_mm / POINTS_PER_MM, "L")
    return paper.point([255 - value for value in range(256)])


def _decoded(data: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(data), formats=(PNG,)) as image:
            return image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error) as error:
        raise SealPictureRefusedError("picture-unreadable") from error


def _plain(data: bytes) -> bytes:
    """Return a PNG with only the chunks that say what is seen; the file's frame is checked."""
    out = [_SIGNATURE]
    for kind, chunk in _chunks(data):
        if kind in _ANIMATION:
            raise SealPictureRefusedError("picture-animated")
        if kind in _WANTED:
            out.append(chunk)
    return b"".join(out)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks of a PNG from IHDR to IEND. Source: ISO/IEC 15948, 5."""
    header = _SIGNATURE + b"\x00\x00\x00\x0dIHDR"
    if not data.startswith(header) or len(data) < len(header) + 8:
        raise SealPictureRefusedError("picture-not-png")
    if not all(
        1 <= side <= LONGEST_SIDE_PX for side in struct.unpack_from(">II", data, len(header))
    ):
        raise SealPictureRefusedError("picture-too-many-pixels")
    at, kind = len(_SIGNATURE), b""
    while kind != b"IEND":
        (length,) = struct.unpack(">I", data[at : at + 4].rjust(4, b"\xff"))
        kind, chunk = data[at + 4 : at + 8], data[at : at + 12 + length]
        if len(chunk) != 12 + length or zlib.crc32(chunk[4:-4]) != int.from_bytes(
            chunk[-4:], "big"
        ):
            raise SealPictureRefusedError("picture-unreadable")
        yield kind, chunk
        at += len(chunk)
    if at != len(data):
        raise SealPictureRefusedError("picture-trailing-bytes")
