"""OFD pages as pictures: what is drawn lies where it should, what is not drawn is told."""

import os
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from drawn_pages import (
    DOTS,
    FONT,
    box_of,
    codes,
    document_with,
    drawn,
    fallback,
    path,
    picture,
    seen,
    square_font,
)
from example_faces import NAMES, document, fonts, ofd_press, press
from ofd_documents import drawn_ofd
from ofd_forge import (
    PAGE,
    put,
    swap,
)
from PIL import Image, ImageChops, ImageFilter
from pki import Pki

from signing.errors import PageNotDrawableError, UnreadableDocumentError
from signing.ofd.rendering import ofd_page_count, render_ofd
from signing.pdf.rendering import pdf_page_png
from signing.picture.glyph_shapes import open_font
from signing.picture.seal_image import picture_png
from signing.picture.seal_picture import SealPicture
from signing.seal import SealPlacement
from signing.ses.seal import SesPicture

# -- our own ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*NAMES, "medical-institution-duplicate", "integrated-industry"])
def test_both_forms_of_a_license_look_alike(name: str) -> None:
    pdf = pdf_page_png(press().draw(document(name)), 1, DOTS)
    ofd = drawn(ofd_press().draw(document(name)))
    assert ofd.not_drawn == ()
    one, other = (Image.open(BytesIO(png)).convert("L") for png in (pdf, ofd.png))
    assert one.size == other.size
    blurred = (image.filter(ImageFilter.BoxBlur(1)) for image in (one, other))
    counts = ImageChops.difference(*blurred).histogram()
    # Edges may fall on another part of a dot; nothing is missing and nothing is elsewhere.
    assert sum(counts[128:]) == 0
    assert sum(value * count for value, count in enumerate(counts)) / sum(counts) < 1.5


def test_a_seal_stands_at_its_place_in_its_size() -> None:
    pki = Pki()
    oval = SealPicture("ellipse", "某某市行政审批局", "专用章", width_mm=45, height_mm=30)
    seal = pki.seal()
    shown = SesPicture("PNG", picture_png(oval, fonts()), 45, 30)
    ses = pki.ses_seal(seal.certificate, picture=shown)
    place = SealPlacement(1, 200, 120, 45, 30)
    bare = seen(drawn_ofd())
    sealed = seen(pki.sealer().seal_ofd(drawn_ofd(), replace(seal, ses=ses), (place,)))
    left, top, right, bottom = box_of(ImageChops.difference(bare, sealed), lambda v: v > 100)
    assert (left, top, right, bottom) == pytest.approx((200, 120, 245, 150), abs=0.6)


def test_the_same_document_is_the_same_picture() -> None:
    assert drawn(drawn_ofd()).png == drawn(drawn_ofd()).png


# -- text ------------------------------------------------------------------------------------


def text(
    attributes: str = "", inside: str = "", code: str = 'X="0" Y="4"', value: str = "中"
) -> str:
    return (
        f'<ofd:TextObject ID="21" Boundary="20 30 80 6" Font="3" Size="4" {attributes}>{inside}'
        f"<ofd:TextCode {code}>{value}</ofd:TextCode></ofd:TextObject>"
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (text(), [20, 30, 24, 34]),
        (text(code='X="10" Y="5"'), [30, 31, 34, 35]),
        (text(code='X="0" Y="4" DeltaX="g 2 10"', value="中中中"), [20, 30, 44, 34]),
        (text(code='X="0" Y="4" DeltaX="0" DeltaY="6"', value="中中"), [20, 30, 24, 40]),
        (text('HScale="2"'), [20, 30, 28, 34]),
        (text('CTM="2 0 0 1 5 3"'), [25, 33, 33, 37]),
        (text('CTM="0 1 -1 0 10 0"'), [26, 30, 30, 34]),
        (text('CharDirection="90"'), [20, 34, 24, 38]),
        # Text is not cut by its own boundary.
        (text(code='X="0" Y="20"'), [20, 46, 24, 50]),
    ],
)
def test_a_glyph_of_the_embedded_font_lies_where_it_should(
    body: str, expected: list[float]
) -> None:
    data = document_with(body=body)
    assert box_of(seen(data)) == pytest.approx(expected, abs=0.26)
    assert codes(data) == set()


def test_a_glyph_run_names_glyphs_by_their_number() -> None:
    run = (
        '<ofd:CGTransform CodePosition="0" CodeCount="1" GlyphCount="1">'
        "<ofd:Glyphs>1</ofd:Glyphs></ofd:CGTransform>"
    )
    data = document_with(body=text(inside=run, value="X"))
    assert box_of(seen(data)) == pytest.approx([20, 30, 24, 34], abs=0.26)
    assert codes(data) == set()


