"""What others read in our faces: poppler and pdfium the text, zxing the QR code."""

import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from example_faces import NAMES, content, document, fonts, layout, press, qr_text, values

from license_vault.face.fonts import HANAZONO
from license_vault.face.license_face import CHECK_CODE, data_index, set_face
from license_vault.face.placed_face import Box, PlacedFace
from signing.pdf.pdfium import image_of, opened

POINTS = 72 / 25.4
RARE = "𬱖㛃䶮𠅤𫖯𬭳"


def bare(text: str) -> str:
    """Without what setting a line may add."""
    return "".join(text.split())


def by_pdftotext(path: Path, box: Box) -> str:
    """What poppler finds in a box, at 720 dots an inch so that whole dots are fine enough."""
    dots = [round(each / 25.4 * 720) for each in (box.x, box.y, box.width, box.height)]
    where = [f"-{key}" for key in "xyWH"]
    options = [each for pair in zip(where, map(str, dots), strict=True) for each in pair]
    command = ["pdftotext", "-r", "720", *options, "-raw", str(path), "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def by_pdfium(data: bytes, face: PlacedFace, box: Box) -> str:
    top, bottom = face.height_mm - box.y, face.height_mm - box.bottom
    bounds = [each * POINTS for each in (box.x, bottom, box.right, top)]
    with opened(data) as read:
        return str(read[0].get_textpage().get_text_bounded(*bounds))


@pytest.mark.parametrize("name", NAMES)
def test_both_readers_find_every_value_in_its_box(name: str, tmp_path: Path) -> None:
    drawn = document(name)
    data = press().draw(drawn)
    path = tmp_path / "face.pdf"
    path.write_bytes(data)
    for claim, value in drawn.face.values.items():
        assert bare(by_pdftotext(path, value.box)) == bare(value.text), claim
        assert bare(by_pdfium(data, drawn.face, value.box)) == bare(value.text), claim


@pytest.mark.parametrize("name", NAMES)
def test_pdftotext_reads_every_value_back_code_point_by_code_point(
    name: str, tmp_path: Path
) -> None:
    drawn = document(name)
    path = tmp_path / "face.pdf"
    path.write_bytes(press().draw(drawn))
    command = ["pdftotext", "-layout", str(path), "-"]
    text = bare(subprocess.run(command, capture_output=True, check=True).stdout.decode())
    for claim, value in drawn.face.values.items():
        if claim != "identifier":  # two lines beside the check code
            assert bare(value.text) in text or value.box.height > 8, claim


def drawn_name(text: str) -> tuple[bytes, PlacedFace]:
    name = "public-place-hygiene"
    license_ = content(name)
    printed = {**values(license_), "holders.0.name": text}
    face = set_face(layout(name), printed, fonts(), qr_text(license_))
    document_ = replace(document(name), face=face, data_index=data_index(face))
    return press().draw(document_), face


@pytest.mark.parametrize(
    "text",
    [
        f"上海{RARE}有限公司",
        *(f"王{each}" for each in RARE),
        "（张三）《李四》“王五”，。；",
        "AVA To fi ffl 1111 0.5%",
        "一⼀乙⼄丨",  # the same glyph for a character and for its radical
    ],
)
def test_rare_and_awkward_names_come_back_as_they_were(text: str, tmp_path: Path) -> None:
    data, face = drawn_name(text)
    path = tmp_path / "face.pdf"
    path.write_bytes(data)
    box = face.boxes["holders.0.name"]
    assert bare(by_pdftotext(path, box)) == bare(text)
    assert bare(by_pdfium(data, face, box)) == bare(text)


@pytest.mark.skipif(not HANAZONO.is_dir(), reason="Debian's fonts-hanazono is not installed")
@pytest.mark.parametrize("text", ["王𠀀", "𪚥𫝀𫠠𬺡", "张𠁁三"])
def test_characters_of_the_fallback_fonts_come_back_too(text: str, tmp_path: Path) -> None:
    test_rare_and_awkward_names_come_back_as_they_were(text, tmp_path)


def test_every_character_of_a_long_value_stands_where_we_placed_it() -> None:
    drawn = document("business-license")
    data = press().draw(drawn)
    expected = [
        (character, run.x_mm + advance)
        for run in drawn.face.runs
        if run.field == "fields.business_scope"
        for character, advance in zip(run.text, offsets(run.text, run), strict=True)
    ]
    with opened(data) as read_document:
        page = read_document[0].get_textpage()
        found = [
            (page.get_text_range(at, 1), page.get_charbox(at, loose=True)[0] / POINTS)
            for at in range(page.count_chars())
        ]
    start = next(
        at
        for at in range(len(found))
        if [c for c, _ in found[at : at + 6]] == [c for c, _ in expected[:6]]
    )
    shown = [each for each in found[start:] if each[0].strip()][: len(expected)]
    for (character, x), (read, at) in zip(expected, shown, strict=True):
        assert read == character
        assert at == pytest.approx(x, abs=0.1)


def offsets(text: str, run: object) -> list[float]:
    found, x = [], 0.0
    for character in text:
        found.append(x)
        glyph = fonts().choose("body", character)
        assert glyph is not None
        x += glyph.advance * run.size_mm + run.spacing_mm  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_qr_code_is_read_from_a_rendering_at_150_dots_an_inch(name: str) -> None:
    data = press().draw(document(name))
    with opened(data) as read:
        image = image_of(read[0], 150 / 72)
    found = zxingcpp.read_barcodes(image)
    assert [each.text for each in found] == [qr_text(content(name))]
    assert found[0].ec_level == "H"


def test_the_qr_code_is_still_read_turned_and_small() -> None:
    data = press().draw(document("public-place-hygiene"))
    with opened(data) as read:
        image = image_of(read[0], 200 / 72, "L")
    turned = image.rotate(7, expand=True, fillcolor=255).resize((1500, 1150))
    assert [each.text for each in zxingcpp.read_barcodes(turned)] == [
        qr_text(content("public-place-hygiene"))
    ]


def test_the_check_code_is_read_back() -> None:
    drawn = document("business-license")
    box = drawn.face.boxes[CHECK_CODE]
    assert by_pdfium(press().draw(drawn), drawn.face, box) == "7KQ2-M9XT-B4ZCE"


def test_qpdf_finds_nothing_wrong(tmp_path: Path) -> None:
    path = tmp_path / "face.pdf"
    path.write_bytes(press().draw(document("medical-institution")))
    subprocess.run(["qpdf", "--check", str(path)], check=True, capture_output=True)


def test_names_that_unicode_would_fold_together_stay_apart() -> None:
    assert unicodedata.normalize("NFKC", "⼀") == "一"
    data, face = drawn_name("⼀一")
    read = by_pdfium(data, face, face.boxes["holders.0.name"])
    assert bare(read) == "⼀一"
