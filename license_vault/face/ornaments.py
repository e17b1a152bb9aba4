"""The ornaments of a face: borders, rosettes and grounds of fine lines, as outlines.

Abstract patterns in the manner of security printing, computed once for each layout. They are
decoration and protect nothing: what protects a license is its seal. No state emblem is drawn.

All lengths millimetres; curves are cubic, a half wave of a sine each.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from license_vault.face.placed_face import Box, PlacedPath

_SINE = 0.3642  # control points that bring a cubic within 0.2 % of a half wave
_KAPPA = 0.5523  # the same for a quarter of a circle


@dataclass(frozen=True, slots=True)
class Ink:
    """The line an ornament is drawn with, and the tint it is filled with."""

    colour: str
    line_mm: float
    fill: str | None = None


@dataclass(frozen=True, slots=True)
class Ornament:
    """One ornament as the layout asks for it; ``numbers`` are the parameters of its kind."""

    kind: str
    box: Box
    ink: Ink
    numbers: Mapping[str, float]


def draw_ornament(ornament: Ornament) -> tuple[PlacedPath, ...]:
    """Return the outlines of an ornament; its kind is one of ``ORNAMENTS``."""
    _, draw = ORNAMENTS[ornament.kind]
    return tuple(draw(ornament))


def rectangle_path(box: Box) -> str:
    """Return the outline of a rectangle."""
    points = ((box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom))
    return "M " + " L ".join(_point(*point) for point in points) + " Z"


def _rectangle(ornament: Ornament) -> Iterator[PlacedPath]:
    ink = ornament.ink
    stroke = ink.colour if ink.line_mm else None
    yield PlacedPath(rectangle_path(ornament.box), ink.fill, stroke, ink.line_mm)


def _rule(ornament: Ornament) -> Iterator[PlacedPath]:
    """Draw a line from the box's first corner to its opposite one."""
    box = ornament.box
    yield _stroke(f"M {_point(box.x, box.y)} L {_point(box.right, box.bottom)}", ornament.ink)


def _ruled(ornament: Ornament) -> Iterator[PlacedPath]:
    """Draw the lines of a table: its frame and what parts its rows, all of one height."""
    box, rows = ornament.box, max(1, int(ornament.numbers["rows"]))
    pitch = box.height / rows
    heights = (box.y + row * pitch for row in range(1, rows))
    lines = [f"M {_point(box.x, y)} L {_point(box.right, y)}" for y in heights]
    yield _stroke(" ".join((rectangle_path(box), *lines)), ornament.ink)


def _band(ornament: Ornament) -> Iterator[PlacedPath]:
    """Draw a border of interlaced waves, with a rosette in a square at each corner."""
    box, ink, width = ornament.box, ornament.ink, ornament.numbers["band"]
    if ink.fill:
        yield PlacedPath(f"{rectangle_path(box)} {_inner_path(box, width)}", ink.fill)
    for start, length, upright, at in _sides(box, width):
        waves = " ".join(_strands(ornament, length, upright))
        yield _stroke(waves, ink, (at, start) if upright else (start, at))
    edges = (rectangle_path(box), rectangle_path(_inset(box, width)))
    yield _stroke(" ".join(edges), Ink(ink.colour, ink.line_mm * 2.2))
    corner = Box(0.0, 0.0, width, width)
    rings = _rings(corner, petals=8, turns=4)
    for x in (box.x, box.right - width):
        for y in (box.y, box.bottom - width):
            square = Ink(ink.colour, ink.line_mm * 1.6)
            yield _stroke(rectangle_path(corner), square, (x, y))
            yield _stroke(rings, ink, (x, y))


def _sides(box: Box, width: float) -> Iterator[tuple[float, float, bool, float]]:
    """Yield the four straight parts of a border: start, length, upright?, centre line."""
    middle = width / 2
    across, down = box.width - 2 * width, box.height - 2 * width
    yield box.x + width, across, False, box.y + middle
    yield box.x + width, across, False, box.bottom - middle
    yield box.y + width, down, True, box.x + middle
    yield box.y + width, down, True, box.right - middle


