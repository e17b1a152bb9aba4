"""What a reader sees of a seal: a form XObject with the drawing as vector paths, or an image.

pyHanko asks a *stamp style* for the appearance of a signature field; this is ours. The content is
compressed once a seal and size, not once a document. No fonts; an uploaded picture is an image
XObject with a soft mask. Multiplied with the page like ink, so that the date beneath stays
readable. The pen draws in millimetres, y downwards.
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp import BaseStampStyle

from signing.picture.seal_image import decode_png
from signing.picture.seal_picture import UPLOADED, Glyphs, SealPicture, draw_seal


@dataclass(frozen=True, slots=True)
class SealInk:
    """What is put on the page: operators in millimetres, y down, and the image they draw."""

    operators: bytes
    size_mm: tuple[float, float]
    image: bytes = b""


def seal_ink(picture: SealPicture, glyphs: Glyphs) -> SealInk:
    """Return what a seal's picture puts on the page.

    Raises:
        SealPictureError, SealTextTooLongError, SealGlyphMissingError: it cannot be drawn.
    """
    if picture.shape == UPLOADED:
        width, height = picture.size_mm
        # The unit square of an image has y up, the pen has y down.
        operators = f"{width:g} 0 0 {-height:g} 0 {height:g} cm /Picture Do".encode("ascii")
        return SealInk(operators, picture.size_mm, picture.image)
    drawing = draw_seal(picture, glyphs)
    return SealInk(drawing.to_pdf_operators(), picture.size_mm)


@lru_cache(maxsize=256)
def _compressed_content(operators: bytes, scale: float, height: float) -> bytes:
    """Return the content stream: millimetres downwards become points upwards."""
    matrix = f"q /Ink gs {scale:.6f} 0 0 {-scale:.6f} 0 {height:.4f} cm\n".encode("ascii")
    return zlib.compress(matrix + operators + b"\nQ\n", 9)


@lru_cache(maxsize=64)
def _compressed_image(png: bytes) -> tuple[int, int, bytes, bytes]:
    width, height, colours, alpha = decode_png(png)
    return width, height, zlib.compress(colours, 9), zlib.compress(alpha, 9)


def _resources(writer: BasePdfFileWriter, image: bytes) -> generic.DictionaryObject:
    """Return resources for drawing like stamp ink: what lies beneath stays readable.

    Blend mode Multiply, allowed in PDF/A-3 beside an output intent. Source: ISO 19005-3, 6.2.10.
    """
    multiply = generic.DictionaryObject({pdf_name("/BM"): pdf_name("/Multiply")})
    states = generic.DictionaryObject({pdf_name("/Ink"): multiply})
    resources = generic.DictionaryObject({pdf_name("/ExtGState"): states})
    if image:
        picture = _image(writer, *_compressed_image(image))
        resources["/XObject"] = generic.DictionaryObject({pdf_name("/Picture"): picture})
    return resources


def _image(
    writer: BasePdfFileWriter, width: int, height: int, colours: bytes, alpha: bytes
) -> generic.IndirectObject:
    """Add an image and its soft mask, not interpolated. Source: ISO 19005-3, 6.2.8."""

    def stream(space: str, data: bytes) -> generic.StreamObject:
        entries = {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Image"),
            pdf_name("/Width"): generic.NumberObject(width),
            pdf_name("/Height"): generic.NumberObject(height),
            pdf_name("/BitsPerComponent"): generic.NumberObject(8),
            pdf_name("/ColorSpace"): pdf_name(space),
            pdf_name("/Filter"): pdf_name("/FlateDecode"),
        }
        return generic.StreamObject(entries, encoded_data=data)

    picture = stream("/DeviceRGB", colours)
    picture["/SMask"] = writer.add_object(stream("/DeviceGray", alpha))
    return writer.add_object(picture)


class SealStamp:
    """An appearance that is about to be written with a document."""

    def __init__(
        self, writer: BasePdfFileWriter, content: bytes, size: tuple[float, float], image: bytes
    ):
        self._writer = writer
        self._content = content
        self._size = size
        self._image = image

    def apply_appearance(self, annotation: generic.DictionaryObject) -> None:
        """Make this the normal appearance of the annotation. Source: ISO 32000-1, 12.5.5."""
        width, height = (generic.FloatObject(f"{value:.4f}") for value in self._size)
        zero = generic.NumberObject(0)
        form = generic.StreamObject(
            {
                pdf_name("/Type"): pdf_name("/XObject"),
                pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): generic.ArrayObject([zero, zero, width, height]),
                pdf_name("/Resources"): _resources(self._writer, self._image),
                pdf_name("/Filter"): pdf_name("/FlateDecode"),
            },
            encoded_data=self._content,
        )
        reference = self._writer.add_object(form)
        annotation["/AP"] = generic.DictionaryObject({pdf_name("/N"): reference})


@dataclass(frozen=True)
class SealStampStyle(BaseStampStyle):
    """A stamp style that draws a seal's ink and nothing else; its box fills the field."""

    ink: SealInk = SealInk(b"", (42.0, 42.0))

    def create_stamp(
        self,
        writer: BasePdfFileWriter,
        box: BoxConstraints,
        text_params: dict[str, Any],  # noqa: ARG002  pyHanko's signature; our seal has no text
    ) -> SealStamp:
        """Return the appearance for one document; called by pyHanko."""
        width, height = self.ink.size_mm
        scale = min(box.width / width, box.height / height)
        content = _compressed_content(self.ink.operators, scale, box.height)
        return SealStamp(writer, content, (box.width, box.height), self.ink.image)
