"""The colours and lines of OFD objects, with what they inherit from drawing parameters.

An attribute is looked for in the object, in its drawing parameters and those they build on, in the
layer's, and last in the standard's default. Gradients and patterns are told, not resolved.

Source: GB/T 33190-2016, 8.2 (DrawParam), 8.3 (Color, ColorSpace), 8.5 (CT_GraphicUnit).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from signing.ofd.graphics import OfdColor, OfdPaint
from signing.ofd.resources import OfdColorSpace, OfdResources
from signing.ofd.values import Oddities, is_true, number, numbers
from signing.ofd.xml import XmlElement

_MAX_CHAIN = 16
_FIRST_ELEMENTS = 16  # of a gradient, among which its first colour is
_LONGEST_VALUE = 256
_BLACK = (0, 0, 0)
_SHADINGS = ("Pattern", "AxialShd", "RadialShd", "GouraudShd", "LaGourandShd", "LaGouraudShd")
_CHANNELS = {"GRAY": 1, "RGB": 3, "CMYK": 4}


@dataclass(frozen=True, slots=True)
class PaintSources:
    """Where the attributes of an object are looked for, the nearest first."""

    elements: tuple[XmlElement, ...]

    def attribute(self, name: str) -> str | None:
        """Return an attribute from the nearest element that has it."""
        return next((e.attributes[name] for e in self.elements if name in e.attributes), None)

    @property
    def cost(self) -> int:
        """How many elements may have to be looked at."""
        return sum(len(element.children) + 1 for element in self.elements)

    def child(self, name: str) -> XmlElement | None:
        """Return a child from the nearest element that has it."""
        found = (element.first(name) for element in self.elements)
        return next((child for child in found if child is not None), None)


def sources_of(
    element: XmlElement, layers: Sequence[XmlElement], resources: OfdResources
) -> PaintSources:
    """Return where the attributes of an object come from: itself, its parameters, its layers'."""
    chain = [element]
    for owner in (element, *layers):
        chain.extend(_parameters(owner.get("DrawParam"), resources.draw_params))
    return PaintSources(tuple(chain))


def _parameters(identifier: str | None, known: Mapping[str, XmlElement]) -> list[XmlElement]:
    """Return drawing parameters and those they build on; a circle ends where it closes."""
    found: list[XmlElement] = []
    while identifier is not None and len(found) < _MAX_CHAIN:
        element = known.get(identifier.strip())
        if element is None or any(element is known_ for known_ in found):
            break
        found.append(element)
        identifier = element.get("Relative")
    return found


def paint_of(
    sources: PaintSources, fills: str, alpha: float, resources: OfdResources, oddities: Oddities
) -> OfdPaint:
    """Return how an object is painted.

    Args:
        sources: of its attributes.
        fills: ``text``, which is filled unless it says otherwise, or ``path``, which is stroked.
        alpha: of what the object stands in, 0 to 1; its own is taken from its attributes.
        resources: for its colour spaces.
        oddities: where to note ``shading``.
    """
    own = sources.elements[0]
    alpha = alpha * alpha_of(own)
    is_text = fills == "text"
    filled = is_true(own.get("Fill"), "true" if is_text else "false")
    stroked = is_true(own.get("Stroke"), "false" if is_text else "true")
    fill = sources.child("FillColor")
    # A path that is to be filled with no colour given stays transparent; text is black.
    filled = filled and (is_text or fill is not None)
    inside = _color(fill, alpha, resources, oddities) if filled else None
    even_odd = own.get("Rule") == "Even-Odd"
    if not stroked:
        return OfdPaint(inside, None, even_odd=even_odd)
    return OfdPaint(
        fill=inside,
        stroke=_color(sources.child("StrokeColor"), alpha, resources, oddities),
        line_width=number(sources.attribute("LineWidth"), 0.353),
        cap=sources.attribute("Cap") or "Butt",
        join=sources.attribute("Join") or "Miter",
        miter_limit=number(sources.attribute("MiterLimit"), 3.528),
        dash=numbers(sources.attribute("DashPattern")) or (),
        dash_offset=number(sources.attribute("DashOffset")),
        even_odd=even_odd,
    )


def alpha_of(element: XmlElement) -> float:
    """Return the opacity of an element, 0 to 1."""
    return min(max(number(element.get("Alpha"), 255.0), 0.0), 255.0) / 255.0


def _color(
    element: XmlElement | None, alpha: float, resources: OfdResources, oddities: Oddities
) -> OfdColor:
    """Return a colour; of a gradient its first one, of a pattern black."""
    if element is None:
        return OfdColor(*_BLACK, round(255 * alpha))
    alpha *= alpha_of(element)
    shading = next((c for name in _SHADINGS for c in element.find(name)), None)
    if shading is not None:
        oddities.deviation("shading")
        first = islice(shading.walk(), _FIRST_ELEMENTS)
        stop = next((e for e in first if e.name == "Color" and e.is_ofd), None)
        if stop is not None and stop is not element:
            element = stop
    red, green, blue = _rgb(element, resources)
    return OfdColor(red, green, blue, round(255 * alpha))


def _rgb(element: XmlElement, resources: OfdResources) -> tuple[int, int, int]:
    space = resources.color_spaces.get((element.get("ColorSpace") or "").strip())
    values = _channels(element, space)
    full = float((1 << min(max(space.bits if space else 8, 1), 16)) - 1)
    parts = [min(max(value / full, 0.0), 1.0) for value in values]
    kind = space.kind if space else {1: "GRAY", 4: "CMYK"}.get(len(parts), "RGB")
    if len(parts) != _CHANNELS.get(kind):
        return _BLACK
    if kind == "GRAY":
        parts = parts * 3
    elif kind == "CMYK":
        parts = [(1.0 - part) * (1.0 - parts[3]) for part in parts[:3]]
    red, green, blue = (round(255 * part) for part in parts)
    return red, green, blue


def _channels(element: XmlElement, space: OfdColorSpace | None) -> tuple[float, ...]:
    """Return the channels as written: decimal, or hexadecimal after ``#``; or of the palette."""
    text = element.get("Value")
    index = number(element.get("Index"), -1.0)
    if text is None and space is not None and 0 <= index < len(space.palette):
        text = space.palette[int(index)]
    found = []
    for part in (text or "")[:_LONGEST_VALUE].split()[:4]:
        try:
            found.append(float(int(part[1:], 16) if part.startswith("#") else int(part)))
        except ValueError:
            found.append(number(part))
    return tuple(found)
