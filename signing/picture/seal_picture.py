"""The picture of an official seal (公章), drawn from its data as outlines.

Round: ring, the owner's name fitted to the ring, a five-pointed star, a line below it, and the
number in a small arc at the foot. Elliptic: ``seal_ellipse``. Uploaded: a PNG that was checked
by ``seal_image`` and is kept as it came. No fonts in the result: glyph shapes are taken from
whoever is passed in as ``Glyphs``, so the seal looks the same on every machine and for ever.

The picture proves nothing; the SM2 signature does. Millimetres from the top left corner of the
box around the seal, y down. Proportions are those of the 42 mm seals of organs and
enterprises, scaled to the diameter. Source of size and parts: 国发〔1999〕25号 (size, star, text
from left to right along the ring).
"""

import base64
import binascii
import math
from collections.abc import Iterator
from dataclasses import dataclass

from signing.errors import SealPictureError, SealTextTooLongError
from signing.picture.seal_drawing import (
    BOLD,
    RED,
    Glyphs,
    Pen,
    SealDrawing,
    SealStroke,
    Shape,
    Stamp,
)
from signing.picture.seal_ellipse import LONGEST_RING_TEXT, EllipseTexts, draw_ellipse, scale_of

__all__ = [
    "ELLIPSE", "LONGEST_RING_TEXT", "RED", "ROUND", "UPLOADED", "Glyphs", "SealDrawing",
    "SealPicture", "SealStroke", "Shape", "draw_seal",
]  # fmt: skip

ROUND, ELLIPSE, UPLOADED = "round", "ellipse", "uploaded"

# Lengths for a seal of 42 mm.
_DIAMETER = 42.0
_RING_LINE = 1.2
_RING_GAP = 0.95  # between the ring and the characters
_STAR_RADIUS = 7.1
_WIDEST, _NARROWEST = 0.92, 0.36  # width of a ring character, of its height
_WIDEST_STEP = math.radians(34)
_LOWER_HEIGHT, _LOWER_MIDDLE, _LOWER_WIDTH = 4.2, 12.0, 20.5
_NUMBER_HEIGHT, _NUMBER_BOLD = 2.15, 0.05
_NUMBER_ARC = math.radians(84)


@dataclass(frozen=True, slots=True)
class SealPicture:
    """What is engraved: ring text up to 30 characters; lower text and number may be empty.

    ``diameter_mm`` is the size of a round seal, ``width_mm`` and ``height_mm`` that of the
    others. ``png`` is base64, and only for shape "uploaded". Kept as JSON: plain values only.
    """

    shape: str
    ring_text: str = ""
    lower_text: str = ""
    number: str = ""
    diameter_mm: float = _DIAMETER
    width_mm: float = 0.0
    height_mm: float = 0.0
    png: str = ""

    @property
    def size_mm(self) -> tuple[float, float]:
        """The true size, width and height."""
        if self.shape == ROUND:
            return self.diameter_mm, self.diameter_mm
        return self.width_mm, self.height_mm

    @property
    def image(self) -> bytes:
        """The uploaded PNG; raises SealPictureError where there is none."""
        try:
            data = base64.b64decode(self.png, validate=True)
        except (ValueError, binascii.Error) as error:
            raise SealPictureError("the image is not base64") from error
        if self.shape != UPLOADED or not data:
            raise SealPictureError(f"{self.shape} has no image")
        return data


def draw_seal(picture: SealPicture, glyphs: Glyphs) -> SealDrawing:
    """Draw a seal; an uploaded picture is not drawn but kept (``seal_image``).

    Raises:
        SealPictureError: a shape or size this module does not draw, or no ring text.
        SealTextTooLongError: a text that cannot be fitted; names which.
        SealGlyphMissingError: a character without a shape.
    """
    width, height = picture.size_mm
    if picture.shape not in (ROUND, ELLIPSE) or not _drawable(picture.shape, width, height):
        raise SealPictureError(f"{picture.shape} {width:g} × {height:g} mm")
    if not picture.ring_text:
        raise SealPictureError("no ring text")
    if picture.shape == ELLIPSE:
        scale = scale_of(height)
        pen = Pen(glyphs, scale, (width / scale / 2, height / scale / 2))
        texts = EllipseTexts(picture.ring_text, picture.lower_text, picture.number)
        return draw_ellipse(pen, texts, picture.size_mm)
    return _draw_round(Pen(glyphs, width / _DIAMETER, (_DIAMETER / 2, _DIAMETER / 2)), picture)


