"""Read a document for verification: structure, claims, metadata, and the text in each box.

The one function that touches hostile bytes with parsers. The parser process runs it; the final
check at issuing runs the same in process. It answers with values or a named failure, always.
"""

from __future__ import annotations

from collections.abc import Mapping

from signing.errors import UnreadableDocumentError
from signing.pdf_reader import EmbeddedSeal, PdfContent, ReadLimits, TextBox, read_pdf_with_text
from verification.content import Place, read_index
from verification.errors import MalformedEvidenceError
from verification.evidence import ParsedDocument, ParsedSeal, PdfPlace, ReadFailure, ValueKind

_LOCKED = "password-protected"


def read_document(data: bytes, limits: ReadLimits | None = None) -> ParsedDocument | ReadFailure:
    """Return what a document says, or why it cannot be read."""
    try:
        content, texts = read_pdf_with_text(data, _boxes, limits or ReadLimits())
        return _document(content, texts)
    except UnreadableDocumentError as error:
        return _failure(error)
    except MemoryError:
        return ReadFailure("reader-limit", "memory")
    except RecursionError:
        return ReadFailure("reader-limit", "depth")


def _failure(error: UnreadableDocumentError) -> ReadFailure:
    if error.code == _LOCKED:
        return ReadFailure("document-encrypted", error.code)
    limited = "too-" in error.code
    return ReadFailure("reader-limit" if limited else "document-unreadable", error.code)


def _boxes(content: PdfContent) -> tuple[TextBox, ...]:
    return tuple(TextBox(page, *box) for page, box in _places(content)[0].values())


def _places(content: PdfContent) -> tuple[Mapping[str, Place], str | None]:
    """Return where the index says that claims stand, and what is wrong with the index."""
    if content.data_index is None:
        return {}, None
    try:
        return read_index(content.data_index), None
    except MalformedEvidenceError as error:
        return {}, f"{error.path} {error.reason}".strip()


def _document(content: PdfContent, texts: tuple[str, ...]) -> ParsedDocument:
    places, problem = _places(content)
    return ParsedDocument(
        seals=tuple(map(_seal, content.seals)),
        document_timestamps=tuple(map(_seal, content.document_timestamps)),
        later_changes=content.later_changes,
        problems=content.problems,
        claims=content.claims,
        data_index=content.data_index,
        metadata=dict(content.xmp),
        texts=dict(zip(places, texts, strict=True)),
        index_problem=problem,
    )


def _seal(seal: EmbeddedSeal) -> ParsedSeal:
    return ParsedSeal(
        name=seal.field_name,
        kind=ValueKind.CMS,
        value=seal.value,
        claimed_at=seal.claimed_at,
        problems=seal.problems,
        pdf=PdfPlace(
            revision=seal.revision,
            byte_range=tuple(seal.byte_range),
            sub_filter=seal.sub_filter,
            covers_whole_file=seal.covers_whole_file,
            certification=seal.certification,
            field_lock=seal.field_lock,
            lock_permission=seal.lock_permission,
        ),
    )
