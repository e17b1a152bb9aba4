"""The press: PDF/A-3b by construction, attachments byte for byte, values never become code."""

import io
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pylopdf_fonts_zh_cn
import pytest
from example_faces import NAMES, content, document, layout, press, qr_text, values
from pdf_pages import words_of

from license_vault.face.fonts import Fonts
from license_vault.face.license_face import set_face
from license_vault.face.pdf import (
    XMP_NAMESPACE,
    FaceDocument,
    PdfPress,
    page_operators,
    path_operators,
)
from license_vault.face.placed_face import PlacedPath
from signing.pdf import pdfium

HOSTILE = '#eval("1") $x^2$ \\ *b* _a_ `r` [x] <l> @a // c "#sys.inputs" \u2028'.replace(
    "\u2028", ""
)


def opened(drawn: FaceDocument) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(press().draw(drawn)))


def packet_of(drawn: FaceDocument) -> ElementTree.Element:
    with opened(drawn) as pdf:
        return ElementTree.fromstring(pdf.Root.Metadata.read_bytes())


def test_the_same_document_gives_the_same_bytes() -> None:
    drawn = document("business-license")
    again = PdfPress(Fonts())
    assert press().draw(drawn) == press().draw(drawn) == again.draw(drawn)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_the_size_of_the_layout(name: str) -> None:
    drawn = document(name)
    with pdfium.opened(press().draw(drawn)) as read:
        size = [points / 72 * 25.4 for points in read[0].get_size()]
    assert size == pytest.approx([drawn.face.width_mm, drawn.face.height_mm], abs=0.01)


def test_claims_and_index_are_attached_byte_for_byte_as_data() -> None:
    drawn = document("medical-institution")
    pdf = opened(drawn)
    assert set(pdf.attachments) == {"claims.json", "index.json"}
    assert pdf.attachments["claims.json"].get_file().read_bytes() == drawn.claims
    assert pdf.attachments["index.json"].get_file().read_bytes() == drawn.data_index
    for specification in pdf.Root.AF:
        assert specification.AFRelationship == "/Data"


def test_the_file_says_pdf_a_3b_and_has_what_that_needs() -> None:
    pdf = opened(document("business-license"))
    with pdf.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "B"
    assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
    assert "/Encrypt" not in pdf.trailer
    assert pdf.trailer.ID
    for font in fonts_of(pdf):
        descriptor = font.DescendantFonts[0].FontDescriptor
        assert "/FontFile3" in descriptor or "/FontFile2" in descriptor
        assert "/ToUnicode" in font


def fonts_of(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    return list(pdf.pages[0].Resources.Font.values())


def test_the_language_is_that_of_the_mainland() -> None:
    with opened(document("business-license")) as pdf:
        assert str(pdf.Root.Lang) == "zh-CN"


def test_the_metadata_elements_stand_in_a_schema_of_their_own() -> None:
    drawn = document("business-license")
    root = packet_of(drawn)
    found = {
        element.tag.partition("}")[2]: element.text
        for element in root.iter()
        if element.tag.startswith(f"{{{XMP_NAMESPACE}}}")
    }
    assert found == dict(drawn.xmp)
    described = [e.text for e in root.iter("{http://www.aiim.org/pdfa/ns/property#}name")]
    assert set(drawn.xmp) <= set(described)


def test_metadata_values_are_escaped() -> None:
    drawn = replace(document("business-license"), xmp={"ZZMC": "<a>&]]>\"'</a>"})
    root = packet_of(drawn)
    assert [e.text for e in root.iter(f"{{{XMP_NAMESPACE}}}ZZMC")] == ["<a>&]]>\"'</a>"]


def test_a_value_full_of_typst_markup_is_only_text() -> None:
    license_ = content("business-license")
    changed = content("business-license", fields={**license_.fields, "domicile": HOSTILE})
    face = set_face(layout("business-license"), values(changed), Fonts(), qr_text(changed))
    drawn = replace(document("business-license"), face=face, title=HOSTILE, author=HOSTILE)
    data = press().draw(drawn)
    assert "".join(HOSTILE.split()) in "".join(words_of(data).split())
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.docinfo["/Title"] == HOSTILE


def test_an_own_body_font_is_the_one_embedded(tmp_path: Path) -> None:
    own = tmp_path / "OwnBody.otf"
    shutil.copy(pylopdf_fonts_zh_cn.sans_path(), own)
    fonts = Fonts(fallback_directory=None, body_font=own)
    license_ = content("constructor-registration")
    face = set_face(layout("constructor-registration"), values(license_), fonts, qr_text(license_))
    used = {run.font for run in face.runs if run.field == "holders.0.name"}
    assert used == {"OwnBody"}
    data = PdfPress(fonts).draw(replace(document("constructor-registration"), face=face))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        embedded = {str(font.BaseFont).partition("+")[2] for font in fonts_of(pdf)}
    assert any(name.startswith("NotoSansSC") for name in embedded)


def test_outlines_become_operators_with_operands_first() -> None:
    assert path_operators("M 1 2 L 3.5 -4 C 1 2 3 4 5 6 Z").split() == (
        ["1", "2", "m", "3.5", "-4", "l", "1", "2", "3", "4", "5", "6", "c", "h"]
    )


@pytest.mark.parametrize("data", ["M 0 0 L 99 0", "M 1 2 C 1 2 3 4 5 6", "M 1 1 L 2 2 Z"])
def test_an_operator_never_touches_its_last_number(data: str) -> None:
    # "99 0l" is one word to PDFium, which then draws nothing of it.
    words = path_operators(data).split()
    assert all(word.isalpha() or word.lstrip("-").replace(".", "").isdigit() for word in words)


def test_an_outline_in_other_units_is_scaled_and_its_line_with_it() -> None:
    path = PlacedPath("M 0 0 L 1 0", stroke="#ff0000", stroke_mm=0.5, unit_mm=0.5)
    operators = page_operators((path,), 100)
    assert "0.5 0 0 0.5 0.0000 0.0000 cm" in operators
    assert "1 0 0 RG 1 w" in operators
