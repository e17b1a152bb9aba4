"""A license as sealed JSON: no page, one signature a seal, all of it the claims."""

import base64
import json
from dataclasses import replace

import pytest
from mutants.world import World

from license_vault.license import LicenseStatus
from verification.evidence import ParsedDocument
from verification.reading import read_document
from verification.report import Verdict


def parts(world: World) -> dict[str, object]:
    found: dict[str, object] = json.loads(world.sealed_json())
    return found


def written(found: dict[str, object]) -> bytes:
    import rfc8785

    data: bytes = rfc8785.dumps(found)  # type: ignore[arg-type]
    return data


def test_a_sealed_json_in_force_is_valid(world: World) -> None:
    report = world.report(world.sealed_json())
    assert report.verdict is Verdict.VALID
    assert report.document.form == "json"
    assert report.marks == ("cms-without-seal",)
    assert "content-without-page" in report.codes
    assert "qr-code" not in report.not_checked
    assert report.license is not None


def test_its_state_is_asked_like_any_other(world: World) -> None:
    report = world.report(world.sealed_json(), state=LicenseStatus.REVOKED)
    assert (report.verdict, report.state) == (Verdict.NOT_IN_FORCE, "revoked")


def test_other_claims_are_altered(world: World) -> None:
    found = parts(world)
    claims = found["claims"]
    assert isinstance(claims, dict)
    claims["number"] = "沪0000000000000000"
    report = world.report(written(found))
    assert report.verdict is Verdict.ALTERED
    assert "digest-mismatch" in report.codes


def test_another_content_id_is_altered(world: World) -> None:
    report = world.report(written(parts(world) | {"content_id": "0" * 64}))
    assert report.verdict is Verdict.ALTERED
    assert "content-id-mismatch" in report.codes


def test_another_signature_is_altered(world: World) -> None:
    other = json.loads(world.sealed_json(number="沪0000000000000000"))
    report = world.report(written(parts(world) | {"signatures": other["signatures"]}))
    assert report.verdict is Verdict.ALTERED
    assert "digest-mismatch" in report.codes


def test_two_seals_are_two_signatures(world: World) -> None:
    second = world.pki.seal("11010100000777")
    report = world.report(world.sealed_json(world.seal, second, seals=2))
    assert report.verdict is Verdict.VALID
    assert len(report.seals) == 2
    missing = world.report(world.sealed_json(world.seal, seals=2))
    assert missing.verdict is Verdict.ALTERED
    assert "seals-missing" in missing.codes


def test_one_seal_twice_is_not_two(world: World) -> None:
    second = world.pki.seal("11010100000778")
    found = json.loads(world.sealed_json(world.seal, second, seals=2))
    found["signatures"] = [found["signatures"][0]] * 2
    report = world.report(written(found))
    assert report.verdict is Verdict.ALTERED
    assert "seal-twice" in report.codes
    again = world.report(world.sealed_json(world.seal, world.seal, seals=2))
    assert again.verdict is Verdict.ALTERED
    assert "seal-twice" in again.codes


@pytest.mark.parametrize(
    "change",
    [
        {"more": "x"},
        {"signatures": []},
        {"signatures": ["AA"]},
        {"schema": "license-vault/sealed-json/2"},
        {"content_id": "x"},
        {"claims": []},
    ],
)
def test_what_is_no_sealed_json_cannot_be_read(world: World, change: dict[str, object]) -> None:
    report = world.report(written(parts(world) | change))
    assert report.verdict is Verdict.UNSEALED
    assert "document-unreadable" in report.codes
    assert "sealed-json-" in report.sentence.en


def test_a_value_that_is_no_signature_is_malformed(world: World) -> None:
    value = base64.b64encode(b"\x30\x00").decode()
    report = world.report(written(parts(world) | {"signatures": [value]}))
    assert report.verdict is Verdict.ALTERED
    assert "signature-malformed" in report.codes


def test_a_lying_process_cannot_put_other_claims_under_the_seal(world: World) -> None:
    genuine = read_document(world.sealed_json())
    other = world.sealed_json(number="沪0000000000000000")
    report = world.report(other, parse=lambda _: genuine)
    assert report.verdict is Verdict.ALTERED
    assert "seal-not-in-document" in report.codes
    assert isinstance(genuine, ParsedDocument)
    bare = world.report(other, parse=lambda _: replace(genuine, claims=None))
    assert bare.verdict is Verdict.ALTERED


def test_claims_that_are_none_leave_it_open(world: World) -> None:
    claims = {"schema": "something-else"}
    from signing.sealed_json.sealing import JsonSealer

    sealer = JsonSealer(world.pki.keys, world.pki.timestamper())
    report = world.report(sealer.seal_json(written(claims), [world.seal]))  # type: ignore[arg-type]
    assert report.verdict is Verdict.INDETERMINATE
    assert "claims-malformed" in report.codes