def test_colour_and_opacity_are_those_of_the_object() -> None:
    data = document_with(body=text('Alpha="128"', '<ofd:FillColor Value="255 0 0"/>'))
    red, green, blue = seen(data).getpixel((22 * DOTS, 32 * DOTS))
    assert red == 255
    assert green == blue == pytest.approx(127, abs=2)


def test_a_font_that_is_not_embedded_is_told_and_keeps_the_places() -> None:
    change = swap("/Doc_0/PublicRes.xml", "<ofd:FontFile>font_3.otf</ofd:FontFile>", "")
    data = document_with(change, body=text(code='X="0" Y="4" DeltaX="20"', value="中中"))
    assert codes(data) == {"font-substituted"}
    left, _, right, _ = box_of(seen(data))
    assert (left, right) == pytest.approx((20.2, 43.8), abs=0.5)


def test_wide_letters_of_another_font_are_narrowed_to_their_room() -> None:
    change = swap("/Doc_0/PublicRes.xml", "<ofd:FontFile>font_3.otf</ofd:FontFile>", "")
    tight = document_with(change, body=text(code='X="0" Y="4" DeltaX="2.5 20"', value="中 中"))
    column = seen(tight).crop((int(22.6 * DOTS), 0, 30 * DOTS, 297 * DOTS))
    assert box_of(column) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("font", "code"),
    [
        (b"OTTO", "font-unreadable"),
        (b"", "font-unreadable"),
        (square_font()[:200], "font-unreadable"),
    ],
)
def test_an_embedded_font_that_cannot_be_read_is_told(font: bytes, code: str) -> None:
    assert code in codes(document_with(put(FONT, font), body=text()))


def test_a_character_that_the_embedded_font_lacks_is_told() -> None:
    assert codes(document_with(body=text(value="国"))) == {"glyph-substituted"}


def test_a_character_that_nobody_has_is_told() -> None:
    assert codes(document_with(body=text(value="\U0010fffd"))) == {"glyph-missing"}


# -- paths and images ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (path("M 0 0 L 20 0 L 20 10 L 0 10 C"), [10, 10, 30, 20]),
        (path("M 0 0 L 20 0 L 20 10 L 0 10 C", 'Fill="true" Stroke="false" CTM="2 0 0 2 1 1"'),
         [11, 11, 51, 31]),
        # By the standard a path is cut by its boundary.
        (path("M 0 0 L 50 0 L 50 50 L 0 50 C", box="10 10 20 20"), [10, 10, 30, 30]),
        (path("M 20 0 A 20 20 0 0 1 0 20 L 0 0 C"), [10, 10, 30, 30]),
        (path("M 40 20 A 20 20 0 1 1 0 20 A 20 20 0 1 1 40 20 C"), [10, 10, 50, 50]),
        (path("M 0 0 Q 20 40 40 0 C"), [10, 10, 50, 30]),
        (path("M 0 0 B 0 40 40 40 40 0 C"), [10, 10, 50, 40]),
        # A line needs no height of its own.
        (path("M 0 0 L 40 0", 'LineWidth="2"', box="10 10 40 0"), [10, 9, 50, 11]),
    ],
)  # fmt: skip
def test_a_path_lies_where_it_should(body: str, expected: list[float]) -> None:
    data = document_with(body=body)
    assert box_of(seen(data)) == pytest.approx(expected, abs=0.51)
    assert codes(data) == set()


@pytest.mark.parametrize(("rule", "hole"), [("NonZero", False), ("Even-Odd", True)])
def test_the_rule_of_filling_is_kept(rule: str, hole: bool) -> None:
    inner = "M 10 10 L 30 10 L 30 30 L 10 30 C"
    body = path(
        f"M 0 0 L 40 0 L 40 40 L 0 40 C {inner}", f'Fill="true" Stroke="false" Rule="{rule}"'
    )
    middle = seen(document_with(body=body)).getpixel((30 * DOTS, 30 * DOTS))
    assert (middle == (255, 255, 255)) is hole


def test_dashes_leave_gaps() -> None:
    body = path("M 0 5 L 40 5", 'LineWidth="2" DashPattern="10 10"')
    image = seen(document_with(body=body))
    line = [image.getpixel((x * DOTS, 15 * DOTS)) == (0, 0, 0) for x in (15, 25, 35, 45)]
    assert line == [True, False, True, False]


def image_object(attributes: str = 'CTM="30 0 0 40 0 0"') -> str:
    return f'<ofd:ImageObject ID="25" ResourceID="4" Boundary="150 20 30 40" {attributes}/>'


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP"])
@pytest.mark.parametrize("attributes", ['CTM="30 0 0 40 0 0"', ""])
def test_a_picture_fills_its_place_whatever_its_name_says(kind: str, attributes: str) -> None:
    data = document_with(put("/Doc_0/Res/photo.png", picture(kind)), body=image_object(attributes))
    assert box_of(seen(data)) == pytest.approx([150, 20, 180, 60], abs=0.3)
    assert codes(data) == set()


