"""Next versions: linked, never two in force, from the day they are ordered for."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from vault_world import CALLER, World, example

from api.holding.prints import state_of
from license_vault.clock import civil_date, lapses_at, start_of
from license_vault.errors import (
    EffectiveDateInvalidError,
    IdempotencyKeyReusedError,
    NumberInForceError,
    RenewalNotPendingError,
    RenewalTooLateError,
    TransitionNotAllowedError,
    VersionPendingError,
)
from license_vault.fsck.fsck import Fsck, FsckServices
from license_vault.license import LicenseMark, LicenseStatus
from license_vault.license_identifier import parse
from license_vault.lifecycle.history import History
from license_vault.lifecycle.verbs import VERBS
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.live_states import LiveStates
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry

S = LicenseStatus


def order(**more: object) -> dict[str, object]:
    return {"basis": "《行政许可法》第四十九条", "case_number": "BG-1", **more}


def get(world: World, identifier: str) -> LicenseRecord:
    with world.database.reading() as session:
        return Registry(session).get(identifier)


def live(world: World, license_: LicenseRecord) -> LicenseStatus | None:
    with world.database.reading() as session:
        return LiveStates(session).as_of(license_.status_uri, license_.status_index, world.now)


def violations(world: World) -> list[str]:
    services = FsckServices(world.database, world.store, world.vault, world.keys, world.clock)
    return [str(violation) for violation in Fsck(services).run()]


def make(world: World, license_: LicenseRecord, verb: str, key: str = "v", **more: object):
    return (
        world.versions().make(license_.identifier, VERBS[verb], order(**more), CALLER, key).license
    )


def test_a_change_seals_a_new_version_and_ends_the_old_in_one_moment(world: World) -> None:
    old = world.issuance().issue(example(), CALLER, "k").license
    world.later(days=3)
    new = make(world, old, "change", fields={"legal_representative": "孙七"})
    before = get(world, old.identifier)
    assert (before.status, new.status) == (S.SUPERSEDED, S.VALID)
    assert (before.successor, new.predecessor) == (new.identifier, old.identifier)
    first, second = parse(old.identifier), parse(new.identifier)
    assert (second.serial, second.version) == (first.serial, first.version + 1)
    assert new.status_index != old.status_index
    with world.database.reading() as session:
        kept = Registry(session).kept(new.identifier)
        events = Registry(session).events(old.identifier)
    content = LicenseOpener(world.vault).secrets(kept).content
    assert content.predecessor == old.identifier
    assert content.fields["legal_representative"] == "孙七"
    assert events[-1].kind == "changed"
    assert (live(world, old), live(world, new)) == (S.SUPERSEDED, S.VALID)
    assert violations(world) == []
    # The same order again, and the same key for another.
    again = world.versions().make(
        old.identifier,
        VERBS["change"],
        order(fields={"legal_representative": "孙七"}),
        CALLER,
        "v",
    )
    assert (again.license, again.replayed) == (new, True)
    with pytest.raises(IdempotencyKeyReusedError):
        make(world, old, "change", fields={"legal_representative": "周八"})
    with pytest.raises(TransitionNotAllowedError):
        make(world, old, "reissue", "w", case_number="BG-2")


# --- a version that waits for its day -------------------------------------------------------


def do(world: World, license_: LicenseRecord, verb: str, key: str, **more: object):
    return (
        world.lifecycle()
        .act(license_.identifier, VERBS[verb], {"basis": "依据", **more}, CALLER, key.encode())
        .license
    )


def scheduled(world: World, days: int = 10) -> tuple[LicenseRecord, LicenseRecord, date]:
    """A license, and its renewal that comes into force some days later."""
    old = world.issuance().issue(example(), CALLER, "k").license
    day = civil_date(world.now) + timedelta(days=days)
    last = day + timedelta(days=365)
    new = make(world, old, "renewal", valid_from=day.isoformat(), valid_until=last.isoformat())
    return old, new, day


def states(world: World, *licenses: LicenseRecord) -> list[LicenseStatus]:
    return [get(world, one.identifier).status for one in licenses]


def as_of(world: World, license_: LicenseRecord) -> LicenseStatus | None:
    with world.database.reading() as session:
        history = History(session)
        return history.as_of(get(world, license_.identifier), world.now).state.status


def test_the_old_ends_exactly_when_the_new_begins(either_world: World) -> None:
    world = either_world
    old, new, day = scheduled(world)
    assert states(world, old, new) == [S.VALID, S.PENDING]
    assert violations(world) == []
    with pytest.raises(VersionPendingError):
        make(world, old, "change", "w", case_number="BG-2")
    with pytest.raises(NumberInForceError):
        world.issuance().issue(example(case_number="C2"), CALLER, "other")
    world.now = start_of(day) - timedelta(seconds=1)
    assert world.settling().settle(world.now) == 0
    assert [live(world, one) for one in (old, new)] == [S.VALID, S.PENDING]
    world.later(seconds=1)
    # Nobody has settled it yet, and the answer is right all the same.
    assert [live(world, one) for one in (old, new)] == [S.SUPERSEDED, S.VALID]
    assert [as_of(world, one) for one in (old, new)] == [S.SUPERSEDED, S.VALID]
    world.settling().settle(world.now)
    assert states(world, old, new) == [S.SUPERSEDED, S.VALID]
    assert get(world, new.identifier).due_at == lapses_at(new.valid_until)
    assert violations(world) == []
    assert world.settling().settle(world.now + timedelta(seconds=1)) == 0


def test_what_happens_to_the_old_happens_to_the_one_that_waits(world: World) -> None:
    old, new, day = scheduled(world)
    do(world, old, "suspension", "s1")
    do(world, old, "resumption", "r1")
    do(world, old, "suspension", "s2")
    assert states(world, old, new) == [S.SUSPENDED, S.PENDING]
    assert violations(world) == []
    world.now = start_of(day)
    assert [live(world, one) for one in (old, new)] == [S.SUPERSEDED, S.SUSPENDED]
    resumed = do(world, get(world, new.identifier), "resumption", "r2")
    assert resumed.status is S.VALID
    assert states(world, old, new) == [S.SUPERSEDED, S.VALID]
    assert violations(world) == []


def test_a_version_that_is_withdrawn_lets_the_old_go_on(world: World) -> None:
    old, new, day = scheduled(world)
    with pytest.raises(TransitionNotAllowedError):
        do(world, new, "suspension", "s")
    do(world, new, "cancellation", "c", reason="2")
    assert states(world, old, new) == [S.VALID, S.CANCELLED]
    world.now = start_of(day) + timedelta(days=1)
    assert [live(world, one) for one in (old, new)] == [S.VALID, S.CANCELLED]
    world.settling().settle(world.now)
    assert states(world, old, new) == [S.VALID, S.CANCELLED]
    again = make(world, old, "change", "w", case_number="BG-2")
    assert (parse(again.identifier).version, again.status) == (3, S.VALID)
    assert violations(world) == []


def test_ending_the_old_ends_the_one_that_waits(world: World) -> None:
    old, new, day = scheduled(world)
    do(world, old, "revocation", "r")
    assert states(world, old, new) == [S.REVOKED, S.REVOKED]
    world.now = start_of(day)
    world.settling().settle(world.now)
    assert [live(world, one) for one in (old, new)] == [S.REVOKED, S.REVOKED]
    assert do(world, old, "cancellation", "c").status is S.CANCELLED
    assert violations(world) == []


def test_a_new_version_begins_neither_in_the_past_nor_before_its_period(world: World) -> None:
    old = world.issuance().issue(example(), CALLER, "k").license
    today = civil_date(world.now)
    tomorrow = (today + timedelta(days=1)).isoformat()
    period = {"valid_from": tomorrow, "valid_until": "2031-01-01"}
    for effective in (today - timedelta(days=1), today):
        with pytest.raises(EffectiveDateInvalidError):
            make(world, old, "renewal", effective=effective.isoformat(), **period)
    assert states(world, old) == [S.VALID]


# --- 到期, 延续 ------------------------------------------------------------------------------


def ending(world: World, days: int) -> LicenseRecord:
    last = civil_date(world.now) + timedelta(days=days)
    body = example(valid_until=last.isoformat())
    return world.issuance().issue(body, CALLER, "k").license


def test_a_license_lapses_by_its_last_day_and_frees_its_number(either_world: World) -> None:
    world = either_world
    license_ = ending(world, 40)
    world.later(days=11)
    with pytest.raises(RenewalTooLateError) as caught:
        do(world, license_, "renewal-application", "a")
    assert caught.value.last_day == (license_.valid_until - timedelta(days=30)).isoformat()
    world.now = lapses_at(license_.valid_until) - timedelta(seconds=1)
    assert as_of(world, license_) is S.VALID
    world.later(seconds=1)
    assert as_of(world, license_) is S.LAPSED
    with pytest.raises(TransitionNotAllowedError):
        make(world, license_, "renewal", valid_until="2031-01-01")
    assert states(world, license_) == [S.LAPSED]
    world.issuance().issue(example(case_number="C2"), CALLER, "other")
    assert violations(world) == []


def test_a_renewal_applied_for_in_time_keeps_it_in_force_until_it_is_decided(
    world: World,
) -> None:
    license_ = ending(world, 40)
    do(world, license_, "renewal-application", "a")
    with pytest.raises(TransitionNotAllowedError):
        do(world, license_, "renewal-application", "b")
    world.now = lapses_at(license_.valid_until) + timedelta(days=5)
    world.settling().settle(world.now)
    waiting = get(world, license_.identifier)
    assert (waiting.status, waiting.marks) == (S.VALID, (LicenseMark.RENEWAL_PENDING,))
    assert (as_of(world, license_), waiting.due_at) == (S.VALID, None)
    with world.database.reading() as session:
        # Its prints count as long as it does.
        assert state_of(session, waiting, world.now) is S.VALID
        assert state_of(session, replace(waiting, marks=()), world.now) is S.LAPSED
    new = make(world, license_, "renewal", valid_until="2031-01-01")
    assert states(world, license_, new) == [S.SUPERSEDED, S.VALID]
    assert (get(world, license_.identifier).marks, new.marks) == ((), ())
    assert violations(world) == []


def test_a_refused_renewal_lets_it_lapse(world: World) -> None:
    license_ = ending(world, 40)
    with pytest.raises(RenewalNotPendingError):
        do(world, license_, "renewal-refusal", "r0")
    do(world, license_, "renewal-application", "a")
    assert do(world, license_, "renewal-refusal", "r1").status is S.VALID
    do(world, license_, "renewal-application", "b")
    world.now = lapses_at(license_.valid_until) + timedelta(days=5)
    refused_at = world.now
    assert do(world, license_, "renewal-refusal", "r2").status is S.LAPSED
    assert live(world, license_) is S.LAPSED
    with world.database.reading() as session:
        history = History(session)
        now = get(world, license_.identifier)
        before = history.as_of(now, refused_at - timedelta(seconds=1)).state
        assert (before.status, before.marks) == (S.VALID, (LicenseMark.RENEWAL_PENDING,))
        assert history.as_of(now, refused_at).state.status is S.LAPSED
    assert violations(world) == []
