"""A sheet to draw on in millimetres, y down, and its picture: PDF operators, drawn by PDFium.

Takes outlines, colours, transparency, clips and pixels; knows no fonts and no OFD. The engine that
draws our PDF pages draws OFD pages too, so that both look alike. Everything is bounded: a sheet
that asks for more than its limits is refused, and nothing is written to disk.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO

import pikepdf

from signing.errors import PageNotDrawableError
from signing.millimetres import POINTS_PER_MM
from signing.ofd.values import Matrix
from signing.pdf.rendering import MOST_PIXELS, pdf_page_png

# ("M" x y | "L" x y | "C" x1 y1 x2 y2 x y | "Z"): an outline in the units of the moment.
Outline = Sequence[tuple[str, tuple[float, ...]]]
Rgb = tuple[int, int, int]

_MOST_OPERATOR_BYTES = 48 * 1024 * 1024
_MOST_IMAGE_BYTES = 96 * 1024 * 1024
_LONGEST_SIDE_MM = 5_000.0
_FAR = 100_000  # wider than any sheet: the box of a group
_OPERATORS = {"M": "m", "L": "l", "C": "c", "Z": "h"}


@dataclass(frozen=True, slots=True)
class Ink:
    """A colour and how much it covers, 0 to 1."""

    colour: Rgb = (0, 0, 0)
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """How an outline is drawn along: width, cap 0–2, join 0–2, dashes and where they begin."""

    width: float
    cap: int = 0
    join: int = 0
    miter: float = 10.0
    dashes: tuple[float, ...] = ()
    dash_start: float = 0.0


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture: size, RGB octets, and alpha octets where it has transparency."""

    width: int
    height: int
    colours: bytes
    alpha: bytes | None = None


@dataclass(slots=True)
class _Layer:
    """Operators of the sheet or of a group on it."""

    operators: list[str] = field(default_factory=list)


