"""Attacks on our own sealed document: each leaves a trace that verification can judge.

P1 universal forgery, P2 incremental saving, P3 wrapping, P5 certification, P6 references, P10
foreign containers (docs/attacks.md). The documents are made here, nothing is copied.
"""

import re
from collections.abc import Callable
from functools import cache
from io import BytesIO

import pikepdf
import pytest
from documents import PLACEMENT, PLACES, drawn_pdf, sealed_pdf, thrice_sealed_pdf
from pki import Pki
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from signing.errors import UnreadableDocumentError
from signing.pdf.reader import PdfContent, ReadLimits, read_pdf
from signing.seal import SealOrder


@cache
def sealed() -> bytes:
    return sealed_pdf()


def traces(content: PdfContent) -> set[str]:
    """Everything a judge would stumble over."""
    found = set(content.problems)
    for seal in content.seals:
        found |= set(seal.problems)
    found |= {f"later-{change}" for change in content.later_changes}
    if not content.seals:
        found.add("no-seal")
    elif not (content.seals[-1].covers_whole_file or content.later_changes):
        found.add("not-covered")
    return found


def traces_of(data: bytes) -> set[str]:
    try:
        return traces(read_pdf(data))
    except UnreadableDocumentError as error:
        return {f"unreadable-{error.code}"}


def swap(pattern: bytes, replacement: bytes) -> bytes:
    """Replace in the last revision, keeping the length."""
    found = re.compile(pattern, re.DOTALL).search(sealed(), byte_range()[1] - 300)
    assert found
    padded = replacement.ljust(len(found[0]))
    assert len(padded) == len(found[0])
    return sealed()[: found.start()] + padded + sealed()[found.end() :]


CONTENTS = rb"/Contents <[0-9A-F]+>"
BYTE_RANGE = rb"/ByteRange \[[^]]*\] *"


def byte_range() -> tuple[int, int, int, int]:
    return read_pdf(sealed()).seals[0].byte_range


def wrong_range(*numbers: int) -> bytes:
    return swap(BYTE_RANGE, b"/ByteRange [" + b" ".join(b"%d" % n for n in numbers) + b"]")


P1_P3: dict[str, Callable[[], bytes]] = {
    "contents removed": lambda: swap(CONTENTS, b""),
    "contents empty": lambda: swap(CONTENTS, b"/Contents <>"),
    "contents null": lambda: swap(CONTENTS, b"/Contents null"),
    "contents a number": lambda: swap(CONTENTS, b"/Contents 0"),
    "contents zero": lambda: swap(CONTENTS, b"/Contents <00>"),
    "contents a literal string": lambda: swap(CONTENTS, b"/Contents (0)"),
    "range removed": lambda: swap(BYTE_RANGE, b""),
    "range null": lambda: swap(BYTE_RANGE, b"/ByteRange null"),
    "range empty": lambda: wrong_range(),
    "range a name": lambda: swap(BYTE_RANGE, b"/ByteRange /A"),
    "range of three": lambda: wrong_range(*byte_range()[:3]),
    "range of six": lambda: wrong_range(*byte_range(), 0, 0),
    "range from one": lambda: wrong_range(1, *byte_range()[1:]),
    "range negative": lambda: wrong_range(0, -1, *byte_range()[2:]),
    "range overlapping": lambda: wrong_range(0, byte_range()[2] + 5, *byte_range()[2:]),
    "range beyond the end": lambda: wrong_range(*byte_range()[:3], byte_range()[3] + 1),
    "range huge": lambda: wrong_range(0, 10, 99_999_999_999, 10),
    "range of zeros": lambda: wrong_range(0, 0, 0, 0),
    "gap too wide": lambda: wrong_range(
        0, byte_range()[1] - 4, byte_range()[2] + 4, byte_range()[3] - 4
    ),
    "gap to the end": lambda: wrong_range(0, byte_range()[1], byte_range()[2] + 100, 10),
    "sub filter unknown": lambda: swap(rb"/SubFilter /ETSI\.CAdES\.detached", b"/SubFilter /X"),
    "sub filter removed": lambda: swap(rb"/SubFilter /ETSI\.CAdES\.detached", b""),
    "lower and upper case": lambda: _one_letter_lower(),
    "last padding digit": lambda: (
        sealed()[: byte_range()[2] - 2] + b"1" + sealed()[byte_range()[2] - 1 :]
    ),
}