def _strands(ornament: Ornament, length: float, upright: bool) -> Iterator[str]:
    """Yield the waves of one side from its own origin: whole periods, two phases, heights."""
    numbers = ornament.numbers
    halves = 2 * max(2, round(length / numbers["period"]))
    strands = int(numbers["strands"])
    for number in range(strands):
        height = numbers["band"] / 2 * (0.88 - 0.62 * number / strands)
        for sign in (1, -1):
            yield _wave((0.0, length / halves, halves), (upright, 0.0), sign * height)


def _wave(run: tuple[float, float, int], axis: tuple[bool, float], height: float) -> str:
    """Return a sine of half waves from peak to peak along one axis."""
    start, step, halves = run
    upright, at = axis

    def point(along: float, off: float) -> str:
        return _point(at + off, along) if upright else _point(along, at + off)

    parts = [f"M {point(start, height)}"]
    for number in range(halves):
        here, off = start + number * step, height if number % 2 == 0 else -height
        parts.append(
            f"C {point(here + _SINE * step, off)} {point(here + (1 - _SINE) * step, -off)}"
            f" {point(here + step, -off)}"
        )
    return " ".join(parts)


def _fret(ornament: Ornament) -> Iterator[PlacedPath]:
    """Draw a border of square spirals (回纹)."""
    box, ink, width = ornament.box, ornament.ink, ornament.numbers["band"]
    if ink.fill:
        yield PlacedPath(f"{rectangle_path(box)} {_inner_path(box, width)}", ink.fill)
    cell = width * 0.72
    parts: list[str] = []
    for start, length, upright, at in _sides(box, width):
        count = max(1, round(length / cell))
        pitch = length / count
        parts.extend(
            _spiral((start + number * pitch, at), pitch, cell, upright) for number in range(count)
        )
    parts.extend(
        rectangle_path(_inset(Box(x, y, width, width), width * share))
        for x in (box.x, box.right - width)
        for y in (box.y, box.bottom - width)
        for share in (0.0, 0.18, 0.36)
    )
    yield _stroke(" ".join(parts), ink)
    edges = (rectangle_path(box), rectangle_path(_inset(box, width)))
    yield _stroke(" ".join(edges), Ink(ink.colour, ink.line_mm * 1.5))


def _spiral(origin: tuple[float, float], pitch: float, cell: float, upright: bool) -> str:
    """Return one square spiral, its base line joining the next one's."""
    turns = ((0.0, 1.0), (0.0, 0.0), (0.8, 0.0), (0.8, 0.75), (0.25, 0.75), (0.25, 0.28))
    along, across = origin
    points = []
    for u, v in (*reversed(turns), (1.0, 1.0)):
        first, second = along + u * pitch, across + (v - 0.5) * cell
        points.append(_point(second, first) if upright else _point(first, second))
    return "M " + " L ".join(points)


def _rosette(ornament: Ornament) -> Iterator[PlacedPath]:
    """Draw a rosette of turned rings in the box."""
    petals, turns = int(ornament.numbers["petals"]), int(ornament.numbers["turns"])
    yield _stroke(_rings(ornament.box, petals, turns), ornament.ink)


def _rings(box: Box, petals: int, turns: int) -> str:
    centre = (box.x + box.width / 2, box.y + box.height / 2)
    radius = min(box.width, box.height) / 2 * 0.94
    rings = []
    for level, shape in enumerate(((0.80, 0.20), (0.50, 0.18), (0.24, 0.14))):
        for turn in range(turns if level < 2 else 2):
            phase = math.tau / petals * turn / turns
            rings.append(_ring(centre, radius, shape, (petals, phase)))
    return " ".join(rings)


def _ring(
    centre: tuple[float, float],
    radius: float,
    shape: tuple[float, float],
    petals: tuple[int, float],
) -> str:
    """Return r = mean + swing·cos(petals·angle) as a closed smooth line."""
    mean, swing = shape
    count, phase = petals
    points = []
    steps = count * 6
    for number in range(steps):
        angle = math.tau * number / steps
        r = radius * (mean + swing * math.cos(count * (angle + phase)))
        points.append((centre[0] + r * math.sin(angle), centre[1] - r * math.cos(angle)))
    return _smooth(points)


