"""Millimetres of a page, from its top left, and the points of PDF, from its bottom left.

Layouts, seals and reports speak millimetres; PDF counts 1/72 inch upwards. Only conversion.
"""

from dataclasses import dataclass

POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class PageBox:
    """The visible box of a page in points: lower left corner and size."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def size_mm(self) -> tuple[float, float]:
        """The page's width and height in millimetres."""
        return self.width / POINTS_PER_MM, self.height / POINTS_PER_MM


def to_points(
    box_mm: tuple[float, float, float, float], page: PageBox
) -> tuple[float, float, float, float]:
    """Return left, bottom, right, top in points of a box x, y, width, height in millimetres."""
    x, y, width, height = (value * POINTS_PER_MM for value in box_mm)
    top = page.bottom + page.height - y
    return page.left + x, top - height, page.left + x + width, top


def to_millimetres(
    rectangle: tuple[float, float, float, float], page: PageBox
) -> tuple[float, float, float, float]:
    """Return x, y, width, height in millimetres of left, bottom, right, top in points."""
    left, bottom, right, top = rectangle
    return (
        (left - page.left) / POINTS_PER_MM,
        (page.bottom + page.height - top) / POINTS_PER_MM,
        (right - left) / POINTS_PER_MM,
        (top - bottom) / POINTS_PER_MM,
    )
