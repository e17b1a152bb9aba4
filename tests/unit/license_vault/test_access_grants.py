"""The use of licenses is denied unless exactly it was granted, and the grant has not ended."""

import secrets
from datetime import date

import pytest
from pki import OWNER_CODE
from vault_world import World

from license_vault.access.errors import (
    AccessNotGrantedError,
    AccessPeriodError,
    AccessRequestUnknownError,
    AccessStateError,
)
from license_vault.access.grants import AccessGuard
from license_vault.access.requests import (
    AccessRequest,
    AccessRequests,
    AccessRequestWriter,
    AccessState,
    AccessWish,
)
from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.check_digits import uscc_check_character
from license_vault.license import IssuingAuthority
from license_vault.registry.authorities import AuthorityWriter
from license_vault.registry.lookup_macs import LookupMacs

CONSUMER = "91110108MAEXA0012"
CONSUMER += uscc_check_character(CONSUMER)
TYPE = f"{OWNER_CODE}001"
WISH = AccessWish("ITEM-1", TYPE, "核验经营者资格", "《优化营商环境条例》第三十七条")
USE = Use(CONSUMER, "window-1", "开办药店", "ITEM-1", "C-1", "核验经营者资格")
CALLER = Caller("client:consumer", CONSUMER, frozenset())


def ask(world: World) -> AccessRequest:
    with world.database.writing() as session:
        AuthorityWriter(session).add(
            IssuingAuthority(CONSUMER, "用证机关", "110101"), None, world.now
        )
        writer = AccessRequestWriter(session, world.keys, world.now)
        return writer.ask(CONSUMER, WISH, "client:consumer", secrets.token_bytes)


@pytest.fixture
def asked(world: World) -> AccessRequest:
    return ask(world)


def decide(world: World, request: AccessRequest, act: str, *values: object) -> None:
    with world.database.writing() as session:
        writer = AccessRequestWriter(session, world.keys, world.now)
        getattr(writer, act)(request, *values, "officer:o-1")


def allowed(world: World, caller: Caller = CALLER, use: Use = USE, type_code: str = TYPE) -> bool:
    with world.database.reading() as session:
        guard = AccessGuard(session, LookupMacs(world.keys), world.now)
        try:
            guard.require(caller, use, type_code)
        except AccessNotGrantedError:
            return False
        return True


def changed(**changes: str) -> Use:
    names = ("organisation", "operator", "item_name", "item_code", "case_number", "purpose")
    return Use(*(changes.get(name, getattr(USE, name)) for name in names))


def test_only_what_was_granted_and_only_until_its_last_day(
    world: World, asked: AccessRequest
) -> None:
    assert not allowed(world)
    decide(world, asked, "grant", date(2026, 12, 31))
    assert allowed(world)
    for use in (changed(item_code="ITEM-2"), changed(purpose="别的用途")):
        assert not allowed(world, use=use)
    assert not allowed(world, type_code=f"{OWNER_CODE}002")
    assert not allowed(world, caller=Caller("client:x", OWNER_CODE, frozenset()))
    # The organisation is the caller's, whatever the use says.
    assert not allowed(world, caller=Caller("client:x", OWNER_CODE, frozenset()), use=USE)
    assert allowed(world, use=changed(case_number="C-2", operator="window-9"))
    world.now = world.now.replace(year=2026, month=12, day=31, hour=15, minute=59, second=58)
    assert allowed(world)
    world.later(seconds=1)
    assert not allowed(world)
    with world.database.reading() as session:
        shown = AccessRequests(session, world.keys, world.now).get(asked.number, OWNER_CODE)
    assert shown.state is AccessState.EXPIRED


def test_refused_and_revoked_count_nothing_and_nothing_is_decided_twice(
    world: World, asked: AccessRequest
) -> None:
    decide(world, asked, "grant", date(2026, 12, 31))
    with pytest.raises(AccessStateError):
        decide(world, asked, "refuse")
    decide(world, asked, "revoke")
    assert not allowed(world)
    with pytest.raises(AccessStateError):
        decide(world, asked, "revoke")


@pytest.mark.parametrize("until", [date(2000, 1, 1), date(2100, 1, 1)])
def test_a_grant_ends_after_today_and_within_three_years(
    world: World, asked: AccessRequest, until: date
) -> None:
    with pytest.raises(AccessPeriodError):
        decide(world, asked, "grant", until)


def test_who_sees_a_request_and_who_owns_the_type(world: World, asked: AccessRequest) -> None:
    below, beside = ("91110108MAEXA0023", "91110108MAEXA0034")
    below, beside = (code + uscc_check_character(code) for code in (below, beside))
    with world.database.writing() as session:
        writer = AuthorityWriter(session)
        for code, above in ((below, OWNER_CODE), (beside, OWNER_CODE)):
            writer.add(IssuingAuthority(code, "下级", "110101"), above, world.now)
        requests = AccessRequestWriter(session, world.keys, world.now)
        assert requests.owns(OWNER_CODE, TYPE)
        assert not requests.owns(below, TYPE)
        assert requests.owns(OWNER_CODE, f"{below}001")
        # Of a type whose owner is unknown here the top of the tree decides.
        assert requests.owns(OWNER_CODE, "1" * 21)
        assert not requests.owns(below, "1" * 21)
        for seeing in (OWNER_CODE, CONSUMER, None):
            assert requests.get(asked.number, seeing).wish == WISH
        with pytest.raises(AccessRequestUnknownError):
            requests.get(asked.number, below)
        assert requests.seen_by(below, 10) == ()
    dump = "".join(world.database.engine.raw_connection().iterdump())
    assert WISH.purpose not in dump
    assert WISH.basis not in dump


def test_either_database_keeps_requests_and_grants(either_world: World) -> None:
    asked = ask(either_world)
    with either_world.database.reading() as session:
        requests = AccessRequests(session, either_world.keys, either_world.now)
        assert requests.seen_by(CONSUMER, 10) == requests.seen_by(OWNER_CODE, 10) == (asked,)
        assert requests.seen_by(CONSUMER, 10, asked.number) == ()
    decide(either_world, asked, "grant", date(2026, 12, 31))
    assert allowed(either_world)
    decide(either_world, asked, "revoke")
    assert not allowed(either_world)
