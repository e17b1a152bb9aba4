"""The characters of a text object and where each of them stands.

OFD says the distance from each character to the next; a reader has no line to break. Distances
beyond the last character, as many writers leave them, do not count.

Source: GB/T 33190-2016, 11.2 (text objects), 11.3 (TextCode), 11.4 (CGTransform).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat

from signing.ofd.graphics import OfdCharacter
from signing.ofd.values import Matrix, Oddities, number, numbers, transformed
from signing.ofd.xml import XmlElement

_COST_OF_CHARACTER, _COST_OF_GLYPH = 50, 4
_LINE_ENDS = str.maketrans("", "", "\r\n")


@dataclass(frozen=True, slots=True)
class _GlyphRun:
    """A CGTransform: the characters from ``position`` are drawn with these glyphs."""

    position: int
    characters: int
    glyphs: tuple[int, ...]


def cost_of_text(element: XmlElement) -> int:
    """Return how much work the characters of a text object are, for an ``Allowance``."""
    cost = 0
    for child in element.children:
        cost += _COST_OF_CHARACTER * len(child.text) + sum(map(len, child.attributes.values()))
        cost += sum(_COST_OF_GLYPH * len(each.text) for each in child.children)
    return cost


def check_codes(element: XmlElement, oddities: Oddities) -> None:
    """Note ``text-interrupted`` where readers differ in what a text object's texts are."""
    if any(code.children or code.interrupted for code in element.find("TextCode")):
        oddities.problem("text-interrupted")


def characters_of(
    element: XmlElement, to_page: Matrix, oddities: Oddities
) -> tuple[OfdCharacter, ...]:
    """Return the characters of a text object, in order, with their places on the page.

    Args:
        element: the TextObject.
        to_page: takes the object's space to the page.
        oddities: where to note ``text-without-advance`` and ``glyph-run-invalid``.
    """
    found: list[OfdCharacter] = []
    x = y = 0.0
    for code, runs in _codes(element, oddities):
        text = code.text.translate(_LINE_ENDS)
        x, y = number(code.get("X"), x), number(code.get("Y"), y)
        points = _points(text, x, y, code, oddities)
        if runs:
            found.extend(_placed(text, points, runs, to_page))
        else:
            a, b, c, d, e, f = to_page
            found.extend(
                OfdCharacter(sign, None, a * across + c * down + e, b * across + d * down + f)
                for sign, (across, down) in zip(text, points, strict=True)
            )
    return tuple(found)


def _codes(
    element: XmlElement, oddities: Oddities
) -> Iterator[tuple[XmlElement, Sequence[_GlyphRun]]]:
    """Yield each TextCode with the glyph runs before it; those after the last are the last's."""
    waiting: list[_GlyphRun] = []
    last: tuple[XmlElement, list[_GlyphRun]] | None = None
    for child in element.children:
        if child.name == "CGTransform" and child.is_ofd:
            run = _glyph_run(child)
            if run is None:
                oddities.deviation("glyph-run-invalid")
            else:
                waiting.append(run)
        elif child.name == "TextCode" and child.is_ofd:
            if last is not None:
                yield last
            last, waiting = (child, waiting), []
    if last is not None:
        yield last[0], [*last[1], *waiting]


def _glyph_run(element: XmlElement) -> _GlyphRun | None:
    text = element.text_of("Glyphs") or ""
    glyphs = numbers(text, len(text))
    position = int(number(element.get("CodePosition"), -1.0))
    count = int(number(element.get("CodeCount"), 1.0))
    if not glyphs or position < 0 or count < 1 or min(glyphs) < 0:
        return None
    return _GlyphRun(position, count, tuple(int(glyph) for glyph in glyphs))


def _points(
    text: str, x: float, y: float, code: XmlElement, oddities: Oddities
) -> Sequence[tuple[float, float]]:
    """Return where each character starts, in the object's space."""
    if not text:
        return ()
    wanted = len(text) - 1
    across, down = _deltas(code.get("DeltaX"), wanted), _deltas(code.get("DeltaY"), wanted)
    if wanted > 0 and not across and not down:
        oddities.deviation("text-without-advance")
    return list(zip(_line(x, across, wanted), _line(y, down, wanted), strict=True))


def _line(start: float, deltas: Sequence[float], wanted: int) -> Iterable[float]:
    """Return places; where writers stop early the last distance goes on, as readers have it."""
    if not deltas:
        return repeat(start, wanted + 1)
    return accumulate((*deltas, *repeat(deltas[-1], wanted - len(deltas))), initial=start)


def _deltas(text: str | None, wanted: int) -> Sequence[float]:
    """Return at most so many distances; ``g 3 1.5`` stands for three of 1.5."""
    if text is None:
        return ()
    if (plain := numbers(text)) is not None:
        return plain[:wanted]
    found: list[float] = []
    parts = iter(text.split())
    for part in parts:
        if len(found) >= wanted:
            break
        if part != "g":
            found.append(number(part))
            continue
        repeated, value = next(parts, ""), number(next(parts, None))
        # However often it is to be repeated: there are only so many characters.
        count = min(int(repeated[:9]), wanted - len(found)) if repeated.isdecimal() else 0
        found.extend([value] * count)
    return found


def _placed(
    text: str,
    points: Sequence[tuple[float, float]],
    runs: Sequence[_GlyphRun],
    to_page: Matrix,
) -> Iterator[OfdCharacter]:
    """Yield characters with their glyphs. One run stands for its characters as a whole."""
    starts = {run.position: run for run in reversed(runs)}
    index = 0
    while index < len(text):
        run = starts.get(index)
        if run is None or index + run.characters > len(text):
            yield OfdCharacter(text[index], None, *transformed(to_page, *points[index]))
            index += 1
            continue
        end = index + run.characters
        yield from _run(text[index:end], points[index:end], run.glyphs, to_page)
        index = end


def _run(
    text: str, points: Sequence[tuple[float, float]], glyphs: Sequence[int], to_page: Matrix
) -> Iterator[OfdCharacter]:
    """Yield one value a glyph; characters beyond the last glyph belong to it (a ligature)."""
    for number_, glyph in enumerate(glyphs):
        at = points[min(number_, len(points) - 1)]
        last = number_ == len(glyphs) - 1
        part = text[number_:] if last else text[number_ : number_ + 1]
        yield OfdCharacter(part, glyph, *transformed(to_page, *at))