def _one_letter_lower() -> bytes:
    data = bytearray(sealed())
    start, stop = byte_range()[1:3]
    at = next(i for i in range(start, stop) if data[i : i + 1].isupper())
    data[at] |= 0x20
    return bytes(data)


@pytest.mark.parametrize("name", P1_P3)
def test_a_forged_signature_dictionary_leaves_a_trace(name: str) -> None:
    forged = P1_P3[name]()
    content = read_pdf(forged)
    digests = {seal.digest_in(forged) for seal in content.seals}
    original = read_pdf(sealed()).seals[0].digest_in(sealed())

    # Inside the covered bytes a change shows in the digest, outside it must be named.
    assert traces(content) or original not in digests
    if name in ("lower and upper case", "last padding digit"):
        expected = {
            "lower and upper case": "contents-hex-mixed-case",
            "last padding digit": "nonzero-padding",
        }[name]
        assert traces(content) == {expected}


def test_an_unknown_sub_filter_is_reported_and_not_passed_over() -> None:
    (seal,) = read_pdf(P1_P3["sub filter unknown"]()).seals

    assert seal.sub_filter == "X"


def update(change: Callable[[IncrementalPdfFileWriter], None], data: bytes | None = None) -> bytes:
    """Append a revision that pyHanko writes, as an attacker would."""
    output = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(data or sealed()))
    change(writer)
    writer.write(output)
    return output.getvalue()


def _page(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    return writer.find_page_for_modification(0)[0].get_object()


def replace_page_content(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    text = b"BT /F1 14 Tf 141.7 690 Td (ALTERED) Tj ET"
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=text))
    writer.update_container(page)


def add_annotation(writer: IncrementalPdfFileWriter) -> None:
    note = generic.DictionaryObject({
        generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
        generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
        generic.pdf_name("/Rect"): generic.ArrayObject(
            [generic.NumberObject(n) for n in (100, 600, 300, 700)]
        ),
        generic.pdf_name("/Contents"): generic.pdf_string("ALTERED"),
    })  # fmt: skip
    writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(note))


