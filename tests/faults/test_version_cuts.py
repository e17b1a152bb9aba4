"""Cuts while a next version, or a group, is made: never two in force, never none, never half."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from test_issuance_cuts import (
    INTENT,
    PUT,
    VALID,
    Cut,
    PowerCutError,
    cut_world,
    licenses,
    violations,
)
from vault_world import CALLER, FORMS, World, example

from license_vault.errors import LicenseVaultError, OutputRefusedError
from license_vault.issuing.issuance import Issuance
from license_vault.issuing.plan import Plan
from license_vault.issuing.reconciliation import reconcile
from license_vault.license import LicenseStatus
from license_vault.lifecycle.verbs import VERBS
from license_vault.registry.live_states import LiveStates
from license_vault.registry.registry import Registry
from license_vault.seals.uses import CheckedSeal

S = LicenseStatus
CHANGE = {"basis": "依据", "case_number": "BG-1", "fields": {"legal_representative": "孙七"}}


def in_force(world: World) -> list[str]:
    """Who is in force now: by rows and, for each, by the live answer alike."""
    found = [one for one in licenses(world) if one.status in (S.VALID, S.SUSPENDED)]
    with world.database.reading() as session:
        live = LiveStates(session)
        for one in found:
            assert live.as_of(one.status_uri, one.status_index, world.now) is one.status
    return [one.identifier for one in found]


@pytest.mark.parametrize("takes_effect", [True, False], ids=["taking-effect", "not"])
@pytest.mark.parametrize("write", [INTENT, PUT, VALID])
def test_a_version_whose_making_is_cut_is_finished_and_ends_the_old_once(
    world: World, write: int, takes_effect: bool
) -> None:
    old = world.issuance().issue(example(), CALLER, "k").license
    cut = cut_world(world, Cut(write, PowerCutError(), takes_effect=takes_effect))
    with pytest.raises(PowerCutError):
        cut.versions().make(old.identifier, VERBS["change"], CHANGE, CALLER, "v")
    assert len(in_force(world)) == 1
    assert violations(world) == []

    reconcile(world.issuance(), timedelta(0))
    done = world.versions().make(old.identifier, VERBS["change"], CHANGE, CALLER, "v")

    assert in_force(world) == [done.license.identifier]
    assert done.license.predecessor == old.identifier
    assert len(licenses(world)) == 2
    assert violations(world) == []


def test_an_old_one_that_is_revoked_meanwhile_makes_the_next_version_void(world: World) -> None:
    old = world.issuance().issue(example(), CALLER, "k").license
    cut = cut_world(world, Cut(PUT, PowerCutError(), takes_effect=True))
    with pytest.raises(PowerCutError):
        cut.versions().make(old.identifier, VERBS["change"], CHANGE, CALLER, "v")
    world.lifecycle().act(old.identifier, VERBS["revocation"], {"basis": "依据"}, CALLER, b"r")

    done = reconcile(world.issuance(), timedelta(0))

    assert len(done.void) == 1
    assert {one.status for one in licenses(world)} == {S.REVOKED, S.VOID}
    assert violations(world) == []


@pytest.mark.parametrize("takes_effect", [True, False], ids=["taking-effect", "not"])
def test_a_cut_while_settling_leaves_both_or_neither(world: World, takes_effect: bool) -> None:
    old = world.issuance().issue(example(), CALLER, "k").license
    order = {**CHANGE, "effective": "2026-06-20"}
    new = world.versions().make(old.identifier, VERBS["change"], order, CALLER, "v").license
    world.later(days=30)
    cut = cut_world(world, Cut(1, PowerCutError(), takes_effect=takes_effect))
    with pytest.raises(PowerCutError):
        cut.settling().settle(world.now)
    assert violations(world) == []
    world.settling().settle(world.now)
    assert in_force(world) == [new.identifier]
    assert violations(world) == []


def test_many_that_change_and_end_one_license_at_once_leave_one_in_force_or_none(
    either_world: World,
) -> None:
    world = either_world
    old = world.issuance().issue(example(), CALLER, "k").license
    start = Barrier(4)

    def change(number: int) -> bool:
        start.wait(timeout=30)
        order = {**CHANGE, "case_number": f"BG-{number}"}
        try:
            world.versions().make(old.identifier, VERBS["change"], order, CALLER, f"v{number}")
        except LicenseVaultError:
            return False
        return True

    def suspend(_number: int) -> bool:
        start.wait(timeout=30)
        try:
            world.lifecycle().act(
                old.identifier, VERBS["suspension"], {"basis": "依据"}, CALLER, b"s"
            )
        except LicenseVaultError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(change, number) for number in range(3)]
        asked.append(pool.submit(suspend, 0))
        won = [one.result() for one in asked]
    assert sum(won) == 1
    assert len(in_force(world)) == 1
    assert violations(world) == []


# --- groups ---------------------------------------------------------------------------------


def issue_pair(world: World, key: str = "k"):
    """An original and its duplicate in one group."""
    issuance: Issuance = world.issuance()
    original = example()
    copy = example(copy={"kind": "副本", "ordinal": 1, "of": 1})
    mark = issuance.mark(original, CALLER, key)

    def plans() -> tuple[Plan, ...]:
        plan = partial(issuance.planning.plan, caller=CALLER, body_sm3=mark.body_sm3)
        return plan(original), plan(copy)

    return issuance.issue_group(plans, mark)


@pytest.mark.parametrize("takes_effect", [True, False], ids=["taking-effect", "not"])
@pytest.mark.parametrize("write", [INTENT, PUT + len(FORMS), PUT + 2 * len(FORMS)])
def test_a_group_that_is_cut_is_finished_as_a_whole(
    world: World, write: int, takes_effect: bool
) -> None:
    cut = cut_world(world, Cut(write, PowerCutError(), takes_effect=takes_effect))
    with pytest.raises(PowerCutError):
        issue_pair(cut)
    assert len({one.status for one in licenses(world)}) <= 1
    assert violations(world) == []

    reconcile(world.issuance(), timedelta(0))
    issued = issue_pair(world)

    both = (issued.license, *(other.license for other in issued.others))
    assert [one.status for one in both] == [S.VALID, S.VALID]
    assert both[1].group_id == both[0].row_id
    assert len(licenses(world)) == 2
    assert len(list(world.store.all_keys())) == 2 * len(FORMS)
    assert violations(world) == []


def test_of_a_group_all_are_given_up_if_one_fails_for_good(world: World) -> None:
    seen: list[str] = []

    def refuse_the_fourth(form: str, data: bytes) -> tuple[CheckedSeal, ...]:
        seen.append(form)
        if len(seen) > len(FORMS):
            raise OutputRefusedError(("x",))
        return world.final_check(form, data)

    with pytest.raises(OutputRefusedError):
        issue_pair(world.with_(final_check=refuse_the_fourth))
    assert [one.status for one in licenses(world)] == [S.VOID, S.VOID]
    assert list(world.store.all_keys()) == []
    with world.database.reading() as session:
        assert Registry(session).unfinished(world.now, 10) == ()
    assert issue_pair(world, "again").license.status is S.VALID
    assert violations(world) == []
