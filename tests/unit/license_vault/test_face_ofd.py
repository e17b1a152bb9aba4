"""The OFD press: the same bytes each time, shared parts on the template, values never markup."""

import zipfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from itertools import chain

import pytest
from example_faces import (
    ALL_NAMES,
    NAMES,
    content,
    document,
    fonts,
    layout,
    ofd_press,
    placed,
    qr_text,
    values,
)
from ofd_texts import OFD, PAGE, TEMPLATE, characters_of, text_objects, xml_of

from license_vault.face.errors import PressBrokenError
from license_vault.face.fonts import Fonts
from license_vault.face.license_face import set_face
from license_vault.face.ofd import INDEX_NAMESPACE, OfdPress
from license_vault.face.ofd_objects import path_object
from license_vault.face.pdf import FaceDocument
from license_vault.face.placed_face import PlacedPath
from signing.ofd.reader import read_ofd, read_ofd_with_texts

NAME = "holders.0.name"


def named(text: str, name: str = "public-place-hygiene") -> FaceDocument:
    """An example whose holder has another name."""
    license_ = content(name)
    printed = {**values(license_), NAME: text}
    return replace(document(name), face=set_face(layout(name), printed, fonts(), qr_text(license_)))


def codes(data: bytes, claim_text: str) -> list[tuple[str, str | None]]:
    """The TextCodes of the object that shows a text: text and DeltaX."""
    (found,) = (
        each
        for each in text_objects(data)
        if "".join(one.text for one in characters_of(each)) == claim_text
    )
    return [(code.text or "", code.get("DeltaX")) for code in found.iter(f"{OFD}TextCode")]


def test_the_same_document_gives_the_same_bytes_whoever_draws_it() -> None:
    drawn = document("business-license")
    once = ofd_press().draw(drawn)
    assert ofd_press().draw(drawn) == OfdPress(Fonts()).draw(drawn) == once


def test_threads_draw_the_same() -> None:
    drawn = [document(name) for name in NAMES] * 3
    press = OfdPress(fonts())
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(press.draw, drawn)) == [ofd_press().draw(each) for each in drawn]


@pytest.mark.parametrize("name", ALL_NAMES)
def test_our_reader_finds_nothing_odd_and_everything_that_was_put_in(name: str) -> None:
    drawn = document(name)
    read, texts = read_ofd_with_texts(ofd_press().draw(drawn))

    assert read.problems == read.deviations == read.unreferenced == ()
    assert read.seals == ()
    assert set(read.entries) == read.reachable
    assert (read.claims, read.data_index) == (drawn.claims, drawn.data_index)
    assert read.metadata == drawn.xmp
    assert read.page_sizes_mm == ((drawn.face.width_mm, drawn.face.height_mm),)
    shown = {claim: value.text for claim, value in drawn.face.values.items()}
    assert texts == {claim: text for claim, text in shown.items() if claim != "check_code"}


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_unique_and_the_highest_is_said(name: str) -> None:
    data = ofd_press().draw(document(name))
    root = xml_of(data, "Doc_0/Document.xml")
    said = int(root.findtext(f"{OFD}CommonData/{OFD}MaxUnitID") or "0")
    files = [root, *(xml_of(data, each) for each in (TEMPLATE, PAGE, "Doc_0/PublicRes.xml"))]
    found = [
        int(each.attrib["ID"]) for each in chain(*(f.iter() for f in files)) if "ID" in each.attrib
    ]

    assert len(found) == len(set(found))
    assert max(found) == said


def test_every_reference_of_the_index_is_a_text_object_of_the_page() -> None:
    drawn = document("business-license")
    data = ofd_press().draw(drawn)
    tags = xml_of(data, "Doc_0/Tags/claims.xml")
    assert tags.tag == f"{{{INDEX_NAMESPACE}}}Claims"
    texts = {each.attrib["ID"] for each in xml_of(data, PAGE).iter(f"{OFD}TextObject")}
    references = list(tags.iter(f"{OFD}ObjectRef"))
    claimed = [run for run in drawn.face.runs if run.field not in (None, "check_code")]
    assert len(references) == len(claimed)
    assert {each.text for each in references} <= texts
    assert {each.attrib["PageRef"] for each in references} == {"1"}