def strip_certification(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Perms"]
    writer.update_root()


def remove_form(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/AcroForm"]
    writer.update_root()


def open_javascript(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OpenAction"] = generic.DictionaryObject({
        generic.pdf_name("/S"): generic.pdf_name("/JavaScript"),
        generic.pdf_name("/JS"): generic.pdf_string("app.alert(1)"),
    })  # fmt: skip
    writer.update_root()


def reference_twice(writer: IncrementalPdfFileWriter) -> None:
    fields = writer.root["/AcroForm"]["/Fields"]
    twin = generic.DictionaryObject(
        {
            generic.pdf_name("/FT"): generic.pdf_name("/Sig"),
            generic.pdf_name("/T"): generic.pdf_string("Twin"),
            generic.pdf_name("/V"): fields[0].raw_get("/V"),
        }
    )
    fields.append(writer.add_object(twin))
    writer.update_container(fields)


def add_empty_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Empty"))


INCREMENTAL = {
    "page replaced": (replace_page_content, "later-other"),
    "annotation added": (add_annotation, "later-other"),
    "certification stripped": (strip_certification, "certification-not-in-catalog"),
    "form removed": (remove_form, "no-seal"),
    "javascript": (open_javascript, "javascript"),
    "signature referenced twice": (reference_twice, "signature-referenced-twice"),
    "empty signature field": (add_empty_field, "signature-field-empty"),
    "nothing changed": (lambda writer: writer.update_root(), "later-other"),
}


@pytest.mark.parametrize("name", INCREMENTAL)
def test_whatever_is_appended_leaves_a_trace(name: str) -> None:
    change, expected = INCREMENTAL[name]

    assert expected in traces(read_pdf(update(change)))


PAGE_OBJECT = re.compile(rb"(\d+) 0 obj\s*<<[^>]*?/Type /Page\b")


def fake_updates() -> dict[str, bytes]:
    """Incremental saving attacks: a new page object with broken or missing cross references."""
    text = b"BT /F1 14 Tf 141.7 690 Td (ALTERED) Tj ET"
    body = b"4 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(text), text)
    size = len(sealed())
    trailer = b"trailer\n<< /Size 30 /Root 1 0 R /Prev 9 >>\n"
    start = b"startxref\n%d\n%%%%EOF\n"
    return {
        "no cross reference": body,
        "end mark only": body + b"%%EOF\n",
        "empty cross reference": body + b"xref\n" + trailer + start % (size + len(body)),
        "empty cross reference, no trailer": body + b"xref\n" + start % (size + len(body)),
        "start beyond the end": body + trailer + start % (10 * size),
        "start at nought": body + trailer + start % 0,
        "start with a comment": body + b"%% startxref\n" + start % size,
        "trailer only": body + trailer,
        "old cross reference again": body + start % sealed().rindex(b"xref\n", 0, size - 20),
        "comment after the end": b"% hello\n",
        "line ends after the end": b"\n\n\n",
        "zeros after the end": bytes(16),
        "second header": b"%PDF-1.7\n",
        "whole second file": drawn_pdf("ALTERED"),
        "xref stream start": body + start % (size + 3),
        "object without end": body[:-8],
    }


@pytest.mark.parametrize("name", fake_updates())
def test_bytes_after_the_seal_leave_a_trace(name: str) -> None:
    assert traces_of(sealed() + fake_updates()[name])


def test_bytes_before_the_header_leave_a_trace() -> None:
    assert "junk-before-header" in traces_of(b"junk\n" + sealed())


def test_a_revision_between_drawing_and_sealing_leaves_a_trace() -> None:
    pki = Pki()
    prepared = update(replace_page_content, drawn_pdf())

    assert "unsealed-revision" in traces_of(pki.sealer().seal_pdf(prepared, pki.seal(), PLACEMENT))


def test_a_page_replaced_between_two_seals_leaves_a_trace() -> None:
    pki = Pki()
    place, other = PLACES[:2]
    first = pki.sealer().seal_pdf(drawn_pdf(), pki.seal(), place, SealOrder.FIRST, (other,))
    altered = update(replace_page_content, first)
    data = pki.sealer().seal_pdf(altered, pki.seal("11010100000002"), other, SealOrder.LAST)

    assert "changed-since-previous-seal" in traces_of(data)


def test_a_first_seal_that_was_changed_later_leaves_a_trace() -> None:
    def rename(writer: IncrementalPdfFileWriter) -> None:
        field = writer.root["/AcroForm"]["/Fields"][0]
        field["/T"] = generic.pdf_string("Renamed")
        writer.update_container(field)

    assert "changed-since-sealed" in traces_of(update(rename, thrice_sealed_pdf()))


FOREIGN: dict[str, tuple[Callable[[pikepdf.Pdf], None], str]] = {
    "javascript in names": (
        lambda pdf: pdf.Root.__setattr__(
            "Names", pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array()))
        ),
        "javascript",
    ),
    "launch": (
        lambda pdf: pdf.Root.__setattr__(
            "OpenAction", pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
        ),
        "launch-action",
    ),
    "xfa": (
        lambda pdf: pdf.Root.__setattr__("AcroForm", pikepdf.Dictionary(XFA=pikepdf.Array())),
        "xfa",
    ),
    "portfolio": (
        lambda pdf: pdf.Root.__setattr__("Collection", pikepdf.Dictionary()),
        "portfolio",
    ),
    "optional content": (
        lambda pdf: pdf.Root.__setattr__("OCProperties", pikepdf.Dictionary()),
        "optional-content",
    ),
    "remote": (
        lambda pdf: pdf.Root.__setattr__("OpenAction", pikepdf.Dictionary(S=pikepdf.Name.GoToR)),
        "remote-action",
    ),
    "text field": (
        lambda pdf: pdf.Root.__setattr__(
            "AcroForm",
            pikepdf.Dictionary(
                Fields=pikepdf.Array([pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Tx))])
            ),
        ),
        "form-field",
    ),
    "signature outside the form": (
        lambda pdf: pdf.Root.__setattr__(
            "Hidden", pdf.make_indirect(pikepdf.Dictionary(ByteRange=pikepdf.Array([0, 1, 2, 3])))
        ),
        "signature-outside-form",
    ),
}


