from datetime import UTC, date, datetime

import pytest

from license_vault.clock import civil_date
from verification.errors import AsOfInvalidError
from verification.moments import civil_day, read_as_of, shown


def test_a_date_means_its_end_in_china() -> None:
    assert read_as_of("2026-05-31") == datetime(2026, 5, 31, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-05-31T12:00:00Z", "2026-05-31T20:00:00+08:00", "2026-05-31T20:00:00.5+08:00"]
)
def test_an_instant_is_taken_in_utc_and_whole_seconds(text: str) -> None:
    assert read_as_of(text) == datetime(2026, 5, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "2026-05-31T12:00:00", "0001-01-01T00:00:00+08:00"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(AsOfInvalidError):
        read_as_of(text)


def test_the_end_that_never_comes_is_shown_in_utc() -> None:
    never = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert shown(never) == "9999-12-31 23:59:59Z"
    assert civil_day(never) == civil_date(never) == date(9999, 12, 31)
