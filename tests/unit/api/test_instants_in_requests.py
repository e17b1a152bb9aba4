"""Instants in requests are taken in UTC; one beyond the calendar is refused, no fault of ours."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from api.holding.deliveries import DeliveryIn
from api.webhooks import ReplayIn
from license_vault.clock import start_of


def test_an_instant_is_taken_in_utc() -> None:
    asked = ReplayIn.model_validate({"since": "2026-06-01T00:00:00+08:00"})
    assert (asked.since, asked.since.tzinfo) == (datetime(2026, 5, 31, 16, tzinfo=UTC), UTC)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_one_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as found:
        ReplayIn.model_validate({"since": text})
    assert [one["type"] for one in found.value.errors()] == ["datetime_parsing"]
    with pytest.raises(ValidationError):
        DeliveryIn.model_validate({"channel": "window", "recipient": "x", "delivered_at": text})


def test_the_first_day_of_the_calendar_begins_with_it() -> None:
    assert start_of(date(1, 1, 1)) == datetime(1, 1, 1, tzinfo=UTC)
