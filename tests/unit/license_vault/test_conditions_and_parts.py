"""Conditions that suspend by themselves, and parts that a composite license lives and ends with."""

import secrets
from datetime import timedelta

import pytest
from pki import OWNER_CODE
from vault_world import CALLER, World, example

from license_vault.api_clients import Caller, Scope
from license_vault.audit import AuditTrail
from license_vault.check_digits import uscc_check_character
from license_vault.clock import civil_date, start_of
from license_vault.errors import IdempotencyKeyReusedError, TransitionNotAllowedError
from license_vault.fsck.fsck import Fsck, FsckServices
from license_vault.license import IssuingAuthority, LicenseMark, LicenseStatus
from license_vault.lifecycle.settling import Settling
from license_vault.lifecycle.verbs import VERBS
from license_vault.packages.condition_registry import Conditions
from license_vault.packages.conditions import ConditionKeeping, Fulfilment
from license_vault.packages.errors import (
    ConditionFulfilledError,
    ConditionNotFoundError,
    PartNotFoundError,
)
from license_vault.packages.member_life import MemberServices
from license_vault.packages.part_life import PartLife, PartOrder
from license_vault.packages.part_registry import Parts
from license_vault.packages.part_states import state_on
from license_vault.registry.authorities import AuthorityWriter
from license_vault.registry.license_record import Basis
from license_vault.registry.live_states import LiveStates
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import RequestMark

S = LicenseStatus
FIRE = "11110101MBDEM0077" + uscc_check_character("11110101MBDEM0077")
SUSPEND = Caller(
    CALLER.name,
    OWNER_CODE,
    CALLER.scopes | {Scope("licenses:suspend"), Scope("licenses:cancel")},
)
BASIS = Basis("《优化营商环境条例》第二十条")


def members(world: World) -> MemberServices:
    settling = Settling(world.database, world.vault)
    return MemberServices(world.database, world.vault, world.clock, settling, world.checkpoint)


def mark(key: str, body: str = "x") -> RequestMark:
    return RequestMark(CALLER.name, key.ljust(32).encode()[:32], body.ljust(32).encode()[:32])


def issued(world: World, name: str, **changes: object) -> LicenseRecord:
    body = example(name, issued_on=civil_date(world.now).isoformat(), **changes)
    return world.issuance().issue(body, CALLER, secrets.token_hex(8)).license


def now(world: World, identifier: str) -> LicenseRecord:
    Settling(world.database, world.vault).settle(world.now)
    with world.database.reading() as session:
        return Registry(session).get(identifier)


def live(world: World, license_: LicenseRecord, **ahead: float) -> LicenseStatus | None:
    """The state as own nodes answer it, whether or not anything was settled."""
    at = world.now + timedelta(**ahead)
    with world.database.reading() as session:
        return LiveStates(session).as_of(license_.status_uri, license_.status_index, at)


def clean(world: World) -> bool:
    services = FsckServices(world.database, world.store, world.vault, world.keys, world.clock)
    return list(Fsck(services).run()) == []


def fulfil(world: World, license_: LicenseRecord, position: int, key: str) -> bool:
    fulfilment = Fulfilment(position, BASIS)
    return ConditionKeeping(members(world)).fulfil(
        license_.identifier, fulfilment, SUSPEND, mark(key)
    )


def test_conditions_suspend_by_themselves_and_give_back_when_fulfilled(world: World) -> None:
    today = civil_date(world.now)
    conditions = [
        {"text": "补交现场照片", "due": (today + timedelta(days=10)).isoformat()},
        {"text": "补交检测报告", "due": (today + timedelta(days=20)).isoformat()},
    ]
    issue_until = (today + timedelta(days=700)).isoformat()
    license_ = issued(
        world,
        "public-place-hygiene",
        conditions=conditions,
        valid_from=today.isoformat(),
        valid_until=issue_until,
    )
    identifier = license_.identifier
    assert (license_.status, license_.marks) == (S.VALID, (LicenseMark.CONDITIONAL,))
    assert license_.due_at == start_of(today + timedelta(days=11))
    # Known beforehand: every question about that day is answered before anything runs.
    assert live(world, license_, days=5) is S.VALID
    assert live(world, license_, days=12) is S.SUSPENDED

    with pytest.raises(ConditionNotFoundError):
        fulfil(world, license_, 3, "none")
    assert not fulfil(world, license_, 1, "first")
    assert fulfil(world, license_, 1, "first")
    with pytest.raises(ConditionFulfilledError):
        fulfil(world, license_, 1, "again")
    with pytest.raises(IdempotencyKeyReusedError):
        ConditionKeeping(members(world)).fulfil(
            identifier, Fulfilment(2, BASIS), SUSPEND, mark("first", "other")
        )
    kept = now(world, identifier)
    assert (kept.status, kept.marks) == (S.VALID, (LicenseMark.CONDITIONAL,))
    assert live(world, license_, days=12) is S.VALID
    assert live(world, license_, days=22) is S.SUSPENDED

    # What an officer does meanwhile does not do away with the deadline.
    order = {"basis": "责令改正"}
    act = world.lifecycle().act
    act(identifier, VERBS["suspension"], order, SUSPEND, b"s" * 32)
    act(identifier, VERBS["resumption"], order, SUSPEND, b"r" * 32)
    assert live(world, license_, days=22) is S.SUSPENDED

    world.later(days=22)
    suspended = now(world, identifier)
    assert suspended.status is S.SUSPENDED
    with world.database.reading() as session:
        assert "license.settled" in [
            entry.act.action for entry in AuditTrail(session).of_subject(identifier)
        ]
        last = Registry(session).events(identifier)[-1]
        assert (last.kind, last.operate_type) == ("suspended-by-condition", "03")
    assert not fulfil(world, license_, 2, "second")
    resumed = now(world, identifier)
    assert (resumed.status, resumed.marks) == (S.VALID, ())
    assert live(world, license_) is S.VALID
    with world.database.reading() as session:
        assert all(not each.is_open for each in Conditions(session).of_license(license_.row_id))
    assert clean(world)


