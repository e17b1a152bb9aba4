"""The number of a dispute."""

from datetime import UTC, datetime

from license_vault.holding.disputes import numbered


def test_a_dispute_of_the_early_morning_bears_the_day_it_is_here() -> None:
    number = numbered("YY", datetime(2026, 11, 22, 21, 33, tzinfo=UTC), "k3v0q9m2k7c8z4x1")
    assert number == "YY20261123K3V0Q9M2K7C8"
