"""Instants as pages tell them."""

from api.pages.rendering import instant


def test_an_instant_is_told_in_the_time_of_china_to_the_minute() -> None:
    assert instant("2026-11-22T16:01:59Z") == "2026-11-23 00:01"
    assert instant(None) == ""


def test_the_end_that_never_comes_is_told_too() -> None:
    assert instant("9999-12-31T23:59:59Z") == "9999-12-31 23:59"
