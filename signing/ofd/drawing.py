"""Draws the objects of an OFD page onto a sheet; tells what it could not draw.

Text is drawn as glyph outlines: of the font that the document embeds, else of ours for that kind
of font, which is told. Text is not clipped by its own boundary, as other readers have it: writers
measure with other fonts. Paths and images are, by the standard. Opens no package by itself and
rasterises nothing.

Source: GB/T 33190-2016, 8 to 11 and 13.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from signing.errors import PageNotDrawableError
from signing.ofd.graphics import (
    OfdCharacter,
    OfdClip,
    OfdColor,
    OfdImage,
    OfdObject,
    OfdPage,
    OfdPaint,
    OfdPath,
    OfdPlace,
    OfdText,
)
from signing.ofd.outlines import outline_of
from signing.ofd.page_canvas import Canvas, Ink, Line, Outline, Pixels
from signing.ofd.raster_pictures import read_pixels
from signing.ofd.resources import OfdFont
from signing.ofd.values import Matrix, combined, transformed
from signing.picture.glyph_shapes import FontShapes, open_font
from signing.picture.seal_drawing import Shape

_CAPS = {"Butt": 0, "Round": 1, "Square": 2}
_JOINS = {"Miter": 0, "Round": 1, "Bevel": 2}
_BOLD_FROM = 600
_BOLD_LINE = 0.035  # em, around a glyph of ours that stands for a bold one
_SLANT = 0.21
_NARROWEST = 0.6
_MOST_NOTES = 200
_FLAT = 1e-9


class FallbackGlyphs(Protocol):
    """Glyphs for fonts that a document names and does not bring."""

    def glyph(self, family: str, character: str) -> Shape | None:
        """Return a character's shape in something like a family, None if there is none."""


@dataclass(frozen=True, slots=True)
class NotDrawn:
    """Something that is not drawn, or not as the document has it: a stable code, and where."""

    code: str
    place: str


class Notes:
    """Collects what was not drawn: each once, in the order met, not without end."""

    def __init__(self) -> None:
        self._found: dict[NotDrawn, None] = {}

    def add(self, code: str, place: str) -> None:
        """Note something."""
        if len(self._found) < _MOST_NOTES:
            self._found[NotDrawn(code, place)] = None
        else:
            self._found[NotDrawn("more-not-drawn", "")] = None

    @property
    def found(self) -> tuple[NotDrawn, ...]:
        """What was noted."""
        return tuple(self._found)


class PageDrawing:
    """Draws pages of one document onto sheets."""

    def __init__(
        self, read: Callable[[str], bytes], fallback: FallbackGlyphs, notes: Notes
    ) -> None:
        """Take what drawing needs.

        Args:
            read: an entry's bytes by its name.
            fallback: for what the document does not bring.
            notes: where to tell what is not drawn.
        """
        self._read = read
        self._fallback = fallback
        self._notes = notes
        self._fonts: dict[str, FontShapes | None] = {}
        self._images: dict[str, Pixels | None] = {}

    def draw(self, canvas: Canvas, page: OfdPage, source: str) -> None:
        """Draw a page; ``source`` is named for what the page as a whole does not express."""
        for code in page.not_drawn:
            self._notes.add(code, source)
        for each in page.objects:
            self._draw(canvas, each)

    def _draw(self, canvas: Canvas, each: OfdObject) -> None:
        clips = each.place.clips
        if isinstance(each, OfdText):
            clips = clips[:-1]
        elif isinstance(each, OfdPath) and clips:
            clips = (*clips[:-1], _with_room(clips[-1], each.paint))
        with canvas.state():
            for clip in clips:
                canvas.clip(_corners(clip))
            if isinstance(each, OfdText):
                self._text(canvas, each)
            elif isinstance(each, OfdPath):
                self._path(canvas, each)
            else:
                self._image(canvas, each)

    def _has_extent(self, place: OfdPlace, size: float = 1.0) -> bool:
        a, b, c, d, _, _ = place.matrix
        extends = abs(a * d - b * c) > _FLAT and abs(size) > _FLAT
        if not extends:
            self._notes.add("object-without-extent", _where(place))
        return extends

    # -- paths and images --------------------------------------------------------------------

    def _path(self, canvas: Canvas, path: OfdPath) -> None:
        outline = outline_of(path.segments)
        if outline and self._has_extent(path.place):
            with canvas.state(path.place.matrix):
                _paint(canvas, outline, path.paint)

    def _image(self, canvas: Canvas, image: OfdImage) -> None:
        pixels = self._pixels(image)
        if pixels is not None and self._has_extent(image.place):
            canvas.image(pixels, image.place.matrix, image.alpha / 255)

    def _pixels(self, image: OfdImage) -> Pixels | None:
        path = image.media.path or ""
        if path not in self._images:
            try:
                self._images[path] = read_pixels(self._read(path))
            except PageNotDrawableError as error:
                self._notes.add(error.code, f"{_where(image.place)} {path}")
                self._images[path] = None
        return self._images[path]

    # -- text --------------------------------------------------------------------------------

    def _text(self, canvas: Canvas, text: OfdText) -> None:
        if not text.characters or not self._has_extent(text.place, text.size):
            return
        font = self._font(text.font)
        family = f"{text.font.name} {text.font.family}" if text.font else ""
        if font is None and text.text.strip():
            self._notes.add("font-substituted", family.strip() or _where(text.place))
        nexts = (*text.characters[1:], None)
        for character, following in zip(text.characters, nexts, strict=True):
            shape = None if font is None else _shape(font, character)
            if shape is not None:
                with canvas.state(_to_page(text, character, 1.0)):
                    _paint_glyph(canvas, shape, text)
                continue
            for other in self._substitutes(text, character, family):
                with canvas.state(
                    _to_page(text, character, _room(text, other, following, character))
                ):
                    _paint_glyph(canvas, other, text, _BOLD_LINE if _is_bold(text) else 0.0)

    def _substitutes(self, text: OfdText, character: OfdCharacter, family: str) -> list[Shape]:
        """Return shapes of ours for a character; tell what even we have not."""
        found = []
        for one in character.text:
            if one.isspace():
                continue
            shape = self._fallback.glyph(family, one)
            if shape is None:
                self._notes.add("glyph-missing", f"{_where(text.place)} U+{ord(one):04X}")
                continue
            found.append(shape)
            if self._font(text.font) is not None:
                self._notes.add("glyph-substituted", f"{_where(text.place)} U+{ord(one):04X}")
        return found

    def _font(self, font: OfdFont | None) -> FontShapes | None:
        if font is None or font.path is None:
            return None
        if font.path not in self._fonts:
            self._fonts[font.path] = open_font(self._read(font.path))
            if self._fonts[font.path] is None:
                self._notes.add("font-unreadable", font.path)
        return self._fonts[font.path]


