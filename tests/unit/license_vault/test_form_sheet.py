"""A filled form is drawn whole in both forms, on as many pages as it needs."""

import json

import pytest
from example_faces import DRAWN_AT, EXAMPLES, fonts, ofd_press, press
from pdf_pages import words_of
from pki import Pki

from license_vault.face import form_sheet
from license_vault.face.errors import FaceOverflowError, GlyphMissingError
from license_vault.face.form_sheet import (
    HEIGHT_MM,
    WIDTH_MM,
    FormSheet,
    set_form_sheet,
)
from license_vault.face.pdf import FaceDocument
from license_vault.face.placed_face import Box
from license_vault.face.typesetting import ASCENT
from signing.ofd.reader import read_ofd
from signing.ofd.rendering import ofd_page_count
from signing.pdf.pdfium import opened
from signing.pdf.reader import read_pdf
from signing.seal import SealOrder, SealPlacement

SCOPE = json.loads((EXAMPLES / "business-license.json").read_text("utf-8"))["fields"][
    "business_scope"
]
ROWS = (
    ("单位名称", "上海示例长风数字科技有限公司（演示）", "营业执照 有效 2026-03-20"),
    ("统一社会信用代码", "91310114MADEM0046B", "营业执照"),
    ("经营范围", SCOPE, "营业执照"),
    ("备注", "", ""),
)


def sheet(*rows: tuple[str, str, str], title: str = "食品经营许可申请表") -> FaceDocument:
    form = FormSheet(title, "食品经营许可（演示）", "JD-2026-SPJY-000311", rows)
    return set_form_sheet(form, fonts(), DRAWN_AT)


def words(document: FaceDocument) -> str:
    return "".join(run.text for page in document.pages for run in page.runs)


def bare(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("times", [1, 2, 5])
def test_every_character_of_every_row_stands_on_some_page(times: int) -> None:
    document = sheet(*ROWS * times)
    drawn = bare(words(document))
    for row in ROWS:
        assert drawn.count(bare(row[1])) >= times or not row[1]
    assert f"共{len(document.pages)}页" in drawn
    assert (len(document.pages) > 1) == (times > 1)


def test_nothing_leaves_the_page_and_the_seal_has_its_place_on_the_last() -> None:
    document = sheet(*ROWS * 5)
    for page in document.pages:
        paper = Box(0, 0, WIDTH_MM, HEIGHT_MM)
        for run in page.runs:
            top = run.baseline_mm - ASCENT * run.size_mm
            assert paper.holds(Box(run.x_mm, top, run.width_mm, run.size_mm))
    assert [len(page.seal_boxes) for page in document.pages][-2:] == [0, 1]
    table_end = max(run.baseline_mm for run in document.pages[-1].runs if run.text == "备注")
    assert document.pages[-1].seal_box.y > table_end


def test_a_value_longer_than_a_page_goes_on_on_the_next_one() -> None:
    document = sheet(("经营范围", SCOPE * 6, "营业执照"))
    values = (
        run.text
        for page in document.pages
        for run in page.runs
        if 60 < run.x_mm < 150 and (run.size_mm, run.weight_mm) == (3.8, 0)
    )
    assert len(document.pages) > 2
    assert bare("".join(values)) == bare(SCOPE * 6)


def test_both_presses_draw_all_pages_and_attach_nothing() -> None:
    document = sheet(*ROWS * 5)
    pdf, ofd = press().draw(document), ofd_press().draw(document)
    with opened(pdf) as read:
        assert len(read) == ofd_page_count(ofd) == len(document.pages)
    assert bare(words_of(pdf)).count("91310114MADEM0046B") == 5
    for read in (read_pdf(pdf), read_ofd(ofd)):
        assert (read.claims, read.problems) == (None, ())
    assert read_ofd(ofd).deviations == read_ofd(ofd).unreferenced == ()


def test_the_last_page_takes_a_seal_in_both_forms() -> None:
    document = sheet(*ROWS * 2)
    pki = Pki()
    box = document.pages[-1].seal_box
    place = SealPlacement(len(document.pages), box.x, box.y, box.width, box.height)
    sealed = pki.sealer().seal_pdf(press().draw(document), pki.seal(), place, SealOrder.SOLE)
    assert len(read_pdf(sealed).seals) == 1
    stamped = pki.sealer().seal_ofd(ofd_press().draw(document), pki.seal(), (place,))
    assert len(read_ofd(stamped).seals) == 1


def test_the_same_sheet_gives_the_same_bytes() -> None:
    first, second = (sheet(*ROWS) for _ in range(2))
    assert press().draw(first) == press().draw(second)
    assert ofd_press().draw(first) == ofd_press().draw(second)


def test_a_character_in_no_font_is_named_by_its_row() -> None:
    with pytest.raises(GlyphMissingError) as refused:
        sheet(("法定代表人", "王𰻞", ""))
    assert refused.value.field == "法定代表人"


def test_what_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FaceOverflowError):
        sheet(*ROWS, title="表" * 200)
    monkeypatch.setattr(form_sheet, "MAXIMUM_PAGES", 1)
    with pytest.raises(FaceOverflowError) as refused:
        sheet(*ROWS * 3)
    assert refused.value.field == "rows"
