"""Reads a PDF that claims to be a sealed license: its seals, its data, and all that is odd.

Runs on hostile bytes, in the parser process of ``verification`` (docs/attacks.md). Whatever the
bytes, it returns or raises ``UnreadableDocumentError``; it opens no file and no connection. It
does not judge: every oddity is a stable code in ``problems``, of the document or of a seal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from signing.errors import UnreadableDocumentError
from signing.pdf import revisions as pdf_revisions
from signing.pdf.attachments import read_attachments, read_xmp
from signing.pdf.seals import EmbeddedSeal, read_seals
from signing.pdf.structure import (
    OpenedDocument,
    ReadLimits,
    ends_of_revisions,
    open_document,
    page_boxes,
)
from signing.pdf.text import TextBox, read_text, take_text

__all__ = [
    "EmbeddedSeal",
    "PdfContent",
    "ReadLimits",
    "TextBox",
    "read_pdf",
    "read_pdf_with_text",
    "read_text",
]


@dataclass(frozen=True, slots=True)
class PdfContent:
    """A sealed document as found.

    ``seals`` and ``document_timestamps`` are in the order of what they cover. ``later_changes``
    has one word for each revision after the last seal: dss, doc-timestamp, other. ``claims``,
    ``data_index`` and ``copy`` are the attachments claims.json, index.json and license-copy.json
    as they are. ``xmp`` maps local names to texts. Sizes are width and height in millimetres.
    """

    seals: tuple[EmbeddedSeal, ...]
    document_timestamps: tuple[EmbeddedSeal, ...]
    later_changes: tuple[str, ...]
    claims: bytes | None
    data_index: bytes | None
    copy: bytes | None
    xmp: Mapping[str, str]
    page_sizes_mm: tuple[tuple[float, float], ...]
    problems: tuple[str, ...]


FindBoxes = Callable[[PdfContent], Sequence[TextBox]]

_DEFAULT_LIMITS = ReadLimits()


def read_pdf(data: bytes, limits: ReadLimits = _DEFAULT_LIMITS) -> PdfContent:
    """Return what a PDF holds.

    Raises:
        UnreadableDocumentError: no PDF, over a limit, locked, or broken beyond telling.
    """
    return read_pdf_with_text(data, lambda _: (), limits)[0]


def read_pdf_with_text(
    data: bytes, find_boxes: FindBoxes, limits: ReadLimits = _DEFAULT_LIMITS
) -> tuple[PdfContent, tuple[str, ...]]:
    """Return what a PDF holds, and the text in the boxes that follow from it; opened once.

    Raises:
        UnreadableDocumentError: no PDF, over a limit, locked, or broken beyond telling.
    """
    try:
        return _read(data, find_boxes, limits)
    except UnreadableDocumentError:
        raise
    except Exception as error:
        # The one boundary around three foreign parsers: whatever they raise on hostile bytes
        # is named here (docs/attacks.md F7), so that no caller sees a builtin error.
        raise UnreadableDocumentError("unparseable", type(error).__name__) from error


def _read(
    data: bytes, find_boxes: FindBoxes, limits: ReadLimits
) -> tuple[PdfContent, tuple[str, ...]]:
    opened = open_document(data, limits)
    try:
        content = _read_opened(opened)
        boxes = find_boxes(content)
        return content, take_text(opened.pdf, boxes) if boxes else ()
    finally:
        opened.pdf.close()


def _read_opened(opened: OpenedDocument) -> PdfContent:
    data = opened.data
    pages = page_boxes(opened)
    found = read_seals(opened, pages)
    seals = tuple(seal for seal in found.seals if not seal.is_document_timestamp)
    stamps = tuple(seal for seal in found.seals if seal.is_document_timestamp)
    changes = (
        pdf_revisions.later_changes(data, seals[-1], stamps, opened.limits.max_revisions)
        if seals
        else ()
    )
    attachments = read_attachments(opened)
    xmp, xmp_problems = read_xmp(opened)
    problems = (
        *opened.problems,
        *found.problems,
        *_revision_problems(data, seals),
        *attachments.problems,
        *xmp_problems,
    )
    return PdfContent(
        seals=_follow_each_other(opened, seals, len(pages)),
        document_timestamps=stamps,
        later_changes=changes,
        claims=attachments.claims,
        data_index=attachments.data_index,
        copy=attachments.copy,
        xmp=xmp,
        page_sizes_mm=tuple(page.size_mm for page in pages),
        problems=tuple(dict.fromkeys(problems)),
    )


def _revision_problems(data: bytes, seals: Sequence[EmbeddedSeal]) -> tuple[str, ...]:
    """Tell whether there are more revisions than the drawn document and one for each seal."""
    if not seals:
        return ()
    inside = [end for end in ends_of_revisions(data) if end <= seals[-1].end]
    return () if len(inside) == 1 + len(seals) else ("unsealed-revision",)


def _follow_each_other(
    opened: OpenedDocument, seals: tuple[EmbeddedSeal, ...], pages: int
) -> tuple[EmbeddedSeal, ...]:
    """Return the seals with what is wrong between one and the next.

    Each seal that does not cover the whole file is read again from the bytes it does cover: what
    its field, its lock and its certification said when it was set, nobody can change later.
    """
    checked = []
    for index, seal in enumerate(seals):
        problems = list(seal.problems)
        if not seal.covers_whole_file and seal.end:
            problems.extend(_differs_from_its_revision(opened, seal, pages))
        if index and not pdf_revisions.only_a_seal_was_added(opened.data, seals[index - 1], seal):
            problems.append("changed-since-previous-seal")
        checked.append(replace(seal, problems=tuple(dict.fromkeys(problems))))
    return tuple(checked)


def _differs_from_its_revision(
    opened: OpenedDocument, seal: EmbeddedSeal, pages: int
) -> Sequence[str]:
    try:
        before = open_document(opened.data[: seal.end], opened.limits)
    except UnreadableDocumentError:
        return ("revision-unreadable",)
    try:
        boxes = page_boxes(before)
        then = read_seals(before, boxes).seals
    finally:
        before.pdf.close()
    if "structure-repaired" in before.problems or "junk-after-eof" in before.problems:
        return ("revision-unreadable",)
    same = then and replace(then[-1], revision=seal.revision, covers_whole_file=False) == replace(
        seal, covers_whole_file=False
    )
    return () if same and len(boxes) == pages else ("changed-since-sealed",)