def _smooth(points: list[tuple[float, float]]) -> str:
    """Return a closed Catmull-Rom line through points, as cubics."""
    count = len(points)
    parts = [f"M {_point(*points[0])}"]
    for number in range(count):
        before, here = points[number - 1], points[number]
        after, beyond = points[(number + 1) % count], points[(number + 2) % count]
        first = (here[0] + (after[0] - before[0]) / 6, here[1] + (after[1] - before[1]) / 6)
        second = (after[0] - (beyond[0] - here[0]) / 6, after[1] - (beyond[1] - here[1]) / 6)
        parts.append(f"C {_point(*first)} {_point(*second)} {_point(*after)}")
    return " ".join(parts) + " Z"


def _waves(ornament: Ornament) -> Iterator[PlacedPath]:
    """Draw a ground of fine waves, one under the other."""
    box, numbers = ornament.box, ornament.numbers
    height, pitch = numbers["swing"], numbers["pitch"]
    halves = 2 * max(1, round(box.width / numbers["period"]))
    step = box.width / halves
    rows = int((box.height - 2 * height) / pitch) + 1
    rest = box.height - 2 * height - (rows - 1) * pitch
    top = box.y + height + rest / 2
    for row in range(rows):
        line = _wave((0.0, step, halves), (False, 0.0), height * (-1) ** row)
        yield _stroke(line, ornament.ink, (box.x, top + row * pitch))


def _corners(ornament: Ornament) -> Iterator[PlacedPath]:
    """Draw an inner frame whose corners are stepped inwards, as on old deeds."""
    box, step = ornament.box, ornament.numbers["step"]
    for inset in (0.0, ornament.numbers["gap"]):
        yield _stroke(_stepped(_inset(box, inset), step), ornament.ink)


def _stepped(box: Box, step: float) -> str:
    """Return a rectangle whose corners are quarter circles bent inwards."""
    k = step * (1 - _KAPPA)
    x0, y0, x1, y1 = box.x, box.y, box.right, box.bottom
    near = step - k
    return (
        f"M {_point(x0 + step, y0)} L {_point(x1 - step, y0)}"
        f" C {_point(x1 - step, y0 + near)} {_point(x1 - near, y0 + step)} {_point(x1, y0 + step)}"
        f" L {_point(x1, y1 - step)}"
        f" C {_point(x1 - near, y1 - step)} {_point(x1 - step, y1 - near)} {_point(x1 - step, y1)}"
        f" L {_point(x0 + step, y1)}"
        f" C {_point(x0 + step, y1 - near)} {_point(x0 + near, y1 - step)} {_point(x0, y1 - step)}"
        f" L {_point(x0, y0 + step)}"
        f" C {_point(x0 + near, y0 + step)} {_point(x0 + step, y0 + near)} {_point(x0 + step, y0)}"
        " Z"
    )


def _inset(box: Box, by: float) -> Box:
    return Box(box.x + by, box.y + by, box.width - 2 * by, box.height - 2 * by)


def _inner_path(box: Box, width: float) -> str:
    """Return the inner edge of a border, wound the other way, so that a fill leaves it out."""
    inner = _inset(box, width)
    points = (
        (inner.x, inner.y),
        (inner.x, inner.bottom),
        (inner.right, inner.bottom),
        (inner.right, inner.y),
    )
    return "M " + " L ".join(_point(*point) for point in points) + " Z"


def _stroke(data: str, ink: Ink, origin_mm: tuple[float, float] = (0.0, 0.0)) -> PlacedPath:
    return PlacedPath(data, None, ink.colour, ink.line_mm, origin_mm)


def _point(x: float, y: float) -> str:
    return f"{_number(x)} {_number(y)}"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


Draw = Callable[[Ornament], Iterator[PlacedPath]]

# Kind: the numbers it wants, and who draws it.
ORNAMENTS: Mapping[str, tuple[tuple[str, ...], Draw]] = {
    "rectangle": ((), _rectangle),
    "rule": ((), _rule),
    "ruled": (("rows",), _ruled),
    "band": (("band", "period", "strands"), _band),
    "fret": (("band",), _fret),
    "rosette": (("petals", "turns"), _rosette),
    "waves": (("swing", "pitch", "period"), _waves),
    "corners": (("step", "gap"), _corners),
}
