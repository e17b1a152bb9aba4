"""ofd.js, another reader, sees what we see: every character's place, every seal, its signature."""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from example_faces import NAMES, fonts
from ofd_documents import drawn_ofd
from ofdjs_page import LaidCharacter, OfdJs, ofd_js
from pki import OWNER_NAME, Pki

from signing.ofd.document import open_document
from signing.ofd.graphics import OfdText
from signing.ofd.page import read_page
from signing.ofd.reader import read_ofd
from signing.ofd.zip_writer import pack, packed_entries, write_entries
from signing.picture.seal_image import picture_png
from signing.picture.seal_picture import SealPicture
from signing.seal import Seal, SealOrder, SealPlacement
from signing.ses.seal import SesPicture
from signing.ses.signature import read_ses_signature

NEAR_MM = 0.5
SAMPLES = os.environ.get("LICENSE_VAULT_SAMPLES")
ROUND = SealPicture("round", OWNER_NAME, "电子证照专用章", "11010100000001")
OVAL = replace(ROUND, shape="ellipse", width_mm=45.0, height_mm=30.0)
PLACES = (SealPlacement(1, 150, 130, 42, 42), SealPlacement(1, 30, 120, 45, 30))

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[OfdJs]:
    with ofd_js() as reader:
        yield reader


def made_seal(pki: Pki, picture: SealPicture) -> Seal:
    """A seal whose picture is drawn, as the seal maker gives it."""
    seal = pki.seal()
    width, height = (round(side) for side in picture.size_mm)
    drawn = SesPicture("PNG", picture_png(picture, fonts()), width, height)
    return replace(seal, picture=picture, ses=pki.ses_seal(seal.certificate, picture=drawn))


@lru_cache(maxsize=8)
def twice_sealed(name: str) -> bytes:
    pki = Pki()
    data = drawn_ofd(name)
    for place, picture, order in zip(
        PLACES, (ROUND, OVAL), (SealOrder.FIRST, SealOrder.LAST), strict=True
    ):
        data = pki.sealer().seal_ofd(data, made_seal(pki, picture), (place,), order)
    return data


def sample(name: str) -> bytes:
    if SAMPLES is None:
        pytest.skip("LICENSE_VAULT_SAMPLES is not set")
    return (Path(SAMPLES) / "ofd" / name).read_bytes()


def ours(data: bytes, page: int) -> list[LaidCharacter]:
    content = read_page(open_document(data), page)
    return [
        LaidCharacter(character.text, character.x_mm, character.y_mm)
        for text in content.objects
        if isinstance(text, OfdText)
        for character in text.characters
    ]


def strays(found: list[LaidCharacter], theirs: list[LaidCharacter]) -> list[LaidCharacter]:
    """Characters of one reader that the other does not have within half a millimetre."""
    waiting = defaultdict(list)
    for each in theirs:
        waiting[each.text].append(each)
    missed = []
    for each in found:
        near = [
            other
            for other in waiting[each.text]
            if max(abs(other.x - each.x), abs(other.y - each.y)) <= NEAR_MM
        ]
        if near:
            waiting[each.text].remove(near[0])
        else:
            missed.append(each)
    return missed


@pytest.mark.parametrize("name", NAMES)
def test_every_character_of_our_licenses_is_where_we_say(browser: OfdJs, name: str) -> None:
    data = twice_sealed(name)
    (page,) = browser.show(data, open_document(data).pages[0].box[2])
    theirs = [each for each in page.characters if each.text.strip()]
    mine = [each for each in ours(data, 1) if each.text.strip()]
    assert len(theirs) == len(mine) > 50
    assert strays(mine, theirs) == strays(theirs, mine) == []


@pytest.mark.parametrize("name", ["999.ofd", "V4RideRight.ofd", "DigitalSign.ofd", "发票示例.ofd"])
def test_every_character_of_genuine_files_is_where_we_say(browser: OfdJs, name: str) -> None:
    data = sample(name)
    document = open_document(data)
    pages = browser.show(data, document.pages[0].box[2])
    assert len(pages) == len(document.pages)
    for number, page in enumerate(pages, 1):
        theirs = [each for each in page.characters if each.text.strip()]
        placed = [each for each in theirs if each.x is not None]
        mine = [each for each in ours(data, number) if each.text.strip()]
        assert strays(placed, mine) == []
        # Where a list of distances is too short ofd.js has no place for the rest; we go on with
        # the last distance (发票示例 has such lists).
        assert len(strays(mine, placed)) == len(mine) - len(placed)
        assert len(placed) == len(mine) or name == "发票示例.ofd"


def test_a_directory_in_other_letters_stops_ofd_js_and_not_us(browser: OfdJs) -> None:
    data = sample("v4signed.ofd")  # says TPLS where the package has Tpls
    with pytest.raises(Exception, match=r"ofd\.js"):
        browser.show(data, 210)
    assert len(ours(data, 1)) > 400


@pytest.mark.parametrize("name", NAMES[:2])
def test_our_seals_are_verified_and_stand_where_we_say(browser: OfdJs, name: str) -> None:
    data = twice_sealed(name)
    (page,) = browser.show(data, open_document(data).pages[0].box[2])
    assert [seal.verified for seal in page.seals] == [True, True]
    for laid, found in zip(page.seals, read_ofd(data).seals, strict=True):
        assert laid.box == pytest.approx(found.stamps[0].box_mm, abs=NEAR_MM)
        mine = read_ses_signature(found.value)
        seal = laid.value["toSign"]["eseal"]["esealInfo"]
        assert laid.value["realVersion"] == mine.version == 4
        assert seal["esID"] == mine.seal.es_id
        assert seal["property"]["name"] == mine.seal.name
        size = (mine.seal.picture.width_mm, mine.seal.picture.height_mm)
        assert (int(seal["picture"]["width"]), int(seal["picture"]["height"])) == size
        digest = "".join(laid.value["toSign"]["dataHash"].split()).lower()
        assert digest.endswith(mine.data_hash.hex())


@pytest.mark.parametrize("name", ["999.ofd", "V4RideRight.ofd", "发票示例.ofd"])
def test_the_values_of_genuine_seals_are_verified_too(browser: OfdJs, name: str) -> None:
    data = sample(name)
    pages = browser.show(data, 210)
    assert [seal.verified for page in pages for seal in page.seals]
    assert all(seal.verified for page in pages for seal in page.seals)


def changed_value(data: bytes, path: str, at: int) -> bytes:
    """The package with one bit of an entry turned."""
    entries = []
    for entry in packed_entries(data, 5000):
        content = bytearray(open_document(data).package.read(f"/{entry.name}"))
        if f"/{entry.name}" == path:
            content[at] ^= 1
            entry = pack(entry.name, bytes(content))
        entries.append(entry)
    return write_entries(entries)


@pytest.mark.parametrize("what", ["signature", "digest"])
def test_one_changed_bit_of_our_value_is_no_longer_verified(browser: OfdJs, what: str) -> None:
    data = twice_sealed(NAMES[2])
    seal = read_ofd(data).seals[0]
    value = read_ses_signature(seal.value)
    part = value.signature_value if what == "signature" else value.data_hash
    broken = changed_value(data, seal.value_path, seal.value.index(part) + len(part) - 1)
    (page,) = browser.show(broken, 297)
    assert [each.verified for each in page.seals] == [False, True]
