"""Back-dated and unlogged licenses are named, by what a node keeps and by proofs, offline too."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from issue_logs import MadeLog, contents, countersigned
from mutants.world import Given, World
from pki import NOW, Pki

from license_vault.license_metadata import content_id
from signing.issue_proof import IssueProof, WitnessedCheckpoint, write_proof
from verification.evidence import Evidence, LogEvidence, LogKind
from verification.judging import judge
from verification.policy import load_policy
from verification.reading import read_document
from verification.report import Verdict, VerificationReport
from verification.sources import Sources
from verification.verifier import Verifier

REGION = "310000"
MINUTE = timedelta(minutes=1)
LATER = NOW + timedelta(days=1)


@pytest.fixture(scope="module")
def evidence(world: World) -> Evidence:
    """Of a license that was sealed, and time-stamped, at NOW."""
    return world.evidence(world.sealed_json())


def kept(**facts: object) -> LogEvidence:
    usual = LogEvidence(REGION, LogKind.MIRROR, 900, bytes(32), LATER)
    return replace(usual, **facts)  # type: ignore[arg-type]


def appeared(at: datetime, before: datetime | None) -> LogEvidence:
    return kept(first_size=800, first_time=at, before_time=before, countersigned_by=("320000",))


def judged(
    evidence: Evidence, log: LogEvidence | None, policy: str = "default", now: datetime = NOW
) -> VerificationReport:
    return judge(replace(evidence, log=log), load_policy(policy), now, now)


def log_codes(report: VerificationReport) -> list[str]:
    return [check.code for check in report.checks if check.check == "log"]


@pytest.mark.parametrize(
    ("log", "code", "verdict"),
    [
        (appeared(NOW + MINUTE, NOW - MINUTE), "logged", Verdict.VALID),
        # Sealing and entering take a while, and clocks differ: five minutes are nothing.
        (appeared(NOW + 5 * MINUTE, NOW + 5 * MINUTE), "logged", Verdict.VALID),
        (appeared(NOW + MINUTE, None), "logged-at-beginning", Verdict.VALID),
        (appeared(LATER, NOW + 6 * MINUTE), "back-dated", Verdict.UNTRUSTED),
        (kept(), "unlogged", Verdict.UNTRUSTED),
        (kept(newest_time=NOW + timedelta(seconds=61)), "unlogged", Verdict.UNTRUSTED),
        (kept(newest_time=NOW + MINUTE), "log-not-yet", Verdict.VALID),
        (kept(newest_time=NOW - MINUTE), "log-not-yet", Verdict.VALID),
        (kept(kind=LogKind.OWN, waiting_since=NOW), "log-waiting", Verdict.VALID),
        (kept(kind=LogKind.OWN, waiting_since=LATER), "back-dated", Verdict.UNTRUSTED),
    ],
)
def test_what_a_node_keeps_of_the_log_tells(
    evidence: Evidence, log: LogEvidence, code: str, verdict: Verdict
) -> None:
    report = judged(evidence, log)
    assert log_codes(report) == [code]
    assert report.verdict is verdict
    assert report.log is not None
    assert (report.log.region, report.log.size) == (REGION, 900)


def test_where_no_log_is_known_nothing_is_said(evidence: Evidence) -> None:
    for log in (None, LogEvidence(REGION, LogKind.PROOF)):
        report = judged(evidence, log)
        assert (report.verdict, log_codes(report), report.log) == (Verdict.VALID, [], None)
        assert "log" not in report.to_json()


def test_a_strict_policy_asks_that_it_be_in_the_log(evidence: Evidence) -> None:
    report = judged(evidence, kept(newest_time=NOW), "strict")
    assert report.verdict is Verdict.INDETERMINATE
    assert set(log_codes(report)) == {"log-not-yet", "log-required"}
    assert judged(evidence, appeared(NOW + MINUTE, NOW - MINUTE), "strict").verdict is Verdict.VALID
    assert log_codes(judged(evidence, kept(), "final_check")) == []


def test_the_sentence_tells_size_root_and_who_countersigned(evidence: Evidence) -> None:
    report = judged(evidence, appeared(NOW + MINUTE, NOW - MINUTE))
    (line,) = (check for check in report.checks if check.check == "log")
    for told in ("800", "00" * 32, "320000", REGION):
        assert told in line.sentence.zh
        assert told in line.sentence.en


# --- the insider -----------------------------------------------------------------------------


def _moments(count: int) -> Iterator[timedelta]:
    """How much too early a seal says it was made: from just noticeable to years."""
    draw = random.Random(20260601)
    yield timedelta(minutes=5, seconds=1)
    for _ in range(count - 1):
        yield timedelta(minutes=5, seconds=1 + draw.randrange(10 * 365 * 86_400))


def test_a_hundred_of_a_hundred_back_dated_licenses_are_found(evidence: Evidence) -> None:
    found, honest = 0, 0
    for ahead in _moments(100):
        report = judged(evidence, appeared(NOW + ahead + MINUTE, NOW + ahead))
        found += report.verdict is Verdict.UNTRUSTED and log_codes(report) == ["back-dated"]
        report = judged(evidence, appeared(NOW + MINUTE, NOW - ahead))
        honest += report.verdict is Verdict.VALID
    assert (found, honest) == (100, 100)


class _Log:
    """A mirror that has every license since LATER, and none before."""

    def log_of(self, content_id: str, authority_code: str) -> LogEvidence:
        assert (len(content_id), authority_code) == (64, "11310114MBDEM0015F")
        return appeared(LATER + MINUTE, LATER)


def test_an_insider_with_the_real_key_and_a_turned_back_clock_is_named(world: World) -> None:
    given = Given(world.trust(), world.status())
    clock = lambda: LATER + 2 * MINUTE  # noqa: E731
    sources = Sources(given, given, log=_Log())
    verifier = Verifier(sources, read_document, load_policy("default"), clock)
    honest_now = world.pki.now
    try:
        for days in (1, 30, 400):
            # Seal and time-stamp are the real ones; both say a day long gone.
            world.pki.now = LATER - timedelta(days=days)
            for file in (world.sealed_json(number=f"B{days}"), world.sealed(number=f"B{days}")):
                report = verifier.verify(file)
                assert report.verdict is Verdict.UNTRUSTED
                assert log_codes(report) == ["back-dated"]
                assert "time-stamped" in report.codes
        world.pki.now = LATER + MINUTE
        assert log_codes(verifier.verify(world.sealed_json(number="B0"))) == ["logged"]
    finally:
        world.pki.now = honest_now


# --- proofs that come with the file ----------------------------------------------------------


@pytest.fixture(scope="module")
def log(world: World, evidence: Evidence) -> MadeLog:
    """The region's log: the license is the twelfth leaf."""
    parsed = evidence.document.parsed
    assert parsed is not None
    assert parsed.claims is not None
    mine = content_id(parsed.claims)
    return MadeLog((*contents(11), mine, *contents(8, 50)), REGION, world.pki)


