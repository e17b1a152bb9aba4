"""The graphic objects of an OFD page as XML: texts at absolute baselines, and outlines.

What stands where comes from the placed face; here it is only written down. A text says the place
of every character itself (X and DeltaX, from the fonts' advances and the run's spacing), so that
no reader lays anything out. It makes no package and no page.

Source: GB/T 33190-2016, 9.1 (paths), 11 (texts).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, groupby
from xml.sax.saxutils import escape

from license_vault.face.errors import PressBrokenError
from license_vault.face.ofd_fonts import EmbeddableFont
from license_vault.face.placed_face import Box, PlacedPath, PlacedRun
from license_vault.face.typesetting import ASCENT, DESCENT

# A text is cut where readers count differently: a character beyond 16 bits stands alone, for some
# count it twice; spaces at the beginning stand alone, for some leave them out.
_PIECES = re.compile(r"[\U00010000-\U0010ffff]|(?<![\x00-\uffff]) +|[\x00-\uffff]+")
_ILLEGAL = re.compile("[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SEGMENTS = {"C": "B", "Z": "C"}
_LETTERS = frozenset("MLBCZ")
_SHORTEST_REPETITION = 3
_STROKE_REACH = 2.0  # of half its width: how far a mitred corner of a thickened glyph may stand out


def text_object(identifier: int, run: PlacedRun, font: EmbeddableFont, font_identifier: int) -> str:
    """Return a run as a TextObject; its boundary holds the em squares and all ink."""
    glyphs = [font.glyph(character) for character in run.text]
    scale, spacing = run.size_mm / font.units_per_em, run.spacing_mm
    advances = [glyph.advance * scale + spacing for glyph in glyphs]
    places = list(accumulate(advances, initial=0.0))
    lefts, bottoms, rights, tops = zip(*(glyph.box for glyph in glyphs), strict=True)
    reach = _STROKE_REACH * run.weight_mm / 2
    before = reach - min(0.0, *(x + left * scale for x, left in zip(places, lefts, strict=False)))
    after = reach + max(x + right * scale for x, right in zip(places, (*rights, 0), strict=True))
    above = reach + max(ASCENT * run.size_mm, max(tops) * scale)
    below = reach + max(DESCENT * run.size_mm, -min(bottoms) * scale)
    boundary = Box(run.x_mm - before, run.baseline_mm - above, before + after, above + below)
    codes = "".join(_text_codes(run.text, (before, above), places, advances))
    return (
        f'<ofd:TextObject ID="{identifier}" Boundary="{_box(boundary)}" Font="{font_identifier}"'
        f' Size="{_number(run.size_mm)}"{_weight(run)}>'
        f'<ofd:FillColor Value="{_colour(run.colour)}"/>'
        f"{_stroke_colour(run)}{codes}</ofd:TextObject>"
    )


def _text_codes(
    text: str, origin: tuple[float, float], places: Sequence[float], advances: Sequence[float]
) -> Iterator[str]:
    """Yield the TextCodes of a text that begins at ``origin`` of its boundary."""
    written = {advance: _number(advance) for advance in set(advances)}
    for piece in _PIECES.finditer(text):
        at, end = piece.span()
        delta = _delta([written[advance] for advance in advances[at : end - 1]])
        x, y = _number(origin[0] + places[at]), _number(origin[1])
        yield f'<ofd:TextCode X="{x}" Y="{y}"{delta}>{xml_text(piece.group())}</ofd:TextCode>'


def _delta(deltas: Sequence[str]) -> str:
    """Return advances, a value that repeats as ``g count value``. Source: GB/T 33190-2016, 11.3."""
    parts: list[str] = []
    for value, group in groupby(deltas):
        count = len(list(group))
        parts += ["g", str(count), value] if count >= _SHORTEST_REPETITION else [value] * count
    return f' DeltaX="{" ".join(parts)}"' if parts else ""


def _weight(run: PlacedRun) -> str:
    return f' Stroke="true" LineWidth="{_number(run.weight_mm)}"' if run.weight_mm else ""


def _stroke_colour(run: PlacedRun) -> str:
    return f'<ofd:StrokeColor Value="{_colour(run.colour)}"/>' if run.weight_mm else ""


def path_object(identifier: int, path: PlacedPath) -> str:
    """Return an outline as a PathObject; its boundary holds it with its line.

    Its matrix only moves it: whether one that scales would scale the line too, readers disagree.
    """
    tokens = _millimetres(path)
    bounds = _bounds(path, tokens)
    shift = (path.origin_mm[0] - bounds.x, path.origin_mm[1] - bounds.y)
    matrix = " ".join(map(_number, (1.0, 0.0, 0.0, 1.0, *shift)))
    line = f' LineWidth="{_number(path.stroke_mm)}" Join="Round"' if path.stroke else ""
    stroke = f'<ofd:StrokeColor Value="{_colour(path.stroke)}"/>' if path.stroke else ""
    fill = f'<ofd:FillColor Value="{_colour(path.fill)}"/>' if path.fill else ""
    return (
        f'<ofd:PathObject ID="{identifier}" Boundary="{_box(bounds)}" CTM="{matrix}"'
        f' Stroke="{_boolean(path.stroke)}" Fill="{_boolean(path.fill)}"{line}>{stroke}{fill}'
        f"<ofd:AbbreviatedData>{' '.join(tokens)}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _millimetres(path: PlacedPath) -> Sequence[str]:
    """Return an outline's letters, as OFD has them, and its numbers, in millimetres."""
    tokens = path.data.split()
    written = dict(_SEGMENTS)
    if path.unit_mm != 1.0:
        # The few different numbers of a QR code are many times written, and once reckoned.
        numbers = set(tokens) - _LETTERS
        written.update((each, _number(float(each) * path.unit_mm)) for each in numbers)
    return list(map(written.get, tokens, tokens))


