"""Mark a drawn face as what it is: a preview (预览), a specimen (样张), and no license.

The marks are outlines over the whole page, multiplied with it like thin ink, as a copy has them.
"""

from collections.abc import Sequence
from io import BytesIO

import pikepdf

from license_vault.copies.watermark import watermark_operators
from license_vault.face.fonts import Fonts


def watermarked(pdf: bytes, lines: Sequence[str], fonts: Fonts) -> bytes:
    """Return a PDF of ours with lines across each of its pages, again and again."""
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            x0, y0, x1, y1 = (float(side) for side in page.mediabox)
            ink = watermark_operators(lines, (x1 - x0, y1 - y0), fonts)
            state = pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, BM=pikepdf.Name.Multiply)
            page.add_resource(state, pikepdf.Name.ExtGState, pikepdf.Name.Watermark)
            page.contents_add(b"q\n", prepend=True)
            page.contents_add(b"\nQ\n" + ink)
        out = BytesIO()
        document.save(out)
    return out.getvalue()