def test_an_image_is_not_upside_down() -> None:
    two = Image.new("RGB", (1, 2), "white")
    two.putpixel((0, 0), (0, 0, 0))
    out = BytesIO()
    two.save(out, "PNG")
    data = document_with(put("/Doc_0/Res/photo.png", out.getvalue()), body=image_object())
    image = seen(data)
    assert image.getpixel((165 * DOTS, 24 * DOTS)) == (0, 0, 0)
    assert image.getpixel((165 * DOTS, 56 * DOTS)) == (255, 255, 255)


def bomb() -> bytes:
    out = BytesIO()
    Image.new("1", (20000, 20000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: b"\x97JB2\r\n\x1a\n", "picture-kind"),
        (lambda: b"<svg/>", "picture-kind"),
        (lambda: b"", "picture-kind"),
        (lambda: picture()[:30], "picture-unreadable"),
        (lambda: picture("JPEG")[:200], "picture-unreadable"),
        (bomb, "picture-too-large"),
    ],
)
def test_a_picture_that_is_not_drawn_is_told_with_its_place(
    content: Callable[[], bytes], code: str
) -> None:
    data = document_with(put("/Doc_0/Res/photo.png", content()), body=image_object())
    (note,) = drawn(data).not_drawn
    assert note.code == code
    assert note.place == f"{PAGE}#25 /Doc_0/Res/photo.png"


@pytest.mark.parametrize(
    "body",
    [text('CTM="1 0 0 0 0 0"'), text().replace('Size="4"', 'Size="0"'),
     path("M 0 0 L 9 9", 'CTM="1 1 1 1 0 0"'), image_object('CTM="0 0 0 0 0 0"')],
)  # fmt: skip
def test_what_is_squeezed_to_nothing_is_told(body: str) -> None:
    assert codes(document_with(body=body)) == {"object-without-extent"}


def test_a_document_that_another_reader_may_take_for_another_is_told() -> None:
    body = "</ofd:DocBody>"
    two = swap("/OFD.xml", body, f"{body}<ofd:DocBody><ofd:DocRoot>x.xml</ofd:DocRoot>{body}")
    (note,) = drawn(document_with(two)).not_drawn
    assert (note.code, note.place) == ("document-odd", "several-documents")


# -- genuine files --------------------------------------------------------------------------

SAMPLES = os.environ.get("LICENSE_VAULT_SAMPLES")


@pytest.mark.skipif(SAMPLES is None, reason="LICENSE_VAULT_SAMPLES is not set")
@pytest.mark.parametrize(
    ("name", "pages"),
    [("V4RideRight", 5), ("v4signed", 1), ("999", 5), ("DigitalSign", 1), ("发票示例", 1)],
)
def test_genuine_files_are_drawn_whole_but_for_fonts_they_do_not_bring(
    name: str, pages: int
) -> None:
    data = (Path(SAMPLES or "") / "ofd" / f"{name}.ofd").read_bytes()
    assert ofd_page_count(data) == pages
    for page in range(1, pages + 1):
        found = drawn(data, page)
        assert {note.code for note in found.not_drawn} <= {"font-substituted"}
        assert Image.open(BytesIO(found.png)).convert("L").getextrema()[0] < 100


# -- limits ----------------------------------------------------------------------------------


def test_a_page_that_would_have_too_many_dots_is_refused() -> None:
    with pytest.raises(PageNotDrawableError) as refused:
        render_ofd(document_with(), 1, 60, fallback())
    assert refused.value.code == "page-too-large"


def test_an_absurd_page_is_refused() -> None:
    change = swap("/Doc_0/Document.xml", "0 0 210 297", "0 0 210 9999999")
    with pytest.raises(PageNotDrawableError) as refused:
        drawn(document_with(change))
    assert refused.value.code == "page-size"


@pytest.mark.parametrize("page", [0, 2, -1])
def test_a_page_that_is_not_there_is_refused(page: int) -> None:
    assert ofd_page_count(document_with()) == 1
    with pytest.raises(UnreadableDocumentError):
        drawn(document_with(), page)


@pytest.mark.parametrize("number", [-1, 99, 10**9])
def test_a_glyph_that_a_font_does_not_have_is_none(number: int) -> None:
    font = open_font(square_font())
    assert font is not None
    assert font.shape(number) is None


def test_every_cut_of_an_embedded_font_is_read_or_told() -> None:
    whole = square_font()
    for length in range(0, len(whole), 7):
        font = open_font(whole[:length])
        if font is not None:
            font.of("中")
            font.shape(1)