def test_what_every_copy_shares_stands_on_the_template_and_nothing_else() -> None:
    first, second = (entry(ofd_press().draw(named(name)), TEMPLATE) for name in ("甲", "乙店"))
    assert first == second
    assert "卫生许可证" in first.decode()
    assert "嘉定区" not in first.decode()


def entry(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return archive.read(name)


def test_the_package_is_written_plainly() -> None:
    with zipfile.ZipFile(BytesIO(ofd_press().draw(document("medical-institution")))) as archive:
        for each in archive.infolist():
            assert each.filename.isascii()
            assert each.date_time == (1980, 1, 1, 0, 0, 0)
            assert each.extra == b""
            assert not each.flag_bits


def test_the_page_says_its_places_to_four_digits_and_every_advance() -> None:
    data = ofd_press().draw(named("上海"))
    ((text, delta),) = codes(data, "上海")
    assert text == "上海"
    assert delta is not None
    assert float(delta) == pytest.approx(layout_size(data, "上海"), abs=1e-4)


def layout_size(data: bytes, text: str) -> float:
    """The size of the object that shows a text: the advance of a Chinese character."""
    return next(
        float(each.attrib["Size"])
        for each in text_objects(data)
        if "".join(one.text for one in characters_of(each)) == text
    )


def test_characters_beyond_16_bits_stand_alone_for_some_count_them_twice() -> None:
    found = codes(ofd_press().draw(named("王𬱖𠅤二")), "王𬱖𠅤二")
    assert [text for text, _ in found] == ["王", "𬱖", "𠅤", "二"]
    assert [delta for _, delta in found] == [None] * 4


def test_spaces_at_the_beginning_stand_alone_for_some_leave_them_out() -> None:
    found = codes(ofd_press().draw(named("  甲 乙 ")), "  甲 乙 ")
    assert [text for text, _ in found] == ["  ", "甲 乙 "]


def test_advances_that_repeat_are_counted() -> None:
    ((_, delta),) = codes(ofd_press().draw(named("上海示例有限公司")), "上海示例有限公司")
    assert delta is not None
    assert delta.split()[:2] == ["g", "7"]


HOSTILE = '<ofd:TextObject ID="1"/>&amp;]]>\'<!--甲-->'


def test_a_value_is_text_and_never_markup() -> None:
    drawn = named(HOSTILE)
    drawn = replace(drawn, title=HOSTILE, author=HOSTILE, xmp={**drawn.xmp, HOSTILE: HOSTILE})
    data = ofd_press().draw(drawn)
    read, texts = read_ofd_with_texts(data)

    assert read.problems == ()
    assert texts[NAME] == HOSTILE
    assert read.metadata[HOSTILE] == HOSTILE
    main = xml_of(data, "OFD.xml")
    assert [main.findtext(f".//{OFD}{each}") for each in ("Title", "Author")] == [HOSTILE] * 2


@pytest.mark.parametrize("character", ["\0", "\x0b", "\ufffe", "\ud800", "\n"])
def test_what_xml_cannot_hold_unchanged_is_refused(character: str) -> None:
    drawn = document("public-place-hygiene")
    with pytest.raises(PressBrokenError, match=f"U\\+{ord(character):04X}"):
        ofd_press().draw(replace(drawn, title=f"a{character}"))


def test_thickened_words_have_a_line_around_them() -> None:
    drawn = document("business-license")
    found = {
        "".join(c.text for c in characters_of(each)): each
        for each in text_objects(ofd_press().draw(drawn))
    }
    thick, thin = found["营业执照"], found["（"]
    assert thick.attrib["Stroke"] == "true"
    assert float(thick.attrib["LineWidth"]) == 0.7
    assert thick.find(f"{OFD}StrokeColor") is not None
    assert "Stroke" not in thin.attrib


def test_days_are_those_of_the_country() -> None:
    late = datetime(2026, 3, 20, 20, 0, tzinfo=UTC)
    data = ofd_press().draw(replace(document("business-license"), created_at=late))
    main = xml_of(data, "OFD.xml")
    assert main.findtext(f".//{OFD}CreationDate") == "2026-03-21"
    attachment = next(xml_of(data, "Doc_0/Attachs/Attachments.xml").iter(f"{OFD}Attachment"))
    assert attachment.attrib["CreationDate"] == "2026-03-21T04:00:00+08:00"


def test_the_document_id_is_that_of_the_content() -> None:
    drawn = document("business-license")
    main = xml_of(ofd_press().draw(drawn), "OFD.xml")
    assert drawn.xmp["contentId"].startswith(main.findtext(f".//{OFD}DocID") or "none")


def test_outlines_lie_inside_their_boundaries_and_are_only_moved() -> None:
    data = ofd_press().draw(document("constructor-registration"))
    for name in (TEMPLATE, PAGE):
        for found in xml_of(data, name).iter(f"{OFD}PathObject"):
            a, b, c, d, dx, dy = map(float, found.attrib["CTM"].split())
            assert (a, b, c, d) == (1, 0, 0, 1)
            _, _, width, height = map(float, found.attrib["Boundary"].split())
            words = (found.findtext(f"{OFD}AbbreviatedData") or "").split()
            numbers = [float(word) for word in words if word not in "MLBC"]
            assert all(-0.001 <= x + dx <= width + 0.001 for x in numbers[::2])
            assert all(-0.001 <= y + dy <= height + 0.001 for y in numbers[1::2])


def test_letters_of_outlines_are_those_of_ofd() -> None:
    path = PlacedPath(
        "M 0 0 L 1 0 C 1 1 2 2 3 3 Z", fill="#ff0080", stroke="#000000", stroke_mm=0.5
    )
    assert path_object(7, path) == (
        '<ofd:PathObject ID="7" Boundary="-0.25 -0.25 3.5 3.5" CTM="1 0 0 1 0.25 0.25"'
        ' Stroke="true" Fill="true" LineWidth="0.5" Join="Round">'
        '<ofd:StrokeColor Value="0 0 0"/><ofd:FillColor Value="255 0 128"/>'
        "<ofd:AbbreviatedData>M 0 0 L 1 0 B 1 1 2 2 3 3 C</ofd:AbbreviatedData></ofd:PathObject>"
    )


def test_the_qr_code_is_written_in_millimetres() -> None:
    face = placed("business-license")
    xml = path_object(1, face.qr)
    module = face.qr.unit_mm
    assert f'LineWidth="{module:.4f}'.rstrip("0") in xml
    assert f"M 0 {module / 2:.4f}".rstrip("0") in xml


def test_ink_lies_inside_the_boundary_of_its_text() -> None:
    data = ofd_press().draw(document("business-license"))
    by_name = {file.key: file for file in fonts().files}
    names = {
        each.attrib["ID"]: each.attrib["FontName"]
        for each in xml_of(data, "Doc_0/PublicRes.xml").iter(f"{OFD}Font")
    }
    for found in text_objects(data):
        left, top, width, height = map(float, found.attrib["Boundary"].split())
        size = float(found.attrib["Size"])
        half = float(found.get("LineWidth", 0)) / 2
        for each in characters_of(found):
            shape = by_name[names[found.attrib["Font"]]].outline(each.text)
            numbers = [numbers for _, numbers in shape.commands]
            for x in (each.x + value * size for point in numbers for value in point[::2]):
                assert left <= x - half + 0.001
                assert x + half <= left + width + 0.001
            for y in (each.y - value * size for point in numbers for value in point[1::2]):
                assert top <= y - half + 0.001
                assert y + half <= top + height + 0.001


def test_only_the_fonts_that_are_used_are_embedded_with_their_characters_only() -> None:
    data = ofd_press().draw(document("medical-institution"))
    used: dict[str, set[str]] = defaultdict(set)
    for found in text_objects(data):
        used[found.attrib["Font"]].update(each.text for each in characters_of(found))
    embedded = {
        each.attrib["ID"]: entry(data, f"Doc_0/Res/{each.findtext(f'{OFD}FontFile')}")
        for each in xml_of(data, "Doc_0/PublicRes.xml").iter(f"{OFD}Font")
    }
    assert set(embedded) == set(used)
    for identifier, font in embedded.items():
        assert characters_in(font) == used[identifier]


def characters_in(font: bytes) -> set[str]:
    from fontTools.ttLib import TTFont

    return {chr(code) for code in TTFont(BytesIO(font)).getBestCmap()}


def test_an_unsealed_document_has_no_place_for_seals_yet() -> None:
    assert read_ofd(ofd_press().draw(document("business-license"))).signatures_path is None
