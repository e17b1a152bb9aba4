"""Whatever the bytes of an OFD, it is read or refused by name, within memory that is bounded.

Two ways to be hostile: bytes of the package that are changed, which the strict walk refuses; and
files inside a sound package that are changed, which reach the XML and what is behind it.
"""

import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache

import pytest
from effort import examples
from hostile_bytes import changed_bytes
from hypothesis import given, settings
from hypothesis import strategies as st
from ofd_documents import sealed_ofd
from ofd_forge import (
    NS,
    PAGE,
    SIGNATURE,
    SIGNATURES,
    TAG,
    UNSEALED,
    Files,
    octets,
    packed,
    sealed_files,
    swap,
)
from zip_forge import Forged, forge

from signing.errors import UnreadableDocumentError
from signing.ofd.document import open_document
from signing.ofd.package import PackageLimits, open_package
from signing.ofd.page import read_page
from signing.ofd.reader import read_ofd_with_texts
from signing.ofd.xml import parse_xml

MEGABYTE = 1 << 20
DOCUMENT = "/Doc_0/Document.xml"


@cache
def originals() -> tuple[bytes, ...]:
    return (sealed_ofd(), packed(sealed_files()))


def read_everything(data: bytes) -> None:
    """All that is done with a file of somebody else; nothing but the named refusal may come."""
    why = ""
    try:
        read_ofd_with_texts(data)
        document = open_document(data)
        for page in document.pages:
            read_page(document, page.number)
    except UnreadableDocumentError as refusal:
        why = refusal.code
    assert why != "unparseable"  # what stands for an error of ours that nobody named


@settings(max_examples=examples(300), deadline=None)
@given(data=st.one_of(changed_bytes(st.sampled_from(originals())), st.binary(max_size=300)))
def test_changed_packages_are_read_or_refused_by_name(data: bytes) -> None:
    read_everything(data)


XML_FILES = tuple(name for name in sealed_files() if name.endswith(".xml"))


@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_changed_files_in_a_sound_package_are_read_or_refused_by_name(data: st.DataObject) -> None:
    files = sealed_files()
    name = data.draw(st.sampled_from(XML_FILES))
    files[name] = data.draw(changed_bytes(st.just(octets(files[name]))))
    read_everything(packed(files))


HOSTILE_VALUES = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "0",
            "-1",
            "1e309",
            "nan",
            "inf",
            "1_0",
            "0x10",
            "g",
            "g 9999999999 1",
            "٣",
            "1 2",
            "../../x",
            "/",
            "//",
            "\\",
            "%2e",
            "C:/x",
            "0 0 0 0",
            "1 0 0 1 0",
            "true",
            "ﬀ",
            "𠮷",
            "9" * 400,
            "1 " * 3000,
            "/OFD.xml",
            "/Doc_0/Document.xml",
            PAGE,
            SIGNATURE,
        ]
    ),
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20),
)


@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_absurd_values_in_sound_files_are_read_or_refused_by_name(data: st.DataObject) -> None:
    files = sealed_files()
    name = data.draw(st.sampled_from(XML_FILES))
    pieces = str(files[name]).split('"')
    for _ in range(data.draw(st.integers(1, 3))):
        # Between quotes stand values of attributes, else element names and texts.
        at = data.draw(st.integers(0, (len(pieces) - 2) // 2)) * 2 + 1
        value = data.draw(HOSTILE_VALUES)
        pieces[at] = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    files[name] = '"'.join(pieces)
    read_everything(packed(files))


@settings(max_examples=examples(200), deadline=None)
@given(data=st.data())
def test_elements_taken_away_doubled_or_renamed_are_read_or_refused(data: st.DataObject) -> None:
    files = sealed_files()
    name = data.draw(st.sampled_from(XML_FILES))
    text = str(files[name])
    names = sorted({element.name for element in parse_xml(text.encode()).walk()})
    old, new = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names))
    renamed = f"ofd:{old}" if data.draw(st.booleans()) else f"ofd:{old} "
    files[name] = text.replace(renamed, f"ofd:{new}")
    read_everything(packed(files))


