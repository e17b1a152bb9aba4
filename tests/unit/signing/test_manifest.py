"""The manifest: which files say the same, signed by the library's own key."""

import json
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest
import rfc8785
from cms_acceptance import is_signed
from pki import Pki

from signing.cms.pdf_signature_writer import SigningIdentity
from signing.errors import MalformedManifestError
from signing.sealed_json.manifest import (
    Manifest,
    ManifestFile,
    manifest_bytes,
    read_manifest,
    sign_manifest,
    write_manifest,
)

ISSUED = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
MANIFEST = Manifest(
    identifier="1.2.156.3005.2.111",
    content_id="0a" * 32,
    files=(
        ManifestFile("json", "application/json", 9000, "1b" * 32, "2c" * 32),
        ManifestFile("pdf", "application/pdf", 0, "3d" * 32, "4e" * 32),
    ),
    issued_at=ISSUED,
)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki()


@pytest.fixture(scope="module")
def signed(pki: Pki) -> bytes:
    identity = SigningIdentity(pki.system, (pki.tsa_ca,))
    sign = partial(pki.keys.sign, "system")
    return sign_manifest(MANIFEST, identity, sign, pki.timestamper().timestamp)


def test_a_manifest_reads_back_as_it_was_signed(pki: Pki, signed: bytes) -> None:
    found = read_manifest(signed)
    assert found.manifest == MANIFEST
    assert found.signed_bytes == manifest_bytes(MANIFEST)
    assert is_signed(pki, found.signature, found.signed_bytes, pki.system)


def test_the_whole_is_canonical_and_holds_no_numbers(signed: bytes) -> None:
    content = json.loads(signed, parse_int=pytest.fail)
    assert rfc8785.dumps(content) == signed
    assert content["schema"] == "license-vault/manifest/1"
    assert content["manifest"]["files"][0]["bytes"] == "9000"
    assert content["manifest"]["issued_at"] == "2026-03-01T08:30:00Z"


def test_an_instant_is_written_in_utc() -> None:
    there = ISSUED.astimezone(timezone(timedelta(hours=8)))
    assert b'"issued_at":"2026-03-01T08:30:00Z"' in manifest_bytes(
        Manifest(MANIFEST.identifier, MANIFEST.content_id, MANIFEST.files, there)
    )


def changed(**members: Any) -> bytes:
    content = json.loads(manifest_bytes(MANIFEST)) | members
    return write_manifest(rfc8785.dumps(content), b"value")


def file(**members: Any) -> dict[str, Any]:
    return json.loads(manifest_bytes(MANIFEST))["files"][0] | members


MALFORMED = {
    "a member more": ("other-members", changed(note="x")),
    "no file": ("wrong-count", changed(files=[])),
    "a form twice": ("form-twice", changed(files=[file(), file()])),
    "a file that is a text": ("not-an-object", changed(files=["pdf"])),
    "a file with a member more": ("other-members", changed(files=[file(note="x")])),
    "a size that is a number": ("number", changed(files=[file(bytes=1)])),
    "a size with a zero before it": ("not-a-number", changed(files=[file(bytes="01")])),
    "a size with a sign": ("not-a-number", changed(files=[file(bytes="+1")])),
    "a size in other digits": ("not-a-number", changed(files=[file(bytes="１")])),
    "a digest in capitals": ("not-a-digest", changed(files=[file(sm3="A" * 64)])),
    "a content id too short": ("not-a-digest", changed(content_id="ab")),
    "an instant without a zone": ("not-an-instant", changed(issued_at="2026-03-01T08:30:00")),
    "an instant with fractions": ("not-an-instant", changed(issued_at="2026-03-01T08:30:00.0Z")),
    "an instant in short form": ("not-an-instant", changed(issued_at="2026-3-1T8:30:00Z")),
    "no identifier": ("not-a-text", changed(identifier="")),
    "a manifest that is a list": ("not-an-object", write_manifest(b"[]", b"value")),
    "a signature of nothing": ("not-a-text", write_manifest(manifest_bytes(MANIFEST), b"")),
    "another schema": ("schema-unknown", changed().replace(b"manifest/1", b"manifest/2")),
    "a blank": ("not-canonical", b" " + changed()),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_any_other_form_of_a_manifest_is_refused_by_name(case: str) -> None:
    code, data = MALFORMED[case]
    with pytest.raises(MalformedManifestError) as refused:
        read_manifest(data)
    assert refused.value.code == f"manifest-{code}"
