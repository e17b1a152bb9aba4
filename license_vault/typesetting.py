"""Typesetting of one text in one box: break the lines, shrink until they fit, place them.

Ours, so that every form of a license shows the same lines (decision 13). What is done: Chinese
line breaking (no line starts with a closing mark or ends with an opening one), words and
numbers kept whole while they fit, one size for the whole text, absolute baselines from the
fonts' advance widths. What is not done: shaping, ligatures, kerning, hyphenation, text from
right to left; a character that would need it is refused.

Lengths are millimetres, widths of characters em. Source of the breaking rules: Requirements
for Chinese Text Layout (W3C CLREQ), prohibition rules for line start and line end.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from license_vault.errors import (
    CharacterNotSettableError,
    FaceOverflowError,
    GlyphMissingError,
)
from license_vault.fonts import Fonts, Glyph, package_with
from license_vault.placed_face import Box, PlacedRun

NO_LINE_START = frozenset("，。、；：？！）》」』】〕〉〗〙〛｝］”’…—～·％‰℃々,.;:?!)]}%>»›")
NO_LINE_END = frozenset("（《「『【〔〈〖〘〚｛［“‘￥＄([{<«‹$¥€£")
ASCENT, DESCENT = 0.88, 0.12  # of the Chinese em square of all our fonts
_BREAKS_AFTER = frozenset("./-_?&=#@:,;")  # in a word or number wider than a line
_STEP_MM = 0.05  # sizes tried lie this far apart
_WIDEST_JUSTIFICATION = 0.08  # em; more would look like spaces, to people and to readers
_ROUNDING = 1e-6  # mm, for sums of widths that fill a line exactly
_UNSETTABLE = frozenset(("Cc", "Cf", "Co", "Cs", "Me", "Mn", "Mc", "Zl", "Zp"))
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
class _Cluster:
    """Characters that stay together; the spaces after them may hang over the line's end."""

    start: int
    end: int
    width: float
    hanging: float


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
    glyphs = measure(words, frame.style.family, fonts)
    size, lines = fit(words, glyphs, frame)
    return tuple(_place(words, glyphs, frame, size, lines))


def measure(words: Words, family: str, fonts: Fonts) -> tuple[Glyph, ...]:
    """Return the glyph of each character; a line feed has none and no width."""
    return tuple(
        Glyph("", 0.0) if character == "\n" else _glyph(character, words.name, family, fonts)
        for character in words.text
    )


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
        and unicodedata.bidirectional(character) not in _RIGHT_TO_LEFT
    )


def fit(words: Words, glyphs: Sequence[Glyph], frame: TextFrame) -> tuple[float, tuple[Line, ...]]:
    """Return the largest allowed size at which the text fits its frame, and its lines."""
    paragraphs = tuple(
        tuple(_clusters(words.text, glyphs, start, end)) for start, end in _paragraphs(words.text)
    )
    total = sum(cluster.width for clusters in paragraphs for cluster in clusters)
    for size in _sizes(frame.style):
        width = (frame.box.width + _ROUNDING) / size
        room = _lines_that_fit(frame, size)
        if total > width * room or len(paragraphs) > room:
            continue
        lines = tuple(
            line
            for each in paragraphs
            for line in _break(_narrowed(each, words, glyphs, width), width)
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


def _clusters(text: str, glyphs: Sequence[Glyph], first: int, end: int) -> Iterator[_Cluster]:
    start = first
    for at in range(first + 1, end + 1):
        if at < end and not may_break(text[at - 1], text[at]):
            continue
        bare = start + len(text[start:at].rstrip(" "))
        width = sum(glyph.advance for glyph in glyphs[start:bare])
        yield _Cluster(start, at, width, sum(glyph.advance for glyph in glyphs[bare:at]))
        start = at


def _narrowed(
    clusters: Sequence[_Cluster], words: Words, glyphs: Sequence[Glyph], limit: float
) -> Iterator[_Cluster]:
    """Break up what is wider than a whole line: after . / - and the like, else anywhere."""
    for cluster in clusters:
        if cluster.width <= limit:
            yield cluster
            continue
        start = cluster.start
        while start < cluster.end:
            end, width, best = start, 0.0, (start, 0.0)
            while end < cluster.end and width + glyphs[end].advance <= limit:
                width += glyphs[end].advance
                end += 1
                if words.text[end - 1] in _BREAKS_AFTER:
                    best = (end, width)
            if end < cluster.end and best[0] > start:
                end, width = best
            elif end == start:  # one character wider than the line: the caller sees and shrinks
                end, width = start + 1, glyphs[start].advance
            yield _Cluster(start, end, width, 0.0)
            start = end


def _break(clusters: Iterable[_Cluster], limit: float) -> Iterator[Line]:
    """Fill lines of at most ``limit`` em, greedily."""
    start = end = -1
    filled = hanging = 0.0
    for cluster in clusters:
        if start < 0:
            start = end = cluster.start
        if end > start and filled + hanging + cluster.width > limit:
            yield Line(start, end, filled, last=False)
            start, filled, hanging = end, 0.0, 0.0
        filled += hanging + cluster.width
        hanging, end = cluster.hanging, cluster.end
    if start >= 0:
        yield Line(start, end, filled, last=True)


def _place(
    words: Words, glyphs: Sequence[Glyph], frame: TextFrame, size: float, lines: Sequence[Line]
) -> Iterator[PlacedRun]:
    pitch = size * frame.style.leading
    free = frame.box.height - size - pitch * (len(lines) - 1)
    share = {"top": 0.0, "middle": 0.5, "bottom": 1.0}[frame.style.vertical]
    baseline = frame.box.y + free * share + ASCENT * size
    for number, line in enumerate(lines):
        spacing = _spacing(line, frame, size)
        x = _start_of_line(line, frame, size, spacing)
        yield from _runs(
            words, glyphs, line, _Pen(frame.style, size, x, baseline + number * pitch, spacing)
        )


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


def _runs(words: Words, glyphs: Sequence[Glyph], line: Line, pen: _Pen) -> Iterator[PlacedRun]:
    """Cut a line where the font changes, or where the claim's characters begin and end."""
    start, x, bounds = line.start, pen.x, words.bounds
    for at in range(line.start + 1, line.end + 1):
        if at < line.end and at not in bounds and glyphs[at].font == glyphs[start].font:
            continue
        advance = sum(glyph.advance for glyph in glyphs[start:at]) * pen.size
        advance += pen.spacing * (at - start)
        yield PlacedRun(
            text=words.text[start:at],
            font=glyphs[start].font,
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
        start = at