def _drawable(shape: str, width: float, height: float) -> bool:
    if shape == ROUND:
        return 30 <= width <= 60
    return 30 <= width <= 60 and 20 <= height <= 45 and 1.2 <= width / height <= 1.7


def _draw_round(pen: Pen, picture: SealPicture) -> SealDrawing:
    radius = (_DIAMETER - _RING_LINE) / 2
    strokes = (
        pen.ring(radius, radius, _RING_LINE),
        SealStroke(_star(pen), 0.0, filled=True),
        SealStroke(" ".join(_ring_text(pen, picture)), BOLD * pen.scale, filled=True),
        SealStroke(_lower_text(pen, picture.lower_text), BOLD * 0.8 * pen.scale, filled=True),
        SealStroke(" ".join(_number_arc(pen, picture)), _NUMBER_BOLD * pen.scale, filled=True),
    )
    drawn = tuple(stroke for stroke in strokes if stroke.data)
    return SealDrawing(picture.diameter_mm, picture.diameter_mm, drawn)


def _star(pen: Pen) -> str:
    """Return a regular five-pointed star; its inner radius is that of the pentagram."""
    inner = _STAR_RADIUS * math.sin(math.radians(18)) / math.sin(math.radians(54))
    points = []
    for number in range(10):
        radius, angle = (inner if number % 2 else _STAR_RADIUS), math.pi * number / 5
        points.append(pen.point(radius * math.sin(angle), -radius * math.cos(angle)))
    return "M " + " L ".join(points) + " Z"


def _ring_text(pen: Pen, picture: SealPicture) -> Iterator[str]:
    """Set the ring text: evenly spaced, heads outwards, condensed when there are many."""
    text = picture.ring_text
    count = len(text)
    if count > LONGEST_RING_TEXT:
        raise SealTextTooLongError("ring_text", count, LONGEST_RING_TEXT)
    height = min(6.6, max(4.9, 7.35 - 0.1 * count))
    middle = _DIAMETER / 2 - _RING_LINE - _RING_GAP - height / 2
    whole = math.radians(230 if picture.lower_text else 276)
    step = min(_WIDEST_STEP, whole / (count - 1)) if count > 1 else 0.0
    feet = middle - height / 2
    widening = min(_WIDEST, 0.93 * step * (feet * 0.4 + middle * 0.6) / height) if step else 0.9
    if widening < _NARROWEST:
        raise SealTextTooLongError("ring_text", count, LONGEST_RING_TEXT)
    for number, character in enumerate(text):
        angle = (number - (count - 1) / 2) * step
        x, y = middle * math.sin(angle), -middle * math.cos(angle)
        yield pen.glyph(character, Stamp(x, y, angle, height, widening))


def _lower_text(pen: Pen, text: str) -> str:
    """Set the line below the star, condensed to the room that the ring text leaves."""
    natural = sum(pen.shape(character).advance for character in text) * _LOWER_HEIGHT
    widening = min(1.0, _LOWER_WIDTH / natural) if natural else 1.0
    if widening < 0.45:
        raise SealTextTooLongError("lower_text", len(text), 11)
    return pen.line_of_text(text, _LOWER_MIDDLE, _LOWER_HEIGHT, widening)


def _number_arc(pen: Pen, picture: SealPicture) -> Iterator[str]:
    """Set the number at the foot, heads towards the middle, from left to right."""
    text = picture.number
    middle = _DIAMETER / 2 - _RING_LINE - 0.75 - _NUMBER_HEIGHT / 2
    step = _NUMBER_HEIGHT * 0.72 / middle
    if len(text) * step > _NUMBER_ARC:
        raise SealTextTooLongError("number", len(text), int(_NUMBER_ARC / step))
    for number, character in enumerate(text):
        angle = (number - (len(text) - 1) / 2) * step
        x, y = middle * math.sin(angle), middle * math.cos(angle)
        yield pen.glyph(character, Stamp(x, y, -angle, _NUMBER_HEIGHT, 1.0))