def _shape(font: FontShapes, character: OfdCharacter) -> Shape | None:
    if character.glyph is not None:
        return font.shape(character.glyph)
    return font.of(character.text) if len(character.text) == 1 else None


def _is_bold(text: OfdText) -> bool:
    return text.weight >= _BOLD_FROM or bool(text.font and text.font.bold)


def _room(text: OfdText, shape: Shape, following: OfdCharacter | None, at: OfdCharacter) -> float:
    """Return how wide a glyph of ours is drawn, so that it ends where the next one begins."""
    if following is None or not shape.advance:
        return 1.0
    a, b, _, _, _, _ = text.place.matrix
    wide = shape.advance * text.size * abs(text.horizontal_scale) * math.hypot(a, b)
    there = math.dist((at.x_mm, at.y_mm), (following.x_mm, following.y_mm))
    return min(1.0, max(there / wide, _NARROWEST)) if wide else 1.0


def _to_page(text: OfdText, character: OfdCharacter, narrowed: float) -> Matrix:
    """Return what takes a glyph in em, y up, to its place on the page."""
    slant = _SLANT if text.italic or (text.font and text.font.italic and not text.font.path) else 0
    turn = math.radians(text.direction)
    glyph: Matrix = (text.horizontal_scale * narrowed, 0.0, slant, -1.0, 0.0, 0.0)
    turned: Matrix = (math.cos(turn), math.sin(turn), -math.sin(turn), math.cos(turn), 0.0, 0.0)
    sized: Matrix = (text.size, 0.0, 0.0, text.size, 0.0, 0.0)
    a, b, c, d, _, _ = text.place.matrix
    there: Matrix = (a, b, c, d, character.x_mm, character.y_mm)
    return combined(combined(combined(glyph, turned), sized), there)


def _paint_glyph(canvas: Canvas, shape: Shape, text: OfdText, heavier: float = 0.0) -> None:
    if not shape.commands:
        return
    paint = replace(text.paint, even_odd=False, line_width=text.paint.line_width / text.size)
    _paint(canvas, shape.commands, paint)
    if heavier and text.paint.fill is not None:
        canvas.stroke(shape.commands, _ink(text.paint.fill), Line(heavier, join=1))


def _paint(canvas: Canvas, outline: Outline, paint: OfdPaint) -> None:
    if paint.fill is not None:
        canvas.fill(outline, _ink(paint.fill), paint.even_odd)
    if paint.stroke is not None:
        canvas.stroke(outline, _ink(paint.stroke), _line(paint))


def _ink(colour: OfdColor) -> Ink:
    return Ink((colour.red, colour.green, colour.blue), colour.alpha / 255)


def _line(paint: OfdPaint) -> Line:
    dashes = paint.dash if all(part >= 0 for part in paint.dash) and any(paint.dash) else ()
    return Line(
        width=max(paint.line_width, 0.0),
        cap=_CAPS.get(paint.cap, 0),
        join=_JOINS.get(paint.join, 0),
        miter=paint.miter_limit,
        dashes=dashes,
        dash_start=paint.dash_offset,
    )


def _with_room(clip: OfdClip, paint: OfdPaint) -> OfdClip:
    """Return a path's boundary with room for its line: writers measure the outline alone."""
    x, y, width, height = clip.box
    room = paint.line_width / 2 if paint.stroke is not None else 0.0
    return replace(clip, box=(x - room, y - room, width + 2 * room, height + 2 * room))


def _corners(clip: OfdClip) -> Outline:
    x, y, width, height = clip.box
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    points = [transformed(clip.matrix, *corner) for corner in corners]
    return [*zip("MLLL", points, strict=True), ("Z", ())]


def _where(place: OfdPlace) -> str:
    return f"{place.source}#{place.object_id}" if place.object_id else place.source
