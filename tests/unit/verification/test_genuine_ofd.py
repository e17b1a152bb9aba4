"""Genuine files of other makers, where they are at hand (../shared/samples): what is said of them.

The trust bundle is the tests' own and knows none of their makers.
"""

import os
from pathlib import Path

import pytest
from mutants.world import World

from keys.second_opinion import agrees_valid
from verification.report import Outcome, Verdict, VerificationReport


@pytest.fixture(scope="module")
def folder() -> Path:
    samples = os.environ.get("LICENSE_VAULT_SAMPLES")
    if not samples:
        pytest.skip("LICENSE_VAULT_SAMPLES does not say where the genuine files are")
    found = Path(samples) / "ofd"
    assert found.is_dir(), f"LICENSE_VAULT_SAMPLES is set, but {found} is missing"
    return found


def report_on(world: World, folder: Path, name: str) -> VerificationReport:
    return world.report((folder / f"{name}.ofd").read_bytes(), second_opinion=agrees_valid)


INTACT = frozenset(
    {
        "references-hold", "coverage-complete", "description-unchanged", "property-path-agrees",
        "document-unchanged", "seal-signature-valid", "maker-signature-valid", "signer-listed",
        "second-opinion-agrees",
    }
)  # fmt: skip


@pytest.mark.parametrize("name", ["V4RideRight", "v4signed"])
def test_an_intact_file_of_makers_we_do_not_know_is_not_trusted(
    world: World, folder: Path, name: str
) -> None:
    report = report_on(world, folder, name)
    assert report.verdict is Verdict.UNTRUSTED
    assert report.codes >= INTACT
    assert {"maker-not-named", "maker-no-trusted-chain", "no-trusted-chain"} <= report.codes
    assert report.marks == ()
    assert report.license is None


def test_the_seal_in_several_places_is_one_seal(world: World, folder: Path) -> None:
    (seal,) = report_on(world, folder, "V4RideRight").seals
    assert seal.seal is not None
    assert (seal.seal.version, seal.seal.name) == (4, "OFD R&W 测试用印章")


def test_what_is_not_covered_leaves_it_open_whoever_sealed(world: World, folder: Path) -> None:
    report = report_on(world, folder, "999")
    assert report.verdict is Verdict.INDETERMINATE
    assert "/OFD.xml" in report.sentence.zh
    assert "内容部分未覆盖" in report.sentence.zh
    assert {"references-hold", "seal-signature-valid", "content-uncovered"} <= report.codes
    assert "no-trusted-chain" in report.codes
    assert "document-unchanged" not in report.codes


def test_a_signature_that_names_nobody_leaves_it_open(world: World, folder: Path) -> None:
    report = report_on(world, folder, "DigitalSign")
    assert report.verdict is Verdict.INDETERMINATE
    assert {"signer-unnamed", "references-hold", "coverage-complete"} <= report.codes
    assert "document-unchanged" not in report.codes
    assert report.seals == ()


def test_what_was_changed_after_sealing_is_altered(world: World, folder: Path) -> None:
    report = report_on(world, folder, "发票示例")
    assert report.verdict is Verdict.ALTERED
    assert "/Doc_0/Document.xml" in report.sentence.zh
    assert {"description-unchanged", "seal-signature-valid"} <= report.codes


@pytest.mark.parametrize("name", ["V4RideRight", "v4signed", "999", "DigitalSign"])
def test_harmless_departures_are_named_and_held_against_nobody(
    world: World, folder: Path, name: str
) -> None:
    report = report_on(world, folder, name)
    assert report.deviations
    lines = [check for check in report.checks if check.code == "vendor-deviation"]
    assert len(lines) >= len(report.deviations)
    assert all(check.outcome is Outcome.PASSED for check in lines)


@pytest.mark.parametrize("name", ["V4RideRight", "v4signed", "999", "DigitalSign", "发票示例"])
def test_without_any_trust_bundle_none_is_valid(world: World, folder: Path, name: str) -> None:
    from dataclasses import replace

    from pki import NOW

    from verification.judging import judge
    from verification.policy import load_policy

    evidence = world.evidence((folder / f"{name}.ofd").read_bytes())
    report = judge(
        replace(evidence, trust=None, trust_gap="none"), load_policy("default"), NOW, NOW
    )
    assert report.verdict in (Verdict.INDETERMINATE, Verdict.ALTERED)
