"""XML of OFD is read within limits, in UTF-8, without declarations, and by namespace."""

import pytest
from ofd_forge import packed

from signing.errors import UnreadableDocumentError
from signing.ofd.package import PackageLimits, open_package
from signing.ofd.xml import XmlFiles, parse_xml

NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
BILLION = '<!DOCTYPE a [<!ENTITY a "aaaa">' + "".join(
    f'<!ENTITY {after} "{f"&{before};" * 10}">'
    for before, after in zip("abcdefg", "bcdefgh", strict=True)
)
SMALL = PackageLimits(max_xml_bytes=1000, max_xml_depth=4, max_xml_elements=10)

REFUSED: dict[str, tuple[str, bytes]] = {
    "nothing": ("xml-malformed", b""),
    "no element": ("xml-malformed", b"<?xml version='1.0'?>"),
    "two roots": ("xml-malformed", b"<a/><b/>"),
    "an open element": ("xml-malformed", b"<a><b></a>"),
    "an undeclared prefix": ("xml-malformed", b"<ofd:a/>"),
    "an attribute twice": ("xml-malformed", b'<a x="1" x="2"/>'),
    "an attribute twice by two prefixes": (
        "xml-malformed",
        b'<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>',
    ),
    "a namespace with a space": ("xml-malformed", b'<a xmlns="http://www.ofdspec.org/2016 x"/>'),
    "an undeclared entity": ("xml-malformed", b"<a>&nbsp;</a>"),
    "a control character": ("xml-malformed", b"<a>\x01</a>"),
    "a reference to a control character": ("xml-malformed", b"<a>&#1;</a>"),
    "bytes that are not UTF-8": ("xml-malformed", "<a>执照</a>".encode("gbk")),
    "an overlong character": ("xml-malformed", b"<a>\xc0\xaf</a>"),
    "half of a pair": ("xml-malformed", b"<a>\xed\xa0\x80</a>"),
    "GBK as it says itself": ("xml-encoding", b'<?xml version="1.0" encoding="GBK"?><a/>'),
    "UTF-7 as it says itself": ("xml-encoding", b'<?xml version="1.0" encoding="UTF-7"?><a/>'),
    "UTF-16": ("xml-encoding", '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16")),
    "UTF-16 without a mark": ("xml-encoding", "<a/>".encode("utf-16-le")),
    "UTF-32": ("xml-encoding", "<a/>".encode("utf-32-be")),
    "XML 1.1": ("xml-version", b'<?xml version="1.1"?><a/>'),
    "a document type": ("xml-doctype", b"<!DOCTYPE a><a/>"),
    "an external one": ("xml-doctype", b'<!DOCTYPE a SYSTEM "http://example.test/a.dtd"><a/>'),
    "an external entity": (
        "xml-doctype",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    ),
    "a parameter entity": (
        "xml-doctype",
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://e.test">%p;]><a/>',
    ),
    "a billion laughs": ("xml-doctype", f"{BILLION}]><a>&h;</a>".encode()),
    "a stylesheet": ("xml-processing-instruction", b'<?xml-stylesheet href="x.xsl"?><a/>'),
    "an instruction inside": ("xml-processing-instruction", b"<a><?php x ?></a>"),
    "too many attributes": (
        "xml-too-many-attributes",
        b"<a " + b" ".join(b'x%d=""' % n for n in range(65)) + b"/>",
    ),
    "too many bytes": ("xml-too-large", b"<a>" + b" " * 1000 + b"</a>"),
    "too deep": ("xml-too-deep", b"<a><a><a><a><a/></a></a></a></a>"),
    "too many elements": ("xml-too-many-elements", b"<a>" + b"<b/>" * 10 + b"</a>"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_xml_is_refused_by_name_for(fault: str) -> None:
    code, data = REFUSED[fault]
    limits = PackageLimits() if "attributes" in fault else SMALL
    with pytest.raises(UnreadableDocumentError) as refusal:
        parse_xml(data, limits)
    assert refusal.value.code == code


def test_depth_a_hundred_thousand_ends_at_the_limit() -> None:
    with pytest.raises(UnreadableDocumentError) as refusal:
        parse_xml(b"<a>" * 100_000)
    assert refusal.value.code == "xml-too-deep"


def test_elements_are_found_whatever_their_order_and_prefix() -> None:
    root = parse_xml(
        b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8" standalone="yes"?>'
        b'<OFD xmlns="http://www.ofdspec.org/2016" xmlns:o="http://www.ofdspec.org">'
        b'<o:B x=" 1 ">\n two </o:B><A/><B>three</B></OFD>'
    )
    assert root.name == "OFD"
    assert [element.text for element in root.find("B")] == ["\n two ", "three"]
    assert root.text_of("B") == "two"
    assert root.find("B")[0].get("x") == " 1 "
    assert root.first("C") is None
    assert [element.name for element in root.walk()] == ["OFD", "B", "A", "B"]


def test_an_element_of_another_namespace_is_not_taken_for_ours() -> None:
    root = parse_xml(
        f'<ofd:A {NS} xmlns:x="urn:x"><x:B>evil</x:B><B>none</B>'
        '<y:B xmlns:y="http://www.ofdspec.org/2016/">slash</y:B></ofd:A>'.encode()
    )
    assert root.first("B") is None
    assert len(root.children) == 3
    assert not any(child.is_ofd for child in root.children)


def test_an_attribute_with_a_namespace_is_not_taken_for_ours() -> None:
    root = parse_xml(f'<ofd:A {NS} xmlns:x="urn:x" x:ID="1" ofd:ID="2"/>'.encode())
    assert root.get("ID") is None


def test_the_five_entities_and_character_references_are_text() -> None:
    root = parse_xml(b"<a b='&quot;&#x5F20;'>&lt;&amp;&gt;&apos;&#24352;</a>")
    assert (root.text, root.get("b")) == ("<&>'张", '"张')


@pytest.mark.parametrize("inside", ["<!-- c -->", "<![CDATA[x]]>"])
def test_text_that_is_interrupted_says_so(inside: str) -> None:
    root = parse_xml(f"<a><b>one{inside}two</b><c>whole</c></a>".encode())
    interrupted, whole = root.children
    assert interrupted.interrupted
    assert interrupted.text in ("onetwo", "onextwo")
    assert not whole.interrupted


def test_all_files_of_a_package_share_one_allowance() -> None:
    package = open_package(packed({f"/{n}.xml": "<a>" + "<b/>" * 40 + "</a>" for n in range(4)}))
    by_elements = XmlFiles(package, PackageLimits(max_xml_elements=100))
    by_bytes = XmlFiles(package, PackageLimits(max_xml_bytes=500))
    for files, code in ((by_elements, "xml-too-many-elements"), (by_bytes, "xml-too-large")):
        assert files.parse("/0.xml") is files.parse("/0.xml")
        files.parse("/1.xml")
        with pytest.raises(UnreadableDocumentError) as refusal:
            files.parse("/2.xml")
        assert refusal.value.code == code
