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
from license_vault.errors import (
    AuthorityNotPermittedError,
    FieldInvalidError,
    IdempotencyKeyReusedError,
    TransitionNotAllowedError,
)
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
from license_vault.packages.part_succession import parts_to_replace
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
    parts = [part(world, "food-business"), part(world, "hygiene", 30), part(world, "fire-safety")]
    return industry(world, parts)


PART_NAMES = {
    "food-business": "食品经营许可",
    "hygiene": "公共场所卫生许可",
    "fire-safety": "公众聚集场所投入使用、营业前消防安全检查",
    "drainage": "城镇污水排入排水管网许可",
}


def in_days(world: World, days: int) -> str:
    return (civil_date(world.now) + timedelta(days=days)).isoformat()


def part(world: World, code: str, days: int | None = None) -> dict[str, str]:
    """A part from today on, for so many days; fire safety is of another authority."""
    return {
        "code": code,
        "name": PART_NAMES[code],
        "number": f"演示〔2026〕{code}",
        "authority_code": FIRE if code == "fire-safety" else OWNER_CODE,
        "valid_from": in_days(world, 0),
        "valid_until": "长期" if days is None else in_days(world, days),
    }


def industry(world: World, parts: list[dict[str, str]], **changes: object) -> LicenseRecord:
    today = in_days(world, 0)
    return issued(world, "integrated-industry", valid_from=today, parts=parts, **changes)


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


# --- parts that an order names anew ---------------------------------------------------------


def ordered(world: World, license_: LicenseRecord, verb: str, **said: object) -> LicenseRecord:
    order = {"basis": "依据", "case_number": secrets.token_hex(8), **said}
    make = world.versions().make
    key = secrets.token_hex(8)
    return make(license_.identifier, VERBS[verb], order, SUSPEND, key).license


def refused(world: World, license_: LicenseRecord, **said: object) -> list[tuple[str, str]]:
    with pytest.raises(FieldInvalidError) as caught:
        ordered(world, license_, "change", **said)
    return [(problem.pointer, problem.code) for problem in caught.value.problems]


def test_a_renewed_composite_license_ends_with_its_new_parts(world: World) -> None:
    food = part(world, "food-business", 30)
    old = industry(world, [food], valid_until=in_days(world, 30))
    world.later(days=20)
    until = in_days(world, 400)
    new = ordered(world, old, "renewal", valid_until=until, parts=[{**food, "valid_until": until}])
    assert [live(world, new, days=days) for days in (20, 399, 402)] == [S.VALID, S.VALID, S.LAPSED]
    # Said nothing of, a part ends when it would have, and the license with its last one.
    kept = ordered(world, new, "change", valid_until="长期")
    assert [live(world, kept, days=days) for days in (399, 402)] == [S.VALID, S.LAPSED]
    assert clean(world)


def test_parts_are_added_taken_out_and_go_on_as_they_were(
    world: World, composite: LicenseRecord
) -> None:
    suspension = PartOrder(2, VERBS["suspension"], BASIS)
    PartLife(members(world)).do(composite.identifier, suspension, SUSPEND, mark("s"))
    food, hygiene = part(world, "food-business"), part(world, "hygiene", 30)
    drainage = part(world, "drainage")
    with world.database.reading() as session:
        fire = Caller("client:fire", FIRE, SUSPEND.scopes)
        # Whoever names the parts anew could leave out any of them.
        with pytest.raises(AuthorityNotPermittedError):
            parts_to_replace(session, composite.identifier, fire)
    assert refused(world, composite, parts=[hygiene]) == [("/parts", "no-part-in-force")]
    over = {**food, "valid_from": in_days(world, -9), "valid_until": in_days(world, -1)}
    assert refused(world, composite, parts=[over, hygiene]) == [("/parts", "no-part-in-force")]
    assert refused(world, composite, parts=[]) == [("/parts", "wrong-type")]
    wrong = [{**food, "number": ""}, {**hygiene, "code": "x", "more": 1}]
    assert refused(world, composite, parts=wrong) == [
        ("/parts/0/number", "empty"),
        ("/parts/1/more", "unknown-member"),
    ]
    second = ordered(world, composite, "change", parts=[hygiene, drainage])
    assert states(world, second.identifier) == [S.SUSPENDED, S.VALID]
    assert live(world, second, days=90) is S.VALID
    third = ordered(
        world, second, "correction", parts=[{**hygiene, "valid_until": "长期"}, drainage]
    )
    assert states(world, third.identifier) == [S.VALID, S.VALID]
    assert clean(world)