@pytest.mark.parametrize("object_streams", [False, True])
@pytest.mark.parametrize("name", FOREIGN)
def test_active_content_is_reported_also_in_compressed_objects(
    name: str, object_streams: bool
) -> None:
    change, expected = FOREIGN[name]
    pdf = pikepdf.open(BytesIO(drawn_pdf()))
    change(pdf)
    output = BytesIO()
    mode = pikepdf.ObjectStreamMode
    pdf.save(output, object_stream_mode=mode.generate if object_streams else mode.disable)

    assert expected in read_pdf(output.getvalue()).problems


def test_an_unexpected_attachment_is_reported() -> None:
    content = read_pdf(drawn_pdf(attachments={"claims.json": b"{}", "run.exe": b"MZ"}))

    assert content.problems == ("attachment-unexpected",)
    assert content.claims == b"{}"


def encrypted(user: str) -> bytes:
    output = BytesIO()
    pikepdf.open(BytesIO(drawn_pdf())).save(
        output, encryption=pikepdf.Encryption(owner="owner", user=user)
    )
    return output.getvalue()


def test_an_encrypted_document_is_reported_or_refused() -> None:
    assert "encrypted" in read_pdf(encrypted("")).problems
    with pytest.raises(UnreadableDocumentError, match="password-protected"):
        read_pdf(encrypted("secret"))


def bomb() -> bytes:
    """Attached claims that unpack to more than is read."""
    return drawn_pdf(attachments={"claims.json": bytes(6 * 1024 * 1024)})


LIMITS = {
    "too-large": (lambda: drawn_pdf(), ReadLimits(max_bytes=100)),
    "too-many-objects": (lambda: drawn_pdf(), ReadLimits(max_objects=3)),
    "too-many-pages": (lambda: drawn_pdf(pages=3), ReadLimits(max_pages=2)),
    "too-many-seals": (lambda: thrice_sealed_pdf(), ReadLimits(max_seals=2)),
    "stream-too-large": (bomb, ReadLimits()),
    "not-a-pdf": (lambda: b"PK\x03\x04", ReadLimits()),
}


@pytest.mark.parametrize("code", LIMITS)
def test_limits_are_named(code: str) -> None:
    make, limits = LIMITS[code]

    with pytest.raises(UnreadableDocumentError) as caught:
        read_pdf(make(), limits)

    assert caught.value.code == code


def test_a_circular_page_tree_ends() -> None:
    pdf = pikepdf.open(BytesIO(drawn_pdf()))
    pdf.Root.Pages.Kids = pikepdf.Array([pdf.Root.Pages])
    output = BytesIO()
    pdf.save(output)

    assert traces_of(output.getvalue())


def test_a_circular_form_ends() -> None:
    pdf = pikepdf.open(BytesIO(drawn_pdf()))
    field = pdf.make_indirect(pikepdf.Dictionary(T="loop"))
    field.Kids = pikepdf.Array([field])
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
    output = BytesIO()
    pdf.save(output)

    assert traces_of(output.getvalue())
