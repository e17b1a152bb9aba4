"""Pictures of documents, read down to pixels: PNG, JPEG, GIF and BMP, within limits.

Pillow opens only these four, told by their first bytes and not by what a document calls them.
Sizes are looked at before anything is unpacked. Everything else (JBIG2, TIFF, SVG) is told as not
drawable, with a code.
"""

import struct
import zlib
from io import BytesIO

from PIL import Image

from signing.errors import PageNotDrawableError
from signing.ofd.page_canvas import Pixels

MOST_PIXELS = 25_000_000
_LARGEST_BYTES = 32 * 1024 * 1024
_FORMATS = ("PNG", "JPEG", "GIF", "BMP")
_FIRST_BYTES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")


def read_pixels(data: bytes) -> Pixels:
    """Return a picture's pixels, of several frames the first.

    Raises:
        PageNotDrawableError: ``picture-kind`` for another format, ``picture-too-large``, or
            ``picture-unreadable``.
    """
    if len(data) > _LARGEST_BYTES:
        raise PageNotDrawableError("picture-too-large")
    if not data.startswith(_FIRST_BYTES):
        raise PageNotDrawableError("picture-kind")
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise PageNotDrawableError("picture-too-large")
            return _pixels(image)
    except Image.DecompressionBombError as error:
        raise PageNotDrawableError("picture-too-large") from error
    except (
        OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError, struct.error,
        zlib.error,
    ) as error:  # fmt: skip
        raise PageNotDrawableError("picture-unreadable", type(error).__name__) from error


def _pixels(image: Image.Image) -> Pixels:
    transparent = "transparency" in image.info or image.mode in ("LA", "PA", "RGBA", "RGBa")
    if not transparent:
        return Pixels(image.width, image.height, image.convert("RGB").tobytes())
    full = image.convert("RGBA")
    colours, alpha = full.convert("RGB").tobytes(), full.getchannel("A").tobytes()
    return Pixels(full.width, full.height, colours, alpha)
