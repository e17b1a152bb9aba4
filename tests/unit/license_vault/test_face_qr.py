"""QR codes: the standard's symbol, large enough to be read, and what says otherwise."""

import pytest
import segno
import zxingcpp
from PIL import Image

from license_vault.face.errors import QrCodeTooDenseError, QrTextInvalidError
from license_vault.face.placed_face import Box
from license_vault.face.qr_code import qr_outline
from license_vault.face.qr_symbol import LONGEST_TEXT, MASK, symbol_rows

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
    rows = symbol_rows(text)
    side = len(rows) + 8
    image = Image.new("L", (side, side), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + 4, y + 4), 0)
    found = zxingcpp.read_barcodes(image.resize((side * 4, side * 4), Image.Resampling.NEAREST))
    assert [(each.text, each.ec_level) for each in found] == [(text, "H")]


@pytest.mark.parametrize("text", ["执照", "x" * (LONGEST_TEXT + 1)])
def test_what_no_symbol_holds_is_refused(text: str) -> None:
    with pytest.raises(QrTextInvalidError):
        symbol_rows(text)


def test_modules_too_small_to_read_are_refused() -> None:
    with pytest.raises(QrCodeTooDenseError) as refused:
        qr_outline("x" * 126, Box(0, 0, 25, 25))
    assert refused.value.module_mm == pytest.approx(25 / 69)


def test_the_quiet_zone_is_four_modules_inside_the_box() -> None:
    outline = qr_outline("x" * 126, Box(100, 50, 34.5, 34.5))
    assert outline.unit_mm == pytest.approx(0.5)
    assert outline.origin_mm == pytest.approx((102, 52))
    numbers = [float(each) for each in outline.data.split() if each not in "ML"]
    assert min(numbers) == 0
    assert max(numbers) == 61
