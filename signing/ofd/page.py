"""The graphic objects of a page in drawing order, for drawing it and for reading its text.

Templates behind, the page's layers, templates in front, annotations on top. Seals are no part of
a page: their places are in the signatures (``ofd.reader``). Invisible objects are left out.

Source: GB/T 33190-2016, 7.7 (pages), 7.8 (layers, templates), 13 (composite), 15 (annotations).
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace

from signing.errors import UnreadableDocumentError
from signing.ofd.document import OfdDocument, OfdPageEntry
from signing.ofd.graphics import (
    OfdClip,
    OfdImage,
    OfdObject,
    OfdPage,
    OfdPaint,
    OfdPath,
    OfdPlace,
    OfdText,
)
from signing.ofd.paint import alpha_of, paint_of, sources_of
from signing.ofd.text import characters_of, check_codes, cost_of_text
from signing.ofd.values import (
    IDENTITY,
    Allowance,
    Box,
    Oddities,
    box,
    combined,
    floats,
    is_true,
    matrix,
    moved,
    number,
)
from signing.ofd.xml import XmlElement

_UNITS_OF_PAGE = 20_000_000  # about fifty thousand objects, or two megabytes of paths
_COST_OF_OBJECT, _COST_OF_LOOK, _COST_OF_PATH = 400, 20, 8
TEXT, PATH, IMAGE = "TextObject", "PathObject", "ImageObject"
ALL_KINDS = frozenset([TEXT, PATH, IMAGE])
_MAX_NESTING = 16
_LAYER_ORDER = {"Background": 0, "Body": 1, "Foreground": 2}
_PATH_NUMBERS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
_PATH_CHARACTERS = re.compile(r"[SMLQBAC0-9eE+\-.,\s]*", re.ASCII)
_UNPAINTED = OfdPaint(None, None)
_NO_BOX: Box = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Within:
    """What an object stands in: its space, its clips, its opacity, its layers' parameters."""

    place: OfdPlace
    alpha: float = 1.0
    layers: tuple[XmlElement, ...] = ()
    depth: int = 0


def read_page(
    document: OfdDocument,
    page: int,
    kinds: frozenset[str] = ALL_KINDS,
    allowance: Allowance | None = None,
    texts: Container[str] | None = None,
) -> OfdPage:
    """Return what stands on a page.

    Args:
        document: as opened by ``ofd.document.open_document``.
        page: from 1.
        kinds: of objects that are wanted; who wants only text need not wait for the paths.
        allowance: that several pages share; without one, a page has one of its own.
        texts: ids of the text objects that are wanted, None for all; the others are there too,
            unpainted and without characters.

    Raises:
        UnreadableDocumentError: ``ofd-no-such-page``; ``ofd-too-complex`` or
            ``ofd-nested-too-deep`` for objects that multiply; ``xml-…``.
    """
    if not 1 <= page <= len(document.pages):
        raise UnreadableDocumentError("ofd-no-such-page", str(page))
    entry = document.pages[page - 1]
    unwanted = ALL_KINDS - kinds
    reading = _Reading(document, entry, unwanted, allowance or Allowance(_UNITS_OF_PAGE), texts)
    objects = tuple(reading.objects())
    odd = reading.oddities
    return OfdPage(page, entry.id, entry.box, objects, odd.deviations, odd.problems)


def _inside(element: XmlElement, boundary: Box, within: _Within) -> _Within:
    """Return the space inside an object's boundary, which clips what is in it."""
    around = within.place
    to_boundary = combined(moved(boundary[0], boundary[1]), around.matrix)
    own = matrix(element.get("CTM"))
    clip = OfdClip((0.0, 0.0, boundary[2], boundary[3]), to_boundary)
    place = OfdPlace(
        page=around.page,
        object_id=(element.get("ID") or "").strip(),
        origin=around.origin,
        source=around.source,
        matrix=to_boundary if own is None else combined(own, to_boundary),
        clips=(*around.clips, clip),
    )
    return _Within(place, within.alpha, within.layers, within.depth + 1)


