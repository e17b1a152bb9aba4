"""What stands on a page of an OFD document, as values: text, paths, images, with all inherited.

Millimetres from the top left of the page, y downwards. Whoever draws needs nothing but these
values and the files that they name. Nothing is drawn here.

Source: GB/T 33190-2016, 8 (graphic units), 9 (paths), 10 (images), 11 (text).
"""

from dataclasses import dataclass
from typing import NamedTuple

from signing.ofd.resources import OfdFont, OfdMedia
from signing.ofd.values import Box, Matrix


@dataclass(frozen=True, slots=True)
class OfdColor:
    """A colour as sRGB, 0 to 255 each; alpha 255 is opaque, the object's own already in it."""

    red: int
    green: int
    blue: int
    alpha: int = 255


@dataclass(frozen=True, slots=True)
class OfdPaint:
    """How an object is painted. Lengths are in the object's space, to be transformed with it.

    ``fill`` and ``stroke`` are None where the object is not filled or not stroked. ``even_odd`` is
    the rule of filling, else non-zero. ``cap`` is Butt, Round or Square; ``join`` Miter, Round or
    Bevel.
    """

    fill: OfdColor | None
    stroke: OfdColor | None
    line_width: float = 0.353
    cap: str = "Butt"
    join: str = "Miter"
    miter_limit: float = 3.528
    dash: tuple[float, ...] = ()
    dash_offset: float = 0.0
    even_odd: bool = False


@dataclass(frozen=True, slots=True)
class OfdClip:
    """A box outside of which nothing of an object is seen; ``matrix`` takes it to the page."""

    box: Box
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class OfdPlace:
    """Where an object is and where it comes from.

    ``origin`` is page, template or annotation; ``source`` the entry; ``object_id`` as written, may
    be empty. ``matrix`` takes the object's space to the page. All ``clips`` hold.
    """

    page: int
    object_id: str
    origin: str
    source: str
    matrix: Matrix
    clips: tuple[OfdClip, ...]


class OfdCharacter(NamedTuple):
    """Characters drawn as one glyph, and where its origin lies on the page, in millimetres.

    ``text`` is mostly one character; several for a ligature; empty for a further glyph of the
    same. ``glyph`` is the number of the glyph in the embedded font, None: as the font maps it.
    """

    text: str
    glyph: int | None
    x_mm: float
    y_mm: float


@dataclass(frozen=True, slots=True)
class OfdText:
    """A text object. ``size`` in the object's space; ``direction`` turns each glyph, degrees."""

    place: OfdPlace
    paint: OfdPaint
    font: OfdFont | None
    size: float
    horizontal_scale: float
    weight: int
    italic: bool
    direction: int
    characters: tuple[OfdCharacter, ...]

    @property
    def text(self) -> str:
        """The characters, joined."""
        return "".join(character.text for character in self.characters)


@dataclass(frozen=True, slots=True)
class OfdPath:
    """A path in the object's space: operators M, L, Q, B, A, C with their numbers.

    M x y; L x y; Q x1 y1 x y; B x1 y1 x2 y2 x y; A rx ry rotation large sweep x y; C closes.
    """

    place: OfdPlace
    paint: OfdPaint
    segments: tuple[tuple[str, tuple[float, ...]], ...]


@dataclass(frozen=True, slots=True)
class OfdImage:
    """An image: ``place.matrix`` takes the unit square, top left at the origin, to the page."""

    place: OfdPlace
    alpha: int
    media: OfdMedia


OfdObject = OfdText | OfdPath | OfdImage


@dataclass(frozen=True, slots=True)
class OfdPage:
    """A page: its objects in the order in which they are drawn.

    Invisible ones are not among them. ``box`` is the physical box. ``not_drawn`` are stable codes
    for what the objects here do not express: a clip along a path, a shading, a film;
    ``problems`` for what two readers may read differently.
    """

    number: int
    id: str
    box: Box
    objects: tuple[OfdObject, ...]
    not_drawn: tuple[str, ...]
    problems: tuple[str, ...] = ()
