"""The picture of an elliptic seal (椭圆印章), as taxpayers, hospitals and companies have them.

Ring, the owner's name along the ring at even steps of arc length, the number across the middle
and a line below it; no star. Lengths are those of a seal 30 mm high, scaled to its height.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from signing.errors import SealTextTooLongError
from signing.picture.seal_drawing import BOLD, Pen, SealDrawing, SealStroke, Stamp

LONGEST_RING_TEXT = 30

_HEIGHT = 30.0
_RING_LINE = 1.0
_RING_GAP = 0.75  # between the ring and the characters
_REACH = math.radians(114)  # how far down the ring text goes on either side, at most
_WIDEST, _NARROWEST = 0.92, 0.36  # width of a ring character, of its height
_WIDEST_STEP = 1.4  # of the height of a character
_NUMBER_HEIGHT, _NUMBER_Y, _NUMBER_BOLD = 3.5, 1.2, 0.08
_LOWER_HEIGHT, _LOWER_Y, _LOWER_ALONE_Y = 3.9, 8.3, 5.0
_RING_TEXT = 12.4  # room that the ring text takes from a line, on both sides together
_SLICES = 720


@dataclass(frozen=True, slots=True)
class EllipseTexts:
    """What stands in the seal; lower text and number may be empty."""

    ring: str
    lower: str
    number: str


def draw_ellipse(pen: Pen, texts: EllipseTexts, size_mm: tuple[float, float]) -> SealDrawing:
    """Draw an elliptic seal with a pen whose scale is the height over 30 mm.

    Raises:
        SealTextTooLongError: a text that cannot be fitted; names which.
        SealGlyphMissingError: a character without a shape.
    """
    across, down = pen.middle
    ring = pen.ring(across - _RING_LINE / 2, down - _RING_LINE / 2, _RING_LINE)
    strokes = (
        ring,
        SealStroke(" ".join(_ring_text(pen, texts.ring)), BOLD * 0.8 * pen.scale, filled=True),
        SealStroke(_lower_text(pen, texts), BOLD * 0.7 * pen.scale, filled=True),
        SealStroke(_number_line(pen, texts.number), _NUMBER_BOLD * pen.scale, filled=True),
    )
    return SealDrawing(*size_mm, tuple(stroke for stroke in strokes if stroke.data))


def scale_of(height_mm: float) -> float:
    """Return the scale of the pen for a seal of this height."""
    return height_mm / _HEIGHT


def _ring_text(pen: Pen, text: str) -> Iterator[str]:
    count = len(text)
    if count > LONGEST_RING_TEXT:
        raise SealTextTooLongError("ring_text", count, LONGEST_RING_TEXT)
    height = min(5.0, max(3.4, 5.5 - 0.075 * count))
    path = _Path(pen.middle, _RING_LINE + _RING_GAP + height / 2)
    step = min(_WIDEST_STEP * height, path.length / (count - 1)) if count > 1 else 0.0
    places = [(place - (count - 1) / 2) * step for place in range(count)]
    # Where the ring bends most, feet stand closest together: all are as narrow as those.
    bend = min(path.feet(place, height / 2) for place in places)
    widening = min(_WIDEST, 0.93 * bend * step / height) if step else 0.9
    if widening < _NARROWEST:
        raise SealTextTooLongError("ring_text", count, LONGEST_RING_TEXT)
    for place, character in zip(places, text, strict=True):
        x, y, angle = path.at(place)
        yield pen.glyph(character, Stamp(x, y, angle, height, widening))


def _lower_text(pen: Pen, texts: EllipseTexts) -> str:
    y = _LOWER_Y if texts.number else _LOWER_ALONE_Y
    widening = _fitted(pen, texts.lower, (_LOWER_HEIGHT, y), "lower_text")
    return pen.line_of_text(texts.lower, y, _LOWER_HEIGHT, widening)


def _number_line(pen: Pen, text: str) -> str:
    widening = _fitted(pen, text, (_NUMBER_HEIGHT, _NUMBER_Y), "number")
    return pen.line_of_text(text, _NUMBER_Y, _NUMBER_HEIGHT, widening)


def _fitted(pen: Pen, text: str, line: tuple[float, float], part: str) -> float:
    """Return how wide a line of text is drawn so that it keeps clear of the ring text."""
    height, y = line
    natural = sum(pen.shape(character).advance for character in text) * height
    if not natural:
        return 1.0
    across, down = (half - _RING_LINE - _RING_GAP for half in pen.middle)
    foot = (y + height / 2) / down
    beside_ring_text = y < _LOWER_Y
    room = 2 * across * math.sqrt(1 - foot * foot) - (_RING_TEXT if beside_ring_text else 3.0)
    widening = min(1.0, room / natural)
    if widening < 0.45:
        raise SealTextTooLongError(part, len(text), int(len(text) * widening / 0.45))
    return widening


class _Path:
    """The line at a distance inside an ellipse, measured by its length from the top."""

    def __init__(self, half: tuple[float, float], inset: float) -> None:
        self._half = half
        self._inset = inset
        self._angles = [_REACH * (2 * slice_ / _SLICES - 1) for slice_ in range(_SLICES + 1)]
        self._lengths = _running_lengths([self._point(angle)[:2] for angle in self._angles])
        self.length = self._lengths[-1]

    def at(self, along: float) -> tuple[float, float, float]:
        """Return x, y and the turn of the normal, this far from the top, clockwise."""
        return self._point(self._angle(along))

    def feet(self, along: float, depth: float) -> float:
        """Return how much closer lines stand a depth further in, as a fraction."""
        across, down = self._half
        angle = self._angle(along)
        slope = math.hypot(across * math.cos(angle), down * math.sin(angle))
        radius = slope**3 / (across * down) - self._inset
        return 0.7 * (radius - depth) / radius + 0.3 if radius > depth else 0.3

    def _angle(self, along: float) -> float:
        wanted = min(max(along + self.length / 2, 0.0), self.length)
        after = min(max(bisect_left(self._lengths, wanted), 1), _SLICES)
        low, high = self._lengths[after - 1], self._lengths[after]
        part = (wanted - low) / (high - low)
        return self._angles[after - 1] + part * (self._angles[after] - self._angles[after - 1])

    def _point(self, angle: float) -> tuple[float, float, float]:
        across, down = self._half
        x, y = across * math.sin(angle), -down * math.cos(angle)
        normal = math.atan2(down * math.sin(angle), across * math.cos(angle))
        return x - self._inset * math.sin(normal), y + self._inset * math.cos(normal), normal


def _running_lengths(points: Sequence[tuple[float, float]]) -> list[float]:
    lengths = [0.0]
    for before, after in pairwise(points):
        lengths.append(lengths[-1] + math.dist(before, after))
    return lengths
