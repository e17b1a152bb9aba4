"""A figure over days as a drawing: above the rate of each day, below the counts it is made of.

Only geometry, in the units of the view box; the template draws it as SVG in the page's own colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 340.0, 176.0
_LEFT, _RIGHT = 38.0, 334.0
_RATE_TOP, _RATE_BOTTOM = 10.0, 84.0
_BARS_TOP, _BARS_BOTTOM = 102.0, 156.0
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: the column of all, and within it that of those counted."""

    x: float
    width: float
    whole_y: float
    part_y: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Dot:
    """The rate of one day on which there was something to count."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Label:
    """A text beside an axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything drawn of one figure. ``lines`` join the dots of days that follow one another."""

    bars: tuple[Bar, ...]
    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    labels: tuple[Label, ...]
    rules: tuple[float, ...]
    left: float = _LEFT
    right: float = _RIGHT
    width: float = WIDTH
    height: float = HEIGHT


def plot_of(days: Sequence[Mapping[str, Any]]) -> Plot:
    """Return the drawing of one figure's days, as ``GET /v1/figures`` tells them."""
    step = (_RIGHT - _LEFT) / max(1, len(days))
    most = max((int(day["whole"]) for day in days), default=0)
    dots = [_dot(day, _LEFT + step * (n + 0.5)) for n, day in enumerate(days)]
    return Plot(
        bars=tuple(_bars(days, step, most)),
        dots=tuple(dot for dot in dots if dot is not None),
        lines=tuple(_lines(dots)),
        labels=(*_axis_labels(most), *_day_labels(days, step)),
        rules=(_RATE_TOP, (_RATE_TOP + _RATE_BOTTOM) / 2, _RATE_BOTTOM, _BARS_BOTTOM),
    )


def _dot(day: Mapping[str, Any], x: float) -> Dot | None:
    if not day["whole"]:
        return None
    rate = day["part"] / day["whole"]
    return Dot(round(x, 1), round(_RATE_BOTTOM - rate * (_RATE_BOTTOM - _RATE_TOP), 1))


def _lines(dots: Sequence[Dot | None]) -> Iterator[str]:
    """Yield the points of each line; days with nothing to count interrupt it."""
    points: list[str] = []
    for dot in (*dots, None):
        if dot is not None:
            points.append(f"{dot.x},{dot.y}")
            continue
        if len(points) > 1:
            yield " ".join(points)
        points = []


def _bars(days: Sequence[Mapping[str, Any]], step: float, most: int) -> Iterator[Bar]:
    scale = (_BARS_BOTTOM - _BARS_TOP) / max(1, most)
    for number, day in enumerate(days):
        if day["whole"]:
            yield Bar(
                x=round(_LEFT + step * (number + 0.1), 2),
                width=round(step * 0.8, 2),
                whole_y=round(_BARS_BOTTOM - day["whole"] * scale, 1),
                part_y=round(_BARS_BOTTOM - day["part"] * scale, 1),
                bottom=_BARS_BOTTOM,
            )


def _axis_labels(most: int) -> Iterator[Label]:
    beside, drop = _LEFT - 5.0, 3.5
    yield Label(beside, _RATE_TOP + drop, "100%")
    yield Label(beside, (_RATE_TOP + _RATE_BOTTOM) / 2 + drop, "50%")
    yield Label(beside, _RATE_BOTTOM + drop, "0")
    if most:
        yield Label(beside, _BARS_TOP + drop, str(most))


def _day_labels(days: Sequence[Mapping[str, Any]], step: float) -> Iterator[Label]:
    """Yield some days as MM-DD below the columns, the last one always."""
    every = max(1, len(days) // _TICKS)
    for number in range(len(days) - 1, -1, -every):
        x = min(_LEFT + step * (number + 0.5), _RIGHT - 14.0)
        if x >= _LEFT + 8.0:
            yield Label(round(x, 1), _BARS_BOTTOM + 14.0, str(days[number]["day"])[5:])
