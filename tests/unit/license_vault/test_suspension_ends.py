"""A suspension that was ordered with its last day ends by itself, unless something else comes."""

from datetime import date, datetime, timedelta

import pytest
from vault_world import CALLER, World, example

from license_vault.clock import civil_date, end_of, start_of
from license_vault.errors import FieldInvalidError
from license_vault.fsck.fsck import Fsck, FsckServices
from license_vault.license import LicenseStatus
from license_vault.lifecycle.history import History
from license_vault.lifecycle.suspensions import over_from
from license_vault.lifecycle.verbs import VERBS
from license_vault.packages.conditions import ConditionKeeping, Fulfilment
from license_vault.packages.member_life import MemberServices
from license_vault.registry.license_record import Basis
from license_vault.registry.live_states import LiveStates
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import RequestMark

S = LicenseStatus
DAY = timedelta(days=1)


def get(world: World, license_: LicenseRecord) -> LicenseRecord:
    with world.database.reading() as session:
        return Registry(session).get(license_.identifier)


def live(world: World, license_: LicenseRecord, at: datetime) -> tuple[str, datetime | None]:
    """State and end of a suspension as own nodes answer, whether or not anything was settled."""
    with world.database.reading() as session:
        states, place = LiveStates(session), (license_.status_uri, license_.status_index)
        return str(states.as_of(*place, at)), states.suspended_until(*place, at)


def violations(world: World) -> list[str]:
    services = FsckServices(world.database, world.store, world.vault, world.keys, world.clock)
    return [str(violation) for violation in Fsck(services).run()]


def do(world: World, license_: LicenseRecord, verb: str, key: str, **more: object):
    order = {"basis": "依据", **more}
    key_mac = key.encode()
    return world.lifecycle().act(license_.identifier, VERBS[verb], order, CALLER, key_mac).license


def day(world: World, days: int) -> date:
    return civil_date(world.now) + days * DAY


def test_it_is_in_force_again_on_the_day_after_and_an_earlier_order_withdraws_that(
    world: World,
) -> None:
    license_ = world.issuance().issue(example(), CALLER, "k").license
    with pytest.raises(FieldInvalidError) as wrong:
        do(world, license_, "suspension", "s0", until=day(world, -1).isoformat())
    assert [one.pointer for one in wrong.value.problems] == ["/until"]
    with pytest.raises(FieldInvalidError) as wrong:
        do(world, license_, "suspension", "s0", until="9999-12-31")
    assert [one.code for one in wrong.value.problems] == ["implausible-date"]
    with pytest.raises(FieldInvalidError):
        do(world, license_, "cancellation", "c0", until=day(world, 1).isoformat())

    last = day(world, 9)
    suspended = do(world, license_, "suspension", "s1", until=last.isoformat())
    over = over_from(last)
    assert (suspended.status, suspended.suspended_until) == (S.SUSPENDED, over)
    assert suspended.due_at == over
    assert live(world, license_, end_of(last)) == ("suspended", over)
    assert live(world, license_, over) == ("valid", None)
    with world.database.reading() as session:
        told = History(session).of(suspended)
    assert [(one.event.kind, one.over) for one in told[-2:]] == [
        ("suspended", over),
        ("suspension-over", None),
    ]

    # Given back earlier, and then suspended until somebody says otherwise.
    world.later(days=1)
    do(world, license_, "resumption", "r1")
    again = do(world, license_, "suspension", "s2")
    assert (again.suspended_until, live(world, license_, over)[0]) == (None, "suspended")
    do(world, license_, "resumption", "r2")
    do(world, license_, "suspension", "s3", until=last.isoformat())

    world.now = over
    assert world.settling().settle(world.now) == 1
    assert (get(world, license_).status, get(world, license_).suspended_until) == (S.VALID, None)
    assert live(world, license_, end_of(last)) == ("suspended", over)
    assert violations(world) == []


@pytest.mark.parametrize(("days", "begins"), [(9, "valid"), (15, "suspended")])
def test_a_version_that_waits_shares_what_is_left_of_it(
    world: World, days: int, begins: str
) -> None:
    old = world.issuance().issue(example(), CALLER, "k").license
    first = day(world, 10)
    order = {"basis": "依据", "case_number": "BG-1", "effective": first.isoformat()}
    order["fields"] = {"legal_representative": "孙七"}  # type: ignore[assignment]
    new = world.versions().make(old.identifier, VERBS["change"], order, CALLER, "v").license
    over = over_from(day(world, days))
    do(world, old, "suspension", "s", until=day(world, days).isoformat())

    assert live(world, old, min(over, start_of(first)) - DAY)[0] == "suspended"
    assert live(world, old, start_of(first))[0] == "superseded"
    assert live(world, old, over + DAY)[0] in ("valid", "superseded")
    assert live(world, old, over + 30 * DAY)[0] == "superseded"
    assert live(world, new, start_of(first))[0] == begins
    assert live(world, new, over + 30 * DAY)[0] == "valid"
    for moment in sorted((start_of(first), over)):
        world.now = moment
        world.settling().settle(world.now)
        assert violations(world) == []
    assert [get(world, one).status for one in (old, new)] == [S.SUPERSEDED, S.VALID]


def test_what_is_recorded_meanwhile_leaves_the_end_and_a_condition_holds_it_back(
    world: World,
) -> None:
    due, last, until = day(world, 20), day(world, 200), day(world, 30)
    conditions = [{"text": "补交现场照片", "due": due.isoformat()}]
    body = example(
        valid_until=last.isoformat(), issued_on=day(world, 0).isoformat(), conditions=conditions
    )
    license_ = world.issuance().issue(body, CALLER, "k").license
    do(world, license_, "renewal-application", "a")
    do(world, license_, "suspension", "s", until=until.isoformat())
    assert live(world, license_, over_from(until))[0] == "suspended"  # for want of the condition
    do(world, license_, "renewal-refusal", "n")
    assert get(world, license_).suspended_until is None

    services = MemberServices(
        world.database, world.vault, world.clock, world.settling(), world.checkpoint
    )
    mark = RequestMark(CALLER.name, b"k" * 32, b"b" * 32)
    ConditionKeeping(services).fulfil(
        license_.identifier, Fulfilment(1, Basis("依据")), CALLER, mark
    )
    kept = get(world, license_)
    assert (kept.status, kept.suspended_until) == (S.SUSPENDED, over_from(until))
    world.now = over_from(until)
    world.settling().settle(world.now)
    assert get(world, license_).status is S.VALID
    assert violations(world) == []
