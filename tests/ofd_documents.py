"""OFD for tests: a shipped face, sealed or not, and a small one as another maker writes it."""

from functools import lru_cache

from example_faces import document, ofd_press
from pki import SEAL_CODE, Pki

from signing.ofd.zip_writer import PackedEntry, pack, write_entries
from signing.seal import SealOrder, SealPlacement

FACE = "public-place-hygiene"
OFD_PLACES = tuple(SealPlacement(1, 20 + 60 * number, 140, 42, 42) for number in range(4))
ORDERS = (SealOrder.FIRST, SealOrder.MIDDLE, SealOrder.MIDDLE, SealOrder.LAST)


@lru_cache(maxsize=8)
def drawn_ofd(name: str = FACE) -> bytes:
    """An unsealed OFD of an example."""
    return ofd_press().draw(document(name))


def sealed_ofd(pki: Pki | None = None, name: str = FACE) -> bytes:
    """An OFD with the one seal that locks it."""
    pki = pki or Pki()
    return pki.sealer().seal_ofd(drawn_ofd(name), pki.seal(), OFD_PLACES[:1])


def often_sealed_ofd(pki: Pki | None = None, seals: int = 3) -> bytes:
    """An OFD with a first seal, some in between and a last."""
    pki = pki or Pki()
    data = drawn_ofd()
    orders = (*ORDERS[: seals - 1], SealOrder.LAST)
    for number, (place, order) in enumerate(zip(OFD_PLACES, orders, strict=False)):
        seal = pki.seal(f"{SEAL_CODE[:-1]}{number + 1}")
        data = pki.sealer().seal_ofd(data, seal, (place,), order)
    return data


FOREIGN = {
    "OFD.xml": """<?xml version="1.0" encoding="UTF-8"?>
<x:OFD xmlns:x="http://www.ofdspec.org/2016" Version="1.0" DocType="OFD">
  <x:DocBody>
    <x:DocInfo><x:DocID>0123456789abcdef0123456789abcdef</x:DocID></x:DocInfo>
    <x:DocRoot>/Doc_0/Document.xml</x:DocRoot>
  </x:DocBody >
</x:OFD>""",
    "Doc_0/Document.xml": """<Document xmlns="http://www.ofdspec.org/2016">
<CommonData><MaxUnitID>9</MaxUnitID>
<PageArea><PhysicalBox>10 20 100 50</PhysicalBox></PageArea></CommonData>
<Pages><Page ID="7" BaseLoc="a&amp;b.xml"/><Page ID="8" BaseLoc="b.xml"/></Pages>
</Document>""",
    "Doc_0/a&b.xml": '<Page xmlns="http://www.ofdspec.org/2016"/>',
    "Doc_0/b.xml": '<Page xmlns="http://www.ofdspec.org/2016"/>',
}


def foreign_ofd(**changed: str) -> bytes:
    """A package of two pages by another maker; entries may be given anew, by their last name."""
    entries: list[PackedEntry] = []
    for name, content in FOREIGN.items():
        key = name.rpartition("/")[2].partition(".")[0]
        entries.append(pack(name, changed.pop(key, content).encode()))
    entries += (pack(f"Doc_0/{key}.xml", content.encode()) for key, content in changed.items())
    return write_entries(entries)
