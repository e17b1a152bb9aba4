"""Typesetting of one text in one box: break the lines, shrink until they fit, place them.

Ours, so that every form of a license shows the same lines (ADR 0013). What is done: Chinese
line breaking (no line starts with a closing mark or ends with an opening one), words and
numbers kept whole while they fit, one size for the whole text, absolute baselines from the
fonts' advance widths. What is not done: shaping, ligatures, kerning, hyphenation, text from
right to left; a character that would need it, or that readers find as others, is refused.

Lengths are millimetres, widths of characters em. Source of the breaking rules: Requirements
for Chinese Text Layout (W3C CLREQ), prohibition rules for line start and line end.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise

from license_vault.face.errors import (
    CharacterNotSettableError,
    FaceOverflowError,
    GlyphMissingError,
)
from license_vault.face.fonts import Fonts, Glyph, package_with
from license_vault.face.placed_face import Box, PlacedRun

NO_LINE_START = frozenset("，。、；：？！）》」』】〕〉〗〙〛｝］”’…—～·％‰℃々,.;:?!)]}%>»›")
NO_LINE_END = frozenset("（《「『【〔〈〖〘〚｛［“‘￥＄([{<«‹$¥€£")
ASCENT, DESCENT = 0.88, 0.12  # of the Chinese em square of all our fonts
_BREAKS_AFTER = frozenset("./-_?&=#@:,;")  # in a word or number wider than a line
_STEP_MM = 0.05  # sizes tried lie this far apart
_WIDEST_JUSTIFICATION = 0.08  # em; more would look like spaces, to people and to readers
_ROUNDING = 1e-6  # mm, for sums of widths that fill a line exactly
_UNSETTABLE = frozenset(("Cc", "Cf", "Co", "Cs", "Me", "Mn", "Mc", "Zl", "Zp"))
# PDFium, and so our verifier, reads a ligature as its letters and a filler as nothing: found by
# setting every character of our fonts and reading it back.
_READ_AS_OTHERS = frozenset(map(chr, (*range(0xFB00, 0xFB07), 0x115F, 0x1160, 0x3164, 0xFFA0)))
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN", "RLE", "RLO"))


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a text looks.

    ``align`` is left, centre, right, justify or spread (over the whole width, one line);
    ``vertical`` top, middle or bottom; ``leading`` is the distance of baselines in em;
    ``weight_mm`` thickens the strokes.
    """

    family: str
    size_mm: float
    minimum_mm: float
    align: str = "left"
    vertical: str = "middle"
    leading: float = 1.4
    colour: str = "#000000"
    weight_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class TextFrame:
    """Where a text may stand and on how many lines."""

    box: Box
    style: TextStyle
    max_lines: int = 1


