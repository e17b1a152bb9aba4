"""Tell what form a document has, by its first bytes alone: nothing is read that could do harm."""

from __future__ import annotations

from verification.evidence import DocumentForm

# %PDF- (ISO 32000-1, 7.5.2); a local file header of ZIP (APPNOTE.TXT, 4.3.7), in which every OFD
# begins; an object of JSON; a SEQUENCE of DER, long form, as every seal is.
_BEGINNINGS = (
    (b"%PDF-", DocumentForm.PDF),
    (b"PK\x03\x04", DocumentForm.OFD),
    (b"{", DocumentForm.JSON),
    (b"\x30\x81", DocumentForm.ESL),
    (b"\x30\x82", DocumentForm.ESL),
    (b"\x30\x83", DocumentForm.ESL),
)


def document_form(data: bytes) -> DocumentForm | None:
    """Return the form that a document begins as, or nothing if it is none we read."""
    return next((form for beginning, form in _BEGINNINGS if data.startswith(beginning)), None)
