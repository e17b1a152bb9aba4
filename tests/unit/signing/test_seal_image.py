"""Seal pictures as PNG: true size, small, transparent; uploads within limits and nothing more."""

import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import asdict, replace
from io import BytesIO

import pikepdf
import pytest
from documents import drawn_pdf
from example_faces import fonts
from pdf_pages import picture_of
from PIL import Image, PngImagePlugin
from pki import Pki

from signing.errors import SealPictureError, SealPictureRefusedError
from signing.picture.seal_image import (
    check_uploaded_picture,
    picture_png,
    seal_png,
    uploaded_picture,
)
from signing.picture.seal_picture import SealPicture, draw_seal
from signing.seal import SealPlacement

NAME = "上海市嘉定区行政审批局"
ROUND = SealPicture("round", NAME, "电子证照专用章", "31011400000123")
OVAL = SealPicture("ellipse", NAME, "发票专用章", "310114000001239", width_mm=45, height_mm=30)


def png(image: Image.Image, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def blot(width: int = 200, height: int = 100) -> Image.Image:
    """A red blot on nothing."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    image.paste((215, 0, 15, 255), (width // 4, height // 4, width // 2, height // 2))
    return image


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunk(data: bytes, kind: bytes, content: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    return data[:33] + chunk(kind, content) + data[33:]


@pytest.mark.parametrize(("picture", "size"), [(ROUND, (504, 504)), (OVAL, (540, 360))])
def test_a_drawn_seal_is_a_small_transparent_png_of_its_true_size(
    picture: SealPicture, size: tuple[int, int]
) -> None:
    data = seal_png(draw_seal(picture, fonts()), 12)
    image = Image.open(BytesIO(data))
    assert image.size == size
    assert len(data) <= 20 * 1024
    assert image.info["dpi"] == pytest.approx((304.8, 304.8), abs=0.1)
    seen = image.convert("RGBA")
    assert seen.getpixel((2, 2))[3] == 0
    assert seen.getchannel("A").getextrema() == (0, 255)
    colours = {pixel[:3] for _, pixel in seen.getcolors(64) or () if pixel[3]}
    assert colours == {(0xD7, 0x00, 0x0F)}


def test_the_same_drawing_is_the_same_png() -> None:
    drawing = draw_seal(OVAL, fonts())
    first = seal_png(drawing, 10)
    seal_png.cache_clear()
    assert seal_png(drawing, 10) == first


def test_the_png_shows_what_the_drawing_says() -> None:
    image = Image.open(BytesIO(seal_png(draw_seal(ROUND, fonts()), 12))).convert("RGBA")
    alpha = image.getchannel("A")
    assert alpha.getpixel((252, 7)) == 255  # the ring, 0.6 mm from the edge
    assert alpha.getpixel((252, 252)) == 255  # the star
    assert alpha.getpixel((252, 20)) == 0  # between ring and text
    assert alpha.getpixel((7, 252)) == 255


def test_an_upload_becomes_a_picture_that_is_kept_as_json() -> None:
    picture = uploaded_picture(png(blot()), 40, 20)
    assert SealPicture(**json.loads(json.dumps(asdict(picture)))) == picture
    assert picture.size_mm == (40, 20)
    shown = Image.open(BytesIO(picture_png(picture, fonts()))).convert("RGBA")
    assert shown.tobytes() == blot().tobytes()


def test_an_upload_loses_all_but_its_pixels() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "a name that nobody asked for")
    data = with_chunk(png(blot(), pnginfo=words), b"prVt", b"a hidden message")
    kept = check_uploaded_picture(data).data
    assert b"nobody asked" not in kept
    assert b"hidden" not in kept
    assert Image.open(BytesIO(kept)).convert("RGBA").tobytes() == blot().tobytes()


def test_a_palette_with_transparency_is_taken() -> None:
    image = seal_png(draw_seal(OVAL, fonts()), 8)
    assert check_uploaded_picture(image).width_px == 360


def animated() -> bytes:
    out = BytesIO()
    blot().save(out, "PNG", save_all=True, append_images=[Image.new("RGBA", (200, 100))])
    return out.getvalue()


def uncompressed() -> bytes:
    side = 420
    raw = (b"\x00" + bytes(side * 4)) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 0)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def bomb() -> bytes:
    """A header that claims more than the limit, before anything is unpacked."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def jpeg() -> bytes:
    out = BytesIO()
    blot().convert("RGB").save(out, "JPEG")
    return out.getvalue()


def broken_sum() -> bytes:
    data = bytearray(png(blot()))
    data[-20] ^= 1
    return bytes(data)


def torn_pixels() -> bytes:
    """The frame is whole, the compressed pixels are not."""
    data = png(blot())
    at = data.index(b"IDAT") - 4
    return data[:at] + chunk(b"IDAT", b"\x78\x9c\x00\x00") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("picture-not-png", lambda: b""),
        ("picture-not-png", jpeg),
        ("picture-not-png", lambda: b"\x89PNG\r\n\x1a\n" + b"\x00" * 40),
        ("picture-too-large", uncompressed),
        ("picture-too-many-pixels", bomb),
        ("picture-too-many-pixels", lambda: png(Image.new("RGBA", (2001, 10)))),
        ("picture-animated", animated),
        ("picture-trailing-bytes", lambda: png(blot()) + b"\x00"),
        ("picture-trailing-bytes", lambda: png(blot()) + png(blot())),
        ("picture-not-transparent", lambda: png(Image.new("RGB", (90, 90), "red"))),
        ("picture-not-transparent", lambda: png(Image.new("RGBA", (90, 90), "red"))),
        ("picture-empty", lambda: png(Image.new("RGBA", (90, 90)))),
        ("picture-unreadable", broken_sum),
        ("picture-unreadable", torn_pixels),
        ("picture-unreadable", lambda: png(blot())[:-1]),
        ("picture-unreadable", lambda: png(blot())[:60]),
    ],
)
def test_an_upload_outside_the_limits_is_refused_by_name(
    code: str, make: Callable[[], bytes]
) -> None:
    with pytest.raises(SealPictureRefusedError) as refused:
        check_uploaded_picture(make())
    assert refused.value.code == code


