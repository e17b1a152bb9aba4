"""Cancelling: who may, from when, once; and the live state says so at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pki import NOW, OWNER_CODE
from sqlalchemy import text
from vault_world import CALLER, World, example

from license_vault.api_clients import Caller, Scope
from license_vault.audit import AuditTrail
from license_vault.clock import start_of
from license_vault.errors import (
    AuditHeadMissingError,
    AuthorityNotPermittedError,
    EffectiveDateInvalidError,
    LicenseNotFoundError,
    ScopeMissingError,
    TransitionNotAllowedError,
)
from license_vault.issuing.license_request import Officer
from license_vault.license import IssuingAuthority, LicenseStatus
from license_vault.lifecycle.changes import CANCEL, Cancellation
from license_vault.registry.authorities import AuthorityWriter
from license_vault.registry.license_record import Basis, LicenseOpener
from license_vault.registry.live_states import LiveStates
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry

ORDER = Cancellation(Basis("《行政许可法》第七十条", Officer("0042", "钱二")))


def _issue(world: World) -> LicenseRecord:
    return world.issuance().issue(example(), CALLER, "key").license


def _live(world: World, license_: LicenseRecord) -> LicenseStatus | None:
    with world.database.reading() as session:
        where = (license_.status_uri, license_.status_index)
        return LiveStates(session).as_of(*where, world.now)


def test_as_of_the_answer_the_live_state_says_cancelled(either_world: World) -> None:
    license_ = _issue(either_world)
    assert _live(either_world, license_) is LicenseStatus.VALID
    either_world.later(days=3)
    after = either_world.lifecycle().cancel(license_.identifier, ORDER, CALLER)
    assert after.status is LicenseStatus.CANCELLED
    assert after.changed_at == NOW + timedelta(days=3)
    assert _live(either_world, license_) is LicenseStatus.CANCELLED


def test_event_and_audit_entry_tell_who_when_and_why(world: World) -> None:
    license_ = _issue(world)
    world.later(days=3)
    order = replace(ORDER, effective_on=date(2026, 6, 2))
    world.lifecycle().cancel(license_.identifier, order, CALLER)
    with world.database.reading() as session:
        event = Registry(session).events(license_.identifier)[-1]
        kept = Registry(session).kept(license_.identifier)
        entry = AuditTrail(session).of_subject(license_.identifier)[-1]
    assert (event.kind, event.status) == ("cancelled", LicenseStatus.CANCELLED)
    assert event.effective_from == start_of(date(2026, 6, 2))
    assert event.recorded_at == world.now
    assert LicenseOpener(world.vault).basis(kept, event.sealed_basis) == ORDER.basis
    assert entry.act.action == "license.cancelled"
    assert entry.act.details == {"from": "valid", "effective_from": "2026-06-01T16:00:00Z"}


def test_cancelling_again_changes_nothing(either_world: World) -> None:
    license_ = _issue(either_world)
    lifecycle = either_world.lifecycle()
    first = lifecycle.cancel(license_.identifier, ORDER, CALLER)
    either_world.later(days=1)
    assert lifecycle.cancel(license_.identifier, ORDER, CALLER) == first
    with either_world.database.reading() as session:
        assert len(Registry(session).events(license_.identifier)) == 3


def test_many_that_cancel_at_once_cancel_once(either_world: World) -> None:
    license_ = _issue(either_world)
    lifecycle = either_world.lifecycle()
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(lambda _: lifecycle.cancel(license_.identifier, ORDER, CALLER), range(8))
        )
    assert {one.status for one in found} == {LicenseStatus.CANCELLED}
    with either_world.database.reading() as session:
        assert len(Registry(session).events(license_.identifier)) == 3
        assert len(AuditTrail(session).of_subject(license_.identifier)) == 2


@pytest.mark.parametrize("day", [date(2026, 3, 19), date(2026, 6, 2)])
def test_it_takes_effect_neither_before_the_license_nor_in_the_future(
    world: World, day: date
) -> None:
    license_ = _issue(world)
    with pytest.raises(EffectiveDateInvalidError):
        world.lifecycle().cancel(license_.identifier, replace(ORDER, effective_on=day), CALLER)
    assert _status(world, license_) is LicenseStatus.VALID


def _status(world: World, license_: LicenseRecord) -> LicenseStatus:
    with world.database.reading() as session:
        return Registry(session).get(license_.identifier).status


def _without_right(world: World) -> Caller:
    return replace(CALLER, scopes=frozenset({Scope(CANCEL, "11310000MBDEM00076999")}))


def _from_below(world: World) -> Caller:
    with world.database.writing() as session:
        below = IssuingAuthority("BELOW", "下级", "110101")
        AuthorityWriter(session).add(below, OWNER_CODE, NOW)
    return replace(CALLER, organisation_code="BELOW")


@pytest.mark.parametrize(
    ("caller", "error"),
    [(_without_right, ScopeMissingError), (_from_below, AuthorityNotPermittedError)],
)
def test_who_may_not_cancel_changes_nothing(
    world: World, caller: Callable[[World], Caller], error: type[Exception]
) -> None:
    license_ = _issue(world)
    with pytest.raises(error):
        world.lifecycle().cancel(license_.identifier, ORDER, caller(world))
    assert _status(world, license_) is LicenseStatus.VALID


def test_what_is_not_there_or_not_issued_cannot_be_cancelled(world: World) -> None:
    with pytest.raises(LicenseNotFoundError):
        world.lifecycle().cancel("nothing", ORDER, CALLER)
    license_ = _issue(world)
    with world.database.connection_for_schema() as connection:
        connection.execute(text("UPDATE license SET status = 'void'"))
    with pytest.raises(TransitionNotAllowedError) as caught:
        world.lifecycle().cancel(license_.identifier, ORDER, CALLER)
    assert (caught.value.current, caught.value.wanted) == ("void", "cancelled")


def test_the_number_of_a_cancelled_license_is_free_again(world: World) -> None:
    license_ = _issue(world)
    world.lifecycle().cancel(license_.identifier, ORDER, CALLER)
    again = world.issuance().issue(example(case_number="C2"), CALLER, "second")
    assert again.license.status is LicenseStatus.VALID


def test_no_audit_entry_no_change(world: World) -> None:
    license_ = _issue(world)
    with world.database.connection_for_schema() as connection:
        connection.execute(text("DELETE FROM audit_head"))
    with pytest.raises(AuditHeadMissingError):
        world.lifecycle().cancel(license_.identifier, ORDER, CALLER)
    assert _status(world, license_) is LicenseStatus.VALID
