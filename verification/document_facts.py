"""Make the evidence of a document: what the parser process says, beside what the bytes say.

Each form has its own facts (``coverage``, ``package_facts``, ``json_facts``); a document whose
facts cannot be had is one that cannot be read.
"""

from __future__ import annotations

import hashlib

from keys.sm3 import sm3
from signing.errors import UnreadableDocumentError
from verification.coverage import range_facts
from verification.evidence import (
    DocumentEvidence,
    DocumentForm,
    PackageFacts,
    ParsedDocument,
    ReadFailure,
    SealFacts,
)
from verification.json_facts import json_facts
from verification.opinions import SecondOpinion, maker_opinion, value_opinion
from verification.package_facts import package_facts
from verification.seal_value import needs_content, read_value


def document_evidence(
    form: DocumentForm,
    data: bytes,
    parsed: ParsedDocument | ReadFailure,
    second_opinion: SecondOpinion | None,
) -> DocumentEvidence:
    """Return the evidence about a document of a form."""
    if isinstance(parsed, ReadFailure):
        return _failed(form, data, parsed)
    try:
        facts, stamps, package, digest = _facts(form, data, parsed)
    except UnreadableDocumentError as error:
        return _failed(form, data, ReadFailure("document-unreadable", error.code))
    known = tuple(zip(parsed.seals, facts, strict=True))
    return DocumentEvidence(
        form=form,
        sm3=digest,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        parsed=parsed,
        failure=None,
        facts=facts,
        timestamp_facts=stamps,
        package=package,
        second_opinions=tuple(value_opinion(*pair, second_opinion) for pair in known),
        maker_opinions=tuple(maker_opinion(seal, second_opinion) for seal in parsed.seals),
    )


def _failed(form: DocumentForm, data: bytes, failure: ReadFailure) -> DocumentEvidence:
    digest, sha256 = sm3(data).hex(), hashlib.sha256(data).hexdigest()
    return DocumentEvidence(form, digest, sha256, len(data), None, failure)


_Facts = tuple[SealFacts, ...]


def _facts(
    form: DocumentForm, data: bytes, parsed: ParsedDocument
) -> tuple[_Facts, _Facts, PackageFacts | None, str]:
    """Return the facts of seals and time-stamps, of the package, and the SM3 of the file."""
    if form is DocumentForm.PDF:
        facts, stamps, digest = _pdf_facts(data, parsed)
        return facts, stamps, None, digest
    digest = sm3(data).hex()
    if form is DocumentForm.OFD:
        package, facts = package_facts(data, parsed)
        return facts, (), package, digest
    if form is DocumentForm.JSON:
        return json_facts(data, parsed), (), None, digest
    same = [None if seal.value == data else "value-not-in-document" for seal in parsed.seals]
    return tuple(SealFacts(b"", True, problem) for problem in same), (), None, digest


def _pdf_facts(data: bytes, parsed: ParsedDocument) -> tuple[_Facts, _Facts, str]:
    seals = parsed.seals
    digest, found = range_facts(data, (*seals, *parsed.document_timestamps))
    facts = tuple(
        _with_content(data, seal.pdf.byte_range, entry)
        if seal.pdf is not None and entry.problem is None and needs_content(read_value(seal)[0])
        else entry
        for seal, entry in zip(seals, found[: len(seals)], strict=True)
    )
    return facts, found[len(seals) :], digest


def _with_content(data: bytes, numbers: tuple[int, ...], facts: SealFacts) -> SealFacts:
    """Return the facts with the bytes themselves, which this signature is over."""
    _, first, second, length = numbers
    content = data[:first] + data[second : second + length]
    return SealFacts(facts.digest, facts.reaches_end, facts.problem, content)
