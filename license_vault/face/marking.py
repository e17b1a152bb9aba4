"""Mark a drawn face as what it is: a preview (预览), a specimen (样张), and no license.

The marks are outlines over the whole page, as a copy has them. A copy's ink is multiplied with the
page; this one lets the page through, which looks alike and is drawn in a quarter of the time.
"""

from collections.abc import Sequence
from io import BytesIO

import pikepdf

from license_vault.copies.watermark import watermark_operators
from license_vault.face.fonts import Fonts

_COLOUR = "0.2 0.43 0.73"
_OPACITY = 0.3


def watermarked(pdf: bytes, lines: Sequence[str], fonts: Fonts) -> bytes:
    """Return a PDF of ours with lines across each of its pages, again and again."""
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            x0, y0, x1, y1 = (float(side) for side in page.mediabox)
            ink = watermark_operators(lines, (x1 - x0, y1 - y0), fonts, _COLOUR)
            state = pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, ca=_OPACITY, CA=_OPACITY)
            page.add_resource(state, pikepdf.Name.ExtGState, pikepdf.Name.Watermark)
            page.contents_add(b"q\n", prepend=True)
            page.contents_add(b"\nQ\n" + ink)
        out = BytesIO()
        document.save(out)
    return out.getvalue()