@dataclass(frozen=True, slots=True)
class Span:
    """The characters of a text that are a claim's: from start, up to but not including end."""

    claim: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Words:
    """What is set: a text (line feeds force a break), and which parts of it are claims'.

    ``name`` stands in errors. Spans are in order and do not overlap.
    """

    text: str
    name: str
    spans: tuple[Span, ...] = ()

    def claim_at(self, at: int) -> str | None:
        """Return the claim that a character belongs to; None: fixed words."""
        return next((s.claim for s in self.spans if s.start <= at < s.end), None)

    @property
    def bounds(self) -> frozenset[int]:
        """Return where claims begin and end."""
        return frozenset(at for span in self.spans for at in (span.start, span.end))


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Where the lines of a paragraph may end.

    Piece n ends at ``ends[n]``; without the spaces that may hang over a line's end it reaches to
    ``reach[n]``, in em from the beginning of the text, so that a line is found by bisection.
    ``widest`` is the widest piece, ``width`` all of them, em, without the spaces.
    """

    start: int
    ends: tuple[int, ...]
    reach: tuple[float, ...]
    widest: float
    width: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The font of each character of a text, and ``sums[n]``, the width of the first n, em."""

    fonts: tuple[str, ...]
    sums: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: characters start to end of the text; ``last`` in its paragraph."""

    start: int
    end: int
    width: float
    last: bool


def set_text(words: Words, frame: TextFrame, fonts: Fonts) -> tuple[PlacedRun, ...]:
    """Break, shrink and place a text; the runs, joined, are the text without line feeds.

    Raises:
        GlyphMissingError: no font has a character.
        CharacterNotSettableError: a character needs shaping, or is a control.
        FaceOverflowError: the text does not fit at the smallest size.
    """
    if not words.text:
        return ()
    measured = measure(words, frame.style.family, fonts)
    size, lines = fit(words, measured, frame)
    return tuple(_place(words, measured, frame, size, lines))


def measure(words: Words, family: str, fonts: Fonts) -> Measured:
    """Return the font and width of each character; a line feed has none and no width."""
    # Each different character is looked up once; the first that cannot be set is the one named.
    glyphs = {
        character: _LINE_FEED if character == "\n" else _glyph(character, words.name, family, fonts)
        for character in dict.fromkeys(words.text)
    }
    chosen = [glyphs[character] for character in words.text]
    return Measured(
        fonts=tuple(glyph.font for glyph in chosen),
        sums=tuple(accumulate((glyph.advance for glyph in chosen), initial=0.0)),
    )


_LINE_FEED = Glyph("", 0.0)


def _glyph(character: str, name: str, family: str, fonts: Fonts) -> Glyph:
    if not character.isascii() and not _is_settable(character):
        raise CharacterNotSettableError(name, character)
    glyph = fonts.choose(family, character)
    if glyph is None:
        if character.isascii():
            raise CharacterNotSettableError(name, character)
        raise GlyphMissingError(name, character, package_with(character))
    return glyph


def _is_settable(character: str) -> bool:
    return (
        unicodedata.category(character) not in _UNSETTABLE
        and character not in _READ_AS_OTHERS
        and unicodedata.bidirectional(character) not in _RIGHT_TO_LEFT
    )


def fit(words: Words, measured: Measured, frame: TextFrame) -> tuple[float, tuple[Line, ...]]:
    """Return the largest allowed size at which the text fits its frame, and its lines."""
    paragraphs = tuple(
        _paragraph(words.text, measured, start, end) for start, end in _paragraphs(words.text)
    )
    total = sum(paragraph.width for paragraph in paragraphs)
    for size in _sizes(frame.style):
        width = (frame.box.width + _ROUNDING) / size
        room = _lines_that_fit(frame, size)
        if total > width * room or len(paragraphs) > room:
            continue
        lines = tuple(
            line for each in paragraphs for line in _break(each, words.text, measured, width)
        )
        if len(lines) <= room and all(line.width <= width for line in lines):
            return size, lines
    raise FaceOverflowError(words.name)


def _sizes(style: TextStyle) -> Iterator[float]:
    size = style.size_mm
    while size > style.minimum_mm:
        yield size
        size = round(size - _STEP_MM, 4)
    yield style.minimum_mm


def _lines_that_fit(frame: TextFrame, size: float) -> int:
    free = frame.box.height + _ROUNDING - size
    return 0 if free < 0 else min(frame.max_lines, 1 + int(free / (size * frame.style.leading)))


@lru_cache(maxsize=65536)
def may_break(before: str, after: str) -> bool:
    """Return whether a line may end between two characters."""
    if before == " ":
        return after != " "
    if after == " " or before in NO_LINE_END or after in NO_LINE_START:
        return False
    return _is_ideographic(before) or _is_ideographic(after)


def _is_ideographic(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF" or character in "“”‘’…—·"


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for paragraph in text.split("\n"):
        yield start, start + len(paragraph)
        start += len(paragraph) + 1


def _paragraph(text: str, measured: Measured, first: int, end: int) -> _Paragraph:
    """Return where the lines of a paragraph may end; an empty one has no lines."""
    if first == end:
        return _Paragraph(first, (), (), 0.0, 0.0)
    ends = [at for at in range(first + 1, end) if may_break(text[at - 1], text[at])]
    ends.append(end)
    sums = measured.sums
    reach = [sums[_without_spaces(text, at)] for at in ends]
    widths = [to - sums[start] for start, to in zip((first, *ends[:-1]), reach, strict=True)]
    return _Paragraph(first, tuple(ends), tuple(reach), max(widths), sum(widths))


def _without_spaces(text: str, end: int) -> int:
    while end and text[end - 1] == " ":
        end -= 1
    return end


def _break(paragraph: _Paragraph, text: str, measured: Measured, limit: float) -> Iterator[Line]:
    """Fill lines of at most ``limit`` em, greedily."""
    if paragraph.widest > limit:
        paragraph = _narrowed(paragraph, text, measured, limit)
    ends, reach, sums = paragraph.ends, paragraph.reach, measured.sums
    start, piece = paragraph.start, 0
    while piece < len(ends):
        # At least one piece: what is wider than the line, the caller sees and shrinks.
        after = max(piece + 1, bisect_right(reach, sums[start] + limit, lo=piece))
        width = reach[after - 1] - sums[start]
        yield Line(start, ends[after - 1], width, last=after == len(ends))
        start, piece = ends[after - 1], after


def _narrowed(paragraph: _Paragraph, text: str, measured: Measured, limit: float) -> _Paragraph:
    """Break up what is wider than a whole line: after . / - and the like, else anywhere."""
    sums = measured.sums
    ends: list[int] = []
    reach: list[float] = []
    start = paragraph.start
    for end, to in zip(paragraph.ends, paragraph.reach, strict=True):
        if to - sums[start] > limit:
            for at in _cuts(text, measured, (start, end), limit):
                ends.append(at)
                reach.append(sums[at])
        else:
            ends.append(end)
            reach.append(to)
        start = end
    return replace(paragraph, ends=tuple(ends), reach=tuple(reach))


def _cuts(text: str, measured: Measured, piece: tuple[int, int], limit: float) -> Iterator[int]:
    """Yield where a piece wider than a line is cut, its end last."""
    start, end = piece
    while start < end:
        at = bisect_right(measured.sums, measured.sums[start] + limit, start, end + 1) - 1
        at = max(at, start + 1)  # one character wider than the line: the caller sees and shrinks
        if at < end:
            at = next((n for n in range(at, start, -1) if text[n - 1] in _BREAKS_AFTER), at)
        yield at
        start = at


def _place(
    words: Words, measured: Measured, frame: TextFrame, size: float, lines: Sequence[Line]
) -> Iterator[PlacedRun]:
    pitch = size * frame.style.leading
    free = frame.box.height - size - pitch * (len(lines) - 1)
    share = {"top": 0.0, "middle": 0.5, "bottom": 1.0}[frame.style.vertical]
    baseline = frame.box.y + free * share + ASCENT * size
    cuts = _changes(words, measured)
    for number, line in enumerate(lines):
        spacing = _spacing(line, frame, size)
        x = _start_of_line(line, frame, size, spacing)
        pen = _Pen(frame.style, size, x, baseline + number * pitch, spacing)
        ends = (*(at for at in cuts if line.start < at < line.end), line.end)
        yield from _runs(words, measured, line.start, ends, pen)


@dataclass(frozen=True, slots=True)
class _Pen:
    """Where a line starts and how it is written."""

    style: TextStyle
    size: float
    x: float
    baseline: float
    spacing: float


def _spacing(line: Line, frame: TextFrame, size: float) -> float:
    """Return what is added after each character of a line, mm."""
    gaps = line.end - line.start - 1
    slack = frame.box.width - line.width * size
    if gaps < 1 or slack <= 0:
        return 0.0
    if frame.style.align == "spread":
        return slack / gaps
    if frame.style.align == "justify" and not line.last:
        spacing = slack / gaps
        return spacing if spacing <= _WIDEST_JUSTIFICATION * size else 0.0
    return 0.0


def _start_of_line(line: Line, frame: TextFrame, size: float, spacing: float) -> float:
    slack = frame.box.width - line.width * size
    if spacing or frame.style.align in ("left", "justify"):
        return frame.box.x
    return frame.box.x + slack * (1.0 if frame.style.align == "right" else 0.5)


def _changes(words: Words, measured: Measured) -> tuple[int, ...]:
    """Return where the font changes, or a claim's characters begin or end, in order."""
    found = set(words.bounds)
    if len(set(measured.fonts)) > 1:
        pairs = enumerate(pairwise(measured.fonts), 1)
        found.update(at for at, (before, after) in pairs if before != after)
    return tuple(sorted(found))


def _runs(
    words: Words, measured: Measured, start: int, ends: Sequence[int], pen: _Pen
) -> Iterator[PlacedRun]:
    """Yield the runs of a line that are cut at these ends."""
    x = pen.x
    for end in ends:
        advance = (measured.sums[end] - measured.sums[start]) * pen.size
        advance += pen.spacing * (end - start)
        yield PlacedRun(
            text=words.text[start:end],
            font=measured.fonts[start],
            size_mm=pen.size,
            x_mm=x,
            baseline_mm=pen.baseline,
            width_mm=advance,
            colour=pen.style.colour,
            spacing_mm=pen.spacing,
            weight_mm=pen.style.weight_mm,
            field=words.claim_at(start),
        )
        x += advance
        start = end
