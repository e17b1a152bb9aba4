"""A face after typesetting: what stands where, in millimetres, and nothing about files.

Both the PDF press and the OFD press draw exactly this, so that a reader sees the same
face whichever form they open. Origin is the top left corner of the page, y points down.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: its top left corner and its size, millimetres."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return self.y + self.height

    def holds(self, other: "Box", tolerance: float = 0.001) -> bool:
        """Return whether another box lies inside this one."""
        return (
            other.x >= self.x - tolerance
            and other.y >= self.y - tolerance
            and other.right <= self.right + tolerance
            and other.bottom <= self.bottom + tolerance
        )

    def meets(self, other: "Box") -> bool:
        """Return whether two boxes share more than an edge."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )


@dataclass(frozen=True, slots=True)
class PlacedRun:
    """A piece of text in one font at one absolute baseline.

    ``font`` is a ``FontFile.key``; ``spacing_mm`` is added after each character; ``weight_mm``
    is the width of a line drawn around the glyphs, which makes them bolder (0: none);
    ``field`` is the claim path the text comes from, None for fixed words.
    """

    text: str
    font: str
    size_mm: float
    x_mm: float
    baseline_mm: float
    width_mm: float
    colour: str
    spacing_mm: float = 0.0
    weight_mm: float = 0.0
    field: str | None = None


@dataclass(frozen=True, slots=True)
class PlacedPath:
    """An outline: "M x y", "L x y", "C x1 y1 x2 y2 x y", "Z", absolute, separated by spaces.

    Numbers count ``unit_mm`` from ``origin_mm``. Lines end square at their ends (butt).
    """

    data: str
    fill: str | None = None
    stroke: str | None = None
    stroke_mm: float = 0.0
    origin_mm: tuple[float, float] = (0.0, 0.0)
    unit_mm: float = 1.0


@dataclass(frozen=True, slots=True)
class PlacedValue:
    """A claim as drawn: the text, and the box that holds just this text."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class PlacedFace:
    """A whole face, ready to draw. ``paths`` lie under the text, ``qr`` on white ground.

    The first ``shared_runs`` of the runs, and the paths, stand on every copy of the layout. A
    page without a QR code (of a form sheet) has a ``qr`` without data.
    """

    width_mm: float
    height_mm: float
    runs: tuple[PlacedRun, ...]
    paths: tuple[PlacedPath, ...]
    qr: PlacedPath
    qr_box: Box
    seal_boxes: tuple[Box, ...]
    values: Mapping[str, PlacedValue]
    shared_runs: int = 0

    @property
    def has_qr(self) -> bool:
        """Return whether the page carries a QR code."""
        return bool(self.qr.data)

    @property
    def seal_box(self) -> Box:
        """Return where the first (often the only) seal stands."""
        return self.seal_boxes[0]

    @property
    def boxes(self) -> Mapping[str, Box]:
        """Return the box of each claim on the face."""
        return {claim: value.box for claim, value in self.values.items()}
