"""Small OFD pages to draw, with a readable picture and a font of squares; and what is seen."""

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from ofd_forge import NS, PAGE, SIGNATURES, UNSEALED, Change, Files, packed
from PIL import Image

from signing.ofd.fallback_fonts import FallbackFonts, installed_fonts
from signing.ofd.rendering import RenderedPage, render_ofd

DOTS = 4
FONT = "/Doc_0/Res/font_3.otf"


@lru_cache(maxsize=1)
def fallback() -> FallbackFonts:
    return installed_fonts()


def picture(kind: str = "PNG", colour: str = "#0000ff", size: int = 8) -> bytes:
    out = BytesIO()
    Image.new("RGB", (size, size), colour).save(out, kind)
    return out.getvalue()


@lru_cache(maxsize=1)
def square_font() -> bytes:
    """A font whose one glyph, number 1 and "中", is a full em square on the baseline."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "square"])
    builder.setupCharacterMap({ord("中"): "square"})
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for point in ((0, 1000), (1000, 1000), (1000, 0)):
        pen.lineTo(point)
    pen.closePath()
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "square": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "square": (1000, 0)})
    builder.setupHorizontalHeader()
    builder.setupOS2()
    builder.setupPost()
    out = BytesIO()
    builder.save(out)
    return out.getvalue()


def document_with(*changes: Change, body: str = "") -> bytes:
    """A page of one body layer, with a readable picture and a font of squares."""
    listing = f"<ofd:Signatures>{SIGNATURES}</ofd:Signatures>"
    files: Files = {
        **UNSEALED,
        "/OFD.xml": str(UNSEALED["/OFD.xml"]).replace(listing, ""),
        FONT: square_font(),
        "/Doc_0/Res/photo.png": picture(),
        PAGE: f'<ofd:Page {NS}><ofd:Content><ofd:Layer ID="20" Type="Body">{body}</ofd:Layer>'
        "</ofd:Content></ofd:Page>",
        "/Doc_0/Annots/Page_0/Annotation.xml": f"<ofd:PageAnnot {NS}/>",
    }
    del files["/Doc_0/Attachs/claims.json"], files["/Doc_0/Attachs/index.json"]
    for change in changes:
        change(files)
    return packed(files)


def drawn(data: bytes, page: int = 1) -> RenderedPage:
    return render_ofd(data, page, DOTS, fallback())


def seen(data: bytes) -> Image.Image:
    return Image.open(BytesIO(drawn(data).png)).convert("RGB")


def box_of(
    image: Image.Image, dark: Callable[[int], bool] = lambda value: value < 128
) -> list[float]:
    """The box of what is dark in green, in millimetres: left, top, right, bottom."""
    mask = image.getchannel("G").point([255 if dark(value) else 0 for value in range(256)])
    return [side / DOTS for side in mask.getbbox() or (0, 0, 0, 0)]


def codes(data: bytes) -> set[str]:
    return {note.code for note in drawn(data).not_drawn}


def path(
    data: str, attributes: str = 'Fill="true" Stroke="false"', box: str = "10 10 100 100"
) -> str:
    return (
        f'<ofd:PathObject ID="24" Boundary="{box}" {attributes}><ofd:FillColor Value="0 0 0"/>'
        f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
    )
