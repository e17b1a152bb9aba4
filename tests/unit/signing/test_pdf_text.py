"""Text is found where it stands, on the page it stands on, and nowhere else."""

from io import BytesIO

import pikepdf
import pytest
from documents import drawn_pdf, sealed_pdf
from example_faces import NAMES, document, press

from signing.errors import UnreadableDocumentError
from signing.pdf.reader import TextBox, read_pdf, read_text
from signing.pdf.text import MAX_BOXES

LINE = TextBox(1, 48, 48, 100, 8)  # drawn_pdf writes 50 mm from the left, 53 mm from the top


def test_text_is_found_in_its_box() -> None:
    assert read_text(drawn_pdf(), [LINE]) == ("LICENSE NO 12345",)
    assert read_text(sealed_pdf(), [LINE]) == ("LICENSE NO 12345",)


@pytest.mark.parametrize(
    "box",
    [TextBox(1, 48, 60, 100, 8), TextBox(1, 120, 48, 30, 8), TextBox(2, 48, 48, 100, 8),
     TextBox(0, 48, 48, 100, 8), TextBox(-1, 48, 48, 100, 8)],
)  # fmt: skip
def test_an_empty_place_has_no_text(box: TextBox) -> None:
    assert read_text(drawn_pdf(), [box]) == ("",)


def test_every_page_is_asked_for_its_own_boxes() -> None:
    boxes = [TextBox(2, 48, 48, 100, 8), TextBox(1, 0, 0, 10, 10), LINE]

    assert read_text(drawn_pdf(pages=2), boxes) == ("LICENSE NO 12345", "", "LICENSE NO 12345")


def test_the_text_of_an_altered_page_is_the_altered_one() -> None:
    changed = drawn_pdf().replace(b"NO 12345", b"NO 12346")

    assert read_text(changed, [LINE]) == ("LICENSE NO 12346",)


def test_contents_that_only_draw_are_left_out_without_moving_the_text() -> None:
    pdf = pikepdf.open(BytesIO(drawn_pdf()))
    page = pdf.pages[0].obj
    ornament = pdf.make_stream(b"q 2 0 0 2 50 50 cm\n0 0 m 9 9 l S\nQ\n")
    shift = pdf.make_stream(b"1 0 0 1 28.35 0 cm\n")  # not between q and Q: moves what follows
    page.Contents = pikepdf.Array([ornament, shift, page.Contents])
    output = BytesIO()
    pdf.save(output)

    assert read_text(output.getvalue(), [TextBox(1, 58, 48, 100, 8)]) == ("LICENSE NO 12345",)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04"])
def test_what_is_no_pdf_has_no_text(data: bytes) -> None:
    with pytest.raises(UnreadableDocumentError, match="text-unreadable"):
        read_text(data, [LINE])


def test_too_many_boxes_are_refused() -> None:
    with pytest.raises(UnreadableDocumentError, match="too-many-boxes"):
        read_text(drawn_pdf(), [LINE] * (MAX_BOXES + 1))


@pytest.mark.parametrize("name", NAMES)
def test_every_value_of_a_shipped_face_is_read_back_from_its_box(name: str) -> None:
    drawn = document(name)
    values = drawn.face.values.values()
    boxes = [TextBox(1, v.box.x, v.box.y, v.box.width, v.box.height) for v in values]
    found = read_text(press().draw(drawn), boxes)

    assert ["".join(text.split()) for text in found] == ["".join(v.text.split()) for v in values]


def test_the_data_and_metadata_of_a_shipped_face_are_read_back() -> None:
    drawn = document("business-license")
    content = read_pdf(press().draw(drawn))

    assert content.problems == ()
    assert (content.claims, content.data_index) == (drawn.claims, drawn.data_index)
    assert drawn.xmp.items() <= content.xmp.items()
