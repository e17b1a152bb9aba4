"""Whatever the bytes, the readers return or raise their own error, and nothing else."""

from collections.abc import Callable
from functools import cache

import pytest
from documents import drawn_pdf, sealed_pdf, thrice_sealed_pdf
from effort import examples
from hostile_bytes import changed_bytes
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pki import STATUS_URI, Pki

from signing.cms.pdf_signature import read_cms_signature
from signing.errors import SigningError, UnreadableDocumentError
from signing.pdf.reader import ReadLimits, TextBox, read_pdf, read_text
from signing.status_changes import StatusBase, build_status_changes, read_status_changes
from signing.status_list import StatusListContent, read_status_list
from signing.status_reasons import read_status_reasons
from signing.timestamps.http import read_response
from signing.timestamps.token import read_timestamp_token
from signing.trust_bundle import read_trust_bundle, write_trust_bundle

LIMITS = ReadLimits(max_bytes=1 << 20)


@cache
def samples() -> dict[str, tuple[bytes, ...]]:
    pki = Pki()
    sealed = sealed_pdf(pki)
    signature = read_pdf(sealed).seals[0].value
    token = read_cms_signature(signature).timestamp or b""
    states = bytes(range(16))
    status, reasons = pki.status_files(states)
    content = StatusListContent(STATUS_URI, 2, pki.now, pki.now, bytes(reversed(states)))
    changes = build_status_changes(StatusBase(1, states), content, pki.status, lambda _: b"")
    return {
        "pdf": (sealed, thrice_sealed_pdf(pki), drawn_pdf(object_streams=True)),
        "cms": (signature,),
        "token": (token,),
        "status": (status,),
        "reasons": (reasons,),
        "changes": (changes,),
        "bundle": (write_trust_bundle(pki.trust_bundle(status)),),
    }


READERS: dict[str, Callable[[bytes], object]] = {
    "cms": read_cms_signature,
    "token": read_timestamp_token,
    "status": read_status_list,
    "reasons": read_status_reasons,
    "changes": read_status_changes,
    "bundle": read_trust_bundle,
}


def mutation(kind: str) -> st.SearchStrategy[bytes]:
    """A real file with bytes changed, cut out, doubled or put in."""
    return changed_bytes(st.deferred(lambda: st.sampled_from(samples()[kind])))


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_values_are_read_or_refused_by_name(kind: str, data: st.DataObject) -> None:
    changed = data.draw(st.one_of(mutation(kind), st.binary(max_size=200)))
    try:
        READERS[kind](changed)
    except SigningError:
        return


@settings(max_examples=examples(300), deadline=None)
@given(data=mutation("pdf"))
def test_documents_are_read_or_unreadable(data: bytes) -> None:
    try:
        read_pdf(data, LIMITS)
        read_text(data, [TextBox(1, 0, 0, 200, 200)])
    except UnreadableDocumentError:
        return


@settings(max_examples=examples(100), deadline=None)
@given(data=st.binary(max_size=300).map(lambda tail: b"%PDF-1.7\n" + tail))
@example(b"%PDF-1.7\ntrailer<</Root 1 0 R>>\n%%EOF")
@example(b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF")
def test_any_bytes_with_a_header_are_read_or_unreadable(data: bytes) -> None:
    try:
        read_pdf(data, LIMITS)
    except UnreadableDocumentError:
        return


@settings(max_examples=examples(100), deadline=None)
@given(data=st.binary(max_size=300))
def test_any_answer_of_an_authority_is_read_or_refused(data: bytes) -> None:
    with pytest.raises(SigningError):
        read_response(data)