def _bounds(path: PlacedPath, tokens: Sequence[str]) -> Box:
    """Return a box around an outline's points and half its line, millimetres of the page."""
    numbers = [token for token in tokens if token not in _LETTERS]
    across, down = (sorted(map(float, set(numbers[first::2]))) for first in (0, 1))
    (x0, y0), reach = path.origin_mm, path.stroke_mm / 2 if path.stroke else 0.0
    left, top = x0 + across[0] - reach, y0 + down[0] - reach
    right, bottom = x0 + across[-1] + reach, y0 + down[-1] + reach
    return Box(left, top, right - left, bottom - top)


def _boolean(colour: str | None) -> str:
    return "true" if colour else "false"


def layer(identifier: int, kind: str, objects: Sequence[str]) -> str:
    """Return a layer of a page or template; ``kind`` is Background, Body or Foreground."""
    return f'<ofd:Layer ID="{identifier}" Type="{kind}">{"".join(objects)}</ofd:Layer>'


def claim_references(page: int, objects: Mapping[str, Sequence[int]]) -> str:
    """Return the claims and the text objects that show each, in order, as elements."""
    return "".join(
        f"<lv:Claim path={quoted(claim)}>"
        + "".join(f'<ofd:ObjectRef PageRef="{page}">{each}</ofd:ObjectRef>' for each in shown)
        + "</lv:Claim>"
        for claim, shown in objects.items()
    )


def xml_text(text: str) -> str:
    """Return a text as character data.

    Raises:
        PressBrokenError: a character that XML does not have.
    """
    illegal = _ILLEGAL.search(text)
    if illegal:
        raise PressBrokenError(f"U+{ord(illegal.group()):04X} cannot stand in XML")
    return escape(text)


def quoted(text: str) -> str:
    """Return a text as an attribute's value, with its quotes.

    Raises:
        PressBrokenError: a character that XML does not have.
    """
    return '"' + xml_text(text).replace('"', "&quot;") + '"'


def _box(box: Box) -> str:
    return " ".join(map(_number, (box.x, box.y, box.width, box.height)))


@lru_cache(maxsize=1024)
def _colour(colour: str) -> str:
    return " ".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))


def _number(value: float) -> str:
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