@pytest.fixture
def composite(world: World) -> LicenseRecord:
    """Three parts: two of the issuing authority, of which one ends in 30 days; one of another."""
    with world.database.writing() as session:
        writer = AuthorityWriter(session)
        writer.add(IssuingAuthority(FIRE, "演示消防机构", "110101"), OWNER_CODE, world.now)
    today = civil_date(world.now)
    parts = [
        ("food-business", "食品经营许可", OWNER_CODE, "长期"),
        ("hygiene", "公共场所卫生许可", OWNER_CODE, (today + timedelta(days=30)).isoformat()),
        ("fire-safety", "公众聚集场所投入使用、营业前消防安全检查", FIRE, "长期"),
    ]
    return issued(
        world,
        "integrated-industry",
        valid_from=today.isoformat(),
        parts=[
            {
                "code": code,
                "name": name,
                "number": f"演示〔2026〕第00{at}号",
                "authority_code": authority,
                "valid_from": today.isoformat(),
                "valid_until": until,
            }
            for at, (code, name, authority, until) in enumerate(parts)
        ],
    )


def states(world: World, identifier: str) -> list[LicenseStatus]:
    with world.database.reading() as session:
        found = Parts(session).as_of(identifier, world.now)
    return [state_on(part, civil_date(world.now)) for part in found]


def test_a_composite_license_lives_while_one_part_lives(
    world: World, composite: LicenseRecord
) -> None:
    identifier = composite.identifier
    fire = Caller("client:fire", FIRE, SUSPEND.scopes)

    def do(position: int, verb: str, caller: Caller = SUSPEND, key: str = "") -> bool:
        order = PartOrder(position, VERBS[verb], BASIS)
        marked = RequestMark(caller.name, (key or secrets.token_hex(16)).encode(), b"x" * 32)
        return PartLife(members(world)).do(identifier, order, caller, marked)

    assert states(world, identifier) == [S.VALID] * 3
    # Each part by its own authority only; who stands above may too.
    for position in (1, 9):
        with pytest.raises(PartNotFoundError):
            do(position, "revocation", fire)
    assert not do(3, "suspension", fire, "k" * 32)
    assert do(3, "suspension", fire, "k" * 32)
    assert states(world, identifier) == [S.VALID, S.VALID, S.SUSPENDED]
    assert now(world, identifier).status is S.VALID
    with pytest.raises(TransitionNotAllowedError):
        do(3, "suspension", fire)

    assert not do(1, "revocation")
    # The second part ends by itself: then only a suspended one lives.
    assert live(world, composite, days=29) is S.VALID
    assert live(world, composite, days=32) is S.SUSPENDED
    world.later(days=32)
    assert states(world, identifier) == [S.REVOKED, S.LAPSED, S.SUSPENDED]
    assert now(world, identifier).status is S.SUSPENDED
    assert not do(3, "resumption", fire)
    assert now(world, identifier).status is S.VALID
    assert not do(3, "cancellation", fire)
    assert now(world, identifier).status is S.CANCELLED
    with pytest.raises(TransitionNotAllowedError):
        do(1, "cancellation")
    with world.database.reading() as session:
        parts = Parts(session)
        third = parts.of_license(identifier)[2]
        assert [event.kind for event in parts.events(third.row_id)] == [
            "issued",
            "suspended",
            "resumed",
            "cancelled",
        ]
    assert clean(world)
