"""What a reader sees of a seal: a form XObject with the drawing as vector paths.

pyHanko asks a *stamp style* for the appearance of a signature field; this is ours. The drawing is
compressed once a seal and size, not once a document. No fonts and no images; multiplied with
the page like ink, so that the date beneath stays readable. The pen draws in millimetres, y
downwards.
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


@lru_cache(maxsize=256)
def _compressed_content(operators: bytes, scale: float, height: float) -> bytes:
    """Return the content stream: millimetres downwards become points upwards."""
    matrix = f"q /Ink gs {scale:.6f} 0 0 {-scale:.6f} 0 {height:.4f} cm\n".encode("ascii")
    return zlib.compress(matrix + operators + b"\nQ\n", 9)


def _ink() -> generic.DictionaryObject:
    """Return resources for drawing like stamp ink: what lies beneath stays readable.

    Blend mode Multiply, allowed in PDF/A-3 beside an output intent. Source: ISO 19005-3, 6.2.10.
    """
    multiply = generic.DictionaryObject({pdf_name("/BM"): pdf_name("/Multiply")})
    states = generic.DictionaryObject({pdf_name("/Ink"): multiply})
    return generic.DictionaryObject({pdf_name("/ExtGState"): states})


class VectorStamp:
    """An appearance that is about to be written with a document."""

    def __init__(self, writer: BasePdfFileWriter, content: bytes, size: tuple[float, float]):
        self._writer = writer
        self._content = content
        self._size = size

    def apply_appearance(self, annotation: generic.DictionaryObject) -> None:
        """Make this the normal appearance of the annotation. Source: ISO 32000-1, 12.5.5."""
        width, height = (generic.FloatObject(f"{value:.4f}") for value in self._size)
        zero = generic.NumberObject(0)
        form = generic.StreamObject(
            {
                pdf_name("/Type"): pdf_name("/XObject"),
                pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): generic.ArrayObject([zero, zero, width, height]),
                pdf_name("/Resources"): _ink(),
                pdf_name("/Filter"): pdf_name("/FlateDecode"),
            },
            encoded_data=self._content,
        )
        reference = self._writer.add_object(form)
        annotation["/AP"] = generic.DictionaryObject({pdf_name("/N"): reference})


@dataclass(frozen=True)
class VectorSealStyle(BaseStampStyle):
    """A stamp style that draws given path operators and nothing else.

    They draw in millimetres, y down, a square of ``diameter_mm``, which fills the field.
    """

    operators: bytes = b""
    diameter_mm: float = 42.0

    def create_stamp(
        self,
        writer: BasePdfFileWriter,
        box: BoxConstraints,
        text_params: dict[str, Any],  # noqa: ARG002  pyHanko's signature; our seal has no text
    ) -> VectorStamp:
        """Return the appearance for one document; called by pyHanko."""
        scale = min(box.width, box.height) / self.diameter_mm
        content = _compressed_content(self.operators, scale, box.height)
        return VectorStamp(writer, content, (box.width, box.height))
