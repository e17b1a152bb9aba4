"""The characters of an OFD page and where they stand, read by Python's own XML and ZIP.

A second reader beside ours, for tests: it knows only what our writer uses, and refuses the rest.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from xml.etree import ElementTree

OFD = "{http://www.ofdspec.org/2016}"
TEMPLATE, PAGE = "Doc_0/Tpls/Tpl_0/Content.xml", "Doc_0/Pages/Page_0/Content.xml"


@dataclass(frozen=True)
class Character:
    """A character and its origin on the page, millimetres from the top left."""

    text: str
    x: float
    y: float


def xml_of(data: bytes, name: str) -> ElementTree.Element:
    """The root element of an entry."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return ElementTree.fromstring(archive.read(name))


def text_objects(data: bytes) -> Iterator[ElementTree.Element]:
    """The text objects of the template and the page."""
    for name in (TEMPLATE, PAGE):
        yield from xml_of(data, name).iter(f"{OFD}TextObject")


def characters(data: bytes) -> list[Character]:
    """Every character of the page."""
    return [each for found in text_objects(data) for each in characters_of(found)]


def characters_of(found: ElementTree.Element) -> Iterator[Character]:
    """The characters of one text object."""
    assert "CTM" not in found.attrib
    left, top, *_ = map(float, found.attrib["Boundary"].split())
    for code in found.iter(f"{OFD}TextCode"):
        text = code.text or ""
        deltas = list(_advances(code.get("DeltaX", "").split()))
        assert len(deltas) == len(text) - 1
        assert "DeltaY" not in code.attrib
        x = left + float(code.attrib["X"])
        for character, advance in zip(text, [*deltas, 0.0], strict=True):
            yield Character(character, x, top + float(code.attrib["Y"]))
            x += advance


def _advances(words: list[str]) -> Iterator[float]:
    waiting = iter(words)
    for word in waiting:
        count = int(next(waiting)) if word == "g" else 1
        value = float(next(waiting)) if word == "g" else float(word)
        yield from [value] * count
