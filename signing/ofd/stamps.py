"""Where the seals of an OFD document lie on its pages. Source: GB/T 33190-2016, 18.2.2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from signing.ofd.document import OfdPageEntry
from signing.ofd.values import Box, Oddities, box
from signing.ofd.xml import XmlElement

_TOLERANCE_MM = 0.5


@dataclass(frozen=True, slots=True)
class OfdStamp:
    """A place of a seal: page from 1, 0 where it is unknown; millimetres from the top left.

    ``clip_mm`` is the part of the box that is shown, from the box's own corner (骑缝章), None for
    all of it.
    """

    page: int
    box_mm: Box
    clip_mm: Box | None


def read_stamps(
    info: XmlElement, kind: str, pages: Sequence[OfdPageEntry], oddities: Oddities
) -> tuple[OfdStamp, ...]:
    """Return the places of a seal that can be read.

    Args:
        info: the SignedInfo.
        kind: Seal or Sign, of which only the first leaves a stamp.
        pages: of the document.
        oddities: where to note ``stamp-…``.
    """
    elements = info.find("StampAnnot")
    if kind == "Seal" and not elements:
        oddities.deviation("stamp-missing")
    if kind == "Sign" and elements:
        oddities.deviation("stamp-in-sign")
    identifiers = [(element.get("ID") or "").strip() for element in elements]
    if len(set(identifiers)) < len(identifiers):
        oddities.deviation("stamp-id-twice")
    by_id = {page.id: page for page in reversed(pages)}
    found = (_stamp(element, by_id, oddities) for element in elements)
    return tuple(stamp for stamp in found if stamp is not None)


def _stamp(
    element: XmlElement, pages: Mapping[str, OfdPageEntry], oddities: Oddities
) -> OfdStamp | None:
    placed = box(element.get("Boundary"))
    if placed is None or not placed[2] or not placed[3]:
        oddities.problem("stamp-box-invalid")
        return None
    written = element.get("Clip")
    clip = box(written)
    if written is not None and not _shows_anything(placed, clip):
        oddities.problem("stamp-clip-invalid")
    page = pages.get((element.get("PageRef") or "").strip())
    if page is None:
        oddities.problem("stamp-page-unknown")
        return OfdStamp(0, placed, clip)
    _check_on_page(placed, clip, page.box, oddities)
    return OfdStamp(page.number, placed, clip)


def _shows_anything(placed: Box, clip: Box | None) -> bool:
    """Return whether a clip leaves anything of its stamp to be seen."""
    if clip is None:
        return False
    x, y, width, height = clip
    across = min(x + width, placed[2]) - max(x, 0.0)
    down = min(y + height, placed[3]) - max(y, 0.0)
    return across > 0 and down > 0


def _check_on_page(placed: Box, clip: Box | None, page: Box, oddities: Oddities) -> None:
    """Check that what is shown of the seal is on the page: else nobody sees who sealed."""
    x, y, width, height = placed
    if clip is not None:
        x, y, width, height = x + clip[0], y + clip[1], clip[2], clip[3]
    left, top = x - page[0], y - page[1]
    right, bottom = left + width, top + height
    if right <= 0 or bottom <= 0 or left >= page[2] or top >= page[3]:
        oddities.problem("stamp-outside-page")
    elif (
        min(left, top) < -_TOLERANCE_MM
        or right > page[2] + _TOLERANCE_MM
        or bottom > page[3] + _TOLERANCE_MM
    ):
        oddities.deviation("stamp-partly-outside")
