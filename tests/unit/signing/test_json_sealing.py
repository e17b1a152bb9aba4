"""The sealed JSON form: one shape, each seal its own signature over the same claims."""

import json
from collections.abc import Callable

import pytest
import rfc8785
from cms_acceptance import is_signed
from pki import Pki

from keys.sm3 import sm3
from signing.cms.pdf_signature import read_cms_signature
from signing.errors import MalformedJsonFormError, SealKeyMismatchError
from signing.sealed_json.sealing import (
    MAX_BYTES,
    JsonSealer,
    SealedJson,
    read_sealed_json,
    write_sealed_json,
)

OTHER_SEAL = "11010100000002"
CLAIMS = rfc8785.dumps(
    {"schema": "claims", "holders": [{"name": "王小明"}], "fields": {"b": "2", "ab": "𠮷"}}
)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki()


@pytest.fixture(scope="module")
def sealed(pki: Pki) -> bytes:
    seals = (pki.seal(), pki.seal(OTHER_SEAL))
    return JsonSealer(pki.keys, pki.timestamper()).seal_json(CLAIMS, seals)


def test_it_is_canonical_json_of_exactly_four_members(sealed: bytes) -> None:
    content = json.loads(sealed)
    assert rfc8785.dumps(content) == sealed
    assert content["schema"] == "license-vault/sealed-json/1"
    assert rfc8785.dumps(content["claims"]) == CLAIMS
    assert content["content_id"] == sm3(CLAIMS).hex()
    assert set(content) == {"schema", "claims", "content_id", "signatures"}


def test_every_seal_signs_the_canonical_claims_with_a_time_stamp(pki: Pki, sealed: bytes) -> None:
    found = read_sealed_json(sealed)
    assert found.claims == CLAIMS
    assert len(found.signatures) == 2
    for value in found.signatures:
        certificate = read_cms_signature(value).signer_certificate
        assert is_signed(pki, value, CLAIMS, certificate)


def test_what_is_read_and_written_again_is_the_same(sealed: bytes) -> None:
    assert write_sealed_json(read_sealed_json(sealed)) == sealed


def test_a_key_that_is_not_the_certificates_seals_nothing(pki: Pki) -> None:
    seal = pki.seal("11010100000003")
    pki.keys.create(seal.key_label)
    before = pki.keys.uses(seal.key_label)
    with pytest.raises(SealKeyMismatchError):
        JsonSealer(pki.keys, pki.timestamper()).seal_json(CLAIMS, (seal,))
    assert pki.keys.uses(seal.key_label) == before


def changed(**members: object) -> Callable[[dict[str, object]], bytes]:
    return lambda content: rfc8785.dumps({**content, **members})


MALFORMED: dict[str, tuple[str, Callable[[dict[str, object]], bytes]]] = {
    "spaces": ("not-canonical", lambda content: json.dumps(content).encode()),
    "members in another order": (
        "not-canonical",
        lambda content: json.dumps(
            dict(reversed(content.items())), ensure_ascii=False, separators=(",", ":")
        ).encode(),
    ),
    "a member more": ("other-members", changed(note="x")),
    "a member less": (
        "other-members",
        lambda content: rfc8785.dumps({k: v for k, v in content.items() if k != "content_id"}),
    ),
    "another schema": ("schema-unknown", changed(schema="license-vault/sealed-json/2")),
    "claims that are a text": ("not-an-object", changed(claims="{}")),
    "a number among the claims": ("number", changed(claims={"a": 1})),
    "no signature": ("wrong-count", changed(signatures=[])),
    "too many signatures": ("wrong-count", changed(signatures=["AA=="] * 33)),
    "signatures that are a text": ("not-a-list", changed(signatures="AA==")),
    "a signature that is no text": ("not-a-text", changed(signatures=[["AA=="]])),
    "a signature that is not base64": ("not-base64", changed(signatures=["A*=="])),
    "base64 with bits left over": ("not-base64", changed(signatures=["AB=="])),
    "base64 in lines": ("not-base64", changed(signatures=["AAAA\nAAAA"])),
    "a content id in capitals": ("not-a-digest", changed(content_id="A" * 64)),
    "a content id too short": ("not-a-digest", changed(content_id="a" * 63)),
    "a list": ("not-an-object", lambda content: rfc8785.dumps([content])),
    "a member twice": (
        "member-twice",
        lambda content: rfc8785.dumps(content)[:-1] + b',"schema":"x"}',
    ),
    "a byte order mark": ("not-json", lambda content: b"\xef\xbb\xbf" + rfc8785.dumps(content)),
    "no UTF-8": (
        "not-utf-8",
        lambda content: rfc8785.dumps(content).replace("王".encode(), b"\xff"),
    ),
    "half a surrogate": (
        "not-canonical",
        lambda content: rfc8785.dumps(content).replace("王".encode(), rb"\ud800"),
    ),
    "something after it": ("not-json", lambda content: rfc8785.dumps(content) + b"{}"),
    "an end of line after it": ("not-canonical", lambda content: rfc8785.dumps(content) + b"\n"),
    "nothing": ("not-json", lambda _: b""),
    "brackets without end": ("too-deep", lambda _: b"[" * 100_000),
    "too many bytes": ("too-large", lambda _: b" " * (MAX_BYTES + 1)),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_any_other_form_is_refused_by_name(sealed: bytes, case: str) -> None:
    code, change = MALFORMED[case]
    with pytest.raises(MalformedJsonFormError) as refused:
        read_sealed_json(change(json.loads(sealed)))
    assert refused.value.code == f"sealed-json-{code}"


def test_a_claim_that_looks_like_the_end_of_the_claims_is_read_whole() -> None:
    claims = rfc8785.dumps({"a": '","content_id":"', "b": {"content_id": "x"}})
    parts = SealedJson(claims, "0" * 64, (b"value",))
    assert read_sealed_json(write_sealed_json(parts)) == parts
