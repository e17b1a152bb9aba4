"""QR codes: the standard's symbol, large enough to be read, and what says otherwise."""

from dataclasses import replace

import pytest
import segno
import zxingcpp
from example_faces import ALL_NAMES, CHECK, content, document, fonts, layout, press, values
from pdf_pages import picture_of
from PIL import Image

from keys import sm2
from license_vault.face.errors import QrCodeTooDenseError, QrTextInvalidError
from license_vault.face.license_face import set_face
from license_vault.face.placed_face import Box
from license_vault.face.qr_code import SMALLEST_MODULE_MM, qr_outline
from license_vault.face.qr_symbol import MASK, Correction, symbol_rows
from license_vault.license import LicenseContent
from signing.qr_claims import QrClaims, qr_text

KEY = sm2.PrivateKey.generate()

# The longest text of each version at level H, byte mode: ISO/IEC 18004, table 7.
CAPACITY = (
    7,
    14,
    24,
    34,
    44,
    58,
    64,
    84,
    98,
    119,
    137,
    155,
    177,
    194,
    220,
    250,
    280,
    310,
    338,
    382,
)


@pytest.mark.parametrize("length", CAPACITY)
def test_a_full_symbol_is_the_one_that_segno_draws(length: int) -> None:
    text = ("https://verify.example.gov.cn/v#0123456789ABCDEF." * 9)[:length]
    peer = segno.make(text, error="h", boost_error=False, micro=False, mask=MASK, mode="byte")
    assert symbol_rows(text) == tuple(bytes(row) for row in peer.matrix)


@pytest.mark.parametrize("length", [1, 8, 50, 63, 99, 126, 138, 200, 300, 381])
def test_a_symbol_that_is_not_full_reads_back(length: int) -> None:
    text = ("https://verify.example.gov.cn/v#0123456789ABCDEF." * 9)[:length]
    assert _read(symbol_rows(text)) == [(text, "H")]


@pytest.mark.parametrize("text", ["执照", "x" * 383])
def test_what_no_symbol_holds_is_refused(text: str) -> None:
    with pytest.raises(QrTextInvalidError):
        symbol_rows(text)


def test_modules_too_small_to_read_are_refused() -> None:
    with pytest.raises(QrCodeTooDenseError) as refused:
        qr_outline("x" * 126, Box(0, 0, 20, 20))
    assert refused.value.module_mm == pytest.approx(20 / 57)


def test_the_strongest_level_that_can_be_read_is_drawn() -> None:
    # Version 11-H has 61 modules, 9-Q 53, 8-M 49.
    assert qr_outline("x" * 126, Box(0, 0, 28, 28)).unit_mm == pytest.approx(28 / 69)
    assert qr_outline("x" * 126, Box(0, 0, 26.5, 26.5)).unit_mm == pytest.approx(26.5 / 61)
    assert qr_outline("x" * 126, Box(0, 0, 23, 23)).unit_mm == pytest.approx(23 / 57)


def test_a_text_longer_than_any_symbol_is_refused_by_the_outline_too() -> None:
    with pytest.raises(QrTextInvalidError):
        qr_outline("x" * 700, Box(0, 0, 100, 100))


@pytest.mark.parametrize("level", list(Correction))
@pytest.mark.parametrize("capitals", [31, 32, 33, 180, 301])
def test_an_end_in_capitals_reads_back_at_every_level(level: Correction, capitals: int) -> None:
    text = "https://verify.example.gov.cn/verify#" + ("GEZDGNBVGY3TQOJQ" * 20)[:capitals]
    assert _read(symbol_rows(text, level)) == [(text, level.upper())]


def test_the_quiet_zone_is_four_modules_inside_the_box() -> None:
    outline = qr_outline("x" * 126, Box(100, 50, 34.5, 34.5))
    assert outline.unit_mm == pytest.approx(0.5)
    assert outline.origin_mm == pytest.approx((102, 52))
    numbers = [float(each) for each in outline.data.split() if each not in "ML"]
    assert min(numbers) == 0
    assert max(numbers) == 61


@pytest.mark.parametrize("name", ALL_NAMES)
@pytest.mark.parametrize("host", ["zz.example.gov.cn", "a-long-name-of-a-district." * 3 + "gov.cn"])
def test_every_face_takes_signed_claims(name: str, host: str) -> None:
    outline = qr_outline(_signed(f"https://{host}", content(name)), layout(name).qr_box)
    assert outline.unit_mm is not None
    assert outline.unit_mm >= SMALLEST_MODULE_MM


def test_a_drawn_code_reads_back_at_150_dpi() -> None:
    license_ = content("business-license")
    said = _signed("https://zz.example.gov.cn", license_)
    face = set_face(layout("business-license"), values(license_), fonts(), said)
    drawn = press().draw(replace(document("business-license"), face=face))
    page = picture_of(drawn, 150 / 72)
    assert [found.text for found in zxingcpp.read_barcodes(page)] == [said]


def _signed(address: str, license_: LicenseContent) -> str:
    claims = QrClaims(
        region="310000",
        key_id=bytes(8),
        identifier=license_.identifier,
        valid_from=license_.valid_from,
        valid_until=license_.valid_until,
        status_list="x3v0q9m2k7c8w5r1t6y4n0b2dz",
        status_index=1_048_575,
        check_code=CHECK.replace("-", ""),
    )
    return qr_text(address, claims, KEY.sign)


def _read(rows: tuple[bytes, ...]) -> list[tuple[str, str]]:
    side = len(rows) + 8
    image = Image.new("L", (side, side), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + 4, y + 4), 0)
    found = zxingcpp.read_barcodes(image.resize((side * 4, side * 4), Image.Resampling.NEAREST))
    return [(each.text, each.ec_level) for each in found]
