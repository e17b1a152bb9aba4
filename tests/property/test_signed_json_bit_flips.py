"""Flip any bit of a sealed JSON file or of a manifest: malformed, or it shows in what is signed.

And whatever the bytes are, the readers return or raise their own error.
"""

from functools import cache, partial

import pytest
import rfc8785
from cms_acceptance import is_signed
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from pki import NOW, Pki

from keys.sm3 import sm3
from signing.cms.pdf_signature import read_cms_signature
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.errors import MalformedJsonFormError, MalformedManifestError
from signing.sealed_json.manifest import Manifest, ManifestFile, read_manifest, sign_manifest
from signing.sealed_json.sealing import JsonSealer, read_sealed_json, write_sealed_json

CLAIMS = rfc8785.dumps({"fields": {"scope": "餐饮服务"}, "holders": [{"name": "王小明"}]})
SEALS = ("11010100000001", "11010100000002")


@cache
def pki() -> Pki:
    return Pki()


@cache
def sealed() -> tuple[bytes, tuple[bytes, ...]]:
    """A file with two seals, and the certificates that its seals are to have."""
    seals = tuple(map(pki().seal, SEALS))
    data = JsonSealer(pki().keys, pki().timestamper()).seal_json(CLAIMS, seals)
    return data, tuple(seal.certificate for seal in seals)


@cache
def manifest() -> bytes:
    files = (ManifestFile("pdf", "application/pdf", 12, "1b" * 32, "2c" * 32),)
    said = Manifest("1.2.156.3005.2", "0a" * 32, files, NOW)
    sign = partial(pki().keys.sign, "system")
    return sign_manifest(
        said, SigningIdentity(pki().system, (pki().tsa_ca,)), sign, pki().timestamper().timestamp
    )


def is_accepted(data: bytes, certificates: tuple[bytes, ...]) -> bool:
    """The least that a verifier must ask of the JSON form."""
    try:
        found = read_sealed_json(data)
    except MalformedJsonFormError:
        return False
    if found.content_id != sm3(found.claims).hex() or len(found.signatures) != len(certificates):
        return False
    return all(
        is_signed(pki(), value, found.claims, certificate)
        for value, certificate in zip(found.signatures, certificates, strict=True)
    )


def is_accepted_manifest(data: bytes) -> bool:
    try:
        found = read_manifest(data)
    except MalformedManifestError:
        return False
    return is_signed(pki(), found.signature, found.signed_bytes, pki().system)


def flipped(data: bytes, draw: st.DataObject) -> bytes:
    changed = bytearray(data)
    changed[draw.draw(st.integers(0, len(data) - 1))] ^= 1 << draw.draw(st.integers(0, 7))
    return bytes(changed)


def test_what_was_not_changed_is_accepted() -> None:
    assert is_accepted(*sealed())
    assert is_accepted_manifest(manifest())


@settings(max_examples=examples(400), deadline=None)
@given(draw=st.data())
def test_no_flipped_bit_of_a_sealed_json_file_is_accepted(draw: st.DataObject) -> None:
    data, certificates = sealed()
    assert not is_accepted(flipped(data, draw), certificates)


@settings(max_examples=examples(400), deadline=None)
@given(draw=st.data())
def test_no_flipped_bit_of_a_manifest_is_accepted(draw: st.DataObject) -> None:
    assert not is_accepted_manifest(flipped(manifest(), draw))


@pytest.mark.slow
def test_no_bit_of_a_sealed_json_file_is_free_to_change() -> None:
    data, certificates = sealed()
    for position in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            assert not is_accepted(bytes(changed), certificates), (position, bit)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES = st.recursive(
    TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
)


@settings(max_examples=examples(200), deadline=None)
@given(claims=st.dictionaries(TEXTS, VALUES, max_size=4), values=st.lists(st.binary(min_size=1)))
def test_what_is_written_reads_back_equal(claims: dict[str, object], values: list[bytes]) -> None:
    canonical = rfc8785.dumps(claims)
    data, _ = sealed()
    signatures = (read_sealed_json(data).signatures[0], *values[:20])
    parts = type(read_sealed_json(data))(canonical, sm3(canonical).hex(), signatures)
    assert read_sealed_json(write_sealed_json(parts)) == parts


@settings(max_examples=examples(400), deadline=None)
@given(draw=st.data())
def test_whatever_the_bytes_they_are_read_or_refused_by_name(draw: st.DataObject) -> None:
    start = draw.draw(st.sampled_from((sealed()[0], manifest(), b"")))
    data = bytearray(start)
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, len(data)))
        data[at : at + draw.draw(st.integers(0, 64))] = draw.draw(st.binary(max_size=64))
    for read in (read_sealed_json, read_manifest):
        try:
            read(bytes(data))
        except (MalformedJsonFormError, MalformedManifestError):
            continue


def test_the_seals_are_told_apart_by_their_certificates() -> None:
    data, certificates = sealed()
    found = read_sealed_json(data)
    names = tuple(read_cms_signature(value).signer_certificate for value in found.signatures)
    assert names == certificates
