"""Files given together: whether they say the same, and what a manifest says of them."""

from datetime import timedelta

import pytest
from mutants.world import World
from pki import NOW

from verification.errors import EmptyDocumentError
from verification.evidence import SignerEvidence
from verification.report import Verdict
from verification.together import TogetherReport

DAY = timedelta(days=1)


def together(world: World, *files: bytes, **deviation: object) -> TogetherReport:
    return world.verifier(**deviation).verify_together(files)  # type: ignore[arg-type]


def twins(world: World) -> dict[str, bytes]:
    return {"pdf": world.sealed(), "ofd": world.sealed_ofd(), "json": world.sealed_json()}


def test_three_forms_of_one_license_say_the_same(world: World) -> None:
    report = together(world, *twins(world).values())
    assert [each.document.form for each in report.reports] == ["pdf", "ofd", "json"]
    assert {each.verdict for each in report.reports} == {Verdict.VALID}
    assert report.same_content is True
    assert "同一份证照" in report.sentence.zh


def test_what_nobody_whom_we_know_has_sealed_is_not_called_a_license(world: World) -> None:
    report = together(world, *twins(world).values(), trust=world.trust(authority=None))
    assert {each.verdict for each in report.reports} == {Verdict.UNTRUSTED}
    assert report.same_content is True
    assert "证照" not in report.sentence.zh


def test_files_of_two_licenses_do_not(world: World) -> None:
    report = together(world, world.sealed(), world.sealed_ofd(number="沪0000000000000001"))
    assert {each.verdict for each in report.reports} == {Verdict.VALID}
    assert report.same_content is False


def test_an_altered_file_says_nothing_that_could_be_compared(world: World) -> None:
    altered = world.sealed().replace(b"595.276", b"595.277")
    report = together(world, altered, world.sealed_ofd())
    assert report.same_content is None
    assert "无法比较" in report.sentence.zh


def test_two_that_differ_settle_it_whatever_a_third_says(world: World) -> None:
    altered = world.sealed().replace(b"595.276", b"595.277")
    other = world.sealed_ofd(number="沪0000000000000001")
    assert together(world, altered, other, world.sealed_json()).same_content is False


def test_one_file_alone_is_compared_with_nothing(world: World) -> None:
    report = together(world, world.sealed())
    assert report.same_content is None
    assert len(report.reports) == 1


def test_a_file_that_is_refused_is_refused_here_too(world: World) -> None:
    with pytest.raises(EmptyDocumentError):
        together(world, world.sealed(), b"")


def test_the_json_has_the_members_of_the_contract(world: World) -> None:
    shown = together(world, *twins(world).values()).to_json()
    assert shown.keys() == {"schema", "reports", "same_content", "sentence", "manifests"}
    assert shown["schema"] == "license-vault/together/1"
    assert shown["manifests"] == []
    contents = {report["content_id"] for report in shown["reports"]}
    assert len(contents) == 1
    assert None not in contents


# --- the manifest -------------------------------------------------------------------------------


def test_a_manifest_of_the_library_lists_the_files(world: World) -> None:
    files = twins(world)
    report = together(world, *files.values(), world.manifest(files))
    (manifest,) = report.manifests
    assert manifest.verdict is Verdict.VALID
    lists = [check.code for check in manifest.checks]
    assert lists.count("manifest-lists-file") == 3
    assert manifest.content_id == report.reports[0].content_id
    assert manifest.to_json()["issued_at"] == "2026-06-01T04:00:00Z"


def codes_of(world: World, manifest: bytes, *files: bytes, **deviation: object) -> set[str]:
    (found,) = together(world, *files, manifest, **deviation).manifests
    assert found.verdict is not Verdict.VALID
    return {check.code for check in found.checks}


def test_a_file_that_is_not_listed_is_told(world: World) -> None:
    files = twins(world)
    manifest = world.manifest({"pdf": files["pdf"]})
    assert "manifest-file-not-listed" in codes_of(world, manifest, files["ofd"])
    other = world.manifest(files | {"pdf": files["pdf"] + b" "})
    assert "manifest-file-not-listed" in codes_of(world, other, files["pdf"])


def test_a_manifest_of_another_license_is_told(world: World) -> None:
    files = twins(world)
    for deviation in ({"content_id": "0" * 64}, {"identifier": "other"}):
        manifest = world.manifest(files, **deviation)
        assert "manifest-of-other-content" in codes_of(world, manifest, files["pdf"])


def test_a_file_whose_claims_cannot_be_used_is_not_compared(world: World) -> None:
    altered = world.sealed().replace(b"595.276", b"595.277")
    assert "manifest-content-unknown" in codes_of(world, world.manifest({"pdf": altered}), altered)


def test_a_changed_manifest_is_altered(world: World) -> None:
    files = twins(world)
    manifest = world.manifest(files)
    at = manifest.index(b'"bytes":"') + len(b'"bytes":"')
    changed = manifest[:at] + (b"1" if manifest[at : at + 1] != b"1" else b"2") + manifest[at + 1 :]
    assert "manifest-signature-invalid" in codes_of(world, changed, files["pdf"])
    assert "manifest-malformed" in codes_of(world, manifest + b" ", files["pdf"])
    assert "manifest-malformed" in codes_of(world, manifest[:-9], files["pdf"])


def test_a_manifest_by_somebody_whom_nobody_named_is_not_trusted(world: World) -> None:
    files = twins(world)
    manifest = world.manifest(files)
    for signers in ((), (SignerEvidence("seal-maker", world.pki.system),)):
        trust = world.trust(signers=signers)
        found = codes_of(world, manifest, files["pdf"], trust=trust)
        assert "manifest-signer-not-trusted" in found


def test_a_manifest_of_another_hierarchy_is_not_trusted(world: World) -> None:
    other = World()
    files = twins(world)
    named = (SignerEvidence("system", other.pki.system),)
    trust = world.trust(signers=named)
    found = codes_of(world, other.manifest(files), files["pdf"], trust=trust)
    assert "manifest-signer-not-trusted" in found


def test_a_withdrawn_library_key_is_not_trusted() -> None:
    world = World()
    files = {"pdf": world.sealed()}
    manifest = world.manifest(files)
    world.pki.revoke(world.pki.system, NOW - DAY, "superseded")
    assert "manifest-signer-not-trusted" in codes_of(world, manifest, files["pdf"])


def test_without_fresh_lists_the_manifest_is_open(world: World) -> None:
    files = twins(world)
    stale = world.pki.revocation_lists(NOW - 9 * DAY, NOW - 2 * DAY)
    trust = world.trust(revocation_lists=stale)
    found = codes_of(world, world.manifest(files), files["pdf"], trust=trust)
    assert "manifest-signer-unknown" in found


def test_a_manifest_alone_is_judged_alone(world: World) -> None:
    report = together(world, world.manifest(twins(world)))
    assert report.reports == ()
    (manifest,) = report.manifests
    assert manifest.verdict is Verdict.VALID


def test_the_same_claims_in_two_hierarchies_are_the_same_content(world: World) -> None:
    """What is said of the content is no verdict: the forged one stays untrusted."""
    forged = World().sealed_ofd()
    report = together(world, world.sealed(), forged)
    assert report.same_content is True
    assert [each.verdict for each in report.reports] == [Verdict.VALID, Verdict.UNTRUSTED]