def proof_of(log: MadeLog, at: datetime, before: datetime) -> IssueProof:
    return log.proof(11, at, (10, 15), before)


def with_proof(proof: IssueProof | bytes, *witnesses: bytes) -> LogEvidence:
    data = proof if isinstance(proof, bytes) else write_proof(proof)
    return LogEvidence("", LogKind.PROOF, proof=data, witnesses=witnesses)


def test_a_proof_tells_offline_that_it_was_logged(evidence: Evidence, log: MadeLog) -> None:
    report = judged(evidence, with_proof(proof_of(log, NOW + MINUTE, NOW)), now=NOW + MINUTE)
    assert (report.verdict, log_codes(report)) == (Verdict.VALID, ["logged"])
    assert report.log is not None
    assert (report.log.region, report.log.size, report.log.proof) == (REGION, 15, True)
    first = log.proof(11, NOW + MINUTE, (0, 15))
    assert log_codes(judged(evidence, with_proof(first), now=LATER)) == ["logged-at-beginning"]


def test_a_proof_names_a_hundred_back_dated_licenses_too(evidence: Evidence, log: MadeLog) -> None:
    found = 0
    # Within the life of the revocation lists: whose key signed the checkpoints is asked too.
    for ahead in _moments(100):
        before = NOW + timedelta(minutes=5, seconds=1) + ahead % timedelta(hours=20)
        proof = proof_of(log, before + MINUTE, before)
        report = judged(evidence, with_proof(proof), now=before + 2 * MINUTE)
        found += log_codes(report) == ["back-dated"] and report.verdict is Verdict.UNTRUSTED
    assert found == 100