@settings(max_examples=examples(200), deadline=None)
@given(data=st.one_of(st.binary(max_size=200), changed_bytes(st.just(octets(UNSEALED[PAGE])))))
def test_xml_is_parsed_or_refused_by_name(data: bytes) -> None:
    try:
        parse_xml(data)
    except UnreadableDocumentError:
        return


# -- bombs ------------------------------------------------------------------------------------


def peak_of(data: bytes) -> tuple[str, int]:
    """Read a bomb; return why it was refused, and the most bytes that were held at once."""
    tracemalloc.start()
    try:
        read_ofd_with_texts(data)
        document = open_document(data)
        read_page(document, 1)
    except UnreadableDocumentError as refusal:
        return refusal.code, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return "", -1


def _with(name: str, content: str | bytes) -> bytes:
    files: Files = {**sealed_files(), name: content}
    return packed(files)


def _raw_entry(content_size: int, said: int) -> bytes:
    """An entry of so many zeros that says to be smaller."""
    inflating = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed_zeros = b"".join(inflating.compress(bytes(MEGABYTE)) for _ in range(content_size))
    packed_zeros += inflating.flush()
    sizes = {"size": said, "packed": len(packed_zeros)}
    return forge([Forged(b"OFD.xml", b"", packed=packed_zeros, local=sizes, central=sizes)])


def _million_entries() -> bytes:
    """A directory that counts more entries than it may; ZIP itself ends at 65534."""
    return forge([Forged(b"OFD.xml", b"x")], here=65_534, count=65_534)


def _many_entries() -> bytes:
    return forge([Forged(f"f{n}".encode(), b"", method=0) for n in range(5_001)])


def _repeated(inside: str, times: int) -> str:
    layer = f"<ofd:Layer>{inside * times}</ofd:Layer>"
    return f"<ofd:Page {NS}><ofd:Content>{layer}</ofd:Content></ofd:Page>"


def _units(unit: str) -> str:
    return f"<ofd:Res {NS}><ofd:CompositeGraphicUnits>{unit}</ofd:CompositeGraphicUnits></ofd:Res>"


def _multiplying() -> bytes:
    """Ten composites of ten composites, fifteen levels: 10^15 objects in three kilobytes."""
    units = "".join(
        f'<ofd:CompositeGraphicUnit ID="u{level}"><ofd:Content>'
        + f'<ofd:CompositeObject Boundary="0 0 9 9" ResourceID="u{level + 1}"/>' * 10
        + "</ofd:Content></ofd:CompositeGraphicUnit>"
        for level in range(15)
    )
    use = '<ofd:CompositeObject Boundary="0 0 9 9" ResourceID="u0"/>'
    files: Files = {
        **sealed_files(),
        "/Doc_0/DocumentRes.xml": _units(units),
        PAGE: _repeated(use, 1),
    }
    return packed(files)


def _long_path_often() -> bytes:
    """One path of a megabyte, used two thousand times."""
    path = " ".join(f"L {n * 7919 % 1009} {n * 104729 % 1013}" for n in range(100_000))
    unit = (
        '<ofd:CompositeGraphicUnit ID="u"><ofd:Content><ofd:PathObject Boundary="0 0 9 9">'
        f"<ofd:AbbreviatedData>{path}</ofd:AbbreviatedData></ofd:PathObject></ofd:Content>"
        "</ofd:CompositeGraphicUnit>"
    )
    use = '<ofd:CompositeObject Boundary="0 0 9 9" ResourceID="u"/>'
    files: Files = {
        **sealed_files(),
        "/Doc_0/DocumentRes.xml": _units(unit),
        PAGE: _repeated(use, 2_000),
    }
    return packed(files)


def _long_text() -> bytes:
    text = '<ofd:TextObject Boundary="0 0 9 9" Font="3" Size="4"><ofd:TextCode X="0" Y="0">'
    return _with(PAGE, _repeated(f"{text}{'甲' * 1_000_000}</ofd:TextCode></ofd:TextObject>", 1))


