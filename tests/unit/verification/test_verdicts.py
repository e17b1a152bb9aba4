"""Each test: the good world with one deviation, and the reason it must give."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from mutants.cms_mutants import CmsMutants
from mutants.world import World, content, draw
from pki import NOW, OWNER_CODE

from keys import certificate_authority as authority
from keys.certificate_authority import Subject
from keys.second_opinion import agrees_valid
from license_vault.license import LicenseStatus
from signing.seal import SealOrder
from verification.evidence import AnchorEvidence
from verification.judging import judge
from verification.policy import load_policy
from verification.report import Outcome, Verdict

DAY = timedelta(days=1)


def test_a_sealed_license_in_force_is_valid(world: World) -> None:
    report = world.report()
    assert report.verdict is Verdict.VALID
    assert {check.check for check in report.checks} == {
        "integrity", "seal", "certificate", "chain", "time",
        "revocation", "authority", "status", "content",
    }  # fmt: skip
    assert all(check.outcome is Outcome.PASSED for check in report.checks)
    assert report.technical.indication == "TOTAL_PASSED"


def test_a_valid_pdf_says_in_its_first_sentence_that_it_has_no_gm_seal(world: World) -> None:
    report = world.report()
    assert "GB/T 38540" in report.sentence.zh
    assert "GB/T 38540" in report.sentence.en
    assert report.marks == ("cms-without-seal",)


def test_the_world_is_bound_to_one_hierarchy(world: World) -> None:
    report = World().report(world.sealed())
    assert report.verdict is Verdict.UNTRUSTED
    assert {"no-trusted-chain", "timestamp-authority-not-trusted"} <= report.codes


# --- the seal's certificate ---------------------------------------------------------------------


def sealed_with(world: World, code: str, **deviation: object) -> bytes:
    return world.put_seal(draw(content()), world.pki.seal(code, **deviation))


@pytest.mark.parametrize(
    ("code", "deviation", "verdict", "reason"),
    [
        ("1", {"not_after": NOW - DAY}, Verdict.UNTRUSTED, "certificate-expired-at-sealing"),
        ("2", {"not_before": NOW + DAY}, Verdict.UNTRUSTED, "certificate-not-yet-valid"),
        ("3", {"profile": authority.SEAL_CA}, Verdict.UNTRUSTED, "key-usage-wrong"),
    ],
)
def test_an_unfit_certificate_is_not_trusted(
    world: World, code: str, deviation: dict[str, object], verdict: Verdict, reason: str
) -> None:
    report = world.report(sealed_with(world, f"1101010000010{code}", **deviation))
    assert report.verdict is verdict
    assert reason in report.codes


def test_a_certificate_that_expired_after_sealing_keeps_the_seal(world: World) -> None:
    data = sealed_with(world, "11010100000201", not_after=NOW + DAY)
    now = NOW + 2 * DAY
    report = world.report(
        data,
        now=now,
        trust=world.trust(
            revocation_lists=world.pki.revocation_lists(this_update=now, next_update=now + DAY)
        ),
        status=world.status(issued_at=now, next_update=now + DAY),
    )
    assert report.verdict is Verdict.VALID
    assert "certificate-expired-since" in report.codes


def test_an_anchor_for_other_purposes_is_no_anchor_for_seals(world: World) -> None:
    anchors = (AnchorEvidence(("timestamp", "status"), world.pki.root),)
    report = world.report(trust=world.trust(anchors=anchors))
    assert report.verdict is Verdict.UNTRUSTED
    assert "no-trusted-chain" in report.codes


def test_without_trust_nothing_is_valid(world: World) -> None:
    evidence = replace(world.evidence(), trust=None, trust_gap="nothing installed")
    report = judge(evidence, load_policy("default"), NOW, NOW)
    assert report.verdict is Verdict.INDETERMINATE
    assert "trust-unavailable" in report.codes


# --- revocation ---------------------------------------------------------------------------------


def revoked_world(reason: str, at: datetime) -> World:
    world = World()
    world.sealed()
    world.pki.revoke(world.seal.certificate, at, reason)
    return world


@pytest.mark.parametrize(
    ("reason", "at", "verdict", "code"),
    [
        ("superseded", NOW - DAY, Verdict.UNTRUSTED, "certificate-revoked"),
        ("superseded", NOW, Verdict.UNTRUSTED, "certificate-revoked"),
        ("superseded", NOW + timedelta(seconds=1), Verdict.VALID, "revoked-after-sealing"),
        ("keyCompromise", NOW + DAY, Verdict.UNTRUSTED, "certificate-revoked-key-compromise"),
        ("keyCompromise", NOW - DAY, Verdict.UNTRUSTED, "certificate-revoked-key-compromise"),
    ],
)
def test_a_revoked_certificate(reason: str, at: datetime, verdict: Verdict, code: str) -> None:
    report = revoked_world(reason, at).report()
    assert report.verdict is verdict
    assert code in report.codes


def test_a_revocation_is_known_even_from_a_stale_list() -> None:
    world = revoked_world("superseded", NOW - DAY)
    stale = world.pki.revocation_lists(NOW - 9 * DAY, NOW - 2 * DAY)
    report = world.report(trust=world.trust(revocation_lists=stale))
    assert report.verdict is Verdict.UNTRUSTED
    assert "certificate-revoked" in report.codes


def test_a_revoked_issuing_authority_is_named() -> None:
    world = World()
    world.sealed()
    world.pki.revoke(world.pki.seal_ca, NOW - DAY, "cACompromise")
    report = world.report()
    assert report.verdict is Verdict.UNTRUSTED
    assert "authority-certificate-revoked" in report.codes


def test_stale_revocation_lists_leave_it_open(world: World) -> None:
    stale = world.pki.revocation_lists(NOW - 9 * DAY, NOW - 2 * DAY)
    report = world.report(trust=world.trust(revocation_lists=stale))
    assert report.verdict is Verdict.INDETERMINATE
    assert {"revocation-stale", "timestamp-revocation-unknown"} <= report.codes
    assert report.technical.sub_indication == "TRY_LATER"


def test_missing_revocation_lists_leave_it_open(world: World) -> None:
    report = world.report(trust=world.trust(revocation_lists=()))
    assert report.verdict is Verdict.INDETERMINATE
    assert "revocation-missing" in report.codes


def test_a_revocation_list_by_somebody_else_counts_for_nothing(world: World) -> None:
    report = world.report(trust=world.trust(revocation_lists=World().pki.revocation_lists()))
    assert "revocation-missing" in report.codes


def test_a_newer_list_that_lifts_a_hold_counts() -> None:
    world = World()
    world.sealed()
    older = World.crls(world)
    world.pki.revoke(world.seal.certificate, NOW - DAY, "certificateHold")
    held = world.pki.revocation_lists(this_update=NOW - timedelta(hours=2))
    report = world.report(trust=world.trust(revocation_lists=(*held, *older)))
    assert report.verdict is Verdict.VALID


# --- time ---------------------------------------------------------------------------------------


def without_token(world: World) -> bytes:
    mutants = CmsMutants(world)
    return mutants.embed(mutants.without_token())


def test_without_a_time_stamp_the_time_is_only_claimed(world: World) -> None:
    report = world.report(without_token(world))
    assert "time-claimed-only" in report.codes
    assert report.seals[0].time == "claimed"
    assert "time" in report.not_checked


def test_a_claimed_time_does_not_satisfy_the_strict_policy(world: World) -> None:
    report = world.report(without_token(world), policy=load_policy("strict"))
    assert report.verdict is Verdict.INDETERMINATE
    assert "timestamp-required" in report.codes


def test_a_claimed_time_never_saves_an_expired_certificate() -> None:
    world = World()
    world.seal = world.pki.seal("11010100000301", not_after=NOW + DAY)
    data = without_token(world)
    now = NOW + 2 * DAY
    report = world.report(
        data,
        now=now,
        trust=world.trust(
            revocation_lists=world.pki.revocation_lists(this_update=now, next_update=now + DAY)
        ),
        status=world.status(issued_at=now, next_update=now + DAY),
    )
    assert report.verdict is Verdict.INDETERMINATE
    assert "certificate-expired-no-proof" in report.codes


def test_a_claimed_time_never_saves_a_withdrawn_certificate() -> None:
    world = World()
    data = without_token(world)
    world.pki.revoke(world.seal.certificate, NOW + timedelta(hours=1), "superseded")
    report = world.report(data)
    assert report.verdict is Verdict.UNTRUSTED
    assert "certificate-revoked" in report.codes


def test_a_time_in_the_future_leaves_it_open(world: World) -> None:
    report = world.report(now=NOW - timedelta(hours=2))
    assert report.verdict is Verdict.INDETERMINATE
    assert "time-in-future" in report.codes


def test_a_time_within_the_clock_tolerance_is_not_in_the_future(world: World) -> None:
    report = world.report(now=NOW - timedelta(seconds=299), at=NOW)
    assert "time-in-future" not in report.codes


@pytest.mark.parametrize(
    ("profile", "detail"),
    [(authority.SEAL, "extended-key-usage"), (authority.STATUS, "extended-key-usage")],
)
def test_a_time_stamp_by_a_certificate_for_something_else_is_refused(profile, detail) -> None:
    world = World()
    world.pki.tsa = world.pki.certify("tsa", profile, Subject("Other"), "ca/tsa")
    report = world.report()
    assert report.verdict is Verdict.UNTRUSTED
    assert "timestamp-authority-unsuitable" in report.codes
    assert any(detail in check.sentence.en for check in report.checks)


def test_a_withdrawn_time_stamping_authority_proves_nothing() -> None:
    world = World()
    world.sealed()
    world.pki.revoke(world.pki.tsa, NOW - DAY, "superseded")
    report = world.report()
    assert report.verdict is Verdict.UNTRUSTED
    assert "timestamp-authority-revoked" in report.codes


def test_a_time_stamping_authority_withdrawn_later_still_proves_the_time() -> None:
    world = World()
    world.sealed()
    world.pki.revoke(world.pki.tsa, NOW + DAY, "cessationOfOperation")
    assert world.report().verdict is Verdict.VALID


# --- the right to seal --------------------------------------------------------------------------


def test_a_seal_of_another_owner_is_not_entitled(world: World) -> None:
    listed = world.trust().authority
    assert listed is not None
    authority_ = replace(listed, seal_owners=("91310000MA1K000002",))
    report = world.report(trust=world.trust(authority=authority_))
    assert report.verdict is Verdict.UNTRUSTED
    assert "seal-owner-not-entitled" in report.codes


def test_an_authority_unknown_to_the_bundle_is_not_trusted(world: World) -> None:
    report = world.report(trust=world.trust(authority=None))
    assert report.verdict is Verdict.UNTRUSTED
    assert "authority-not-listed" in report.codes


def test_a_certificate_without_its_owners_code_is_not_trusted() -> None:
    world = World()
    certificate = world.pki.certify(
        "seal/11010100000001", authority.SEAL, Subject("x", "清河市卫生健康委员会"), "ca/seal"
    )
    world.seal = replace(world.seal, certificate=certificate)
    report = world.report()
    assert report.verdict is Verdict.UNTRUSTED
    assert "seal-owner-unreadable" in report.codes


# --- several seals ------------------------------------------------------------------------------


def two_seals(world: World, *orders: SealOrder) -> bytes:
    data = draw(content(seals=2))
    places = 1 if SealOrder.SOLE in orders else 2 + (SealOrder.MIDDLE in orders)
    for at, (seal, order) in enumerate(zip(world.seals, orders, strict=False)):
        data = world.put_seal(data, seal, order, at, places)
    return data


def test_two_seals_in_order_are_valid(world: World) -> None:
    report = world.report(two_seals(world, SealOrder.FIRST, SealOrder.LAST))
    assert report.verdict is Verdict.VALID, report.codes
    assert len(report.seals) == 2


def test_one_seal_twice_does_not_count_as_two(world: World) -> None:
    data = draw(content(seals=2))
    for at, order in enumerate((SealOrder.FIRST, SealOrder.LAST)):
        data = world.put_seal(data, order=order, at=at, places=2)
    report = world.report(data)
    assert report.verdict is Verdict.ALTERED
    assert "seal-twice" in report.codes


def test_fewer_seals_than_claimed_are_never_valid(world: World) -> None:
    report = world.report(two_seals(world, SealOrder.FIRST))
    assert report.verdict is Verdict.ALTERED
    assert {"seals-missing", "certification-missing"} <= report.codes


def test_a_sole_seal_where_two_are_claimed_is_never_valid(world: World) -> None:
    report = world.report(two_seals(world, SealOrder.SOLE))
    assert report.verdict is Verdict.ALTERED
    assert "seals-missing" in report.codes


def test_more_seals_than_claimed_are_never_valid(world: World) -> None:
    data = draw(content(seals=1))
    for at, order in enumerate((SealOrder.FIRST, SealOrder.LAST)):
        data = world.put_seal(data, order=order, at=at, places=2)
    report = world.report(data)
    assert report.verdict is Verdict.ALTERED
    assert "seals-too-many" in report.codes


def test_a_last_seal_must_lock_everything(world: World) -> None:
    report = world.report(two_seals(world, SealOrder.FIRST, SealOrder.MIDDLE))
    assert report.verdict is Verdict.ALTERED
    assert "last-seal-does-not-lock" in report.codes


def test_the_worst_seal_counts() -> None:
    world = World()
    data = world.put_seal(draw(content(seals=2)), order=SealOrder.FIRST, places=2)
    other = world.pki.seal("11010100000401", not_after=NOW - DAY)
    data = world.put_seal(data, other, SealOrder.LAST, 1, places=2)
    report = world.report(data)
    assert report.verdict is Verdict.UNTRUSTED
    wrong = [check for check in report.checks if check.code == "certificate-expired-at-sealing"]
    assert [check.seal for check in wrong] == ["Seal2"]


# --- precedence ---------------------------------------------------------------------------------


def altered(data: bytes) -> bytes:
    return data.replace(b"595.276", b"595.277")


def test_an_altered_document_is_altered_whatever_its_chain(world: World) -> None:
    assert World().report(altered(world.sealed())).verdict is Verdict.ALTERED


def test_an_altered_document_has_no_state(world: World) -> None:
    report = world.report(altered(world.sealed()), state=LicenseStatus.CANCELLED)
    assert report.verdict is Verdict.ALTERED
    assert report.state is None
    assert report.license is None
    assert "status-not-judged" in report.codes


def test_an_untrusted_license_is_not_called_not_in_force(world: World) -> None:
    report = world.report(state=LicenseStatus.CANCELLED, trust=world.trust(authority=None))
    assert report.verdict is Verdict.UNTRUSTED


def test_an_open_question_comes_before_the_state_but_does_not_hide_it(world: World) -> None:
    report = world.report(
        state=LicenseStatus.REVOKED, trust=world.trust(revocation_lists=world.crls()[:2])
    )
    assert report.verdict is Verdict.INDETERMINATE
    assert report.state == "revoked"


def test_an_unsealed_document_is_unsealed(world: World) -> None:
    report = world.report(draw(content()))
    assert report.verdict is Verdict.UNSEALED
    assert "no-seal" in report.codes
    assert report.technical.indication == "NO_SEAL_FOUND"
    assert report.license is None


# --- second opinion -----------------------------------------------------------------------------


def test_a_second_implementation_that_agrees_is_told(world: World) -> None:
    report = world.report(second_opinion=agrees_valid)
    assert report.verdict is Verdict.VALID
    assert "second-opinion-agrees" in report.codes
    assert "second-opinion" not in report.not_checked


@pytest.mark.parametrize("opinion", [True, False])
def test_two_implementations_that_disagree_leave_it_open(world: World, opinion: bool) -> None:
    mutants = CmsMutants(world)
    data = mutants.document if not opinion else mutants.embed(mutants.values()["s-negated"])
    report = world.report(data, second_opinion=lambda *_: opinion)
    assert "second-opinion-disagrees" in report.codes
    assert report.verdict in (Verdict.INDETERMINATE, Verdict.ALTERED)
    assert "seal-signature-invalid" not in report.codes


# --- the time asked about -----------------------------------------------------------------------


def test_before_it_was_sealed_a_license_was_not_yet_in_force(world: World) -> None:
    report = world.report(at=NOW - 30 * DAY)
    assert report.verdict is Verdict.NOT_IN_FORCE
    assert report.state == "not-yet-in-force"
    assert "sealed-after-as-of" in report.codes


def test_a_fresh_list_of_the_time_asked_about_is_fresh_enough(world: World) -> None:
    later = NOW + 60 * DAY
    report = world.report(at=NOW + timedelta(hours=1), now=later)
    assert report.verdict is Verdict.VALID
    assert report.as_of == NOW + timedelta(hours=1)


def test_a_time_after_the_lists_leaves_it_open(world: World) -> None:
    later = NOW + 60 * DAY
    report = world.report(at=NOW + 59 * DAY, now=later)
    assert report.verdict is Verdict.INDETERMINATE
    assert {"revocation-stale", "status-list-stale"} <= report.codes


def test_tomorrow_cannot_be_known(world: World) -> None:
    report = world.report(at=NOW + 2 * DAY)
    assert report.verdict is Verdict.INDETERMINATE
    assert "as-of-in-future" in report.codes


def test_today_may_be_asked_about_before_it_ends(world: World) -> None:
    assert world.report(at=datetime(2026, 6, 1, 15, 59, 59, tzinfo=UTC)).verdict is Verdict.VALID


def test_the_owner_of_the_seal_stands_in_the_report(world: World) -> None:
    seal = world.report().seals[0]
    assert (seal.owner_code, seal.owner) == (OWNER_CODE, "清河市卫生健康委员会")
    assert seal.sealed_at == NOW
    assert seal.time == "stamped"


def test_a_file_that_was_cut_off_is_damaged_not_unsealed_from_the_start(world: World) -> None:
    whole = world.sealed()
    report = world.report(whole[: len(whole) // 3])
    assert report.verdict is Verdict.UNSEALED
    assert "document-damaged" in report.codes


def test_a_file_that_was_cut_off_within_its_seal_is_altered(world: World) -> None:
    whole = world.sealed()
    report = world.report(whole[: whole.rfind(b"/Contents <") + 1000])
    assert report.verdict is Verdict.ALTERED
    assert "seal-destroyed" in report.codes
