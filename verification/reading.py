"""Read a document for verification: structure, claims, metadata, and the text of each claim.

The one function that touches hostile bytes with parsers. The parser process runs it; the final
check at issuing runs the same in process. It answers with values or a named failure, always.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from license_vault.license_metadata import CONTENT_ID_ELEMENT
from signing.errors import MalformedJsonFormError, UnreadableDocumentError
from signing.ofd.reader import OfdSeal, read_ofd_with_texts
from signing.pdf.reader import EmbeddedSeal, PdfContent, TextBox, read_pdf_with_text
from signing.sealed_json.reader import read_sealed_json
from verification.content import Place, read_index
from verification.document_form import document_form
from verification.errors import MalformedEvidenceError
from verification.evidence import (
    DocumentForm,
    OfdPlace,
    ParsedDocument,
    ParsedSeal,
    PdfPlace,
    ReadFailure,
    Reference,
    ValueKind,
)
from verification.package_form import OFD_LIMITS
from verification.value_kinds import ofd_value_kind, pdf_value_kind

_MAX_NAME = 128  # characters of the name of a seal, which stands in every line about it
_LOCKED = frozenset({"password-protected", "encrypted"})


def read_document(data: bytes) -> ParsedDocument | ReadFailure:
    """Return what a document says, or why it cannot be read."""
    form = document_form(data)
    if form is None:
        return ReadFailure("document-unreadable", "form-unknown")
    try:
        return _READERS[form](data)
    except UnreadableDocumentError as error:
        return _failure(error)
    except MalformedJsonFormError as error:
        return ReadFailure("document-unreadable", error.code)
    except MemoryError:
        return ReadFailure("reader-limit", "memory")
    except RecursionError:
        return ReadFailure("reader-limit", "depth")


def _failure(error: UnreadableDocumentError) -> ReadFailure:
    if error.code in _LOCKED:
        return ReadFailure("document-encrypted", error.code)
    limited = "too-" in error.code or error.code == "package-ratio"
    return ReadFailure("reader-limit" if limited else "document-unreadable", error.code)


# --- PDF ------------------------------------------------------------------------------------------


def _read_pdf(data: bytes) -> ParsedDocument:
    content, texts = read_pdf_with_text(data, _boxes)
    places, problem = _places(content)
    read_seal = partial(_pdf_seal, content.claims is not None or content.copy is not None)
    return ParsedDocument(
        seals=tuple(map(read_seal, content.seals)),
        document_timestamps=tuple(map(read_seal, content.document_timestamps)),
        later_changes=content.later_changes,
        problems=content.problems,
        claims=content.claims,
        data_index=content.data_index,
        copy=content.copy,
        metadata=dict(content.xmp),
        texts=dict(zip(places, texts, strict=True)),
        index_problem=problem,
    )


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


def _pdf_seal(is_ours: bool, seal: EmbeddedSeal) -> ParsedSeal:
    return ParsedSeal(
        name=seal.field_name[:_MAX_NAME],
        kind=pdf_value_kind(seal.sub_filter, seal.value, is_ours),
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


# --- OFD ------------------------------------------------------------------------------------------


def _read_ofd(data: bytes) -> ParsedDocument:
    content, texts = read_ofd_with_texts(data, OFD_LIMITS)
    return ParsedDocument(
        seals=tuple(map(_ofd_seal, content.seals)),
        problems=content.problems,
        deviations=content.deviations,
        claims=content.claims,
        data_index=content.data_index,
        metadata=dict(content.metadata),
        texts=dict(texts),
        reachable=tuple(sorted(content.reachable)),
        signatures_path=content.signatures_path,
    )


def _ofd_seal(seal: OfdSeal) -> ParsedSeal:
    kind, deviations = ofd_value_kind(seal.kind, seal.value)
    return ParsedSeal(
        name=seal.signature_id[:_MAX_NAME],
        kind=kind,
        value=seal.value,
        claimed_at=seal.claimed_at,
        problems=seal.problems,
        deviations=(*seal.deviations, *deviations),
        ofd=OfdPlace(
            signature_type=seal.kind,
            path=seal.path,
            value_path=seal.value_path,
            seal_path=seal.seal_path,
            seal_file=seal.seal_file,
            check_method=seal.check_method,
            signature_method=seal.signature_method,
            references=tuple(Reference(each.path, each.check_value) for each in seal.references),
            stamps=tuple(stamp.page for stamp in seal.stamps),
        ),
    )


# --- JSON, and seals by themselves ----------------------------------------------------------------


def _read_json(data: bytes) -> ParsedDocument:
    found = read_sealed_json(data)
    return ParsedDocument(
        seals=tuple(
            ParsedSeal(str(number), ValueKind.CMS, value, None)
            for number, value in enumerate(found.signatures, 1)
        ),
        claims=found.claims,
        metadata={CONTENT_ID_ELEMENT: found.content_id},
    )


def _read_esl(data: bytes) -> ParsedDocument:
    """Hand the seal on as it is: reading it is pure, and is done where it is judged."""
    return ParsedDocument(seals=(ParsedSeal("", ValueKind.SES_SEAL, data, None),))


_READERS: Mapping[DocumentForm, Callable[[bytes], ParsedDocument]] = {
    DocumentForm.PDF: _read_pdf,
    DocumentForm.OFD: _read_ofd,
    DocumentForm.JSON: _read_json,
    DocumentForm.ESL: _read_esl,
}
