"""A presenting code as a QR picture: what a window's scanner reads off a telephone."""

from io import BytesIO

import segno

PREFIX = "LV-PRESENT:"
SVG, PNG = "svg", "png"
MEDIA_TYPES = {SVG: "image/svg+xml", PNG: "image/png"}
_QUIET_MODULES = 4  # ISO/IEC 18004, 9.1
_PIXELS = 10


def code_text(code: str) -> str:
    """Return what the picture says."""
    return PREFIX + code


def code_in(text: str) -> str:
    """Return the code in what a scanner read, or a person typed."""
    return text.strip().removeprefix(PREFIX).lower()


def code_picture(code: str, kind: str) -> bytes:
    """Return the picture of a code; ``kind`` is svg or png.

    Source: ISO/IEC 18004; level M, for it is read off a screen.
    """
    out = BytesIO()
    symbol = segno.make_qr(code_text(code), error="m")
    symbol.save(out, kind=kind, scale=_PIXELS, border=_QUIET_MODULES, light="#ffffff")
    return out.getvalue()
