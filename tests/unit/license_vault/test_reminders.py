"""Reminders before a license ends, and working days that a term is counted in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from license_rows import holder_rows, license_row
from vault_world import World

from license_vault.clock import civil_date
from license_vault.database.sessions import Writing
from license_vault.holding.reminders import Reminder, Reminders, Reminding, step_for
from license_vault.holding.working_days import DisputeTerms, WorkCalendar

NOW = datetime(2026, 6, 1, 4, 0, 0, tzinfo=UTC)
HANDLE = "a" * 26


@pytest.mark.parametrize(
    ("left", "step"),
    [(-1, None), (0, 7), (7, 7), (8, 30), (30, 30), (31, 60), (60, 60), (61, None)],
)
def test_which_step_a_license_is_at(left: int, step: int | None) -> None:
    assert step_for(left) == step


def test_each_step_is_reminded_of_once_and_a_missed_one_not_at_all(either_world: World) -> None:
    world, today, clock = either_world, civil_date(NOW), [NOW]
    told: list[tuple[str, int]] = []

    def tell(_: Writing, reminder: Reminder) -> None:
        told.append((reminder.identifier, reminder.days))

    holder_rows(world, (HANDLE,), NOW)
    ends = {1: 60, 2: 61, 3: 20, 4: 0, 5: -1}
    made = {
        row_id: license_row(world, row_id, (HANDLE,), NOW, today + timedelta(days))
        for row_id, days in ends.items()
    }
    license_row(world, 6, (HANDLE,), NOW, None)
    reminding = Reminding(world.database, tell, lambda: clock[0])
    assert reminding.remind() == 3
    assert told == [
        (made[4].identifier, 7), (made[3].identifier, 30), (made[1].identifier, 60),
    ]  # fmt: skip
    assert reminding.remind() == 0
    with world.database.reading() as session:
        listed = Reminders(session).of_holder(HANDLE, today)
        assert Reminders(session).of_holder("b" * 26, today) == ()
    assert [(r.identifier, r.days) for r in listed] == told
    clock[0] = NOW + timedelta(days=31)
    told.clear()
    assert reminding.remind() == 2
    assert told == [(made[1].identifier, 30), (made[2].identifier, 30)]
    with world.database.reading() as session:
        listed = Reminders(session).of_holder(HANDLE, civil_date(clock[0]))
    assert [(r.identifier, r.days) for r in listed] == told


def test_a_reminder_that_cannot_be_told_is_not_made(world: World) -> None:
    def fail(*_: object) -> None:
        raise KeyError

    holder_rows(world, (HANDLE,), NOW)
    license_row(world, 1, (HANDLE,), NOW, civil_date(NOW))
    with pytest.raises(KeyError):
        Reminding(world.database, fail, lambda: NOW).remind()
    with world.database.reading() as session:
        assert Reminders(session).of_holder(HANDLE, civil_date(NOW)) == ()


FRIDAY = date(2026, 9, 25)


@pytest.mark.parametrize(
    ("holidays", "worked", "due"),
    [
        ((), (), date(2026, 9, 29)),
        ((date(2026, 9, 28),), (), date(2026, 9, 30)),
        ((), (date(2026, 9, 26),), date(2026, 9, 28)),
    ],
)
def test_a_term_is_counted_in_working_days(
    holidays: tuple[date, ...], worked: tuple[date, ...], due: date
) -> None:
    calendar = WorkCalendar(frozenset(holidays), frozenset(worked))
    assert DisputeTerms(2, calendar).due_after(FRIDAY) == due
