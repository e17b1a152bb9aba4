"""The state of a license: every state has its word, and what a list cannot tell stays open."""

from datetime import date, timedelta

import pytest
from mutants.world import STATUS_INDEX, World, content, draw
from pki import NOW

from keys import certificate_authority as authority
from keys.certificate_authority import Subject
from license_vault.license import LicenseMark, LicenseStatus
from signing.status_changes import StatusBase, build_status_changes, read_status_changes
from signing.status_list import StatusListContent, read_status_list
from signing.status_mirror import apply, held_from
from signing.status_reasons import read_status_reasons
from verification.evidence import StatusEvidence, StatusKind
from verification.policy import load_policy
from verification.report import Verdict

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

STATES = [
    (LicenseStatus.ISSUING, "not-yet-in-force", "未生效"),
    (LicenseStatus.SUSPENDED, "suspended", "暂扣"),
    (LicenseStatus.RESCINDED, "rescinded", "撤销"),
    (LicenseStatus.REVOKED, "revoked", "吊销"),
    (LicenseStatus.CANCELLED, "cancelled", "注销"),
    (LicenseStatus.LAPSED, "lapsed", "失效"),
    (LicenseStatus.SUPERSEDED, "superseded", "被替代"),
    (LicenseStatus.PENDING, "not-yet-in-force", "未生效"),
    (LicenseStatus.TRANSFERRED, "transferred", "转出"),
]


@pytest.mark.parametrize(("state", "code", "word"), STATES)
def test_every_state_is_told_by_its_word_and_never_as_altered(
    world: World, state: LicenseStatus, code: str, word: str
) -> None:
    report = world.report(state=state)
    assert report.verdict is Verdict.NOT_IN_FORCE
    assert report.state == code
    assert word in report.sentence.zh
    assert "改动" not in report.sentence.zh
    assert report.technical.indication == "TOTAL_PASSED"


def test_when_it_was_not_yet_in_force_is_not_told_as_when_it_will_be(world: World) -> None:
    sentence = world.report(state=LicenseStatus.PENDING).sentence
    assert sentence.zh.endswith("：此时的状态）。")
    assert sentence.en.endswith(": the state then).")


@pytest.mark.parametrize(("state", "code", "word"), STATES)
def test_a_later_end_does_not_tell_of_the_time_before(
    world: World, state: LicenseStatus, code: str, word: str
) -> None:
    status = world.status(state, issued_at=NOW + 10 * HOUR)
    report = world.report(status=status, now=NOW + 11 * HOUR, at=NOW + HOUR)
    assert report.verdict is Verdict.INDETERMINATE
    assert "status-ended-later" in report.codes


def test_in_force_later_was_in_force_before_and_says_what_it_cannot_tell(world: World) -> None:
    status = world.status(issued_at=NOW + 10 * HOUR)
    report = world.report(status=status, now=NOW + 11 * HOUR, at=NOW + HOUR)
    assert report.verdict is Verdict.VALID
    assert "in-force-later" in report.codes
    assert "status-before-the-list" in report.not_checked


def test_a_suspension_with_a_last_day_is_told_with_it(world: World) -> None:
    told = StatusEvidence(
        StatusKind.REGISTER, state="suspended", observed_at=NOW, detail="2026-06-30"
    )
    report = world.report(status=told)
    assert (report.verdict, report.state) == (Verdict.NOT_IN_FORCE, "suspended")
    assert report.sentence.zh.startswith("不在有效状态：暂扣至 2026-06-30。")
    assert report.sentence.en.startswith("Not in force: suspended until 2026-06-30.")


# --- dates --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deviation", "verdict", "state"),
    [
        ({"valid_until": date(2026, 6, 1)}, Verdict.VALID, None),
        ({"valid_until": date(2026, 5, 31)}, Verdict.NOT_IN_FORCE, "expired"),
        ({"valid_until": None}, Verdict.VALID, None),
        ({"valid_from": date(2026, 6, 1)}, Verdict.VALID, None),
        ({"valid_from": date(2026, 6, 2)}, Verdict.NOT_IN_FORCE, "not-yet-in-force"),
    ],
)
def test_both_ends_of_the_period_are_included(
    world: World, deviation: dict[str, date], verdict: Verdict, state: str | None
) -> None:
    report = world.report(world.sealed(**deviation))
    assert report.verdict is verdict
    assert report.state == state


def test_the_last_day_ends_at_midnight_in_china(world: World) -> None:
    data = world.sealed(valid_until=date(2026, 6, 1))
    last = NOW.replace(hour=15, minute=59, second=59)
    assert world.report(data, now=last).verdict is Verdict.VALID
    assert world.report(data, now=last + timedelta(seconds=1)).state == "expired"