def test_every_cut_of_an_upload_is_refused() -> None:
    data = png(blot(20, 10))
    for length in range(len(data)):
        with pytest.raises(SealPictureRefusedError):
            check_uploaded_picture(data[:length])


def test_a_size_that_is_not_the_pictures_own_is_refused() -> None:
    with pytest.raises(SealPictureRefusedError) as refused:
        uploaded_picture(png(blot(200, 100)), 40, 30)
    assert refused.value.code == "picture-proportions-differ"
    with pytest.raises(SealPictureError):
        uploaded_picture(png(blot(200, 100)), 80, 40)


@pytest.mark.parametrize(
    "picture",
    [OVAL, uploaded_picture(png(blot(225, 150)), 45, 30)],
    ids=["ellipse", "uploaded"],
)
def test_a_seal_that_is_not_round_stands_in_the_pdf_at_its_size(
    picture: SealPicture,
) -> None:
    pki = Pki()
    seal = replace(pki.seal(), picture=picture)
    placement = SealPlacement(1, 100, 150, 45, 30)
    sealed = pki.sealer().seal_pdf(drawn_pdf(), seal, placement)
    page = picture_of(sealed, 2)
    dots = 2 * 72 / 25.4
    box = tuple(round(mm * dots) for mm in (99, 149, 146, 181))
    red = Image.eval(page.crop(box).getchannel("G"), lambda value: 255 if value < 128 else 0)
    left, top, right, bottom = (value / dots for value in red.getbbox() or (0, 0, 0, 0))
    expected = (1, 1, 46, 31) if picture is OVAL else (1 + 11.25, 1 + 7.5, 1 + 22.5, 1 + 15)
    assert (left, top, right, bottom) == pytest.approx(expected, abs=0.35)


def test_an_uploaded_picture_is_an_image_with_a_soft_mask_and_no_smoothing() -> None:
    pki = Pki()
    seal = replace(pki.seal(), picture=uploaded_picture(png(blot(225, 150)), 45, 30))
    sealed = pki.sealer().seal_pdf(drawn_pdf(), seal, SealPlacement(1, 100, 150, 45, 30))
    with pikepdf.open(BytesIO(sealed)) as pdf:
        form = pdf.Root.AcroForm.Fields[0].AP.N
        image = form.Resources.XObject.Picture
        assert image.ColorSpace == "/DeviceRGB"
        assert image.SMask.ColorSpace == "/DeviceGray"
        assert "/Interpolate" not in image  # PDF/A-3 allows only false
        assert "/Alternates" not in image
        assert "/OPI" not in image
