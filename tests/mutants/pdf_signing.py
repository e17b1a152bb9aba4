"""Signs a PDF as others do: one field, any SubFilter, any value over the two ranges."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

_ROOM = 16 * 1024
_RANGE = b"/ByteRange [ 0 1111111111 2222222222 3333333333 ]"


def signed_pdf(pdf: bytes, sub_filter: str, make_value: Callable[[bytes], bytes]) -> bytes:
    """Return the PDF with one signature; ``make_value`` is given what the ranges cover."""
    data = _with_field(pdf, sub_filter)
    hole = data.index(b"<" + b"00" * _ROOM + b">")
    end = hole + 2 * _ROOM + 2
    at = data.index(_RANGE)
    numbers = f"/ByteRange [ 0 {hole} {end} {len(data) - end} ]".encode()
    data = data[:at] + numbers.ljust(len(_RANGE)) + data[at + len(_RANGE) :]
    value = make_value(data[:hole] + data[end:])
    digits = value.hex().encode().ljust(2 * _ROOM, b"0")
    assert len(digits) == 2 * _ROOM
    return data[: hole + 1] + digits + data[end - 1 :]


def _with_field(pdf: bytes, sub_filter: str) -> bytes:
    with Pdf.open(BytesIO(pdf)) as opened:
        value = opened.make_indirect(
            Dictionary(
                Type=Name.Sig,
                Filter=Name("/Adobe.PPKLite"),
                SubFilter=Name(f"/{sub_filter}"),
                ByteRange=Array([0, 1111111111, 2222222222, 3333333333]),
                Contents=String(bytes(_ROOM)),
                M=String("D:20260601040000Z"),
            )
        )
        field = opened.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Sig,
                T=String("Signature1"),
                Rect=Array([100, 100, 200, 200]),
                F=132,
                V=value,
                P=opened.pages[0].obj,
            )
        )
        opened.pages[0].Annots = Array([field])
        opened.Root.AcroForm = opened.make_indirect(Dictionary(Fields=Array([field]), SigFlags=3))
        output = BytesIO()
        opened.save(
            output,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return output.getvalue()