def test_a_cancelled_license_that_has_also_expired_is_cancelled(world: World) -> None:
    data = world.sealed(valid_until=date(2026, 5, 31))
    assert world.report(data, state=LicenseStatus.CANCELLED).state == "cancelled"


# --- lists that are not believed ----------------------------------------------------------------


def refused(world: World, status: StatusEvidence, code: str, **deviation: object) -> None:
    report = world.report(status=status, **deviation)
    assert report.verdict is Verdict.INDETERMINATE
    assert code in report.codes


def test_no_list_leaves_it_open(world: World) -> None:
    refused(world, StatusEvidence(StatusKind.UNAVAILABLE, detail="x"), "status-list-missing")


def test_a_stale_list_leaves_it_open(world: World) -> None:
    stale = world.status(issued_at=NOW - 3 * DAY, next_update=NOW - DAY)
    refused(world, stale, "status-list-stale")


def test_a_list_older_than_the_policy_allows_leaves_it_open(world: World) -> None:
    old = world.status(issued_at=NOW - 3 * DAY, next_update=NOW + 30 * DAY)
    refused(world, old, "status-list-stale")


def test_a_list_from_the_future_leaves_it_open(world: World) -> None:
    future = world.status(issued_at=NOW + DAY, next_update=NOW + 2 * DAY)
    refused(world, future, "status-list-in-future")


def test_the_list_of_another_address_is_not_believed(world: World) -> None:
    refused(world, world.status(uri="https://other.example/1"), "status-list-malformed")


def test_garbage_is_not_believed(world: World) -> None:
    garbage = StatusEvidence(StatusKind.SIGNED_LIST, signed_list=b"\x30\x03\x02\x01\x05")
    refused(world, garbage, "status-list-malformed")


def test_a_flipped_bit_in_a_list_is_noticed(world: World) -> None:
    data = bytearray(world.status_list())
    data[-3] ^= 1
    refused(
        world,
        StatusEvidence(StatusKind.SIGNED_LIST, signed_list=bytes(data)),
        "status-list-signature-invalid",
    )


def test_a_list_by_another_key_is_not_believed(world: World) -> None:
    world.pki.keys.create("status-thief")
    refused(world, world.status(label="status-thief"), "status-list-signature-invalid")


def test_a_list_signed_with_a_seal_is_not_believed(world: World) -> None:
    seal = world.seal
    refused(
        world,
        world.status(certificate=seal.certificate, label=seal.key_label),
        "status-list-signer-not-trusted",
    )


def test_a_list_of_a_foreign_hierarchy_is_not_believed(world: World) -> None:
    foreign = World()
    refused(world, foreign.status(), "status-list-signer-not-trusted")


def test_a_list_by_a_withdrawn_signer_is_not_believed() -> None:
    world = World()
    world.pki.revoke(world.pki.status, NOW - DAY, "superseded")
    refused(world, world.status(), "status-list-signer-not-trusted")


def test_a_list_by_a_signer_that_had_expired_is_not_believed(world: World) -> None:
    from pki import Period

    certificate = world.pki.certify(
        "status-old",
        authority.STATUS,
        Subject("old"),
        "ca/seal",
        Period(NOW - 9 * DAY, NOW - DAY),
    )
    refused(
        world,
        world.status(certificate=certificate, label="status-old"),
        "status-list-signer-not-trusted",
    )


def test_an_index_the_list_does_not_know_leaves_it_open(world: World) -> None:
    refused(world, world.status(None), "status-unassigned")


def test_an_index_beyond_the_list_leaves_it_open(world: World) -> None:
    report = world.report(world.put_seal(draw(content(status_index=10**9))))
    assert "status-unassigned" in report.codes


# --- files that belong together, or do not -------------------------------------------------------


def files(
    plane: bytes, reasons: bytes | None = None, states: bytes | None = None
) -> StatusEvidence:
    return StatusEvidence(
        StatusKind.SIGNED_LIST, signed_list=plane, signed_reasons=reasons, states=states
    )


def test_a_plane_alone_says_in_force_and_nothing_of_marks(world: World) -> None:
    plane = world.status_list(marks=(LicenseMark.DISPUTED,))
    report = world.report(status=files(plane))
    assert report.verdict is Verdict.VALID
    assert "disputed" not in report.marks
    assert "status-marks" in report.not_checked
    assert "status-marks" not in world.report().not_checked


@pytest.mark.parametrize("state", [LicenseStatus.REVOKED, None])
def test_a_plane_alone_says_not_in_force_without_a_reason(
    world: World, state: LicenseStatus | None
) -> None:
    report = world.report(status=files(world.status_list(state)))
    assert report.verdict is Verdict.NOT_IN_FORCE
    assert report.state == "not-in-force"
    later = world.status_list(state, issued_at=NOW + 10 * HOUR)
    report = world.report(status=files(later), now=NOW + 11 * HOUR, at=NOW + HOUR)
    assert "status-ended-later" in report.codes


