"""Simple values of OFD: numbers, boxes, matrices; and the list of what was odd about a document.

Numbers are read strictly and within reason; what is none is told as None, never guessed.

Source: GB/T 33190-2016, 7.3 (ST_Array, ST_Pos, ST_Box) and 8.2 (transformations).
"""

import re
from collections.abc import Iterable

from signing.errors import UnreadableDocumentError

Box = tuple[float, float, float, float]  # x, y, width, height in millimetres
Matrix = tuple[float, float, float, float, float, float]  # x' = a x + c y + e, y' = b x + d y + f

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
# What decimal numbers are written with; without other letters float() takes nothing but numbers.
_CHARACTERS = re.compile(r"[0-9eE+\-.\s]*", re.ASCII)
_LONGEST = 4096
_LARGEST = 1e7  # millimetres: ten kilometres; nothing drawn is further away


class Oddities:
    """Collects what is wrong (``problems``) and what is harmless but odd (``deviations``).

    Both are stable codes, each once, in the order in which they were met.
    """

    def __init__(self) -> None:
        self._problems: dict[str, None] = {}
        self._deviations: dict[str, None] = {}

    def problem(self, code: str) -> None:
        """Note what may change what the document says or shows."""
        self._problems[code] = None

    def deviation(self, code: str) -> None:
        """Note what another writer does differently, without consequence."""
        self._deviations[code] = None

    @property
    def problems(self) -> tuple[str, ...]:
        """The problems so far."""
        return tuple(self._problems)

    @property
    def deviations(self) -> tuple[str, ...]:
        """The deviations so far."""
        return tuple(self._deviations)


class Allowance:
    """How much work one page may cost, in units of about 50 nanoseconds.

    A file of a few kilobytes can name one object a million times; that it is small says nothing.
    """

    def __init__(self, units: int) -> None:
        self._left = units

    def spend(self, units: int) -> None:
        """Take off what a step costs.

        Raises:
            UnreadableDocumentError: ``ofd-too-complex``, nothing is left.
        """
        self._left -= units
        if self._left < 0:
            raise UnreadableDocumentError("ofd-too-complex")


def number(text: str | None, otherwise: float = 0.0) -> float:
    """Return a number, another one if the text is none or is absurd."""
    found = numbers(text)
    return found[0] if found is not None and len(found) == 1 else otherwise


def numbers(text: str | None, longest: int = _LONGEST) -> tuple[float, ...] | None:
    """Return numbers between white space, None if anything in it is no number within reason.

    Args:
        text: as written.
        longest: how many characters are read at all.
    """
    if text is None or len(text) > longest or not _CHARACTERS.fullmatch(text):
        return None
    return floats(text.split())


def floats(parts: Iterable[str]) -> tuple[float, ...] | None:
    """Return numbers, None if one is none or beyond reason; letters were looked at before."""
    try:
        found = tuple(map(float, parts))
    except ValueError:
        return None
    if found and max(map(abs, found)) > _LARGEST:
        return None
    return found


def box(text: str | None) -> Box | None:
    """Return a box, None if it is not four numbers with sides that are not negative."""
    found = numbers(text)
    if found is None or len(found) != 4 or found[2] < 0 or found[3] < 0:
        return None
    return (found[0], found[1], found[2], found[3])


def matrix(text: str | None) -> Matrix | None:
    """Return a transformation, None if it is not six numbers."""
    found = numbers(text)
    if found is None or len(found) != 6:
        return None
    return (found[0], found[1], found[2], found[3], found[4], found[5])


def combined(first: Matrix, then: Matrix) -> Matrix:
    """Return the transformation that does one and then another."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def moved(x: float, y: float) -> Matrix:
    """Return the transformation that only moves."""
    return (1.0, 0.0, 0.0, 1.0, x, y)


def transformed(transformation: Matrix, x: float, y: float) -> tuple[float, float]:
    """Return where a point comes to lie."""
    a, b, c, d, e, f = transformation
    return a * x + c * y + e, b * x + d * y + f


def is_true(text: str | None, otherwise: str) -> bool:
    """Return a boolean as XML Schema writes it; ``otherwise`` stands for an absent one."""
    return (otherwise if text is None else text.strip().lower()) in ("true", "1")
