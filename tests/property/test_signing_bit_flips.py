"""Flip any bit of a sealed document: the change is named, or it shows in what is verified.

What is verified: the document's digest against the signed one, the SM2 signature over the signed
attributes, the time-stamp over the signature, and the certificates, each with its own signature.
"""

from dataclasses import dataclass
from functools import cache

import pytest
from documents import sealed_pdf, thrice_sealed_pdf
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from pki import Pki

from keys import sm2
from keys.certificate import read_certificate, verify_issued_by
from keys.errors import InvalidSignatureError, KeyCustodyError
from keys.sm3 import sm3
from signing.cms.pdf_signature import read_cms_signature
from signing.errors import SigningError
from signing.pdf.reader import EmbeddedSeal, read_pdf
from signing.timestamps.token import read_timestamp_token


@dataclass(frozen=True)
class Sealed:
    pki: Pki
    data: bytes


@cache
def sealed(kind: str) -> Sealed:
    pki = Pki()
    make = {"sole": sealed_pdf, "thrice": thrice_sealed_pdf}[kind]
    return Sealed(pki, make(pki))


def is_accepted(pki: Pki, data: bytes, seals: int) -> bool:
    """The least that a verifier must ask, in a few lines."""
    try:
        content = read_pdf(data)
        clean = not content.problems and not content.later_changes and len(content.seals) == seals
        return clean and all(_holds(pki, data, seal) for seal in content.seals)
    except (SigningError, KeyCustodyError):
        return False


def _holds(pki: Pki, data: bytes, seal: EmbeddedSeal) -> bool:
    signature = read_cms_signature(seal.value)
    if seal.problems or signature.problems or signature.timestamp is None:
        return False
    token = read_timestamp_token(signature.timestamp)
    if signature.message_digest != seal.digest_in(data):
        return False
    if token.imprint != sm3(signature.signature):
        return False
    try:
        for der, message, value in (
            (signature.signer_certificate, signature.signed_attributes, signature.signature),
            (token.authority_certificate, token.signed_attributes, token.signature),
        ):
            sm2.verify(read_certificate(der).public_point, message, value)
        for der in (*signature.certificates, *token.certificates):
            _verify_chain_link(pki, der)
    except InvalidSignatureError:
        return False
    return True


def _verify_chain_link(pki: Pki, der: bytes) -> None:
    certificate = read_certificate(der)
    for label in ("ca/root", "ca/seal", "ca/tsa"):
        if pki.ca(label).subject_der == certificate.issuer_der:
            verify_issued_by(certificate, pki.ca(label))
            return
    raise InvalidSignatureError


@pytest.mark.parametrize(("kind", "seals"), [("sole", 1), ("thrice", 3)])
def test_the_unchanged_document_is_accepted(kind: str, seals: int) -> None:
    assert is_accepted(sealed(kind).pki, sealed(kind).data, seals)


@settings(max_examples=examples(400), deadline=None)
@given(data=st.data())
def test_no_flipped_bit_is_accepted(data: st.DataObject) -> None:
    document = sealed("sole")
    position = data.draw(st.integers(0, len(document.data) - 1))
    assert not is_accepted(document.pki, flipped(document, position, data), 1)


def flipped(document: Sealed, position: int, data: st.DataObject) -> bytes:
    changed = bytearray(document.data)
    changed[position] ^= 1 << data.draw(st.integers(0, 7))
    return bytes(changed)


@settings(max_examples=examples(400), deadline=None)
@given(data=st.data())
def test_no_flipped_bit_of_contents_is_accepted(data: st.DataObject) -> None:
    """Where no hash covers: the hexadecimal digits, their case, and the padding."""
    document = sealed("sole")
    _, start, stop, _ = read_pdf(document.data).seals[0].byte_range
    position = data.draw(st.integers(start, stop - 1))

    assert not is_accepted(document.pki, flipped(document, position, data), 1)


@settings(max_examples=examples(60), deadline=None)
@given(data=st.data())
def test_no_flipped_bit_is_accepted_with_three_seals(data: st.DataObject) -> None:
    document = sealed("thrice")
    position = data.draw(st.integers(0, len(document.data) - 1))

    assert not is_accepted(document.pki, flipped(document, position, data), 3)
