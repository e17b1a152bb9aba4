"""An electronic seal by itself (.esl): who made it, and whether it is in its period."""

from dataclasses import replace
from datetime import timedelta

import pytest
from mutants.world import World
from pki import NOW, Pki

from keys.second_opinion import agrees_valid
from verification.evidence import SignerEvidence
from verification.judging import judge
from verification.policy import load_policy
from verification.report import Outcome, Verdict

DAY = timedelta(days=1)


def test_a_seal_of_a_maker_that_is_named_is_valid(world: World) -> None:
    report = world.report(world.seal.ses)
    assert report.verdict is Verdict.VALID
    assert report.document.form == "esl"
    assert report.codes == {
        "seal-alone", "maker-signature-valid", "maker-trusted", "seal-in-period",
    }  # fmt: skip
    assert all(check.outcome is Outcome.PASSED for check in report.checks)
    # Whoever reads but the first sentence does not take it for a license.
    assert "这是印章，不是证照" in report.sentence.zh
    assert "a seal, not a license" in report.sentence.en


def test_what_no_file_can_say_is_not_checked(world: World) -> None:
    report = world.report(world.seal.ses)
    assert {"seal-register", "seal-picture", "second-opinion"} == set(report.not_checked)
    asked = world.report(world.seal.ses, second_opinion=agrees_valid)
    assert "second-opinion" not in asked.not_checked


def test_the_report_shows_whose_seal_it_is(world: World) -> None:
    (seal,) = world.report(world.seal.ses).seals
    shown = seal.to_json()
    assert shown["kind"] == "ses-seal"
    assert (shown["code"], shown["owner"]) == (world.seal.code, world.seal.owner_name)
    assert (shown["time"], shown["sealed_at"]) == ("none", None)
    assert shown["seal"]["es_id"] == world.seal.code
    assert shown["certificate"]["subject"]


@pytest.mark.parametrize(
    ("moment", "verdict", "code"),
    [
        (NOW, Verdict.VALID, "seal-in-period"),
        (NOW - 3000 * DAY, Verdict.NOT_IN_FORCE, "seal-not-in-use-yet"),
        (NOW + 9000 * DAY, Verdict.NOT_IN_FORCE, "seal-no-longer-in-use"),
    ],
)
def test_the_period_is_that_of_the_time_asked_about(
    world: World, moment: object, verdict: Verdict, code: str
) -> None:
    report = world.report(world.seal.ses, at=moment)  # type: ignore[arg-type]
    assert report.verdict is verdict
    assert code in report.codes
    assert report.sentence.zh


def test_a_seal_of_a_maker_that_nobody_named_is_not_trusted(world: World) -> None:
    report = world.report(world.seal.ses, trust=world.trust(signers=()))
    assert report.verdict is Verdict.UNTRUSTED
    assert "maker-not-named" in report.codes
    other = Pki()
    foreign = other.seal().ses
    named = (SignerEvidence("seal-maker", other.maker),)
    report = world.report(foreign, trust=world.trust(signers=named))
    assert report.verdict is Verdict.UNTRUSTED
    assert "maker-no-trusted-chain" in report.codes


def test_a_changed_seal_is_altered(world: World) -> None:
    at = world.seal.ses.index(b"TESTVAULT")
    report = world.report(world.seal.ses[:at] + b"VAULTTEST" + world.seal.ses[at + 9 :])
    assert report.verdict is Verdict.ALTERED
    assert "maker-signature-invalid" in report.codes


@pytest.mark.parametrize("cut", [1, 10, 200])
def test_a_broken_seal_cannot_be_read(world: World, cut: int) -> None:
    report = world.report(world.seal.ses[:-cut])
    assert report.verdict is Verdict.UNSEALED
    assert "document-unreadable" in report.codes
    assert "ses-" in report.sentence.en


def test_a_certificate_is_no_seal(world: World) -> None:
    report = world.report(world.seal.certificate)
    assert report.verdict is Verdict.UNSEALED


def test_without_a_trust_bundle_it_is_open(world: World) -> None:
    evidence = replace(world.evidence(world.seal.ses), trust=None, trust_gap="none")
    report = judge(evidence, load_policy("default"), NOW, NOW)
    assert report.verdict is Verdict.INDETERMINATE
    assert {"trust-unavailable", "maker-not-judged", "maker-signature-valid"} <= report.codes


def test_a_seal_that_a_lying_process_hands_on_must_be_the_one_in_the_file(world: World) -> None:
    from verification.reading import read_document

    genuine = read_document(world.seal.ses)
    other = world.pki.ses_seal(world.seal.certificate, name="另一枚")
    report = world.report(other, parse=lambda _: genuine)
    assert report.verdict is Verdict.UNSEALED
