"""What happens to a license by itself: conditions that are not fulfilled, parts that end."""

from datetime import date, datetime, timedelta

import pytest

from license_vault.clock import start_of
from license_vault.license import LicenseStatus as S
from license_vault.packages.condition_registry import ConditionRecord
from license_vault.packages.part_registry import PartRecord
from license_vault.packages.part_states import license_state, state_on
from license_vault.packages.schedule import (
    ENDED_WITH_PARTS,
    SUSPENDED_BY_CONDITION,
    SUSPENDED_WITH_PARTS,
    plan_ahead,
)

NOW = start_of(date(2026, 11, 21)) + timedelta(hours=9)
JANUARY, MARCH = date(2027, 1, 31), date(2027, 3, 31)


def condition(position: int, due: date, fulfilled: datetime | None = None) -> ConditionRecord:
    return ConditionRecord(position, due, fulfilled, "client:x" if fulfilled else None)


def part(position: int, until: date | None, status: S = S.VALID) -> PartRecord:
    return PartRecord(position, 1, position, f"p{position}", "x", date(2026, 1, 1), until, status)


def after(day: date) -> datetime:
    return start_of(day + timedelta(days=1))


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ((), []),
        ((condition(1, JANUARY),), [(after(JANUARY), S.SUSPENDED)]),
        ((condition(1, MARCH), condition(2, JANUARY)), [(after(JANUARY), S.SUSPENDED)]),
        ((condition(1, JANUARY, NOW), condition(2, MARCH)), [(after(MARCH), S.SUSPENDED)]),
        ((condition(1, JANUARY, NOW),), []),
        # One that is overdue already has had its effect.
        ((condition(1, date(2026, 11, 20)),), []),
    ],
)
def test_the_first_open_condition_suspends_after_its_last_day(conditions, found) -> None:
    planned = plan_ahead(conditions, (), NOW)
    assert [(each.at, each.status) for each in planned] == found
    assert {each.kind for each in planned} <= {SUSPENDED_BY_CONDITION}
    assert all(each.basis for each in planned)


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ((part(1, None), part(2, JANUARY)), []),
        ((part(1, MARCH), part(2, JANUARY)), [(after(MARCH), S.LAPSED, ENDED_WITH_PARTS)]),
        (
            (part(1, JANUARY), part(2, MARCH, S.SUSPENDED)),
            [
                (after(JANUARY), S.SUSPENDED, SUSPENDED_WITH_PARTS),
                (after(MARCH), S.LAPSED, ENDED_WITH_PARTS),
            ],
        ),
        ((part(1, JANUARY, S.SUSPENDED),), [(after(JANUARY), S.LAPSED, ENDED_WITH_PARTS)]),
        ((part(1, JANUARY, S.REVOKED), part(2, None)), []),
    ],
)
def test_a_license_ends_with_the_last_of_its_parts(parts, found) -> None:
    assert [(each.at, each.status, each.kind) for each in plan_ahead((), parts, NOW)] == found


def test_what_happens_is_planned_in_its_order_to_the_end() -> None:
    planned = plan_ahead((condition(1, JANUARY),), (part(1, MARCH),), NOW)
    assert [each.status for each in planned] == [S.SUSPENDED, S.LAPSED]
    ended = plan_ahead((condition(1, MARCH),), (part(1, JANUARY),), NOW)
    assert [each.status for each in ended] == [S.LAPSED]


@pytest.mark.parametrize(
    ("states", "last", "found"),
    [
        ((S.VALID, S.REVOKED), S.REVOKED, S.VALID),
        ((S.SUSPENDED, S.REVOKED), S.REVOKED, S.SUSPENDED),
        ((S.CANCELLED, S.REVOKED), S.REVOKED, S.REVOKED),
        ((S.LAPSED, S.CANCELLED), S.CANCELLED, S.CANCELLED),
    ],
)
def test_a_license_lives_while_one_part_lives(states, last, found) -> None:
    assert license_state(states, last) is found


def test_a_part_lapses_after_its_last_day_unless_it_ended_otherwise() -> None:
    assert state_on(part(1, JANUARY), JANUARY) is S.VALID
    assert state_on(part(1, JANUARY), MARCH) is S.LAPSED
    assert state_on(part(1, JANUARY, S.REVOKED), MARCH) is S.REVOKED
    assert state_on(part(1, None), MARCH) is S.VALID
