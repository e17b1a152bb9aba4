"""Small unsealed PDFs for tests, made by pikepdf in a millisecond: text, attachments, XMP."""

from io import BytesIO

import pikepdf
from pki import SEAL_CODE, Pki

from signing.seal import SealOrder, SealPlacement

PLACEMENT = SealPlacement(page=1, x_mm=120, y_mm=200, width_mm=42, height_mm=42)
CLAIMS = b'{"schema":"license-vault/claims/1"}'


def drawn_pdf(
    text: str = "LICENSE NO 12345",
    attachments: dict[str, bytes] | None = None,
    pages: int = 1,
    object_streams: bool = False,
) -> bytes:
    """A PDF of A4 pages with a line of Helvetica at 50 mm from the left and top."""
    pdf = pikepdf.new()
    for _ in range(pages):
        page = pdf.add_blank_page(page_size=(595.28, 841.89))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        content = f"BT /F1 14 Tf 141.7 690 Td ({text}) Tj ET".encode("latin-1")
        page.obj.Contents = pdf.make_stream(content)
    for name, content in (attachments or {"claims.json": CLAIMS}).items():
        pdf.attachments[name] = pikepdf.AttachedFileSpec(
            pdf, content, mime_type="application/json", relationship=pikepdf.Name.Data
        )
    with pdf.open_metadata(set_pikepdf_as_editor=False) as xmp:
        xmp["dc:identifier"] = "1.2.156.3005.2.example"
    output = BytesIO()
    mode = pikepdf.ObjectStreamMode
    pdf.save(
        output,
        object_stream_mode=mode.generate if object_streams else mode.disable,
        compress_streams=False,
    )
    return output.getvalue()


def sealed_pdf(pki: Pki | None = None, **drawn: object) -> bytes:
    """A document with one seal that certifies it."""
    pki = pki or Pki()
    return pki.sealer().seal_pdf(drawn_pdf(**drawn), pki.seal(), PLACEMENT)  # type: ignore[arg-type]


PLACES = tuple(SealPlacement(1, 10 + 50 * number, 200, 42, 42) for number in range(3))


def thrice_sealed_pdf(pki: Pki | None = None) -> bytes:
    """A document with a first, a middle and a last seal (ADR 0011)."""
    pki = pki or Pki()
    document = drawn_pdf()
    for number, order in enumerate((SealOrder.FIRST, SealOrder.MIDDLE, SealOrder.LAST)):
        seal = pki.seal(f"{SEAL_CODE[:-1]}{number + 1}")
        later = PLACES[1:] if order is SealOrder.FIRST else ()
        document = pki.sealer().seal_pdf(document, seal, PLACES[number], order, later)
    return document