def test_reasons_that_do_not_belong_to_the_plane_are_not_believed(world: World) -> None:
    plane, reasons = world.status_files()
    for other in (
        world.status_files(LicenseStatus.REVOKED)[1],
        world.status_files(uri="https://other.example/1")[1],
        plane,
        b"garbage",
    ):
        refused(world, files(plane, other), "status-list-malformed")
    refused(world, files(reasons, reasons), "status-list-malformed")
    world.pki.keys.create("reasons-thief")
    forged = world.status_files(label="reasons-thief")[1]
    refused(world, files(plane, forged), "status-list-signature-invalid")


def test_states_that_a_mirror_keeps_answer_under_the_file_that_names_their_digest(
    world: World,
) -> None:
    plane, reasons = world.status_files()
    held = held_from(read_status_list(plane), read_status_reasons(reasons))
    states = bytearray(held.states)
    states[STATUS_INDEX] = 4
    content_ = StatusListContent(held.head.uri, 6, NOW, NOW + DAY, bytes(states))
    signed = build_status_changes(
        StatusBase(5, held.states),
        content_,
        world.pki.status,
        lambda message: world.pki.keys.sign("status", message),
    )
    after = apply(held, read_status_changes(signed))
    report = world.report(status=files(signed, states=after.states))
    assert (report.verdict, report.state) == (Verdict.NOT_IN_FORCE, "revoked")
    assert report.status_list is not None
    assert report.status_list.sequence == "6"
    assert world.report(status=files(plane, states=held.states)).verdict is Verdict.VALID
    refused(world, files(signed, states=held.states), "status-list-malformed")
    refused(world, files(signed), "status-list-malformed")


# --- the register, and no status at all ----------------------------------------------------------


def row(state: str, **more: object) -> StatusEvidence:
    return StatusEvidence(StatusKind.REGISTER, state=state, observed_at=NOW, **more)


def test_the_live_row_answers_for_the_time_asked_about(world: World) -> None:
    report = world.report(status=row("cancelled"), at=NOW, now=NOW + HOUR)
    assert report.state == "cancelled"
    assert report.status_list is None


def test_the_marks_of_the_register_stand_in_the_first_sentence(world: World) -> None:
    report = world.report(status=row("valid", marks=("disputed", "conditional")))
    assert report.verdict is Verdict.VALID
    assert "异议中；附条件" in report.sentence.zh
    assert report.marks[:2] == ("disputed", "conditional")


def test_until_when_a_license_is_suspended_is_told(world: World) -> None:
    report = world.report(status=row("suspended", detail="至 2026-12-31 / until 2026-12-31"))
    assert "2026-12-31" in report.sentence.zh


def test_a_state_nobody_knows_leaves_it_open(world: World) -> None:
    refused(world, row("fine"), "status-list-malformed")


def test_the_final_check_skips_the_status_and_says_so(world: World) -> None:
    none = StatusEvidence(StatusKind.UNAVAILABLE)
    report = world.report(status=none, policy=load_policy("final_check"))
    assert report.verdict is Verdict.VALID
    assert "status-skipped" in report.codes
    assert "status" in report.not_checked


# --- marks in signed lists, and a renewal that is waited for -------------------------------------


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ((LicenseMark.CONDITIONAL,), ("附条件",)),
        ((LicenseMark.DISPUTED, LicenseMark.CONDITIONAL), ("附条件", "异议中")),
        ((LicenseMark.RENEWAL_PENDING,), ("延续审批中",)),
    ],
)
def test_a_signed_list_tells_marks_too(
    world: World, marks: tuple[LicenseMark, ...], words: tuple[str, ...]
) -> None:
    report = world.report(status=world.status(marks=marks))
    assert report.verdict is Verdict.VALID
    assert all(word in report.sentence.zh for word in words)
    assert set(report.marks) >= {mark.value for mark in marks}


def test_a_renewal_that_is_waited_for_outlives_the_last_day(world: World) -> None:
    data = world.sealed(valid_until=date(2026, 5, 31))
    for status in (
        world.status(marks=(LicenseMark.RENEWAL_PENDING, LicenseMark.CONDITIONAL)),
        row("valid", marks=("renewal-pending", "conditional")),
    ):
        report = world.report(data, status=status)
        assert report.verdict is Verdict.VALID
        assert "到期，延续审批中（行政许可法 50）" in report.sentence.zh
        assert set(report.marks) >= {"renewal-pending", "conditional"}
    assert world.report(data, status=row("lapsed")).state == "expired"
    suspended = world.report(data, status=row("suspended", marks=("renewal-pending",)))
    assert suspended.verdict is Verdict.NOT_IN_FORCE