@dataclass(slots=True)
class _Reading:
    """A page while its objects are read."""

    document: OfdDocument
    entry: OfdPageEntry
    unwanted: frozenset[str]
    allowance: Allowance
    texts: Container[str] | None
    oddities: Oddities = field(default_factory=Oddities)

    def objects(self) -> Iterator[OfdObject]:
        content = self.document.files.parse(self.entry.path)
        used = [self._template(element) for element in content.find("Template")]
        templates = [found for found in used if found is not None]
        for path, z_order in templates:
            if z_order != "Foreground":
                yield from self._layers(path, "template")
        yield from self._layers(self.entry.path, "page")
        for path, z_order in templates:
            if z_order == "Foreground":
                yield from self._layers(path, "template")
        yield from self._annotations()

    def _template(self, use: XmlElement) -> tuple[str, str] | None:
        template = self.document.templates.get((use.get("TemplateID") or "").strip())
        if template is None:
            self.oddities.deviation("template-missing")
            return None
        return template.path, use.get("ZOrder") or template.z_order

    def _start(self, origin: str, source: str) -> _Within:
        x, y, *_ = self.entry.box
        to_page = moved(-x, -y) if x or y else IDENTITY
        return _Within(OfdPlace(self.entry.number, "", origin, source, to_page, ()))

    def _layers(self, path: str, origin: str) -> Iterator[OfdObject]:
        content = self.document.files.parse(path)
        parts = content.find("Content")
        looks = len(content.children) + sum(len(part.children) for part in parts)
        self.allowance.spend(_COST_OF_LOOK * looks)
        layers = [layer for part in parts for layer in part.find("Layer")]
        layers.sort(key=lambda layer: _LAYER_ORDER.get(layer.get("Type") or "Body", 1))
        start = self._start(origin, path)
        for layer in layers:
            yield from self._block(layer, replace(start, layers=(layer,)))

    def _annotations(self) -> Iterator[OfdObject]:
        for path in self.document.annotations.get(self.entry.id, ()):
            start = self._start("annotation", path)
            for annotation in self.document.files.parse(path).find("Annot"):
                appearance = annotation.first("Appearance")
                if appearance is None or not is_true(annotation.get("Visible"), "true"):
                    continue
                if appearance.children:
                    boundary = box(appearance.get("Boundary")) or _NO_BOX
                    yield from self._block(appearance, _inside(appearance, boundary, start))

    # -- objects ----------------------------------------------------------------------------

    def _block(self, block: XmlElement, within: _Within) -> Iterator[OfdObject]:
        if within.depth > _MAX_NESTING:
            raise UnreadableDocumentError("ofd-nested-too-deep")
        for element in block.children:
            self.allowance.spend(_COST_OF_OBJECT + _COST_OF_LOOK * len(element.children))
            if element.is_ofd and is_true(element.get("Visible"), "true"):
                yield from self._object(element, within)

    def _object(self, element: XmlElement, within: _Within) -> Iterator[OfdObject]:
        if element.name == "PageBlock":
            yield from self._block(element, replace(within, depth=within.depth + 1))
            return
        if not element.name.endswith("Object") or element.name in self.unwanted:
            return
        boundary = box(element.get("Boundary"))
        if boundary is None:
            self.oddities.deviation("object-without-boundary")
            return
        if element.first("Clips") is not None:
            self.oddities.deviation("clip-along-path")
        yield from self._graphic(element, _inside(element, boundary, within))

    def _graphic(self, element: XmlElement, inside: _Within) -> Iterator[OfdObject]:
        if element.name == "CompositeObject":
            yield from self._composite(element, inside)
        elif element.name not in ALL_KINDS:
            self.oddities.deviation("object-unknown")
        elif element.name == TEXT:
            yield self._text(element, inside)
        elif element.name == PATH:
            yield self._path(element, inside)
        else:
            yield from self._image(element, inside)

    def _text(self, element: XmlElement, inside: _Within) -> OfdText:
        resources = self.document.resources
        font = resources.fonts.get((element.get("Font") or "").strip())
        if font is None:
            self.oddities.deviation("font-missing")
        sources = sources_of(element, inside.layers, resources)
        self.allowance.spend(_COST_OF_LOOK * sources.cost + cost_of_text(element))
        check_codes(element, self.oddities)
        wanted = self.texts is None or inside.place.object_id in self.texts
        return OfdText(
            place=inside.place,
            paint=paint_of(sources, "text", inside.alpha, resources, self.oddities)
            if wanted
            else _UNPAINTED,
            font=font,
            size=number(element.get("Size")),
            horizontal_scale=number(element.get("HScale"), 1.0),
            weight=int(number(element.get("Weight"), 400.0)),
            italic=is_true(element.get("Italic"), "false"),
            direction=int(number(element.get("CharDirection"))) % 360,
            characters=characters_of(element, inside.place.matrix, self.oddities) if wanted else (),
        )

    def _path(self, element: XmlElement, inside: _Within) -> OfdPath:
        resources = self.document.resources
        sources = sources_of(element, inside.layers, resources)
        data = element.text_of("AbbreviatedData") or ""
        self.allowance.spend(_COST_OF_LOOK * sources.cost + _COST_OF_PATH * len(data))
        return OfdPath(
            place=inside.place,
            paint=paint_of(sources, "path", inside.alpha, resources, self.oddities),
            segments=tuple(self._segments(data)),
        )

    def _segments(self, text: str) -> Iterator[tuple[str, tuple[float, ...]]]:
        """Yield the operators of a path; what follows a broken one is not drawn."""
        parts = text.replace(",", " ").split()
        index = 0 if _PATH_CHARACTERS.fullmatch(text) else len(parts) + 1
        while index < len(parts):
            operator = parts[index]
            count = _PATH_NUMBERS.get(operator)
            values = floats(parts[index + 1 : index + 1 + (count or 0)])
            if count is None or values is None or len(values) != count:
                break
            yield ("M" if operator == "S" else operator), values
            index += 1 + count
        if index != len(parts):
            self.oddities.deviation("path-invalid")

    def _image(self, element: XmlElement, inside: _Within) -> Iterator[OfdImage]:
        media = self.document.resources.media.get((element.get("ResourceID") or "").strip())
        if media is None or media.path is None:
            self.oddities.deviation("image-missing")
            return
        if element.get("ImageMask") or element.first("Border"):
            self.oddities.deviation("image-mask-or-border")
        place = inside.place
        if matrix(element.get("CTM")) is None:
            # Without a matrix the unit square would be a millimetre; readers fill the boundary.
            _, _, width, height = box(element.get("Boundary")) or _NO_BOX
            filling = (width, 0.0, 0.0, height, 0.0, 0.0)
            place = replace(place, matrix=combined(filling, place.matrix))
        yield OfdImage(place, round(255 * inside.alpha * alpha_of(element)), media)

    def _composite(self, element: XmlElement, inside: _Within) -> Iterator[OfdObject]:
        unit = self.document.resources.composites.get((element.get("ResourceID") or "").strip())
        self.allowance.spend(_COST_OF_LOOK * (0 if unit is None else len(unit.children)))
        content = None if unit is None else unit.first("Content")
        if content is None:
            self.oddities.deviation("composite-missing")
            return
        alpha = inside.alpha * alpha_of(element)
        yield from self._block(content, replace(inside, alpha=alpha))