def test_only_known_witnesses_are_told(evidence: Evidence, log: MadeLog) -> None:
    proof, known, unknown = proof_of(log, NOW + MINUTE, NOW), Pki(), Pki()
    seen = proof.holding.checkpoint
    other = log.checkpoint(14, NOW + MINUTE, 10)
    witnessed = (
        countersigned(seen, "320000", NOW + MINUTE, known),
        countersigned(seen, "330000", NOW + MINUTE, unknown),
        countersigned(other, "340000", NOW + MINUTE, known),
    )
    proof = replace(proof, holding=WitnessedCheckpoint(seen, witnessed))
    report = judged(evidence, with_proof(proof, known.system), now=NOW + MINUTE)
    (line,) = (check for check in report.checks if check.check == "log")
    assert line.values["wanted"] == "320000"


def test_a_node_that_is_behind_makes_no_less_of_a_proof(evidence: Evidence, log: MadeLog) -> None:
    behind = kept(newest_time=NOW, proof=write_proof(proof_of(log, NOW + MINUTE, NOW)))
    report = judged(evidence, behind, "strict", now=NOW + MINUTE)
    assert (report.verdict, log_codes(report)) == (Verdict.VALID, ["logged"])


def test_a_proof_that_does_not_hold_leaves_it_open(evidence: Evidence, log: MadeLog) -> None:
    good, foreign = proof_of(log, NOW + MINUTE, NOW), MadeLog(log.entries, REGION, Pki())
    elsewhere = MadeLog(log.entries, "320000", log.pki)
    moved = replace(good, index=12)
    cases: dict[str, IssueProof | bytes] = {
        "log-proof-malformed": write_proof(good)[:-1],
        "log-proof-of-other-license": log.proof(10, NOW + MINUTE, (10, 15), NOW),
        "log-proof-contradicts": moved,
        "log-proof-signer-unknown": proof_of(foreign, NOW + MINUTE, NOW),
    }
    for code, proof in cases.items():
        report = judged(evidence, with_proof(proof), now=LATER)
        assert (report.verdict, log_codes(report)) == (Verdict.INDETERMINATE, [code])
    for proof in (proof_of(elsewhere, NOW + MINUTE, NOW), proof_of(log, LATER, NOW)):
        report = judged(evidence, with_proof(proof), now=NOW + MINUTE)
        assert log_codes(report) == ["log-proof-contradicts"]
    no_trust = replace(evidence, trust=None, trust_gap="off")
    report = judged(no_trust, with_proof(good), now=LATER)
    assert log_codes(report) == ["log-proof-signer-unknown"]


def test_a_verifier_takes_proofs_beside_files(world: World, log: MadeLog) -> None:
    proof = write_proof(proof_of(log, NOW + MINUTE, NOW))
    other = write_proof(log.proof(10, NOW + MINUTE, (10, 15), NOW))
    verifier = world.verifier(now=NOW + MINUTE)
    for proofs, code in (((other, proof), "logged"), ((other,), "log-proof-of-other-license")):
        report = verifier.with_proofs(proofs).verify(world.sealed_json())
        assert log_codes(report) == [code]
    assert log_codes(verifier.with_proofs(()).verify(world.sealed_json())) == []
