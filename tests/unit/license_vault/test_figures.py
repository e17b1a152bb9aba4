"""Figures are counted by civil days of China; the canary keeps how it did, whatever happens."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from license_rows import holder_rows, license_row
from vault_world import AUTHORITY, World

from keys.errors import KeyCustodyError
from license_vault.clock import civil_date, start_of
from license_vault.database.columns import table_of
from license_vault.database.event_tables import DirectoryReportRow, OutboxRow
from license_vault.database.figure_tables import CaseWaiverRow
from license_vault.database.holding_tables import DisputeRow
from license_vault.database.presenting_tables import PresentationRow
from license_vault.database.tables import LicenseFormRow
from license_vault.figures.canary import Canary, CanaryServices, CanaryTools
from license_vault.figures.canary_runs import KEPT, CanaryRun, CanaryRuns, CanaryRunWriter
from license_vault.figures.daily import DailyFigures, FigureName
from license_vault.figures.days import MOST_DAYS, Days
from license_vault.figures.waivers import count_waived

# 23:59:59 of 31 May and 00:00:00 of 1 June, in China.
LATE, EARLY = (datetime(2026, 5, 31, 15, 59, 59, tzinfo=UTC) + timedelta(seconds=n) for n in (0, 1))
MAY, JUNE = date(2026, 5, 31), date(2026, 6, 1)
HANDLE = "a" * 26
MAC = b"m" * 32


def _counts(world: World, organisation: str = AUTHORITY.code) -> dict[str, list[tuple[int, int]]]:
    with world.database.reading() as session:
        found = DailyFigures(session, organisation).count(Days(MAY, JUNE), date(2026, 6, 5))
    return {each.name.value: [(day.part, day.whole) for day in each.counts] for each in found}


def _form(session: Any, license_id: int, at: datetime) -> None:
    session.add_row(
        table_of(LicenseFormRow), license_id=license_id, form="pdf", object_key=f"k{license_id}",
        media_type="application/pdf", size_bytes=1, sm3=MAC, sha256=MAC, ciphertext_sm3=MAC,
        deposited_at=at,
    )  # fmt: skip


def _report(session: Any, license_id: int, at: datetime, accepted_at: datetime | None) -> None:
    told = session.add_row(
        table_of(OutboxRow), kind="license.issued", subject="s", data="{}", recorded_at=at
    )
    session.add_row(
        table_of(DirectoryReportRow), license_id=license_id, outbox_id=told, state="due",
        due_since=at, next_at=at, first_accepted_at=accepted_at,
    )  # fmt: skip


def _dispute(session: Any, number: str, due_on: date, answered_at: datetime | None) -> None:
    session.add_row(
        table_of(DisputeRow), number=number, license_id=1, holder_id=1, field="number",
        sealed_grounds=b"x", filed_by="holder", filed_at=LATE, due_on=due_on,
        answered_at=answered_at,
    )  # fmt: skip


def test_each_day_counts_what_happened_on_it_in_china(either_world: World) -> None:
    world = either_world
    holder_rows(world, (HANDLE,), LATE)
    for row_id, at in ((1, LATE), (2, EARLY), (3, EARLY)):
        license_row(world, row_id, (HANDLE,), at)
    with world.database.writing() as session:
        _form(session, 1, LATE)
        _form(session, 2, EARLY)
        # Accepted a second later, which is the next day; and once more long after.
        _report(session, 1, LATE, EARLY)
        _report(session, 2, EARLY, EARLY + timedelta(hours=23))
        _dispute(session, "in-time", MAY, LATE)
        _dispute(session, "late", MAY, EARLY)
        _dispute(session, "early", date(2026, 7, 1), EARLY)
        _dispute(session, "open-and-over", JUNE, None)
        _dispute(session, "open", date(2026, 6, 5), None)
        for number, resolved_at in enumerate((LATE, None)):
            session.add_row(
                table_of(PresentationRow), presentation_id=f"p{number}", holder_id=1,
                code_mac=b"%32d" % number, made_at=EARLY, expires_at=EARLY,
                resolved_at=resolved_at, sealed_order=b"x",
            )  # fmt: skip
        for at, step in ((LATE, ""), (EARLY, "seal"), (EARLY, "")):
            CanaryRunWriter(session).add(CanaryRun(at, step, "", 1, 1))
    assert _counts(world) == {
        FigureName.SIGNED: [(1, 1), (1, 2)],
        FigureName.COLLECTED_SAME_DAY: [(0, 1), (1, 1)],
        FigureName.PAPER_WAIVED: [(0, 0), (0, 0)],
        FigureName.PRESENTED: [(0, 0), (1, 2)],
        FigureName.DISPUTES_IN_TIME: [(1, 2), (1, 2)],
        FigureName.CANARY: [(1, 1), (1, 2)],
    }
    elsewhere = _counts(world, "11000000MB0000000X")
    assert elsewhere[FigureName.SIGNED] == [(0, 0), (0, 0)]
    assert elsewhere[FigureName.CANARY] == [(1, 1), (1, 2)]


def test_a_case_is_counted_once_as_it_was_seen_last() -> None:
    rows: dict[int, dict[str, Any]] = {}

    class Session:
        def change_rows(self, statement: Any) -> int:
            values = statement.compile().params
            if values["case_id_1"] in rows:
                rows[values["case_id_1"]] = values
            return int(values["case_id_1"] in rows)

        def add_row(self, table: Any, case_id: int, **values: Any) -> None:
            assert table is table_of(CaseWaiverRow)
            rows[case_id] = values

    session: Any = Session()
    count_waived(session, 7, (1, 3), LATE)
    count_waived(session, 7, (3, 3), EARLY)
    assert (rows[7]["waived"], rows[7]["needed"], rows[7]["counted_at"]) == (3, 3, EARLY)


def test_days_are_at_least_one_and_not_too_many() -> None:
    assert Days(MAY, MAY).is_askable
    assert not Days(JUNE, MAY).is_askable
    assert not Days(MAY, MAY + timedelta(days=MOST_DAYS)).is_askable
    assert [civil_date(start_of(day)) for day in Days(MAY, JUNE)] == [MAY, JUNE]


def _refuse(*_: object) -> Any:
    raise KeyCustodyError


@pytest.mark.parametrize(
    ("draw", "codes", "step", "reason"),
    [
        (_refuse, (), "seal", "KeyCustodyError"),
        (None, ("copy-signer-unknown", "timestamp-untrusted"), "verify", "copy-signer-unknown"),
        (None, (), "", ""),
    ],
)
def test_a_canary_that_fails_is_kept_and_says_where(
    world: World, monkeypatch: pytest.MonkeyPatch, draw: Any, codes: Any, step: str, reason: str
) -> None:
    monkeypatch.setattr("license_vault.figures.canary.sign_for_library", lambda *_: b"%PDF-")
    signer = SimpleNamespace(identity=None, sign=None, timestamper=None)
    drawing = SimpleNamespace(draw=draw or (lambda *_: b""))
    tools: Any = CanaryTools(drawing, signer, lambda _: codes)  # type: ignore[arg-type]
    ticks = iter((0.0, 0.25, 1.0, 1.5))
    clock = [LATE]
    services = CanaryServices(
        world.database, tools, lambda: clock[0], lambda: next(ticks), lambda n: b"r" * n
    )
    run = Canary(services).run()
    assert (run.failed_step, run.seal_milliseconds) == (step, 250)
    assert run.reason.startswith(reason)
    clock[0] = LATE + KEPT + timedelta(seconds=1)
    later = replace(run, began_at=clock[0], failed_step="seal")
    with world.database.writing() as session:
        assert CanaryRuns(session).last() == run
        CanaryRunWriter(session).add(later)
        assert CanaryRuns(session).last() == later
        assert CanaryRuns(session).last_passed() is None
