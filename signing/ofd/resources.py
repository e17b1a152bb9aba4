"""The resources of an OFD document by their ids: fonts, media, colour spaces, drawing parameters.

Ids are one space for the document. One that is given twice is a problem, since what is shown then
depends on the reader; the first one stands. No resource is opened here: only where its file is.

Source: GB/T 33190-2016, 7.9 (Res), 8.2 (DrawParam), 8.3.1 (ColorSpace), 11.1 (Font).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from signing.ofd.locations import directory_of
from signing.ofd.values import Oddities, is_true, number
from signing.ofd.xml import XmlElement


@dataclass(frozen=True, slots=True)
class OfdFont:
    """A font: names as written; ``path`` of its embedded file, None if there is none."""

    id: str
    name: str
    family: str
    path: str | None
    bold: bool
    italic: bool


@dataclass(frozen=True, slots=True)
class OfdMedia:
    """A picture, sound or film: kind and format as written; ``path`` None if it is not there."""

    id: str
    kind: str
    format: str
    path: str | None


@dataclass(frozen=True, slots=True)
class OfdColorSpace:
    """A colour space: GRAY, RGB or CMYK, bits for each channel, palette as written."""

    id: str
    kind: str
    bits: int
    palette: tuple[str, ...]


@dataclass(slots=True)
class OfdResources:
    """All resources of a document; filled while it is opened, read-only afterwards."""

    fonts: dict[str, OfdFont] = field(default_factory=dict)
    media: dict[str, OfdMedia] = field(default_factory=dict)
    color_spaces: dict[str, OfdColorSpace] = field(default_factory=dict)
    draw_params: dict[str, XmlElement] = field(default_factory=dict)
    composites: dict[str, XmlElement] = field(default_factory=dict)

    def has(self, identifier: str) -> bool:
        """Return whether any resource has this id."""
        kinds = (self.fonts, self.media, self.color_spaces, self.draw_params, self.composites)
        return any(identifier in kind for kind in kinds)


# Finds the file at a location in a directory, and notes that it is needed and what is odd.
FindFile = Callable[[str, str], str | None]


def add_resources(
    resources: OfdResources, res: XmlElement, path: str, find: FindFile, oddities: Oddities
) -> None:
    """Add what a resource file holds.

    Args:
        resources: to add to.
        res: the root element of the file.
        path: where the file is.
        find: a location and a directory, to the name of an entry.
        oddities: where to note ``resource-…``.
    """
    if res.name != "Res" or not res.is_ofd:
        oddities.problem("resource-root-unknown")
        return
    base = (res.get("BaseLoc") or "").strip()
    above = "/" if base.startswith("/") else directory_of(path)
    directory = above + base.strip("/") + "/" if base.strip("/") else above
    for group in res.children:
        for element in group.children if group.is_ofd else ():
            if element.is_ofd and _may_be_added(resources, element, oddities):
                _add(resources, element, lambda location: find(location, directory))


def _may_be_added(resources: OfdResources, element: XmlElement, oddities: Oddities) -> bool:
    identifier = (element.get("ID") or "").strip()
    if not identifier:
        oddities.deviation("resource-without-id")
        return False
    if resources.has(identifier):
        oddities.problem("resource-id-twice")
        return False
    return True


def _add(resources: OfdResources, element: XmlElement, find: Callable[[str], str | None]) -> None:
    identifier = (element.get("ID") or "").strip()
    if element.name == "Font":
        location = element.text_of("FontFile")
        resources.fonts[identifier] = OfdFont(
            id=identifier,
            name=element.get("FontName") or "",
            family=element.get("FamilyName") or "",
            path=None if location is None else find(location),
            bold=is_true(element.get("Bold"), "false"),
            italic=is_true(element.get("Italic"), "false"),
        )
    elif element.name == "MultiMedia":
        location = element.text_of("MediaFile")
        resources.media[identifier] = OfdMedia(
            id=identifier,
            kind=element.get("Type") or "",
            format=(element.get("Format") or "").upper(),
            path=None if location is None else find(location),
        )
    elif element.name == "ColorSpace":
        resources.color_spaces[identifier] = _color_space(identifier, element, find)
    elif element.name == "DrawParam":
        resources.draw_params[identifier] = element
    elif element.name == "CompositeGraphicUnit":
        resources.composites[identifier] = element


def _color_space(
    identifier: str, element: XmlElement, find: Callable[[str], str | None]
) -> OfdColorSpace:
    profile = element.get("Profile")
    if profile:
        find(profile)
    palette = element.first("Palette")
    return OfdColorSpace(
        id=identifier,
        kind=(element.get("Type") or "RGB").upper(),
        bits=int(number(element.get("BitsPerComponent"), 8.0)),
        palette=() if palette is None else tuple(c.text for c in palette.find("CV")),
    )
