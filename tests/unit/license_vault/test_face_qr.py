"""QR codes: the standard's symbol, large enough to be read, and what says otherwise."""

import pytest
import segno
import zxingcpp
from PIL import Image

from license_vault.face.errors import QrCodeTooDenseError, QrTextInvalidError
from license_vault.face.placed_face import Box
from license_vault.face.qr_code import qr_outline
from license_vault.face.qr_symbol import MASK, Correction, symbol_rows

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


def _read(rows: tuple[bytes, ...]) -> list[tuple[str, str]]:
    side = len(rows) + 8
    image = Image.new("L", (side, side), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + 4, y + 4), 0)
    found = zxingcpp.read_barcodes(image.resize((side * 4, side * 4), Image.Resampling.NEAREST))
    return [(each.text, each.ec_level) for each in found]
