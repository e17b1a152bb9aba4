"""The trust bundle: what is written is read back, anything else is refused and pointed at."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pki import Pki

from signing.errors import MalformedTrustBundleError
from signing.trust_bundle import TrustedSigner, read_trust_bundle, write_trust_bundle

PKI = Pki()
BUNDLE = PKI.trust_bundle(PKI.status_list(b"\x01\x02"))


def test_a_bundle_comes_back() -> None:
    assert read_trust_bundle(write_trust_bundle(BUNDLE)) == BUNDLE
    signers = (TrustedSigner("seal-maker", PKI.status), TrustedSigner("system", PKI.tsa))
    with_signers = replace(BUNDLE, signers=signers)
    assert read_trust_bundle(write_trust_bundle(with_signers)) == with_signers


def test_a_bundle_without_signers_is_a_bundle() -> None:
    assert read_trust_bundle(changed(lambda content: content.pop("signers"))).signers == ()


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    content = json.loads(write_trust_bundle(BUNDLE))
    change(content)
    return json.dumps(content).encode()


def put(*path: str | int, value: object) -> bytes:
    def change(content: Any) -> None:
        for step in path[:-1]:
            content = content[step]
        content[path[-1]] = value

    return changed(change)


@pytest.mark.parametrize(
    ("data", "code", "pointer"),
    [
        (b"", "bundle-not-json", ""),
        (b"\xff\xfe", "bundle-not-json", ""),
        (b"[" * 100_000, "bundle-not-json", ""),
        (b"[]", "bundle-not-an-object", ""),
        (b'{"schema":1}', "bundle-number", ""),
        (b'{"schema":NaN}', "bundle-number", ""),
        (b'{"schema":"a","schema":"b"}', "bundle-member-twice", ""),
        (put("more", value="x"), "bundle-member-unknown", "/more"),
        (changed(lambda content: content.pop("crls")), "bundle-member-missing", "/crls"),
        (put("schema", value="license-vault/trust-bundle/2"), "bundle-schema-unknown", "/schema"),
        (put("region", value=""), "bundle-not-a-text", "/region"),
        (put("region", value="a\nb"), "bundle-not-a-text", "/region"),
        (put("issued_at", value="2026-06-01"), "bundle-not-an-instant", "/issued_at"),
        (put("anchors", value={}), "bundle-not-a-list", "/anchors"),
        (put("anchors", 0, value="x"), "bundle-not-an-object", "/anchors/0"),
        (
            put("anchors", 0, "purposes", value=["everything"]),
            "bundle-purpose-unknown",
            "/anchors/0/purposes",
        ),
        (
            put("signers", value=[{"role": "king", "certificate": "AA=="}]),
            "bundle-role-unknown",
            "/signers/0/role",
        ),
        (put("anchors", 0, "purposes", value=[]), "bundle-purpose-unknown", "/anchors/0/purposes"),
        (
            put("anchors", 0, "certificate", value="Zm9v=x"),
            "bundle-not-base64",
            "/anchors/0/certificate",
        ),
        (put("crls", 1, value="é"), "bundle-not-base64", "/crls/1"),
        (put("crls", value=["AA=="] * 10_001), "bundle-too-many", "/crls"),
        (
            put("authorities", 0, "seal_owners", value=[None]),
            "bundle-not-a-text",
            "/authorities/0/seal_owners/0",
        ),
        (bytes(64 * 1024 * 1024 + 1), "bundle-too-large", ""),
    ],
)
def test_a_wrong_bundle_is_refused_and_pointed_at(data: bytes, code: str, pointer: str) -> None:
    with pytest.raises(MalformedTrustBundleError) as caught:
        read_trust_bundle(data)

    assert (caught.value.code, caught.value.pointer) == (code, pointer)
