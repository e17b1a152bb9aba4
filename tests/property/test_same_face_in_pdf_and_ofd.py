"""PDF and OFD of any license show the same characters at the same places, to a tenth of a mm."""

import ctypes
from collections import defaultdict
from dataclasses import replace

import pypdfium2
import pypdfium2.raw as pdfium
from effort import examples
from example_faces import NAMES, content, document, fonts, layout, ofd_press, press, qr_text, values
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ofd_texts import Character, characters

from license_vault.face.errors import FaceError
from license_vault.face.fonts import BODY
from license_vault.face.license_face import set_face
from license_vault.face.pdf import FaceDocument
from signing.pdf.pdfium import opened

TOLERANCE_MM = 0.1
MM = 25.4 / 72
TEXTS = st.text(
    st.deferred(lambda: st.sampled_from(settable())),
    min_size=1,
    max_size=80,
)


CHARACTERS = "一二三证照机关𬱖䶮𠅤㛃𪚥鿫，。、；：（）《》“”…—·ABCxyz0123456789 .-/&%<>\"'"


def settable() -> list[str]:
    """Those that a font of this machine has; rare ones need HanaMin."""
    return [each for each in CHARACTERS if fonts().choose(BODY, each)]


def face_with(name: str, changed: dict[int, str]) -> FaceDocument | None:
    """An example whose values are others, or None if they do not fit."""
    claims = layout(name).claims
    others = {claims[number % len(claims)]: text for number, text in changed.items()}
    printed = {
        claim: text
        for claim, text in values(content(name)).items()
        if not any(claim.startswith(f"{other}.") for other in others)
    }
    try:
        face = set_face(layout(name), {**printed, **others}, fonts(), qr_text(content(name)))
    except FaceError:
        return None
    return replace(document(name), face=face)


def pdf_characters(data: bytes, height_mm: float) -> list[Character]:
    """Every character that stands in a PDF, as pdfium finds its origin."""
    with opened(data) as document:
        return _characters(document[0].get_textpage(), height_mm)


def _characters(page: pypdfium2.PdfTextPage, height_mm: float) -> list[Character]:
    x, y = ctypes.c_double(), ctypes.c_double()
    found: list[Character] = []
    for index in range(pdfium.FPDFText_CountChars(page.raw)):
        if pdfium.FPDFText_IsGenerated(page.raw, index):
            continue
        assert pdfium.FPDFText_GetCharOrigin(page.raw, index, x, y)
        unit = chr(pdfium.FPDFText_GetUnicode(page.raw, index))
        if "\udc00" <= unit <= "\udfff":  # the second half of a pair
            pair = found.pop().text + unit
            unit = pair.encode("utf-16", "surrogatepass").decode("utf-16")
        unit = "-" if unit == "\x02" else unit  # so pdfium tells a hyphen at the end of a line
        found.append(Character(unit, x.value * MM, height_mm - y.value * MM))
    return found


def placed(found: list[Character]) -> dict[str, list[tuple[float, float]]]:
    """Where each character stands; spaces are seen by nobody."""
    places = defaultdict(list)
    for each in found:
        if not each.text.isspace():
            places[each.text].append((each.x, each.y))
    return places


def missing(first: list[Character], second: list[Character]) -> list[tuple[str, float, float]]:
    """What stands in the first and not, within the tolerance, in the second; each counts once."""
    others = placed(second)
    lacking = []
    for character, places in placed(first).items():
        free = list(others.get(character, ()))
        for x, y in places:
            near = [at for at in free if abs(at[0] - x) <= TOLERANCE_MM >= abs(at[1] - y)]
            if near:
                free.remove(near[0])
            else:
                lacking.append((character, x, y))
    return lacking


@settings(max_examples=examples(40), deadline=None)
@given(
    name=st.sampled_from(NAMES),
    changed=st.dictionaries(st.integers(0, 30), TEXTS, max_size=4),
)
def test_both_forms_show_the_same_characters_at_the_same_places(
    name: str, changed: dict[int, str]
) -> None:
    drawn = face_with(name, changed)
    assume(drawn is not None)
    assert drawn is not None
    in_pdf = pdf_characters(press().draw(drawn), drawn.face.height_mm)
    in_ofd = characters(ofd_press().draw(drawn))

    assert missing(in_pdf, in_ofd) == missing(in_ofd, in_pdf) == []


def test_a_tenth_of_a_millimetre_too_much_is_seen() -> None:
    drawn = document(NAMES[0])
    found = characters(ofd_press().draw(drawn))
    for moved in (replace(found[0], x=found[0].x + 0.11), replace(found[0], text="异")):
        assert missing(found, [moved, *found[1:]])
