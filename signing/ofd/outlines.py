"""Paths of OFD as outlines of lines and cubic curves: quadratic curves and arcs turned into them.

Source: GB/T 33190-2016, 9 (paths); the arc from end points to middle and angles as in SVG 1.1,
F.6.5, whose parameters are the same.
"""

import math
from collections.abc import Iterator, Sequence

Command = tuple[str, tuple[float, ...]]
Point = tuple[float, float]


def outline_of(segments: Sequence[Command]) -> tuple[Command, ...]:
    """Return a path with only M, L, C (cubic) and Z. One that begins nowhere begins at 0, 0."""
    out: list[Command] = []
    at: Point = (0.0, 0.0)
    start = at
    for operator, numbers in segments:
        if operator != "M" and not out:
            out.append(("M", at))
        if operator == "C":
            out.append(("Z", ()))
            at = start
            continue
        out.extend(_drawn(operator, numbers, at))
        at = (numbers[-2], numbers[-1])
        if operator == "M":
            start = at
    return tuple(out)


def _drawn(operator: str, numbers: Sequence[float], at: Point) -> Iterator[Command]:
    if operator in ("M", "L"):
        yield operator, tuple(numbers)
    elif operator == "B":
        yield "C", tuple(numbers)
    elif operator == "Q":
        x1, y1, x, y = numbers
        first = (at[0] + (x1 - at[0]) * 2 / 3, at[1] + (y1 - at[1]) * 2 / 3)
        yield "C", (*first, x + (x1 - x) * 2 / 3, y + (y1 - y) * 2 / 3, x, y)
    elif operator == "A":
        yield from _arc(at, numbers)


def _arc(at: Point, numbers: Sequence[float]) -> Iterator[Command]:
    """Yield an elliptic arc as curves of at most a quarter each."""
    rx, ry, rotation, large, sweep, x, y = numbers
    rx, ry = abs(rx), abs(ry)
    if not rx or not ry or at == (x, y):
        yield "L", (x, y)
        return
    turn = math.radians(rotation)
    (cx, cy), rx, ry = _middle(at, (x, y), (rx, ry, turn), (large != 0) != (sweep != 0))
    begin, end = (_angle(p, (cx, cy), (rx, ry), turn) for p in (at, (x, y)))
    span = (end - begin) % math.tau if sweep else -((begin - end) % math.tau)
    count = max(1, math.ceil(abs(span) / (math.pi / 2) - 1e-9))
    for part in range(count):
        low = begin + span * part / count
        yield _quarter(low, span / count, (cx, cy), (rx, ry, turn))


def _middle(
    start: Point, end: Point, ellipse: tuple[float, float, float], positive: bool
) -> tuple[Point, float, float]:
    """Return the middle of the ellipse; one that is too small grows until it reaches."""
    rx, ry, turn = ellipse
    cosine, sine = math.cos(turn), math.sin(turn)
    dx, dy = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    u, v = cosine * dx + sine * dy, -sine * dx + cosine * dy
    size = (u / rx) ** 2 + (v / ry) ** 2
    if size > 1:
        rx, ry = rx * math.sqrt(size), ry * math.sqrt(size)
        size = 1.0
    factor = math.sqrt(max(0.0, 1 / size - 1)) * (1 if positive else -1)
    cu, cv = factor * rx * v / ry, -factor * ry * u / rx
    middle_x, middle_y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    return (cosine * cu - sine * cv + middle_x, sine * cu + cosine * cv + middle_y), rx, ry


def _angle(point: Point, middle: Point, radii: Point, turn: float) -> float:
    dx, dy = point[0] - middle[0], point[1] - middle[1]
    cosine, sine = math.cos(turn), math.sin(turn)
    return math.atan2((-sine * dx + cosine * dy) / radii[1], (cosine * dx + sine * dy) / radii[0])


def _quarter(
    begin: float, span: float, middle: Point, ellipse: tuple[float, float, float]
) -> Command:
    rx, ry, turn = ellipse
    reach = 4 / 3 * math.tan(span / 4)
    cosine, sine = math.cos(turn), math.sin(turn)

    def point(u: float, v: float) -> Point:
        x, y = u * rx, v * ry
        return middle[0] + cosine * x - sine * y, middle[1] + sine * x + cosine * y

    end = begin + span
    first = (math.cos(begin) - reach * math.sin(begin), math.sin(begin) + reach * math.cos(begin))
    second = (math.cos(end) + reach * math.sin(end), math.sin(end) - reach * math.cos(end))
    return "C", (*point(*first), *point(*second), *point(math.cos(end), math.sin(end)))
