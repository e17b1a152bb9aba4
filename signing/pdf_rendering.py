"""Whether two revisions of a document show the same pages, asked of PDFium.

A diff of objects trusts one reader's view of the file; the incremental-saving attacks show that
readers disagree (docs/attacks.md F5). So the pixels are compared too, as the reader most people use
draws them. Used only on files with changes after a seal, which our own output never has.
"""

from collections.abc import Sequence

import pypdfium2

_LONGEST_SIDE = 900  # pixels; a changed character is some ten pixels high
_MAX_PAGES = 20


def same_appearance(before: bytes, after: bytes, *, annotations: bool) -> bool:
    """Return whether every page looks the same in both documents.

    Args:
        annotations: compare with stamps and annotations drawn; without them a seal added later
            makes no difference.
    """
    return _pictures(before, annotations) == _pictures(after, annotations)


def _pictures(data: bytes, annotations: bool) -> Sequence[bytes] | None:
    document = pypdfium2.PdfDocument(data)
    try:
        if annotations:
            document.init_forms()
        if len(document) > _MAX_PAGES:
            return [data]  # too long to look at: differs from any other revision
        return [_picture(document[index], annotations) for index in range(len(document))]
    finally:
        document.close()


def _picture(page: pypdfium2.PdfPage, annotations: bool) -> bytes:
    scale = _LONGEST_SIDE / max(page.get_width(), page.get_height(), 1.0)
    bitmap = page.render(scale=scale, may_draw_forms=annotations, draw_annots=annotations)
    size = b"%d %d " % (bitmap.width, bitmap.height)
    return size + bytes(bitmap.buffer)
