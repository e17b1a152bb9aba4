"""Seals on OFD pages: drawn from the signed value, clipped, over the page like ink, or told."""

from dataclasses import replace

import pytest
from drawn_pages import (
    DOTS,
    FONT,
    box_of,
    codes,
    document_with,
    drawn,
    path,
    picture,
    seen,
    square_font,
)
from ofd_forge import NS, PAGE, SIGNATURE, VALUE, packed, sealed_files, swap
from pki import Pki

from signing.ofd.reader import read_ofd
from signing.seal import SealPlacement
from signing.ses.seal import SesPicture


def stamped(shown: bytes, kind: str, body: str = "") -> bytes:
    """A page, sealed with a picture of any kind."""
    pki = Pki()
    seal = pki.seal()
    ses = pki.ses_seal(seal.certificate, picture=SesPicture(kind, shown, 40, 20))
    place = SealPlacement(1, 100, 100, 40, 20)
    return pki.sealer().seal_ofd(document_with(body=body), replace(seal, ses=ses), (place,))


def nested() -> bytes:
    """An OFD of 40 × 20 mm with a filled rectangle in it, as vector seals are."""
    files = {
        "/OFD.xml": f'<ofd:OFD {NS} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        "<ofd:DocID>1</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc.xml</ofd:DocRoot>"
        "</ofd:DocBody></ofd:OFD>",
        "/Doc.xml": f"<ofd:Document {NS}><ofd:CommonData><ofd:MaxUnitID>9</ofd:MaxUnitID>"
        "<ofd:PageArea><ofd:PhysicalBox>0 0 80 40</ofd:PhysicalBox></ofd:PageArea>"
        '</ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="P.xml"/></ofd:Pages></ofd:Document>',
        "/P.xml": f'<ofd:Page {NS}><ofd:Content><ofd:Layer ID="2">'
        + path("M 0 0 L 40 0 L 40 40 L 0 40 C", box="0 0 80 40")
        + "</ofd:Layer></ofd:Content></ofd:Page>",
    }
    return packed(files)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP"])
def test_seal_pictures_of_four_kinds_are_drawn(kind: str) -> None:
    data = stamped(picture(kind, "#ff0000"), kind)
    assert box_of(seen(data)) == pytest.approx([100, 100, 140, 120], abs=0.3)
    assert codes(data) == set()


def test_a_vector_seal_is_an_ofd_of_its_own() -> None:
    data = stamped(nested(), "ofd")
    assert box_of(seen(data)) == pytest.approx([100, 100, 120, 120], abs=0.3)
    assert codes(data) == set()


def test_what_lies_beneath_a_seal_still_shows() -> None:
    body = path("M 0 0 L 200 0 L 200 200 L 0 200 C", box="0 0 210 297")
    data = stamped(picture("JPEG", "#ffffff"), "JPG", body)
    assert seen(data).getpixel((120 * DOTS, 110 * DOTS)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "seal-picture-kind"),
        (picture()[:40], "seal-picture-unreadable"),
        (b"PK\x03\x04 no package", "seal-picture-unreadable"),
        (nested()[:-9], "seal-picture-unreadable"),
    ],
)
def test_a_seal_picture_that_is_not_drawn_is_told(shown: bytes, code: str) -> None:
    (note,) = drawn(stamped(shown, "svg")).not_drawn
    assert note.code == code
    assert note.place.startswith("/Doc_0/Signs/")


def test_of_a_riding_seal_only_the_part_of_this_page_is_shown() -> None:
    value = read_ofd(stamped(picture(colour="#ff0000"), "PNG")).seals[0].value
    place = 'Boundary="150 230 42 42"'
    files = {**sealed_files(), VALUE: value, PAGE: f"<ofd:Page {NS}/>", FONT: square_font()}
    files["/Doc_0/Annots/Page_0/Annotation.xml"] = f"<ofd:PageAnnot {NS}/>"
    swap(SIGNATURE, place, f'{place} Clip="21 0 21 40"')(files)
    assert box_of(seen(packed(files))) == pytest.approx([171, 230, 192, 270], abs=0.3)


def test_a_seal_whose_value_cannot_be_read_is_told() -> None:
    (note,) = [each for each in drawn(packed(sealed_files())).not_drawn if "seal" in each.code]
    assert (note.code, note.place) == ("seal-picture-missing", SIGNATURE)


def test_a_seal_within_the_seal_is_not_followed() -> None:
    data = stamped(stamped(picture(), "PNG"), "ofd")
    image = seen(data)
    assert box_of(image) == [0, 0, 0, 0]  # the inner page is empty, and its seal is not drawn