class Canvas:
    """A sheet of a size in millimetres. Draw on it, then ask for its picture."""

    def __init__(self, width_mm: float, height_mm: float) -> None:
        """Begin an empty sheet; raises PageNotDrawableError for an absurd size."""
        if not all(0 < side <= _LONGEST_SIDE_MM for side in (width_mm, height_mm)):
            raise PageNotDrawableError("page-size", f"{width_mm:g} × {height_mm:g} mm")
        self._size = (width_mm, height_mm)
        self._layers = [_Layer()]
        self._groups: list[str] = []
        self._pixels: dict[int, tuple[str, Pixels]] = {}
        self._alphas: set[int] = set()
        self._written = 0
        self._image_bytes = 0

    @contextmanager
    def state(self, transformation: Matrix | None = None) -> Iterator[None]:
        """Keep what is set inside from going on outside; move, turn and scale first if asked."""
        self._put("q")
        if transformation is not None:
            self._put(f"{_numbers(transformation)} cm")
        try:
            yield
        finally:
            self._put("Q")

    @contextmanager
    def stamped(self) -> Iterator[None]:
        """Put all that is drawn inside onto the sheet as one, like ink: what is beneath shows."""
        self._layers.append(_Layer())
        try:
            yield
        finally:
            self._groups.append("\n".join(self._layers.pop().operators))
            self._put(f"q /Stamped gs /Group{len(self._groups) - 1} Do Q")

    def clip(self, outline: Outline, even_odd: bool = False) -> None:
        """Let nothing be seen outside an outline, until the state ends."""
        self._put(f"{_path(outline)} {'W*' if even_odd else 'W'} n")

    def fill(self, outline: Outline, ink: Ink, even_odd: bool = False) -> None:
        """Fill an outline."""
        self._put(f"{self._ink(ink)} rg {_path(outline)} {'f*' if even_odd else 'f'}")

    def stroke(self, outline: Outline, ink: Ink, line: Line) -> None:
        """Draw a line along an outline."""
        dashes = f"[{_numbers(line.dashes)}] {line.dash_start:.4f} d" if line.dashes else "[] 0 d"
        style = f"{line.width:.4f} w {line.cap} J {line.join} j {max(line.miter, 1.0):.3f} M"
        self._put(f"{self._ink(ink)} RG {style} {dashes} {_path(outline)} S")

    def image(self, pixels: Pixels, transformation: Matrix, alpha: float = 1.0) -> None:
        """Draw a picture: the unit square, y down, moved, turned and scaled."""
        if id(pixels) not in self._pixels:
            self._image_bytes += len(pixels.colours) + len(pixels.alpha or b"")
            if self._image_bytes > _MOST_IMAGE_BYTES:
                raise PageNotDrawableError("page-too-complex", "pictures")
            # The value is kept beside its id, which could else be given to another.
            self._pixels[id(pixels)] = (f"Picture{len(self._pixels)}", pixels)
        name = self._pixels[id(pixels)][0]
        with self.state(transformation):
            self._put(f"{self._alpha(alpha)} 1 0 0 -1 0 1 cm /{name} Do")

    def png(self, dots_per_mm: float) -> bytes:
        """Return the sheet as PNG on white.

        Raises:
            PageNotDrawableError: it would have too many pixels, or PDFium cannot draw it.
        """
        width, height = self._size
        if width * height * dots_per_mm**2 > MOST_PIXELS:
            raise PageNotDrawableError("page-too-large", f"{dots_per_mm:g} dots per mm")
        return pdf_page_png(self._pdf(), 1, dots_per_mm)

    def _put(self, operators: str) -> None:
        self._written += len(operators)
        if self._written > _MOST_OPERATOR_BYTES:
            raise PageNotDrawableError("page-too-complex", "outlines")
        self._layers[-1].operators.append(operators)

    def _ink(self, ink: Ink) -> str:
        red, green, blue = (f"{min(max(part, 0), 255) / 255:.4g}" for part in ink.colour)
        return f"{self._alpha(ink.alpha)} {red} {green} {blue}"

    def _alpha(self, alpha: float) -> str:
        level = round(min(max(alpha, 0.0), 1.0) * 255)
        self._alphas.add(level)
        return f"/Alpha{level} gs"

    def _pdf(self) -> bytes:
        width, height = (side * POINTS_PER_MM for side in self._size)
        matrix = f"{POINTS_PER_MM:.8f} 0 0 {-POINTS_PER_MM:.8f} 0 {height:.6f} cm\n"
        with pikepdf.new() as pdf:
            page = pdf.add_blank_page(page_size=(width, height))
            page.obj.Resources = self._resources(pdf)
            content = matrix + "\n".join(self._layers[0].operators)
            page.obj.Contents = pdf.make_stream(content.encode("ascii"))
            out = BytesIO()
            pdf.save(out, compress_streams=False)
        return out.getvalue()

    def _resources(self, pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
        states = {f"/Alpha{n}": pikepdf.Dictionary(ca=n / 255, CA=n / 255) for n in self._alphas}
        states["/Stamped"] = pikepdf.Dictionary(BM=pikepdf.Name.Multiply, ca=1, CA=1)
        objects = {f"/{name}": _picture(pdf, pixels) for name, pixels in self._pixels.values()}
        resources = pdf.make_indirect(pikepdf.Dictionary(ExtGState=pikepdf.Dictionary(states)))
        for number, operators in enumerate(self._groups):
            objects[f"/Group{number}"] = _group(pdf, operators, resources)
        resources.XObject = pikepdf.Dictionary(objects)
        return resources


def rectangle(x: float, y: float, width: float, height: float) -> Outline:
    """Return the outline of a box."""
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    return [*zip("MLLL", corners, strict=True), ("Z", ())]


def _path(outline: Outline) -> str:
    return " ".join(f"{_numbers(numbers)} {_OPERATORS[kind]}" for kind, numbers in outline)


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:.6f}".rstrip("0").rstrip(".") for value in values)


def _picture(pdf: pikepdf.Pdf, pixels: Pixels) -> pikepdf.Stream:
    def stream(space: pikepdf.Name, data: bytes) -> pikepdf.Stream:
        return pikepdf.Stream(
            pdf,
            data,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=pixels.width,
            Height=pixels.height,
            BitsPerComponent=8,
            ColorSpace=space,
        )

    picture = stream(pikepdf.Name.DeviceRGB, pixels.colours)
    if pixels.alpha is not None:
        picture.SMask = pdf.make_indirect(stream(pikepdf.Name.DeviceGray, pixels.alpha))
    return pdf.make_indirect(picture)


def _group(pdf: pikepdf.Pdf, operators: str, resources: pikepdf.Dictionary) -> pikepdf.Stream:
    """Return a form that is drawn as one. Source: ISO 32000-1, 11.6.6."""
    return pikepdf.Stream(
        pdf,
        operators.encode("ascii"),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Form,
        BBox=[-_FAR, -_FAR, _FAR, _FAR],
        Resources=resources,
        Group=pikepdf.Dictionary(S=pikepdf.Name.Transparency, I=True),
    )