def _long_text_in_every_claim() -> bytes:
    files = sealed_files()
    swap(PAGE, ">张三<", f">{'张' * 20_000}<")(files)
    claim = '<lv:Claim path="p{}"><ofd:ObjectRef PageRef="1">21</ofd:ObjectRef></lv:Claim>'
    swap(PAGE, 'ID="21" Boundary="20 30 80 6"', 'ID="21" Boundary="0 0 99999 99"')(files)
    swap("/Doc_0/Document.xml", "0 0 210 297", "0 0 99999 297")(files)
    swap(TAG, "</lv:Claims>", "".join(claim.format(n) for n in range(5_000)) + "</lv:Claims>")(
        files
    )
    return packed(files)


def _pages(times: int) -> bytes:
    pages = "".join(f'<ofd:Page ID="p{n}" BaseLoc="{PAGE}"/>' for n in range(times))
    files = sealed_files()
    swap(DOCUMENT, "</ofd:Pages>", f"{pages}</ofd:Pages>")(files)
    return packed(files)


def _signatures(times: int) -> bytes:
    listed = "".join(f'<ofd:Signature ID="{n}" BaseLoc="{SIGNATURE}"/>' for n in range(times))
    return _with(SIGNATURES, f"<ofd:Signatures {NS}>{listed}</ofd:Signatures>")


REPEATED = {"package-ratio"}
BOMBS: dict[str, tuple[Callable[[], bytes], set[str], int]] = {
    "zeros beyond the ratio": (lambda: _with("/x", bytes(60 * MEGABYTE)), REPEATED, 8),
    "a size of gigabytes": (
        lambda: _raw_entry(1, 4_000_000_000),
        {"package-inflates-too-large"},
        8,
    ),
    "more than it says": (lambda: _raw_entry(300, 1000), {"package-larger-than-said"}, 8),
    "a count of entries": (_million_entries, {"package-too-many-entries"}, 8),
    "too many entries": (_many_entries, {"package-too-many-entries"}, 8),
    "an XML file of elements": (lambda: _with(PAGE, "<a/>" * 500_000), REPEATED, 8),
    "an XML file of depth": (lambda: _with(PAGE, "<a>" * 80_000), {"xml-too-deep"}, 16),
    "composites that multiply": (_multiplying, {"ofd-too-complex"}, 64),
    "one long path often": (_long_path_often, {"ofd-too-complex"}, 300),
    "a long text": (_long_text, {"ofd-too-complex"} | REPEATED, 64),
    "a long text in every claim": (_long_text_in_every_claim, {"ofd-too-complex"}, 64),
    "too many pages": (lambda: _pages(1_001), {"ofd-too-many-pages"}, 16),
    "too many signatures": (lambda: _signatures(33), {"ofd-too-many-signatures"}, 16),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_ends_at_a_limit_and_holds_little(bomb: str) -> None:
    make, codes, megabytes = BOMBS[bomb]
    data = make()
    code, peak = peak_of(data)
    assert code in codes
    assert peak < megabytes * MEGABYTE


def test_what_is_held_of_an_xml_file_follows_the_limit_of_elements_not_the_file() -> None:
    elements = b"<r>" + b"<a b='1'>x</a>" * 500_000 + b"</r>"
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableDocumentError) as refusal:
            parse_xml(elements, PackageLimits(max_xml_elements=10_000))
        assert refusal.value.code == "xml-too-many-elements"
        assert tracemalloc.get_traced_memory()[1] < 10 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_two_hundred_megabytes_within_the_ratio_are_not_held_at_once() -> None:
    """A package at its limits opens; only a small part of what it inflates to is kept."""
    noise = bytes(range(256)) * 8
    parts = {f"/part{n}": noise * 5_000 for n in range(19)}
    data = packed({**parts, "/OFD.xml": b""})
    tracemalloc.start()
    try:
        package = open_package(data, PackageLimits(max_ratio=2000))
        assert sum(package.size(name) for name in package.names) > 190_000_000
        for name in package.names:
            assert sum(len(piece) for piece in package.pieces(name)) == package.size(name)
        assert tracemalloc.get_traced_memory()[1] < 40 * MEGABYTE
    finally:
        tracemalloc.stop()
